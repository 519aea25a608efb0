"""The terminal's line: its modes, and output that never waits, or not for long."""

import os
import termios
import tty
from contextlib import suppress
from select import select
from time import monotonic
from typing import Any, TextIO, final

CHUNK = 1 << 16
FALLBACK = (80, 24)  # of a serial line, which knows no size


@final
class Line:
    """Reads from `source` and writes to the terminal of `target`, both file descriptors.

    Output goes through an open file of its own, so that writing never waits and yet no other
    program finds the terminal in a mode that it does not expect. Where none can be opened, writing
    waits. A line that has been hung up raises OSError.
    """

    def __init__(self, source: int, target: int) -> None:
        self.source = source
        self._inherited = target
        self.target = _own(target)
        self._modes: list[Any] = []
        self._unsent = b""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        with suppress(OSError):
            columns, rows = os.get_terminal_size(self._inherited)
            if columns and rows:
                return columns, rows
        return FALLBACK

    @property
    def busy(self) -> bool:
        """Whether something is still unsent."""
        return bool(self._unsent)

    def raw(self) -> None:
        """Take every key as it is pressed."""
        try:
            if not self._modes:
                self._modes = termios.tcgetattr(self.source)
            tty.setraw(self.source, termios.TCSANOW)
        except termios.error as error:
            raise OSError(*error.args) from error

    def cooked(self) -> None:
        """Give the line back as it was, without what was typed and not read."""
        if self._modes:
            with suppress(termios.error):
                termios.tcflush(self.source, termios.TCIFLUSH)
                termios.tcsetattr(self.source, termios.TCSANOW, self._modes)

    def read(self) -> bytes:
        """Return what was typed; raises EOFError where nothing ever will be again."""
        try:
            typed = os.read(self.source, CHUNK)
        except BlockingIOError:
            return b""
        if not typed:
            raise EOFError
        return typed

    def write(self, data: bytes) -> None:
        """Send `data` after all that is unsent, or as much as the terminal takes now."""
        self._unsent += data
        with suppress(BlockingIOError):
            self._unsent = self._unsent[os.write(self.target, self._unsent) :]

    def wait(self, seconds: float) -> bool:
        """Wait for something to read, or for room for what is unsent; return whether to read."""
        readable, _, _ = select([self.source], [self.target] * self.busy, [], seconds)
        return bool(readable)

    def close(self) -> None:
        if self.target != self._inherited:
            os.close(self.target)
            self.target = self._inherited


def say(text: str, stream: TextIO, seconds: float) -> None:
    """Write `text` to `stream`; to a terminal what it takes of it in so many `seconds`."""
    if not stream.isatty():
        stream.write(text)
        return
    line, end = Line(stream.fileno(), stream.fileno()), monotonic() + seconds
    with suppress(OSError):  # nobody is there any more
        line.write(text.encode(stream.encoding, "replace"))
        while line.busy and (left := end - monotonic()) > 0:
            select([], [line.target], [], left)
            line.write(b"")
    line.close()


def _own(terminal: int) -> int:
    how = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    with suppress(OSError):
        return os.open(os.ttyname(terminal), how)
    with suppress(OSError):
        return os.open("/dev/tty", how)
    return terminal
