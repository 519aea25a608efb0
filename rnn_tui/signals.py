"""Ctrl-C and its like: a run that is told to end finishes its step, and says how it stands."""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self, final

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SIGNALLED = 128  # added to the number of the signal, as a shell reports it
INTERRUPTED = SIGNALLED + signal.SIGINT


@final
class Interrupt:
    """Within its block the first signal is only noted; a second one ends the program at once.

    `nohup` is respected. An error of writing after SIGHUP, when there is no terminal any more, ends
    the block and is no error.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._before: dict[int, Callable[..., Any] | int] = {}

    @property
    def came(self) -> bool:
        return self._number is not None

    @property
    def status(self) -> int:
        """The exit status of a program that ended by the signal; 0 where none came."""
        return 0 if self._number is None else SIGNALLED + self._number

    def __enter__(self) -> Self:
        for number in ENDING:
            before = signal.getsignal(number)
            if before != signal.SIG_IGN or number == signal.SIGINT:
                self._before[number] = before or signal.SIG_DFL
                signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._restore()
        unheard = isinstance(error, OSError) and self._number == signal.SIGHUP
        if unheard:
            nothing = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                os.dup2(nothing, stream)
        return unheard

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._number = number
        self._restore()

    def _restore(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()
