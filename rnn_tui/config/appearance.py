"""How the dashboard looks, and how much of the line it may use."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import final

from rnn_tui.config.settings import UserError, check_choice

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

DEFAULT_FPS = 6.0  # frames a second: numbers are seen to move, and few bytes are spent
MAX_FPS = 60.0


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
    fps: float = DEFAULT_FPS
    mouse: bool = True

    def __post_init__(self) -> None:
        check_choice("glyphs", self.glyphs, GLYPHS)
        check_choice("palette", self.palette, PALETTES)
        check_choice("theme", self.theme, THEMES)
        if not (isfinite(self.fps) and 0 < self.fps <= MAX_FPS):
            raise UserError(f"--fps is above 0 and at most {MAX_FPS:g}, not {self.fps:g}")


def detect_appearance(environment: Mapping[str, str], *, locale_coerced: bool) -> Appearance:
    """Return what suits the terminal that `environment` describes.

    The Linux console has no braille, nor has a locale that is not named for UTF-8; `coerced` says
    that LC_CTYPE is Python's own choice (PEP 538). COLORFGBG is how some terminals say that they
    are light.
    """
    names = ("LC_ALL", "LANG") if locale_coerced else ("LC_ALL", "LC_CTYPE", "LANG")
    locale = next(filter(None, map(environment.get, names)), "")
    ascii_only = environment.get("TERM") == "linux" or "utf" not in locale.lower()
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return Appearance(
        glyphs="ascii" if ascii_only else "braille",
        theme="light" if background in ("7", "15") else "dark",
        colored=not environment.get("NO_COLOR"),
    )
