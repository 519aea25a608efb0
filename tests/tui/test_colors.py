"""Colours that can be read and distinguished, and a screen that is complete without them."""

from itertools import combinations

import numpy as np
import pytest
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from rnn_tui.config.appearance import PALETTES, THEMES, Appearance
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.tui.colors import ROLES, css_variables, next_palette, theme_name
from rnn_tui.tui.drawing.heatmap import luminance
from tests.tui.pilot import Drive, driving, run

CONSOLE = {"TERM": "xterm"}
LINES = tuple(f"line-{number}" for number in range(1, 7))
SAFE_LIGHT = Appearance(palette="safe", theme="light")
PAINTED = [theme for theme in BUILTIN_THEMES.values() if not theme.ansi]
NATIVE = [theme for theme in BUILTIN_THEMES.values() if theme.ansi]
# How red, green and blue, linear, look to those without the long or the middle cones (Viénot 1999).
BLIND = {
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
}


def contrast(one: Color, other: Color, system: ColorSystem = ColorSystem.TRUECOLOR) -> float:
    """WCAG's contrast, from 1 to 21, of two colours as `system` shows them."""
    shown = (color.rich_color.downgrade(system) for color in (one, other))
    high, low = sorted(map(luminance, shown), reverse=True)
    return (high + 0.05) / (low + 0.05)


def ground(theme: Theme) -> Color:
    return Color.parse(theme.to_color_system().generate()["background"])


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("theme", PAINTED, ids=lambda theme: theme.name)
def test_colours_have_text_contrast_on_every_theme(palette: str, theme: Theme) -> None:
    variables = css_variables(palette, theme)
    assert {*variables} == {*ROLES, *LINES, "frame"}
    for name in ("correct", "incorrect", "key", *LINES):
        assert contrast(Color.parse(variables[name]), ground(theme)) >= 4.5, name


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
def test_colours_have_text_contrast_with_256_colours_and_on_required_memory(
    palette: str, name: str, system: ColorSystem
) -> None:
    theme = BUILTIN_THEMES[f"textual-{name}"]
    found = {name: Color.parse(color) for name, color in css_variables(palette, theme).items()}
    tint, frame = found.pop("required_state"), found.pop("frame")
    assert contrast(frame, ground(theme), system) >= 2  # no text
    for meaning, color in found.items():
        assert contrast(color, ground(theme), system) >= 4.5, meaning
    for meaning in ("correct", "incorrect"):
        assert contrast(found[meaning], tint, system) >= 4.5, meaning
    assert tint.rich_color.downgrade(system) != ground(theme).rich_color.downgrade(system)
    assert len({found[line].rich_color.downgrade(system) for line in LINES}) == len(LINES)


def seen(color: str, blindness: str) -> FloatArray:
    """Return a colour's lightness and its two hues (CIE L*a*b*) as the colour-blind see it."""
    shares = np.array(Color.parse(color).rgb) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLIND[blindness]) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ linear / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("blindness", BLIND)
@pytest.mark.parametrize("name", THEMES)
def test_safe_palette_is_distinct_under_colour_blindness(name: str, blindness: str) -> None:
    def apart(palette: str, one: str, other: str) -> float:
        variables = css_variables(palette, BUILTIN_THEMES[f"textual-{name}"])
        return float(
            np.linalg.norm(seen(variables[one], blindness) - seen(variables[other], blindness))
        )

    assert apart("safe", "correct", "incorrect") > max(
        40, 1.5 * apart("standard", "correct", "incorrect")
    )
    assert apart("safe", "line-4", "line-6") > 40  # the two lines of a gradient
    for one, other in combinations(LINES, 2):
        assert apart("safe", one, other) > 8, (one, other)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("theme", NATIVE, ids=lambda theme: theme.name)
def test_console_palette_has_distinct_named_colours(palette: str, theme: Theme) -> None:
    variables = css_variables(palette, theme)
    assert all(color.startswith("ansi_") for color in variables.values())
    assert len({variables[line] for line in LINES}) == len(LINES)
    assert variables["correct"] != variables["incorrect"]
    if palette == "safe":
        assert {"ansi_green", "ansi_bright_green"}.isdisjoint(variables.values())


def test_theme_name_follows_the_colour_system() -> None:
    assert theme_name("light", colored=True, color_system="256") == "textual-light"
    assert theme_name("light", colored=True, color_system="standard") == "ansi-light"
    assert theme_name("dark", colored=False, color_system="truecolor") == "ansi-dark"
    assert next_palette("standard") == "safe"
    assert next_palette("safe") == "standard"


@pytest.mark.parametrize("appearance", [Appearance(), SAFE_LIGHT])
def test_app_starts_with_the_chosen_theme_and_palette(appearance: Appearance) -> None:
    async def test() -> None:
        async with driving(appearance=appearance) as drive:
            assert drive.app.theme == f"textual-{appearance.theme}"
            await drive.press("s")
            await drive.wait_for_text("✗")
            wanted = css_variables(appearance.palette, drive.app.current_theme)["incorrect"]
            assert drive.colors("✗") == {wanted}

    run(test)


def test_console_uses_the_ansi_theme() -> None:
    async def test() -> None:
        async with driving(terminal=CONSOLE) as drive:
            assert drive.app.theme == "ansi-dark"
            await drive.press("s")
            await drive.wait_for_text("✗")
            assert drive.colors("✗") == {Color.parse("ansi_bright_red").rich_color.name}

    run(test)


async def _tab_to(drive: Drive, control: str) -> None:
    while drive.app.focused is None or drive.app.focused.id != control:
        await drive.press("tab")


def _attributes(drive: Drive, words: str) -> set[str]:
    """Return how `words` stand on the screen, colours apart."""
    return {
        name
        for strip in drive.app.screen._compositor.render_strips()
        for segment in strip
        if words in segment.text and segment.style
        for name in ("bold", "underline", "reverse")
        if getattr(segment.style, name)
    }


@pytest.mark.parametrize("terminal", [CONSOLE, {"TERM": "xterm-256color"}])
def test_focus_and_selection_are_visible_without_colours(terminal: dict[str, str]) -> None:
    async def test() -> None:
        async with driving(appearance=Appearance(colored=False), terminal=terminal) as drive:
            assert not _attributes(drive, "SGD") & {"reverse"}
            await _tab_to(drive, "optimizer")
            assert "reverse" in _attributes(drive, "SGD")
            await drive.press("enter", "down")
            assert "underline" in _attributes(drive, "momentum")
            assert "underline" not in _attributes(drive, "Nesterov")
            await drive.press("escape", "escape")
            await _tab_to(drive, "seed")
            assert {"underline", "reverse"} <= _attributes(drive, "0")

    run(test)


def test_map_and_accuracy_are_visible_without_colours() -> None:
    async def test() -> None:
        async with driving(
            (120, 40),
            appearance=Appearance(colored=False),
            terminal=CONSOLE,
            recipe="counting-ones",
        ) as drive:
            assert "reverse" in _attributes(drive, "loss over (w_x, w_rec)")
            await drive.press("tab")
            assert not _attributes(drive, "loss over (w_x, w_rec)")
            assert "▀" not in drive.text
            assert "⣿" in drive.text
            await drive.press("S")
            await drive.until(lambda snapshot: snapshot.score_step == 100)
            assert drive.snapshot.score
            share = drive.snapshot.score.n_correct / drive.snapshot.score.n_sequences
            bar = next(line for line in drive.text.splitlines() if "━" in line)
            assert bar.count("━") == pytest.approx(share * 56, abs=1)

    run(test)
