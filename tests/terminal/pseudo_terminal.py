"""Starts a program with a new pseudo-terminal as its controlling terminal."""

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.terminal.fork_server import Start, fork

MAX_READ_BYTES = 1 << 16
ECHOES = termios.ICANON | termios.ECHO | termios.ISIG


class Started(NamedTuple):
    """A program's process id, and the file descriptor of the terminal's other end."""

    process: int
    master: int
    modes: list[Any]  # of the terminal, before the program could change them


def execute(
    command: Sequence[str], environment: Mapping[str, str], columns: int, rows: int
) -> Started:
    """Execute `command`, with all three standard streams on a new terminal of the given size."""
    master, slave = _open(columns, rows)
    before = modes(master)
    process = os.posix_spawn(
        command[0],
        list(command),
        environment,
        # The first terminal that a new session opens becomes its controlling terminal.
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.ttyname(slave), os.O_RDWR, 0),
            (os.POSIX_SPAWN_DUP2, 0, 1),
            (os.POSIX_SPAWN_DUP2, 0, 2),
        ],
    )
    os.close(slave)
    return Started(process, master, before)


def fork_program(start: Start, columns: int, rows: int) -> Started:
    """Do the same with the program that the fork server has imported, as a session leader."""
    master, slave = _open(columns, rows)
    before = modes(master)
    process = fork(start, (slave, slave, slave))
    os.close(slave)
    return Started(process, master, before)


def _open(columns: int, rows: int) -> tuple[int, int]:
    master, slave = pty.openpty()
    set_size(master, columns, rows)
    return master, slave


def set_size(master: int, columns: int, rows: int) -> None:
    """Resize the terminal; the kernel sends SIGWINCH."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def modes(master: int) -> list[Any]:
    """Return the terminal's line modes, as `stty -a` would list them."""
    return termios.tcgetattr(master)


def is_cooked(line_modes: list[Any]) -> bool:
    """Return whether a shell's line editing would work: lines, echo, and ctrl+c as a signal."""
    return bool(line_modes[3] & ECHOES == ECHOES)


def read(master: int, size: int = MAX_READ_BYTES) -> bytes:
    """Return the next output, or nothing when the program has ended."""
    try:
        return os.read(master, size)
    except OSError:  # EIO: nobody has the other end open any more
        return b""
