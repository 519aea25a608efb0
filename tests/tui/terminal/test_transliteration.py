import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

import rnn_tui
from rnn_tui.tui.terminal.transliteration import ASCII_TABLE, REPLACEMENT_CHARACTER, to_ascii_cells

PACKAGE = Path(rnn_tui.__file__).parent


@given(st.text())
def test_all_becomes_ascii_of_the_same_width(text: str) -> None:
    said = to_ascii_cells(text)
    assert said.isascii()
    assert cell_len(said) == cell_len(text)


def test_all_that_the_program_writes_has_a_likeness() -> None:
    """A combining accent in a docstring stands for itself and is not drawn."""
    written = {
        character
        for source in PACKAGE.rglob("*.py")
        for character in source.read_text("utf-8")
        if not character.isascii() and cell_len(character)
    }
    assert {
        character for character in written if to_ascii_cells(character) == REPLACEMENT_CHARACTER
    } == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("╭─ bits ──╮", "+- bits --+"),
        ("81 − 113 = −32 ✗", "81 - 113 = -32 x"),
        ("Elman 16 σ → ŷ²", "Elman 16 s > Y2"),
        ("▁▂▃▄▅▆▇█", "_.-=+*#@"),
        ("日", "? "),
    ],
)
def test_likenesses(text: str, said: str) -> None:
    assert to_ascii_cells(text) == said


def test_every_likeness_is_one_character() -> None:
    assert all(re.fullmatch(r"[!-~]", ours) for ours in ASCII_TABLE.values())
