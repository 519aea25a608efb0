"""Palettes: the colours of correct and incorrect bits, required memory, keys and plot lines.

They are CSS variables, so that a palette switches as a theme does. Each palette has colours for
dark and for light themes, and for consoles of sixteen colours, whose values the user configures. On
dark and light themes all of them have the contrast of WCAG AA, with 256 colours too.
"""

from typing import NamedTuple, final

from textual.theme import Theme

from rnn_tui.config.appearance import PALETTES
from rnn_tui.config.increments import next_in_cycle
from rnn_tui.tui.drawing.glyphs import EXTENDED_COLOR_SYSTEMS


@final
class Colors(NamedTuple):
    """The colours of a palette on one background.

    `required_state` is the background of bits that depend on a carry, `key` the colour of keys and
    marks. The lines are red, blue, green, cyan, magenta and yellow, as in the tutorial's figure.
    """

    correct: str
    incorrect: str
    required_state: str
    key: str
    lines: tuple[str, str, str, str, str, str]


ROLES = ("correct", "incorrect", "required_state", "key")

# The safe colours are those of Okabe and Ito, adjusted to the contrast of text.
PALETTE_COLORS = {
    ("standard", "dark"): Colors(
        correct="#7fd69a",
        incorrect="#ff8a9c",
        required_state="#4a2040",
        key="#ffa62b",
        lines=("#ff7575", "#7aa2ff", "#5fd75f", "#5fd7ff", "#ff87ff", "#e0b030"),
    ),
    ("standard", "light"): Colors(
        correct="#00591f",
        incorrect="#9c1030",
        required_state="#ebcca1",
        key="#7a2800",
        lines=("#a81818", "#1740b0", "#00591f", "#005a6e", "#8a1a8a", "#6b4b00"),
    ),
    ("safe", "dark"): Colors(
        correct="#6cc0f0",
        incorrect="#f0a830",
        required_state="#4a2040",
        key="#f0a830",
        lines=("#ff7a33", "#6ea0ff", "#2fc49a", "#6cc8f5", "#e08fc0", "#f0e442"),
    ),
    ("safe", "light"): Colors(
        correct="#002e80",
        incorrect="#7a2800",
        required_state="#dac1cf",
        key="#7a2800",
        lines=("#9a2d00", "#0a3f9e", "#005740", "#00598a", "#862a63", "#3a3300"),
    ),
    ("standard", "console dark"): Colors(
        correct="ansi_bright_green",
        incorrect="ansi_bright_red",
        required_state="ansi_default",
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
    ("standard", "console light"): Colors(
        correct="ansi_green",
        incorrect="ansi_red",
        required_state="ansi_default",
        key="ansi_magenta",
        lines=("ansi_red", "ansi_blue", "ansi_green", "ansi_cyan", "ansi_magenta", "ansi_black"),
    ),
    ("safe", "console dark"): Colors(
        correct="ansi_bright_cyan",
        incorrect="ansi_bright_yellow",
        required_state="ansi_default",
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
    ("safe", "console light"): Colors(
        correct="ansi_blue",
        incorrect="ansi_red",
        required_state="ansi_default",
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


# Borders of panes without the focus, which are unlike the colour of keys on those with it.
FRAMES = {
    "dark": "#005faf",
    "light": "#949494",
    "console dark": "ansi_bright_blue",
    "console light": "ansi_bright_black",
}


def css_variables(palette: str, theme: Theme) -> dict[str, str]:
    """Return the CSS variables of `palette` on the background of `theme`."""
    background = ("console " if theme.ansi else "") + ("dark" if theme.dark else "light")
    chosen = PALETTE_COLORS[palette, background]
    variables = {f"line-{number}": line for number, line in enumerate(chosen.lines, start=1)}
    variables |= {name: getattr(chosen, name) for name in ROLES}
    return variables | {"frame": FRAMES[background]}


def theme_name(background: str, *, colored: bool, color_system: str | None) -> str:
    """Return the name of Textual's theme for a "dark" or "light" `background`."""
    extended = colored and color_system in EXTENDED_COLOR_SYSTEMS
    return f"{'textual' if extended else 'ansi'}-{background}"


def next_palette(palette: str) -> str:
    return next_in_cycle(palette, list(PALETTES))
