"""Answers and keys, however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.reply_filter import ESCAPE_KEY, LONG_TIMEOUT_SECONDS, ReplyFilter

ANSWER = b"\x1b[24;80R"
parts = st.lists(st.sampled_from([ANSWER, b"q", b"\x1b[A", b"R", b"\x1b[1;5C", "é".encode(), b"["]))


def sifted(sieve: ReplyFilter, whole: bytes, cuts: list[int]) -> tuple[bytes, int]:
    """Return the keys and the number of answers in `whole`, which comes in pieces."""
    places = sorted({0, *(cut for cut in cuts if cut < len(whole)), len(whole)})
    keys, answers = b"", 0
    for start, stop in pairwise(places):
        more, count = sieve.feed(whole[start:stop])
        keys, answers = keys + more, answers + count
    return keys, answers


@given(parts, st.lists(st.integers(0, 80)))
def test_however_it_is_cut_keys_are_keys_and_answers_answers(
    typed: list[bytes], cuts: list[int]
) -> None:
    sieve, whole = ReplyFilter(), b"".join(typed)
    keys, answers = sifted(sieve, whole, cuts)
    keys += sieve.flush()
    assert answers == typed.count(ANSWER)
    assert keys == whole.replace(ANSWER, b"")


KEYS = [b"\x1b[A", b"\x1b[1;5C", b"\x1b[24~", b"\x1b[97;5u", b"\x1bOP", b"\x1b[<0;3;4M", b"\x1b[I"]
PASTE = b"\x1b[200~1\x1b[A2]\x1b[0c\x1b[201~"
REPLIES = [
    b"\x1bP>|xterm(390)\x1b\\",
    b"\x1bP1+r5463=\x1b\\",
    b"\x1b]11;rgb:1e1e/1e1e/1e1e\x07",
    b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]52;c;cXVpdA==\x07",
    b"\x1b[?62;22c",
    b"\x1b[>0;276;0c",
    b"\x1b[8;24;80t",
    b"\x1b[97:65;2:1u",  # at which Textual's parser fails
    b"\x1b_Gi=1;OK\x1b\\",
]


@given(
    st.lists(st.sampled_from([ANSWER, b"q", "é".encode(), b"\x03", PASTE, *KEYS, *REPLIES])),
    st.lists(st.integers(0, 300)),
)
def test_nothing_that_the_terminal_says_by_itself_is_a_key(
    typed: list[bytes], cuts: list[int]
) -> None:
    sieve, whole = ReplyFilter(), b"".join(typed)
    keys, answers = sifted(sieve, whole, cuts)
    assert not sieve.pending
    assert answers == typed.count(ANSWER)
    assert keys == b"".join(it for it in typed if it not in (ANSWER, *REPLIES))


@pytest.mark.parametrize("reply", REPLIES)
def test_what_is_left_of_a_reply_is_dropped(reply: bytes) -> None:
    for size in range(4, len(reply)):
        sieve = ReplyFilter()
        assert sieve.feed(b"a" + reply[:size]) == (b"a", 0)
        assert sieve.timeout(reply_pending=False) == LONG_TIMEOUT_SECONDS
        assert sieve.flush() == b""
        assert sieve.feed(b"b") == (b"b", 0)
        sieve.feed(reply[:size].removesuffix(b"\x1b"))
        assert sieve.feed(b"\x1b[A") == (b"\x1b[A", 0)


def test_what_looks_more_like_an_answer_is_waited_for_longer() -> None:
    holds = []
    for typed in (b"\x1b", b"\x1b[", b"\x1b[1"):
        sieve = ReplyFilter()
        sieve.feed(typed)
        holds.append(sieve.timeout(reply_pending=True))
        assert sieve.timeout(reply_pending=False) <= holds[-1]
    assert holds == sorted(set(holds))


def test_a_paste_without_its_end_ends_by_itself_or_by_an_interrupt() -> None:
    sieve = ReplyFilter()
    assert sieve.feed(b"a\x1b[200~bc\x1b[2") == (b"a\x1b[200~bc", 0)
    assert sieve.flush() == b"\x1b[2\x1b[201~"
    assert sieve.feed(b"d\x1b[200~e") == (b"d\x1b[200~e", 0)
    assert sieve.feed(b"f\x03q") == (b"f\x1b[201~\x03q", 0)
    assert not sieve.pending


@pytest.mark.parametrize(
    "typed", [b"\x1b]x", b"\x1b[x", b"\x1bPq", b"\x1b_x", b"\x1b", b"\x1b[", b"\x1b]"]
)
def test_keys_after_an_escape_stay_keys(typed: bytes) -> None:
    sieve = ReplyFilter()
    keys, _ = sieve.feed(typed)
    alone = typed.replace(b"\x1b", ESCAPE_KEY)
    assert keys + sieve.flush() == (alone if len(typed) < 3 else typed)


def test_an_escape_is_held_and_let_go_as_a_key() -> None:
    sieve = ReplyFilter()
    assert sieve.feed(b"a\x1b") == (b"a", 0)
    assert sieve.pending
    assert sieve.flush() == ESCAPE_KEY
    assert not sieve.pending
    assert sieve.feed(b"b") == (b"b", 0)


@pytest.mark.parametrize("rest", [b"[24;80R", b"[1;1Rq"])
def test_the_rest_of_an_answer_is_no_key_though_its_escape_was_let_go(rest: bytes) -> None:
    sieve = ReplyFilter()
    sieve.feed(b"\x1b")
    sieve.flush()
    assert sieve.feed(rest) == (rest.partition(b"R")[2], 1)


@pytest.mark.parametrize("typed", [b" ", b"q", b"1", b"-", b"\r", b"\t", b"\x10", "é".encode()])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_an_escape_is_a_key_where_no_sequence_follows(typed: bytes, cut: int) -> None:
    assert sifted(ReplyFilter(), b"\x1b" + typed, [cut]) == (ESCAPE_KEY + typed, 0)


@pytest.mark.parametrize("typed", [b"[A", b"[200~1\x1b 2\x1b[201~", b"OP", b"[1;5C"])
@pytest.mark.parametrize("before", [b"", b"\x1b", b"\x1b\x1b"])
def test_an_escape_that_begins_a_sequence_is_no_key(before: bytes, typed: bytes) -> None:
    keys, _ = sifted(ReplyFilter(), before + b"\x1b" + typed, [])
    assert keys == before.replace(b"\x1b", ESCAPE_KEY) + b"\x1b" + typed


@pytest.mark.parametrize("typed", [b"f", b"b", b"\x7f"])
def test_alt_with_an_arrow_is_told_from_an_escape_and_a_letter_by_when_they_come(
    typed: bytes,
) -> None:
    assert sifted(ReplyFilter(), b"\x1b" + typed, []) == (b"\x1b" + typed, 0)
    assert sifted(ReplyFilter(), b"\x1b" + typed, [1]) == (ESCAPE_KEY + typed, 0)


def test_an_answer_after_an_escape_shows_that_it_was_a_key() -> None:
    sieve = ReplyFilter()
    assert sieve.feed(b"\x1b") == (b"", 0)
    assert sieve.feed(ANSWER) == (ESCAPE_KEY, 1)
    assert not sieve.pending
