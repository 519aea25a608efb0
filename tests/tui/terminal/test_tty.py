"""The tty, on a pseudo-terminal of the test's own."""

import os
import termios
from collections.abc import Iterator

import pytest

from rnn_tui.tui.terminal.tty import FALLBACK_SIZE, Tty
from tests.terminal.pseudo_terminal import set_size

LOCAL_MODES, ECHO_AND_LINES = 3, termios.ECHO | termios.ICANON
MORE_THAN_FITS = 1 << 20


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends: the one that a person holds, and the program's."""
    master, slave = os.openpty()
    yield master, slave
    for end in (master, slave):
        try:
            os.close(end)
        except OSError:
            assert end == master, "the program's end is the test's to keep"


def modes(slave: int) -> int:
    local: int = termios.tcgetattr(slave)[LOCAL_MODES]
    return local & ECHO_AND_LINES


def test_restore_brings_back_the_saved_modes(terminal: tuple[int, int]) -> None:
    _, slave = terminal
    before = termios.tcgetattr(slave)
    line = Tty(slave, slave)
    line.enter_raw()
    line.enter_raw()  # the second time must not take raw for how it was
    assert not modes(slave)
    line.restore()
    assert termios.tcgetattr(slave) == before
    line.close()


def test_write_never_blocks_and_loses_nothing(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    line = Tty(slave, slave)
    line.enter_raw()
    data = bytes(range(32, 127)) * (MORE_THAN_FITS // 95)
    line.write(data)  # nobody reads: one that blocks would never return
    assert line.has_unsent
    received = b""
    while len(received) < len(data):
        received += os.read(master, 1 << 16)
        line.write(b"")
    assert received == data
    assert not line.has_unsent
    line.close()


def test_shared_file_descriptor_stays_blocking(terminal: tuple[int, int]) -> None:
    _, slave = terminal
    line = Tty(slave, slave)
    assert line.output_fd != slave
    assert os.get_blocking(slave)
    assert not os.get_blocking(line.output_fd)
    line.close()


def test_size_falls_back_where_there_is_none(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    line = Tty(slave, slave)
    set_size(master, 0, 0)  # as a serial line has it
    assert line.size == FALLBACK_SIZE
    set_size(master, 93, 41)
    assert line.size == (93, 41)
    line.close()


def test_read_and_write_raise_after_a_hangup(terminal: tuple[int, int]) -> None:
    master, slave = terminal
    line = Tty(slave, slave)
    line.enter_raw()
    assert not line.wait(0)
    os.write(master, b"q")
    assert line.wait(1)
    assert line.read() == b"q"
    os.close(master)
    assert line.wait(1)
    with pytest.raises((OSError, EOFError)):
        line.read()
    with pytest.raises(OSError, match="Input/output error"):
        line.write(b"x")
    with pytest.raises(OSError, match="Input/output error"):
        line.enter_raw()
    line.restore()  # without effect or error
    line.close()


def test_write_uses_the_given_file_where_none_can_be_opened() -> None:
    read_end, write_end = os.pipe()
    line = Tty(read_end, write_end)
    line.write(b"hello")
    assert line.read() == b"hello"
    line.close()
    os.close(write_end)
    with pytest.raises(EOFError):
        line.read()
    os.close(read_end)
