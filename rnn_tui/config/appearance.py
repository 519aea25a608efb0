"""How the dashboard looks, and how much of the line it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import final

from rnn_tui.config.settings import SettingsError, known

GLYPHS = {
    "braille": "curves of dots, eight a cell",
    "block": "curves of quarter blocks, for fonts without braille",
    "ascii": "nothing beyond ASCII, for consoles and serial lines",
}
PALETTES = {
    "standard": "right is green, wrong is red",
    "safe": "right is blue, wrong is orange: the colour-blind can tell them apart",
}
THEMES = {"dark": "light on dark", "light": "dark on light"}

FPS = 6.0  # frames a second: numbers are seen to move, and few bytes are spent
MOST_FPS = 60.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What the user chose, or what suits the terminal; `colored` is False under NO_COLOR.

    Raises SettingsError.
    """

    glyphs: str = "braille"
    palette: str = "standard"
    theme: str = "dark"
    colored: bool = True
    fps: float = FPS
    mouse: bool = True

    def __post_init__(self) -> None:
        known("glyphs", self.glyphs, GLYPHS)
        known("palette", self.palette, PALETTES)
        known("theme", self.theme, THEMES)
        if not (isfinite(self.fps) and 0 < self.fps <= MOST_FPS):
            raise SettingsError(f"--fps is above 0 and at most {MOST_FPS:g}, not {self.fps:g}")


def suiting(environment: Mapping[str, str], *, coerced: bool) -> Appearance:
    """Return what suits the terminal that `environment` describes.

    The Linux console has no braille, nor has a locale that is not named for UTF-8; `coerced` says
    that LC_CTYPE is Python's own choice (PEP 538). COLORFGBG is how some terminals say that they
    are light.
    """
    names = ("LC_ALL", "LANG") if coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next(filter(None, map(environment.get, names)), "")
    plain = environment.get("TERM") == "linux" or "utf" not in locale.lower()
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return Appearance(
        glyphs="ascii" if plain else "braille",
        theme="light" if background in ("7", "15") else "dark",
        colored=not environment.get("NO_COLOR"),
    )
