"""Answers and keys, however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.ui.terminal.sieve import Sieve

ANSWER = b"\x1b[24;80R"
parts = st.lists(st.sampled_from([ANSWER, b"q", b"\x1b[A", b"R", b"\x1b[1;5C", "é".encode(), b"["]))


@given(parts, st.lists(st.integers(0, 80)))
def test_however_it_is_cut_keys_are_keys_and_answers_answers(
    typed: list[bytes], cuts: list[int]
) -> None:
    sieve, whole = Sieve(), b"".join(typed)
    places = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    keys, answers = b"", 0
    for start, stop in pairwise(places):
        more, count = sieve.sift(whole[start:stop])
        keys, answers = keys + more, answers + count
    keys += sieve.let_go()
    assert answers == typed.count(ANSWER)
    assert keys == whole.replace(ANSWER, b"")


def test_an_escape_is_held_and_let_go() -> None:
    sieve = Sieve()
    assert sieve.sift(b"a\x1b") == (b"a", 0)
    assert sieve.holds
    assert sieve.let_go() == b"\x1b"
    assert not sieve.holds
    assert sieve.sift(b"b") == (b"b", 0)


def test_an_escape_beside_an_answer_stays_an_escape() -> None:
    sieve = Sieve()
    assert sieve.sift(b"\x1b") == (b"", 0)
    assert sieve.sift(ANSWER) == (b"", 1)
    assert sieve.let_go() == b"\x1b"


@pytest.mark.parametrize("rest", [b"[24;80R", b"[1;1Rq"])
def test_the_rest_of_an_answer_is_no_key_though_its_escape_was_let_go(rest: bytes) -> None:
    sieve = Sieve()
    sieve.sift(b"\x1b")
    sieve.let_go()
    assert sieve.sift(rest) == (rest.partition(b"R")[2], 1)
