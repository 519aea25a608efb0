"""Glyph sets (braille, block, ASCII) and the styles that drawings share."""

from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.appearance import Appearance
from rnn_tui.text.ascii import to_ascii


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class GlyphSet:
    """The characters that drawing functions draw with.

    `line_markers` are plotext's markers of the first and the second line of a plot,
    `line_samples` a sample of either for the legend. `shades` run from the lowest to the highest
    value of a map, one value a cell; without shades, a cell holds two values in half blocks.
    """

    line_markers: tuple[str, str]
    line_samples: tuple[str, str]
    point: str
    cell_point: str
    bars: str  # from the lowest to the highest
    progress_glyphs: str  # the full and the empty character
    shades: str
    model: str
    cursor: str
    minimum: str
    contour: str
    enter_key: str
    colored_lines: bool  # otherwise each line is drawn in its own glyph
    required_state_style: str  # style of columns with required hidden state
    ascii_only: bool = False  # whether mathematical letters are transliterated

    def transliterate(self, text: str) -> str:
        """Return `text` in the characters of this set; ASCII may be longer."""
        return to_ascii(text) if self.ascii_only else text


BRAILLE = GlyphSet(
    line_markers=("braille", "braille"),
    line_samples=("⠒", "⠒"),
    point="•",
    cell_point="◦",
    bars="▁▂▃▄▅▆▇█",
    progress_glyphs="━─",
    shades="",
    model="◆",
    cursor="✛",
    minimum="+",
    contour="·",
    enter_key="⏎",
    colored_lines=True,
    required_state_style="on $required_state",
)
BLOCK = replace(BRAILLE, line_markers=("hd", "hd"), line_samples=("▄", "▄"))
ASCII = GlyphSet(
    line_markers=("*", "."),
    line_samples=("*", "."),
    point="o",
    cell_point="c",
    bars="_.-=+*%#",
    progress_glyphs="#-",
    shades=" .:-=*%#",
    model="@",
    cursor="X",
    minimum="+",
    contour="o",
    enter_key="enter",
    colored_lines=False,
    required_state_style="on $required_state",
    ascii_only=True,
)
GLYPH_SETS = {"braille": BRAILLE, "block": BLOCK, "ascii": ASCII}
CORRECT_STYLE, INCORRECT_STYLE = "$correct bold", "$incorrect bold"
MUTED_STYLE = "$text-muted"
HIGHLIGHT_STYLE = "reverse bold"  # of what is selected, also without colours
SHADES = {"braille": " ⠁⠃⠇⡇⣇⣧⣷⣿", "block": " ░▒▓█", "ascii": ASCII.shades}
EXTENDED_COLOR_SYSTEMS = ("256", "truecolor")  # colours, as rich names them


def glyphs_for(appearance: Appearance, color_system: str | None) -> GlyphSet:
    """Return the glyph set for the display options and rich's name of the colour system.

    With 16 colours a tint would hide the text on it, and half blocks would lose their order.
    """
    name = appearance.glyphs
    glyphs = replace(
        GLYPH_SETS[name], colored_lines=appearance.colored and GLYPH_SETS[name].colored_lines
    )
    if appearance.colored and color_system in EXTENDED_COLOR_SYSTEMS:
        return glyphs
    return replace(
        glyphs, shades=SHADES[name], contour=ASCII.contour, required_state_style="underline"
    )
