"""What a terminal can show: with which characters curves, bars, maps and marks are drawn."""

from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.appearance import Appearance
from rnn_tui.text.ascii import in_ascii


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The characters that drawing functions draw with.

    `lines` are plotext's markers of the first and the second line of a plot, `strokes` what a
    piece of either looks like. `shades` run from the lowest to the highest value of a map, one
    value a cell; where there are none, a cell holds two values in half blocks and colours.
    """

    lines: tuple[str, str]
    strokes: tuple[str, str]
    point: str
    bars: str  # from the lowest to the highest
    track: str  # of a share: the full and the empty character
    shades: str
    net: str
    cursor: str
    minimum: str
    contour: str
    enter: str  # the key
    hues: bool  # whether lines differ by colour; else each is drawn in its own glyph
    memory: str  # the style of what has to be remembered
    spelled: bool = False  # whether letters of the mathematics are written in letters of ASCII

    def said(self, text: str) -> str:
        """Return `text` as this terminal can say it; a formula may become longer."""
        return in_ascii(text) if self.spelled else text


BRAILLE = Look(
    lines=("braille", "braille"),
    strokes=("⠒", "⠒"),
    point="•",
    bars="▁▂▃▄▅▆▇█",
    track="━─",
    shades="",
    net="◆",
    cursor="✛",
    minimum="+",
    contour="·",
    enter="⏎",
    hues=True,
    memory="on $memory",
)
BLOCK = replace(BRAILLE, lines=("hd", "hd"), strokes=("▄", "▄"))
ASCII = Look(
    lines=("*", "."),
    strokes=("*", "."),
    point="o",
    bars="_.-=+*%#",
    track="#-",
    shades=" .:-=*%#",
    net="@",
    cursor="X",
    minimum="+",
    contour="o",
    enter="enter",
    hues=False,
    memory="on $memory",
    spelled=True,
)
LOOKS = {"braille": BRAILLE, "block": BLOCK, "ascii": ASCII}
SHADES = {"braille": " ⠁⠃⠇⡇⣇⣧⣷⣿", "block": " ░▒▓█", "ascii": ASCII.shades}
MANY = ("256", "truecolor")  # colours, as rich names them


def look_of(appearance: Appearance, color_system: str | None) -> Look:
    """Return how to draw with the glyphs chosen and the colours that there are.

    With 16 colours a tint would hide the text on it, and half blocks would lose their order.
    """
    name = appearance.glyphs
    look = replace(LOOKS[name], hues=appearance.colored and LOOKS[name].hues)
    if appearance.colored and color_system in MANY:
        return look
    return replace(look, shades=SHADES[name], contour=ASCII.contour, memory="underline")
