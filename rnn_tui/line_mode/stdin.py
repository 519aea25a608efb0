"""Standard input line by line, from a terminal, a pipe or a file, without waiting for it."""

import os
from collections import deque
from select import select
from time import sleep
from typing import final

MAX_READ_BYTES = 1 << 16  # bytes, at most, that are read at once
PAUSE_COMMANDS, QUIT_COMMANDS = ("p", "pause", ""), ("q", "quit", "exit")  # end a long command


@final
class StdinLines:
    """The lines that come in through a file descriptor; a last one needs no newline."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._closed = False
        self._partial_line = b""  # a line that has not ended yet
        self._lines: deque[str] = deque()

    @property
    def ended(self) -> bool:
        """Whether there will never be another line."""
        return self._closed and not self._lines

    @property
    def is_tty(self) -> bool:
        """Whether somebody types them, at a terminal."""
        return os.isatty(self._descriptor)

    def next_line(self, timeout: float) -> str | None:
        """Return the next line, without what is blank around it; None where none comes in time."""
        if self.ended:
            sleep(timeout)
        while not self._lines and not self._closed and self._ready(timeout):
            self._read()
        return self._lines.popleft() if self._lines else None

    def interrupt_requested(self) -> bool:
        """Return whether somebody types that what goes on shall not go on to its end.

        A line that says no more than this is used up. The lines of a script wait for their turn.
        """
        line = self.next_line(0.0) if self.is_tty else None
        if line is None:
            return False
        command = line.removeprefix(":").strip()
        if command not in PAUSE_COMMANDS:
            self._lines.appendleft(line)
        return command in (*PAUSE_COMMANDS, *QUIT_COMMANDS)

    def _ready(self, timeout: float) -> bool:
        try:
            ready, _, _ = select([self._descriptor], [], [], timeout)
        except OSError:  # it was closed before the program began
            self._closed = True
            return False
        return bool(ready)

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, MAX_READ_BYTES)
        except BlockingIOError:
            return
        except OSError:  # EIO: the terminal is gone
            chunk = b""
        *complete, self._partial_line = (self._partial_line + chunk).split(b"\n")
        if not chunk:
            self._closed = True
            complete, self._partial_line = [self._partial_line] if self._partial_line else [], b""
        self._lines.extend(line.decode("utf-8", "replace").strip() for line in complete)
