"""What suits a terminal, and what may be chosen."""

from typing import Any

import pytest

from rnn_tui.config.appearance import GLYPHS, PALETTES, THEMES, Appearance, detect_appearance
from rnn_tui.config.settings import UserError

XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


def test_a_terminal_of_today_has_all() -> None:
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
def test_a_console_and_other_locales_get_ascii(changed: dict[str, str]) -> None:
    assert detect_appearance(XTERM | changed, locale_coerced=False).glyphs == "ascii"


@pytest.mark.parametrize("name", ["LC_ALL", "LC_CTYPE", "LANG"])
@pytest.mark.parametrize("value", ["C.UTF-8", "en_GB.utf8", "de_DE.UTF-8"])
def test_a_locale_named_for_utf_8_has_all(name: str, value: str) -> None:
    environment = {"TERM": "xterm-256color", "LANG": "C"} | {name: value}
    assert detect_appearance(environment, locale_coerced=False).glyphs == "braille"


def test_what_python_made_of_no_locale_at_all_does_not_count() -> None:
    environment = {"TERM": "xterm-256color", "LC_CTYPE": "C.UTF-8"}
    assert detect_appearance(environment, locale_coerced=True).glyphs == "ascii"
    assert (
        detect_appearance(environment | {"LANG": "en_US.UTF-8"}, locale_coerced=True).glyphs
        == "braille"
    )


@pytest.mark.parametrize(("value", "colored"), [("1", False), ("0", False), ("", True)])
def test_no_color_takes_colours_away_where_it_says_anything(value: str, colored: bool) -> None:
    assert detect_appearance(XTERM | {"NO_COLOR": value}, locale_coerced=False).colored == colored


@pytest.mark.parametrize(
    ("said", "theme"), [("0;15", "light"), ("0;default;7", "light"), ("15;0", "dark"), ("", "dark")]
)
def test_a_light_terminal_gets_the_light_theme(said: str, theme: str) -> None:
    assert detect_appearance(XTERM | {"COLORFGBG": said}, locale_coerced=False).theme == theme


@pytest.mark.parametrize(
    ("name", "choices"), [("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)]
)
def test_every_choice_can_be_made_and_no_other(name: str, choices: dict[str, str]) -> None:
    for choice in choices:
        chosen: dict[str, Any] = {name: choice}
        assert getattr(Appearance(**chosen), name) == choice
    wrong: dict[str, Any] = {name: "pink"}
    with pytest.raises(UserError, match="pink"):
        Appearance(**wrong)


@pytest.mark.parametrize("fps", [0.0, -1.0, 61.0, float("nan"), float("inf")])
def test_frames_are_few(fps: float) -> None:
    with pytest.raises(UserError, match="--fps"):
        Appearance(fps=fps)
