"""Detection and validation of the dashboard's appearance."""

from typing import Any

import pytest

from rnn_tui.config.appearance import GLYPHS, PALETTES, THEMES, Appearance, detect_appearance
from rnn_tui.config.errors import UserError

XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


def test_utf_8_terminal_gets_the_defaults() -> None:
    assert detect_appearance(XTERM, locale_coerced=False) == Appearance()


@pytest.mark.parametrize(
    "changed",
    [
        {"TERM": "linux"},
        {"LANG": "C"},
        {"LANG": ""},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "de_DE.ISO-8859-1"},
        {"LC_CTYPE": "C"},
    ],
    ids=str,
)
def test_linux_console_and_other_locales_get_ascii(changed: dict[str, str]) -> None:
    assert detect_appearance(XTERM | changed, locale_coerced=False).glyphs == "ascii"


@pytest.mark.parametrize("name", ["LC_ALL", "LC_CTYPE", "LANG"])
@pytest.mark.parametrize("value", ["C.UTF-8", "en_GB.utf8", "de_DE.UTF-8"])
def test_utf_8_locale_gets_braille(name: str, value: str) -> None:
    environment = {"TERM": "xterm-256color", "LANG": "C"} | {name: value}
    assert detect_appearance(environment, locale_coerced=False).glyphs == "braille"


def test_coerced_locale_is_ignored() -> None:
    environment = {"TERM": "xterm-256color", "LC_CTYPE": "C.UTF-8"}
    assert detect_appearance(environment, locale_coerced=True).glyphs == "ascii"
    assert (
        detect_appearance(environment | {"LANG": "en_US.UTF-8"}, locale_coerced=True).glyphs
        == "braille"
    )


@pytest.mark.parametrize(("value", "colored"), [("1", False), ("0", False), ("", True)])
def test_no_color_disables_colours_unless_empty(value: str, colored: bool) -> None:
    assert detect_appearance(XTERM | {"NO_COLOR": value}, locale_coerced=False).colored == colored


@pytest.mark.parametrize(
    ("colorfgbg", "theme"),
    [("0;15", "light"), ("0;default;7", "light"), ("15;0", "dark"), ("", "dark")],
)
def test_light_terminal_gets_the_light_theme(colorfgbg: str, theme: str) -> None:
    assert detect_appearance(XTERM | {"COLORFGBG": colorfgbg}, locale_coerced=False).theme == theme


@pytest.mark.parametrize(
    ("name", "choices"), [("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)]
)
def test_every_choice_is_valid_and_no_other(name: str, choices: dict[str, str]) -> None:
    for choice in choices:
        chosen: dict[str, Any] = {name: choice}
        assert getattr(Appearance(**chosen), name) == choice
    unknown: dict[str, Any] = {name: "pink"}
    with pytest.raises(UserError, match="pink"):
        Appearance(**unknown)


@pytest.mark.parametrize("fps", [0.0, -1.0, 61.0, float("nan"), float("inf")])
def test_invalid_fps_is_rejected(fps: float) -> None:
    with pytest.raises(UserError, match="--fps"):
        Appearance(fps=fps)
