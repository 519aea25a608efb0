"""ASCII of the same width, and screens that stay without colours and other characters."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from rich.cells import cell_len

import rnn_tui
from rnn_tui.config.appearance import Appearance
from rnn_tui.text.ascii import ASCII_LOOKALIKES, UNKNOWN_CHARACTER, lookalike
from rnn_tui.tui.terminal.ascii_filter import to_ascii_cells
from tests.support.texts import TEXTS
from tests.tui.pilot import Drive, driving, run

PACKAGE = Path(rnn_tui.__file__).parent


@given(TEXTS)
def test_any_text_becomes_ascii_of_the_same_width(text: str) -> None:
    converted = to_ascii_cells(text)
    assert converted.isascii()
    assert cell_len(converted) == cell_len(text)


def test_every_character_of_the_program_has_a_lookalike() -> None:
    """A combining accent in a docstring stands for itself and is not drawn."""
    used = {
        character
        for source in PACKAGE.rglob("*.py")
        for character in source.read_text("utf-8")
        if not character.isascii() and cell_len(character)
    }
    assert {character for character in used if lookalike(character) == UNKNOWN_CHARACTER} == set()


@pytest.mark.parametrize(
    ("text", "converted"),
    [
        ("╭─ bits ──╮", "+- bits --+"),
        ("81 − 113 = −32 ✗", "81 - 113 = -32 x"),
        ("Elman 16 σ → ŷ²", "Elman 16 s > Y2"),
        ("▁▂▃▄▅▆▇█", "_.-=+*#@"),
        ("日", "? "),
    ],
)
def test_characters_are_replaced_by_lookalikes(text: str, converted: str) -> None:
    assert to_ascii_cells(text) == converted


def test_every_lookalike_is_one_character() -> None:
    assert all(re.fullmatch(r"[!-~]", character) for character in ASCII_LOOKALIKES.values())


async def _visit_screens(drive: Drive) -> None:
    """Show results, a dialog, a notification, a list and the palette with a wide character."""
    await drive.press("S")
    await drive.until(lambda snapshot: snapshot.step == 100)
    for keys in (["question_mark"], ["escape", "T"], ["tab", "enter"], ["escape", "ctrl+p", "日"]):
        await drive.press(*keys)
        await drive.pilot.pause(0.1)
        _check_strips(drive)


def _check_strips(drive: Drive) -> None:
    for strip in drive.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            assert text.isascii()
            for color in (style.color, style.bgcolor) if style else ():
                assert color is None or color.is_default


def test_without_colours_and_in_ascii_every_screen_is_so() -> None:
    async def test() -> None:
        appearance = Appearance(colored=False, glyphs="ascii")
        async with driving(appearance=appearance, terminal={"TERM": "xterm"}) as drive:
            await _visit_screens(drive)

    run(test)
