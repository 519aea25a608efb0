"""The real program in a real pseudo-terminal, with its screen read by pyte.

One thread reads what the program writes and notes when it came; another paints it. So a slow
painter neither holds the program up nor makes its answers look late.
"""

import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Condition, Thread
from time import perf_counter
from types import TracebackType
from typing import Self, final

import pyte

from tests.terminal import pseudo_terminal

LEAVE_SCREEN = b"\x1b[?1049l"
ESCAPE = re.compile(r"\x1b(\[[0-9;?<=>]*[A-Za-z]|[=>])")
ENVIRONMENT = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
UNWANTED = ("COLORTERM", "NO_COLOR", "TEXTUAL", "COLUMNS", "LINES")

Predicate = Callable[[str], bool]


@final
class Terminal:
    """`python -m rnn_tui ARGUMENTS`, to be used in a `with` block, at whose end it is killed.

    `started` and what `send` and `wait_for` return are moments of `time.perf_counter`.
    """

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        program: Sequence[str] = ("-m", "rnn_tui"),
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = Condition()
        self._written = bytearray()
        self._sought: Predicate | None = None
        self._seen_at = 0.0
        self._hung_up = False
        self._status: int | None = None

        kept = {name: os.environ[name] for name in os.environ if not name.startswith(UNWANTED)}
        command = [sys.executable, *program, *arguments]
        self.started = perf_counter()
        self.process, self._master = pseudo_terminal.start(
            command, kept | ENVIRONMENT, columns, rows
        )
        self._chunks: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self._threads = [Thread(target=work, daemon=True) for work in (self._read, self._paint)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is None:
            os.kill(self.process, signal.SIGKILL)
            self.wait()
        os.close(self._master)

    def send(self, keys: str) -> float:
        """Press `keys`."""
        moment = perf_counter()
        os.write(self._master, keys.encode())
        return moment

    def resize(self, columns: int, rows: int) -> None:
        with self._changed:
            self._screen.resize(rows, columns)
        pseudo_terminal.set_size(self._master, columns, rows)

    def wait_for(self, sought: str | Predicate, timeout: float = 10.0) -> float:
        """Wait until the screen shows `sought`, and return when that was written.

        Where it is there already, that moment is now. Raises AssertionError, with the screen,
        where it does not come.
        """
        shows: Predicate = sought if callable(sought) else lambda text: sought in text
        with self._changed:
            if shows(self._text()):
                return perf_counter()
            self._sought = shows
            self._changed.wait_for(lambda: self._sought is None or self._hung_up, timeout)
            missed, self._sought = self._sought is not None, None
            assert not missed, f"{sought!r} did not come; the screen is\n{self._text()}"
            return self._seen_at

    def wait(self, timeout: float = 10.0) -> int:
        """Return the exit status, when all output has been read; -N where signal N ended it."""
        for thread in self._threads:
            thread.join(timeout)
            assert not thread.is_alive(), f"it does not end; the screen is\n{self.text}"
        if self._status is None:
            self._status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return self._status

    @property
    def text(self) -> str:
        """The screen."""
        with self._changed:
            return self._text()

    @property
    def written(self) -> bytes:
        """All that the program has written so far."""
        with self._changed:
            return bytes(self._written)

    @property
    def left_behind(self) -> str:
        """What was written after the alternate screen was left, without escape sequences."""
        after = self.written.rpartition(LEAVE_SCREEN)[2].decode()
        return ESCAPE.sub("", after).replace("\r\n", "\n")

    def _text(self) -> str:
        screen = self._screen
        rows = (screen.buffer[row] for row in range(screen.lines))
        return "\n".join("".join(row[x].data for x in range(screen.columns)) for row in rows)

    def _read(self) -> None:
        chunk = b"."
        while chunk:
            chunk = pseudo_terminal.read(self._master)
            self._chunks.put((perf_counter(), chunk))

    def _paint(self) -> None:
        while not self._hung_up:
            moment, chunk = self._chunks.get()
            with self._changed:
                self._written += chunk
                self._stream.feed(chunk)
                self._hung_up = not chunk
                if self._sought and self._sought(self._text()):
                    self._sought, self._seen_at = None, moment
                self._changed.notify_all()
