"""Non-blocking lines of standard input, from a terminal, a pipe or a file."""

import os
from collections import deque
from select import select
from time import sleep
from typing import final

MAX_READ_BYTES = 1 << 16  # per read
PAUSE_COMMANDS, QUIT_COMMANDS = ("p", "pause", ""), ("q", "quit", "exit")  # end a long command


@final
class StdinLines:
    """Lines read from a file descriptor; the last needs no newline."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._closed = False
        self._partial_line = b""  # up to a newline still to come
        self._lines: deque[str] = deque()

    @property
    def ended(self) -> bool:
        """Whether there will be no more lines."""
        return self._closed and not self._lines

    @property
    def is_tty(self) -> bool:
        """Whether they come from a terminal."""
        return os.isatty(self._descriptor)

    def next_line(self, timeout: float) -> str | None:
        """Return the next line, stripped; None if there is none within `timeout` seconds."""
        if self.ended:
            sleep(timeout)
        while not self._lines and not self._closed and self._is_readable(timeout):
            self._read()
        return self._lines.popleft() if self._lines else None

    def interrupt_requested(self) -> bool:
        """Return whether a line typed at a terminal pauses or quits.

        A line that only pauses is removed. Lines of a script never interrupt.
        """
        line = self.next_line(0.0) if self.is_tty else None
        if line is None:
            return False
        command = line.removeprefix(":").strip()
        if command not in PAUSE_COMMANDS:
            self._lines.appendleft(line)
        return command in (*PAUSE_COMMANDS, *QUIT_COMMANDS)

    def _is_readable(self, timeout: float) -> bool:
        try:
            ready, _, _ = select([self._descriptor], [], [], timeout)
        except OSError:  # closed before the program started
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
        self._lines.extend(line.decode("utf-8-sig", "replace").strip() for line in complete)
