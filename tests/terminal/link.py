"""The link from the program to the screen: unlimited, at a rate, or stalled."""

from collections.abc import Callable
from select import select
from threading import Event
from time import perf_counter, sleep
from typing import final

from tests.terminal import pseudo_terminal

READ_INTERVAL = 0.01  # seconds, of a link with a rate
CUT_CHECK_INTERVAL = 0.05  # seconds


@final
class Link:
    """Reads a pseudo-terminal's `master`; unread output stays in the kernel's buffer, some 8 KB.

    `rate` is in bytes a second; 0 is unlimited.
    """

    def __init__(self, master: int, rate: float = 0.0) -> None:
        self.rate = rate
        self._master = master
        self._flows = Event()
        self._flows.set()
        self._is_cut = False

    def stall(self) -> None:
        """Stop reading, as a connection that stalls."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """End reading, before the terminal is closed."""
        self._is_cut = True
        self._flows.set()

    def carry(self, take: Callable[[float, bytes], None]) -> None:
        """Pass each chunk to `take` with the time it came, and at the end an empty one."""
        due = perf_counter()
        while chunk := self._next():
            if self.rate:
                due = max(due, perf_counter()) + len(chunk) / self.rate
                sleep(max(0.0, due - perf_counter()))
            take(perf_counter(), chunk)
        take(perf_counter(), b"")

    def _next(self) -> bytes:
        self._flows.wait()
        while not select([self._master], [], [], CUT_CHECK_INTERVAL)[0]:
            if self._is_cut:
                return b""
            self._flows.wait()
        if not self._flows.is_set():
            return self._next()
        size = (
            max(1, round(self.rate * READ_INTERVAL))
            if self.rate
            else pseudo_terminal.MAX_READ_BYTES
        )
        return b"" if self._is_cut else pseudo_terminal.read(self._master, size)
