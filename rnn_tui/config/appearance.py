"""Appearance of the dashboard, chosen or detected."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import check_choice

GLYPHS = {
    "braille": "braille dots, eight per cell",
    "block": "quarter blocks, for fonts without braille",
    "ascii": "ASCII only, for consoles and serial lines",
}
PALETTES = {
    "standard": "correct is green, incorrect is red",
    "safe": "correct is blue, incorrect is orange (safe for colour blindness)",
}
THEMES = {"dark": "light on dark", "light": "dark on light"}

DEFAULT_PALETTE = "standard"
DEFAULT_FPS = 6.0  # frames per second: enough to see numbers move, in few bytes
MAX_FPS = 60.0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Display options; `colored` is False under NO_COLOR, `fps` in frames per second.

    With `dialogs_pause` training is held while a dialog is open.
    Raises UserError for an unknown name or an fps out of range.
    """

    glyphs: str = "braille"
    palette: str = DEFAULT_PALETTE
    theme: str = "dark"
    colored: bool = True
    fps: float = DEFAULT_FPS
    mouse: bool = True
    dialogs_pause: bool = False

    def __post_init__(self) -> None:
        check_choice("glyphs", self.glyphs, GLYPHS)
        check_choice("palette", self.palette, PALETTES)
        check_choice("theme", self.theme, THEMES)
        if not (isfinite(self.fps) and 0 < self.fps <= MAX_FPS):
            raise UserError(f"--fps must be above 0 and at most {MAX_FPS:g}, not {self.fps:g}")


def detect_appearance(environment: Mapping[str, str], *, locale_coerced: bool) -> Appearance:
    """Return the appearance that suits the terminal of these environment variables.

    ASCII for the Linux console, which has no braille, and for locales that are not UTF-8; with
    `locale_coerced`, LC_CTYPE is Python's own choice (PEP 538) and ignored. COLORFGBG has the
    colour of the background.
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
