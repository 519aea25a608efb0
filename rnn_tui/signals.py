"""Graceful exit on SIGINT, SIGTERM and SIGHUP: a run finishes its step and prints its summary."""

import os
import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self, final

TERMINATING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_SIGNAL_OFFSET = 128  # added to the number of the signal, as a shell reports it
EXIT_SIGINT = EXIT_SIGNAL_OFFSET + signal.SIGINT


@final
class GracefulExit:
    """A context in which the first signal sets `received`; a second one ends the program at once.

    `nohup` is respected. After SIGHUP an OSError of writing to the lost terminal ends the block
    without an error.
    """

    def __init__(self) -> None:
        self._signum: int | None = None
        self._previous_handlers: dict[int, Callable[..., Any] | int] = {}

    @property
    def received(self) -> bool:
        return self._signum is not None

    @property
    def exit_status(self) -> int:
        """The exit status of a program that ended by the signal; 0 without one."""
        return 0 if self._signum is None else EXIT_SIGNAL_OFFSET + self._signum

    def __enter__(self) -> Self:
        for signum in TERMINATING_SIGNALS:
            previous = signal.getsignal(signum)
            if previous != signal.SIG_IGN or signum == signal.SIGINT:
                self._previous_handlers[signum] = previous or signal.SIG_DFL
                signal.signal(signum, self._on_signal)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self._restore_handlers()
        hung_up = isinstance(exc, OSError) and self._signum == signal.SIGHUP
        if hung_up:
            devnull = os.open(os.devnull, os.O_WRONLY)
            for stream in (1, 2):
                os.dup2(devnull, stream)
        return hung_up

    def _on_signal(self, signum: int, _frame: FrameType | None) -> None:
        self._signum = signum
        self._restore_handlers()

    def _restore_handlers(self) -> None:
        for signum, handler in self._previous_handlers.items():
            signal.signal(signum, handler)
        self._previous_handlers.clear()
