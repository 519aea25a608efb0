"""Replies and keys, in any pieces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.tui.terminal.reply_filter import (
    ESCAPE_KEY,
    LONG_TIMEOUT_SECONDS,
    META_PREFIX,
    ReplyFilter,
)

CPR = b"\x1b[24;80R"
parts = st.lists(st.sampled_from([CPR, b"q", b"\x1b[A", b"R", b"\x1b[1;5C", "é".encode(), b"["]))


def filtered(reply_filter: ReplyFilter, data: bytes, cuts: list[int]) -> tuple[bytes, int]:
    """Return the keys and the number of position reports in `data`, fed in pieces."""
    bounds = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    keys, reports = b"", 0
    for start, stop in pairwise(bounds):
        more, count = reply_filter.feed(data[start:stop])
        keys, reports = keys + more, reports + count
    return keys, reports


@given(parts, st.lists(st.integers(0, 80)))
def test_keys_and_position_reports_are_separated_in_any_pieces(
    typed: list[bytes], cuts: list[int]
) -> None:
    reply_filter, data = ReplyFilter(), b"".join(typed)
    keys, reports = filtered(reply_filter, data, cuts)
    keys += reply_filter.flush()
    assert reports == typed.count(CPR)
    assert keys == data.replace(CPR, b"")


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
    st.lists(st.sampled_from([CPR, b"q", "é".encode(), b"\x03", PASTE, *KEYS, *REPLIES])),
    st.lists(st.integers(0, 300)),
)
def test_replies_are_never_passed_on_as_keys(typed: list[bytes], cuts: list[int]) -> None:
    reply_filter, data = ReplyFilter(), b"".join(typed)
    keys, reports = filtered(reply_filter, data, cuts)
    assert not reply_filter.pending
    assert reports == typed.count(CPR)
    assert keys == b"".join(sequence for sequence in typed if sequence not in (CPR, *REPLIES))


@pytest.mark.parametrize("reply", REPLIES)
def test_flush_drops_a_partial_reply(reply: bytes) -> None:
    for size in range(4, len(reply)):
        reply_filter = ReplyFilter()
        assert reply_filter.feed(b"a" + reply[:size]) == (b"a", 0)
        assert reply_filter.timeout(reply_pending=False) == LONG_TIMEOUT_SECONDS
        assert reply_filter.flush() == b""
        assert reply_filter.feed(b"b") == (b"b", 0)
        reply_filter.feed(reply[:size].removesuffix(b"\x1b"))
        assert reply_filter.feed(b"\x1b[A") == (b"\x1b[A", 0)


def test_timeout_grows_with_the_partial_sequence() -> None:
    timeouts = []
    for typed in (b"\x1b", b"\x1b[", b"\x1b[1"):
        reply_filter = ReplyFilter()
        reply_filter.feed(typed)
        timeouts.append(reply_filter.timeout(reply_pending=True))
        assert reply_filter.timeout(reply_pending=False) <= timeouts[-1]
    assert timeouts == sorted(set(timeouts))


def test_paste_ends_at_flush_or_interrupt_without_its_terminator() -> None:
    reply_filter = ReplyFilter()
    assert reply_filter.feed(b"a\x1b[200~bc\x1b[2") == (b"a\x1b[200~bc", 0)
    assert reply_filter.flush() == b"\x1b[2\x1b[201~"
    assert reply_filter.feed(b"d\x1b[200~e") == (b"d\x1b[200~e", 0)
    assert reply_filter.feed(b"f\x03q") == (b"f\x1b[201~\x03q", 0)
    assert not reply_filter.pending


@pytest.mark.parametrize("reply", [b"\x1b]52;c;cXV", b"\x1b[?62"])
def test_interrupt_breaks_off_a_partial_reply(reply: bytes) -> None:
    reply_filter = ReplyFilter()
    assert reply_filter.feed(reply) == (b"", 0)
    assert reply_filter.feed(b"\x03") == (b"\x03", 0)
    assert not reply_filter.pending


def test_escapes_in_a_paste_are_passed_on_as_they_are() -> None:
    data = b"\x1b[200~1\x1b x\x1b\x1b[201~"
    for cut in range(len(data)):
        assert filtered(ReplyFilter(), data, [cut]) == (data, 0)


@pytest.mark.parametrize(
    "typed", [b"\x1b]x", b"\x1b[x", b"\x1bPq", b"\x1b_x", b"\x1b", b"\x1b[", b"\x1b]"]
)
def test_keys_after_an_escape_stay_keys(typed: bytes) -> None:
    reply_filter = ReplyFilter()
    keys, _ = reply_filter.feed(typed)
    escape = ESCAPE_KEY if len(typed) == 1 else META_PREFIX
    expected = typed if len(typed) > 2 else typed.replace(b"\x1b", escape)
    assert keys + reply_filter.flush() == expected


def test_flush_passes_on_a_lone_escape_as_key() -> None:
    reply_filter = ReplyFilter()
    assert reply_filter.feed(b"a\x1b") == (b"a", 0)
    assert reply_filter.pending
    assert reply_filter.flush() == ESCAPE_KEY
    assert not reply_filter.pending
    assert reply_filter.feed(b"b") == (b"b", 0)


@pytest.mark.parametrize("rest", [b"[24;80R", b"[1;1Rq"])
def test_tail_of_a_position_report_is_counted_after_its_escape_was_flushed(rest: bytes) -> None:
    reply_filter = ReplyFilter()
    reply_filter.feed(b"\x1b")
    reply_filter.flush()
    assert reply_filter.feed(rest) == (rest.partition(b"R")[2], 1)


@pytest.mark.parametrize("typed", [b" ", b"q", b"1", b"-", b"\r", b"\t", b"\x10", "é".encode()])
def test_escape_is_a_prefix_of_the_key_in_the_same_piece(typed: bytes) -> None:
    assert filtered(ReplyFilter(), b"\x1b" + typed, []) == (META_PREFIX + typed, 0)
    assert filtered(ReplyFilter(), b"\x1b" + typed, [1]) == (ESCAPE_KEY + typed, 0)
    assert filtered(ReplyFilter(), b"\x1b\x1b" + typed, []) == (ESCAPE_KEY + META_PREFIX + typed, 0)


@pytest.mark.parametrize("typed", [b"[A", b"[200~1\x1b 2\x1b[201~", b"OP", b"[1;5C"])
@pytest.mark.parametrize("before", [b"", b"\x1b", b"\x1b\x1b"])
def test_escape_is_no_key_where_a_sequence_follows(before: bytes, typed: bytes) -> None:
    keys, _ = filtered(ReplyFilter(), before + b"\x1b" + typed, [])
    assert keys == before.replace(b"\x1b", ESCAPE_KEY) + b"\x1b" + typed


@pytest.mark.parametrize("typed", [b"f", b"b", b"\x7f"])
def test_alt_key_in_one_piece_is_escape_and_letter_in_two(
    typed: bytes,
) -> None:
    assert filtered(ReplyFilter(), b"\x1b" + typed, []) == (b"\x1b" + typed, 0)
    assert filtered(ReplyFilter(), b"\x1b" + typed, [1]) == (ESCAPE_KEY + typed, 0)


def test_escape_before_a_position_report_is_a_key() -> None:
    reply_filter = ReplyFilter()
    assert reply_filter.feed(b"\x1b") == (b"", 0)
    assert reply_filter.feed(CPR) == (ESCAPE_KEY, 1)
    assert not reply_filter.pending
