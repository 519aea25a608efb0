"""The program in a real pseudo-terminal, with its screen emulated by pyte.

One thread reads the output and notes when it came; another draws it, and so replies to queries.
A slow emulator neither blocks the program nor delays the times.
"""

import os
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Lock, Thread
from time import perf_counter, sleep
from typing import Any, Self, final

from tests.terminal import pseudo_terminal
from tests.terminal.answers import Answer, at_once
from tests.terminal.emulator import Emulator
from tests.terminal.environment import DEFAULTS, terminal_environment
from tests.terminal.fork_server import RUN_PROGRAM, Start
from tests.terminal.link import Link
from tests.terminal.processes import TIMEOUT_SECONDS, session
from tests.terminal.programs import COMMAND
from tests.terminal.restored import LEAVE_SCREEN

ESCAPE = re.compile(r"\x1b(\[[0-9;:?<=>]*[A-Za-z]|[=>78])")
Predicate = Callable[[str], bool]


@final
class Terminal:
    """`rnn-tui ARGUMENTS` in a pseudo-terminal; leaving the `with` block kills it.

    `started`, `send` and `wait_for` are times of `time.perf_counter`. The program is forked
    from one that has been imported, unless `command` is given, which is executed with ARGUMENTS,
    or another locale. `code` is run in its place, `folder` is the working directory of a fork;
    None in `environment` removes a variable; `rate` limits the output read, in bytes a second;
    `answer` replies to the program's queries.
    """

    def __init__(
        self,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        code: str = RUN_PROGRAM,
        command: Sequence[str] = (),
        folder: Path | None = None,
        environment: Mapping[str, str | None] | None = None,
        rate: float = 0.0,
        answer: Answer = at_once,
    ) -> None:
        self._keyboard = Lock()  # no key comes between the pieces of an answer
        self._screen = Emulator(columns, rows, partial(self._answer, answer))
        self._changed = Condition()
        self._written = bytearray()
        self._sought: Predicate | None = None
        self._seen_at = 0.0
        self._hung_up = False
        self._status: int | None = None

        variables = terminal_environment(environment)
        if variables.get("LC_ALL") != DEFAULTS["LC_ALL"]:
            command = command or COMMAND
        self.started = perf_counter()
        if command:
            started = pseudo_terminal.execute([*command, *arguments], variables, columns, rows)
        else:
            start = Start(arguments, variables, str(folder or Path.cwd()), code, True)
            started = pseudo_terminal.fork_program(start, columns, rows)
        self.process, self._master, self.modes_before = started
        self.link = Link(self._master, rate)
        self._chunks: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        reading = Thread(target=self.link.carry, args=(self._receive,), daemon=True)
        self._threads = [reading, Thread(target=self._paint, daemon=True)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.link.rate = 0.0
        self.link.resume()
        if self._status is None:
            for process in {self.process, *session(self.process)}:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            self.wait()
        self.close()

    def _answer(self, answer: Answer, text: bytes) -> None:
        with self._keyboard:
            answer(self._type, text)

    def send(self, keys: str) -> float:
        """Press `keys`."""
        moment = perf_counter()
        with self._keyboard:
            os.write(self._master, keys.encode())
        return moment

    def signal(self, number: int) -> None:
        os.kill(self.process, number)

    def resize(self, columns: int, rows: int) -> None:
        with self._changed:
            self._screen.resize(rows, columns)
        pseudo_terminal.set_size(self._master, columns, rows)

    def close(self) -> None:
        """Take the terminal away, as when its window is closed."""
        self.link.cut()
        for thread in self._threads:
            thread.join()
        master, self._master = self._master, -1
        if master >= 0:
            os.close(master)

    def wait_for(self, sought: str | Predicate, timeout: float = TIMEOUT_SECONDS) -> float:
        """Wait until the screen shows `sought`, and return when that was written.

        Where it is there already, that moment is now. Raises AssertionError, with the screen,
        where it does not come.
        """
        shows: Predicate = sought if callable(sought) else lambda text: sought in text
        with self._changed:
            if shows(self._screen.text):
                return perf_counter()
            self._sought = shows
            self._changed.wait_for(lambda: self._sought is None or self._hung_up, timeout)
            missed, self._sought = self._sought is not None, None
            assert not missed, f"{sought!r} did not come; the screen is\n{self._screen.text}"
            return self._seen_at

    def wait_until_still(self, seconds: float = 0.4, timeout: float = TIMEOUT_SECONDS) -> None:
        """Wait until nothing has been written for so many `seconds`; AssertionError if never."""
        deadline = perf_counter() + timeout
        with self._changed:
            while self._changed.wait(seconds) and not self._hung_up:
                assert perf_counter() < deadline, f"never still; the screen is\n{self._screen.text}"

    def wait(self, timeout: float = TIMEOUT_SECONDS) -> int:
        """Return the exit status, when all output has been read; -N where signal N ended it."""
        for thread in self._threads:
            thread.join(timeout)
            assert not thread.is_alive(), f"it does not end; the screen is\n{self.text}"
        return self.reap(timeout)

    def reap(self, timeout: float = TIMEOUT_SECONDS) -> int:
        """Return the exit status, whatever is still unread."""
        deadline = perf_counter() + timeout
        while self._status is None:
            ended, status = os.waitpid(self.process, os.WNOHANG)
            if ended:
                self._status = os.waitstatus_to_exitcode(status)
            else:
                assert perf_counter() < deadline, f"it does not end; the screen is\n{self.text}"
                sleep(0.005)
        return self._status

    @property
    def modes(self) -> list[Any]:
        """The terminal's line modes; those of a shell are `pseudo_terminal.is_cooked`."""
        return pseudo_terminal.modes(self._master)

    @property
    def text(self) -> str:
        """The screen."""
        with self._changed:
            return self._screen.text

    @property
    def looks(self) -> tuple[tuple[Any, ...], ...]:
        """The screen with its colours: see `Emulator.looks`."""
        with self._changed:
            return self._screen.looks

    @property
    def is_alternate(self) -> bool:
        with self._changed:
            return self._screen.is_alternate

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

    def _type(self, data: bytes) -> None:
        with suppress(OSError):  # the program that asked has ended, or its terminal is closed
            os.write(self._master, data)

    def _receive(self, moment: float, chunk: bytes) -> None:
        self._chunks.put((moment, chunk))

    def _paint(self) -> None:
        while not self._hung_up:
            moment, chunk = self._chunks.get()
            with self._changed:
                self._written += chunk
                self._screen.feed(chunk)
                self._hung_up = not chunk
                if self._sought and self._sought(self._screen.text):
                    self._sought, self._seen_at = None, moment
                self._changed.notify_all()
