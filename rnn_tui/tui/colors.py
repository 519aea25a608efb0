"""The colours of what means something: right, wrong, remembered, and one line or another.

They are variables of the style sheet, so that a palette changes as a theme does. Each palette is
there for what is dark, for what is light, and for the sixteen colours of a console, where the
console's owner says how each of them looks. On the dark and light themes every one of them can be
read (WCAG AA), with 256 colours too.
"""

from typing import NamedTuple, final

from textual.theme import Theme

from rnn_tui.config.appearance import PALETTES
from rnn_tui.config.increments import after
from rnn_tui.tui.drawing.glyphs import MANY


@final
class Palette(NamedTuple):
    """`memory` is the tint below what has to be remembered, `key` the colour of keys and marks.

    The lines are red, blue, green, cyan, magenta and yellow, as in the tutorial's figure.
    """

    right: str
    wrong: str
    memory: str
    key: str
    lines: tuple[str, str, str, str, str, str]


MEANINGS = ("right", "wrong", "memory", "key")

# The safe ones go by Okabe and Ito, lighter or darker until they can be read as text.
COLORS = {
    ("standard", "dark"): Palette(
        right="#7fd69a",
        wrong="#ff8a9c",
        memory="#4a2040",
        key="#ffa62b",
        lines=("#ff7575", "#7aa2ff", "#5fd75f", "#5fd7ff", "#ff87ff", "#e0b030"),
    ),
    ("standard", "light"): Palette(
        right="#00591f",
        wrong="#9c1030",
        memory="#ebcca1",
        key="#7a2800",
        lines=("#a81818", "#1740b0", "#00591f", "#005a6e", "#8a1a8a", "#6b4b00"),
    ),
    ("safe", "dark"): Palette(
        right="#6cc0f0",
        wrong="#f0a830",
        memory="#4a2040",
        key="#f0a830",
        lines=("#ff7a33", "#6ea0ff", "#2fc49a", "#6cc8f5", "#e08fc0", "#f0e442"),
    ),
    ("safe", "light"): Palette(
        right="#002e80",
        wrong="#7a2800",
        memory="#dac1cf",
        key="#7a2800",
        lines=("#9a2d00", "#0a3f9e", "#005740", "#00598a", "#862a63", "#3a3300"),
    ),
    ("standard", "console dark"): Palette(
        right="ansi_bright_green",
        wrong="ansi_bright_red",
        memory="ansi_default",
        key="ansi_bright_yellow",
        lines=(
            "ansi_bright_red",
            "ansi_bright_blue",
            "ansi_bright_green",
            "ansi_bright_cyan",
            "ansi_bright_magenta",
            "ansi_yellow",
        ),
    ),
    ("standard", "console light"): Palette(
        right="ansi_green",
        wrong="ansi_red",
        memory="ansi_default",
        key="ansi_magenta",
        lines=("ansi_red", "ansi_blue", "ansi_green", "ansi_cyan", "ansi_magenta", "ansi_black"),
    ),
    ("safe", "console dark"): Palette(
        right="ansi_bright_cyan",
        wrong="ansi_bright_yellow",
        memory="ansi_default",
        key="ansi_bright_yellow",
        lines=(
            "ansi_bright_yellow",
            "ansi_bright_blue",
            "ansi_white",
            "ansi_bright_cyan",
            "ansi_bright_magenta",
            "ansi_yellow",
        ),
    ),
    ("safe", "console light"): Palette(
        right="ansi_blue",
        wrong="ansi_red",
        memory="ansi_default",
        key="ansi_blue",
        lines=(
            "ansi_red",
            "ansi_blue",
            "ansi_black",
            "ansi_cyan",
            "ansi_magenta",
            "ansi_bright_black",
        ),
    ),
}


def colors(palette: str, theme: Theme) -> dict[str, str]:
    """Return the variables of `palette` on the ground of `theme`."""
    ground = ("console " if theme.ansi else "") + ("dark" if theme.dark else "light")
    found = COLORS[palette, ground]
    variables = {f"line-{number}": line for number, line in enumerate(found.lines, start=1)}
    return variables | {name: getattr(found, name) for name in MEANINGS}


def theme_name(ground: str, *, colored: bool, color_system: str | None) -> str:
    """Return Textual's theme for "dark" or "light", with as many colours as there are."""
    return f"{'textual' if colored and color_system in MANY else 'ansi'}-{ground}"


def next_palette(palette: str) -> str:
    return after(palette, list(PALETTES))
