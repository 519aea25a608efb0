"""Standard input is read in full lines from pipes and terminals."""

import os

from rnn_tui.line_mode.stdin import StdinLines


def test_next_line_returns_full_lines_of_a_pipe() -> None:
    reading, writing = os.pipe()
    lines = StdinLines(reading)
    assert lines.next_line(0.0) is None
    os.write(writing, b"lr 0.3\r\n  \n37+1")
    assert [lines.next_line(0.0) for _ in range(3)] == ["lr 0.3", "", None]
    os.write(writing, "01\n\xff".encode("latin-1"))
    os.close(writing)
    assert not lines.ended
    assert [lines.next_line(0.0) for _ in range(3)] == ["37+101", "\N{REPLACEMENT CHARACTER}", None]
    assert lines.ended
    os.close(reading)


def test_closed_input_has_ended() -> None:
    reading, writing = os.pipe()
    os.close(writing)
    os.close(reading)
    lines = StdinLines(reading)
    assert lines.next_line(0.0) is None
    assert lines.ended


def test_only_lines_typed_at_a_terminal_interrupt() -> None:
    reading, writing = os.pipe()
    lines = StdinLines(reading)
    os.write(writing, b"p\nq\n")
    assert not lines.interrupt_requested()
    assert [lines.next_line(0.0), lines.next_line(0.0)] == ["p", "q"]
    ours, theirs = os.openpty()
    typed = StdinLines(theirs)
    assert not typed.interrupt_requested()
    for line, cuts in (("p", True), ("pause", True), ("", True), ("q", True), ("lr 0.3", False)):
        os.write(ours, f"{line}\n".encode())
        assert typed.interrupt_requested() == cuts
        left = typed.next_line(0.0)
        assert left == (None if line in ("p", "pause", "") else line)
    for end in (reading, writing, ours, theirs):
        os.close(end)


def test_byte_order_mark_before_the_first_line_is_skipped() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xef\xbb\xbflr 0.3\r\nq\r\n")
    lines = StdinLines(reading)
    assert [lines.next_line(0.0), lines.next_line(0.0)] == ["lr 0.3", "q"]
    os.close(reading)
    os.close(writing)
