"""Starts the process of the siblings, and receives its results in a thread."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from signal import Signals
from subprocess import DEVNULL, Popen
from threading import Thread
from typing import final

from rnn_tui.session.siblings_plan import Failure, PlanMessage, SiblingsUpdate

MODULE = "rnn_tui.session.siblings_trainer"
# The matrices are small: a second thread would only take time from the watched run.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@final
class SiblingsProcess:
    """A process that trains siblings; `on_news` is called in a thread of its own.

    It ends when this process ends, since its connection is then closed. It is in a process group
    of its own, so that Ctrl-C in the terminal does not reach it, but in the same session: Linux
    may share the processors among sessions first, whatever their priorities. Raises OSError where
    it cannot be started.
    """

    def __init__(self, on_news: Callable[[], None]) -> None:
        self.update: SiblingsUpdate | None = None  # the latest
        self.version = 0  # counts the updates, and the end
        self.has_ended = False
        self._on_news = on_news
        self._is_waiting = False  # for the plan sent last to be received
        self._failure = ""
        self._connection, child_connection = Pipe()
        with child_connection:
            descriptor = child_connection.fileno()
            try:
                self._process = Popen(  # noqa: S603 - this program
                    [sys.executable, "-P", "-m", MODULE, str(descriptor)],
                    stdin=DEVNULL,
                    stdout=DEVNULL,
                    stderr=DEVNULL,
                    env=os.environ | ONE_THREAD | {"PYTHONPATH": _python_path()},
                    pass_fds=(descriptor,),
                    process_group=0,
                )
            except OSError:
                self._connection.close()
                raise
        self._thread = Thread(
            target=self._receive, args=(self._connection,), name="siblings", daemon=True
        )
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether a plan can be sent: only one at a time, so that no write ever waits."""
        return not (self._is_waiting or self.has_ended)

    def send(self, message: PlanMessage) -> None:
        """Send a plan."""
        self._is_waiting = True
        with suppress(OSError):  # it has just ended
            self._connection.send(message)

    @property
    def end_reason(self) -> str:
        """How the process has ended."""
        status = self._process.wait()
        if self._failure:
            return f"by {self._failure}"
        return f"by {Signals(-status).name}" if status < 0 else f"with status {status}"

    def stop(self) -> None:
        """End the process and the thread."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        self._connection.close()

    def _receive(self, connection: Connection) -> None:
        """Receive until the process ends, in the thread."""
        with suppress(EOFError, OSError):
            while True:
                message = connection.recv()
                if isinstance(message, SiblingsUpdate):
                    self.update = message
                    self.version += 1
                elif isinstance(message, Failure):
                    self._failure = message.reason
                else:
                    self._is_waiting = False
                self._on_news()
        self.has_ended = True
        self.version += 1
        self._on_news()


def _python_path() -> str:
    """Return the places where this program finds its modules, for a program started with -P."""
    return os.pathsep.join(path or os.getcwd() for path in sys.path)
