"""Transitions between styles, against an emulated terminal."""

import pyte
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.sgr import DEFAULT_STYLE, SgrStyle, apply_sgr, transition
from tests.tui.terminal.test_screen_buffer import codes

sequences = st.lists(codes, min_size=1, max_size=8).map(";".join)
styles = sequences.map(lambda parameters: apply_sgr(DEFAULT_STYLE, parameters))


def drawn(*sequences: str) -> pyte.screens.Char:
    """Return an x as a terminal draws it after `sequences`."""
    screen = pyte.Screen(2, 1)
    pyte.Stream(screen).feed("".join(sequences) + "x")
    return screen.buffer[0][0]


@given(sequences, sequences)
def test_transition_has_the_effect_of_the_sequence(first: str, second: str) -> None:
    before = apply_sgr(DEFAULT_STYLE, first)
    after = apply_sgr(before, second)
    wanted = drawn(f"\x1b[{first}m", f"\x1b[{second}m")
    assert drawn(f"\x1b[{first}m", transition(before, after)) == wanted
    assert drawn("\x1b[1;3;4;7;31;42m", transition(None, after)) == wanted


@given(styles, styles)
def test_transition_is_no_longer_than_from_a_reset(before: SgrStyle, after: SgrStyle) -> None:
    assert len(transition(before, after)) <= len(transition(None, after))
    assert transition(after, after) == ""


@given(styles)
def test_blank_equivalent_keeps_the_background(pen: SgrStyle) -> None:
    simple = pen.blank_equivalent
    assert simple.blank_equivalent == simple
    assert simple.background == pen.background
    assert simple.attributes <= pen.attributes
