"""Standard input line by line, from a terminal, a pipe or a file, without waiting for it."""

import os
from collections import deque
from select import select
from time import sleep
from typing import final

CHUNK = 1 << 16  # bytes, at most, that are read at once
PAUSES, ENDS = ("p", ""), ("q", "quit", "exit")  # what one types to cut something long short


@final
class InputLines:
    """The lines that come in through a file descriptor; a last one needs no newline."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._closed = False
        self._begun = b""  # a line that has not ended yet
        self._lines: deque[str] = deque()

    @property
    def ended(self) -> bool:
        """Whether there will never be another line."""
        return self._closed and not self._lines

    @property
    def typed(self) -> bool:
        """Whether somebody types them, at a terminal."""
        return os.isatty(self._descriptor)

    def next(self, seconds: float) -> str | None:
        """Return the next line, without what is blank around it; None where none comes in time."""
        if self.ended:
            sleep(seconds)
        while not self._lines and not self._closed and self._comes(seconds):
            self._read()
        return self._lines.popleft() if self._lines else None

    def cut_short(self) -> bool:
        """Return whether somebody types that what goes on shall not go on to its end.

        A line that says no more than this is used up. The lines of a script wait for their turn.
        """
        line = self.next(0.0) if self.typed else None
        if line is None:
            return False
        asked = line.removeprefix(":").strip()
        if asked not in PAUSES:
            self._lines.appendleft(line)
        return asked in (*PAUSES, *ENDS)

    def _comes(self, seconds: float) -> bool:
        try:
            ready, _, _ = select([self._descriptor], [], [], seconds)
        except OSError:  # it was closed before the program began
            self._closed = True
            return False
        return bool(ready)

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, CHUNK)
        except BlockingIOError:
            return
        except OSError:  # EIO: the terminal is gone
            chunk = b""
        *whole, self._begun = (self._begun + chunk).split(b"\n")
        if not chunk:
            self._closed = True
            whole, self._begun = [self._begun] if self._begun else [], b""
        self._lines.extend(line.decode("utf-8", "replace").strip() for line in whole)
