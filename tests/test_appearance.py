"""What suits a terminal, and what may be chosen."""

from typing import Any

import pytest

from rnn_tui.appearance import GLYPHS, PALETTES, THEMES, Appearance, suiting
from rnn_tui.settings import SettingsError

XTERM = {"TERM": "xterm-256color", "LANG": "C.UTF-8"}


def test_a_terminal_of_today_has_all() -> None:
    assert suiting(XTERM, "utf-8") == Appearance()


@pytest.mark.parametrize(
    ("changed", "encoding"),
    [({"TERM": "linux"}, "utf-8"), ({}, "ascii"), ({}, "iso8859-1"), ({}, "ANSI_X3.4-1968")],
)
def test_a_console_and_other_encodings_get_ascii(changed: dict[str, str], encoding: str) -> None:
    assert suiting(XTERM | changed, encoding).glyphs == "ascii"


@pytest.mark.parametrize(("value", "colored"), [("1", False), ("0", False), ("", True)])
def test_no_color_takes_colours_away_where_it_says_anything(value: str, colored: bool) -> None:
    assert suiting(XTERM | {"NO_COLOR": value}, "utf-8").colored == colored


@pytest.mark.parametrize(
    ("said", "theme"), [("0;15", "light"), ("0;default;7", "light"), ("15;0", "dark"), ("", "dark")]
)
def test_a_light_terminal_gets_the_light_theme(said: str, theme: str) -> None:
    assert suiting(XTERM | {"COLORFGBG": said}, "utf-8").theme == theme


@pytest.mark.parametrize(
    ("name", "choices"), [("glyphs", GLYPHS), ("palette", PALETTES), ("theme", THEMES)]
)
def test_every_choice_can_be_made_and_no_other(name: str, choices: dict[str, str]) -> None:
    for choice in choices:
        chosen: dict[str, Any] = {name: choice}
        assert getattr(Appearance(**chosen), name) == choice
    wrong: dict[str, Any] = {name: "pink"}
    with pytest.raises(SettingsError, match="pink"):
        Appearance(**wrong)


@pytest.mark.parametrize("fps", [0.0, -1.0, 61.0, float("nan"), float("inf")])
def test_frames_are_few(fps: float) -> None:
    with pytest.raises(SettingsError, match="--fps"):
        Appearance(fps=fps)
