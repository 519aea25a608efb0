"""Starts a program in a pseudo-terminal that is its controlling terminal, as at a desk."""

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Mapping
from typing import NamedTuple


class Started(NamedTuple):
    """A program's process id, and the file descriptor of the end that we hold."""

    process: int
    master: int


def start(command: list[str], environment: Mapping[str, str], columns: int, rows: int) -> Started:
    """Start `command`, with all three standard streams on a new terminal of the given size."""
    master, slave = pty.openpty()
    set_size(master, columns, rows)
    process = os.posix_spawn(
        command[0],
        command,
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
    return Started(process, master)


def set_size(master: int, columns: int, rows: int) -> None:
    """Give the terminal another size, of which the kernel tells the program."""
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def read(master: int) -> bytes:
    """Return what the program wrote, as soon as there is some; nothing when it has ended."""
    try:
        return os.read(master, 1 << 16)
    except OSError:  # EIO: nobody has the other end open any more
        return b""
