"""Changes from pen to pen, against what a terminal makes of them."""

import pyte
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.sgr import PLAIN, Pen, change, drawn_with
from tests.tui.terminal.test_screen_buffer import codes

sequences = st.lists(codes, min_size=1, max_size=8).map(";".join)
drawn_pens = sequences.map(lambda parameters: drawn_with(PLAIN, parameters))


def drawn(*sequences: str) -> pyte.screens.Char:
    """Return an x as a terminal draws it after `sequences`."""
    screen = pyte.Screen(2, 1)
    pyte.Stream(screen).feed("".join(sequences) + "x")
    return screen.buffer[0][0]


@given(sequences, sequences)
def test_a_change_does_what_the_sequence_did(first: str, second: str) -> None:
    before = drawn_with(PLAIN, first)
    after = drawn_with(before, second)
    wanted = drawn(f"\x1b[{first}m", f"\x1b[{second}m")
    assert drawn(f"\x1b[{first}m", change(before, after)) == wanted
    assert drawn("\x1b[1;3;4;7;31;42m", change(None, after)) == wanted


@given(drawn_pens, drawn_pens)
def test_no_change_is_longer_than_beginning_anew(before: Pen, after: Pen) -> None:
    assert len(change(before, after)) <= len(change(None, after))
    assert change(after, after) == ""


@given(drawn_pens)
def test_a_blank_looks_the_same_with_the_simplest_pen(pen: Pen) -> None:
    simple = pen.for_blanks
    assert simple.for_blanks == simple
    assert simple.background == pen.background
    assert simple.attributes <= pen.attributes
