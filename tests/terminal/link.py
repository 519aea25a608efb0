"""The way from the program to the screen: as fast as it goes, at a pace, or not at all."""

from collections.abc import Callable
from select import select
from threading import Event
from time import perf_counter, sleep
from typing import final

from tests.terminal import pseudo_terminal

TICK = 0.01  # seconds between two reads of a link with a pace
GLANCE = 0.05  # seconds between two looks whether the link has been cut


@final
class Link:
    """Reads a pseudo-terminal's `master`; what it has not read waits in the kernel, some 8 KB.

    `rate` is in bytes a second; 0 is as fast as it goes.
    """

    def __init__(self, master: int, rate: float = 0.0) -> None:
        self.rate = rate
        self._master = master
        self._flows = Event()
        self._flows.set()
        self._is_cut = False

    def stall(self) -> None:
        """Read no more, as a connection that has gone quiet."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """Come to an end, so that nobody reads when the terminal is closed."""
        self._is_cut = True
        self._flows.set()

    def carry(self, take: Callable[[float, bytes], None]) -> None:
        """Give `take` all that comes, with the moment; at last nothing, for the end."""
        due = perf_counter()
        while chunk := self._next():
            if self.rate:
                due = max(due, perf_counter()) + len(chunk) / self.rate
                sleep(max(0.0, due - perf_counter()))
            take(perf_counter(), chunk)
        take(perf_counter(), b"")

    def _next(self) -> bytes:
        self._flows.wait()
        while not select([self._master], [], [], GLANCE)[0]:
            if self._is_cut:
                return b""
            self._flows.wait()
        if not self._flows.is_set():
            return self._next()
        size = max(1, round(self.rate * TICK)) if self.rate else pseudo_terminal.CHUNK
        return b"" if self._is_cut else pseudo_terminal.read(self._master, size)
