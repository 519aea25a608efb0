"""Graceful exit on SIGINT, SIGTERM and SIGHUP: a run finishes its step and its summary."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self, final

TERMINATING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXIT_SIGNAL_OFFSET = 128  # as shells report a signal
EXIT_SIGINT = EXIT_SIGNAL_OFFSET + signal.SIGINT


@contextmanager
def immediate_interrupts() -> Iterator[None]:
    """Let Ctrl-C end the process at once during an import.

    A KeyboardInterrupt may be raised there where it is not propagated, or becomes an ImportError.
    In the code that a dataclass executes it makes `python -m` die of SIGINT, though it is handled.
    """
    previous_handler = signal.getsignal(signal.SIGINT)
    if previous_handler is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(EXIT_SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous_handler)


@final
class GracefulExit:
    """Records the first signal within its block; a second one terminates the program.

    Signals ignored by a parent, as SIGHUP by `nohup`, stay ignored. An OSError after SIGHUP, when
    the terminal has gone, leaves the block and is suppressed.
    """

    def __init__(self) -> None:
        self._signum: int | None = None
        self._previous_handlers: dict[int, Callable[..., Any] | int] = {}

    @property
    def received(self) -> bool:
        return self._signum is not None

    @property
    def exit_status(self) -> int:
        """The exit status for the signal received; 0 if there was none."""
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
