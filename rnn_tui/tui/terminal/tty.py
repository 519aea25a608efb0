"""The tty: its modes, and output that never blocks."""

import os
import termios
import tty
from contextlib import suppress
from select import select
from time import monotonic
from typing import Any, TextIO, final

READ_CHUNK_BYTES = 1 << 16
FALLBACK_SIZE = (80, 24)  # columns and rows of a serial line, which has no size
MAX_SIZE = (1000, 400)  # cells beyond are left blank, in a terminal that claims more


@final
class Tty:
    """Reads from `input_fd` and writes to the terminal of `output_fd`.

    Output goes through an open file description of its own, which alone is non-blocking: other
    programs that share `output_fd` expect it to block. Where none can be opened, writing blocks.
    Raises OSError after a hang-up.
    """

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self.input_fd = input_fd
        self._inherited_fd = output_fd
        self.output_fd = _reopen(output_fd)
        self._saved_modes: list[Any] = []
        self._unsent = b""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        with suppress(OSError):
            columns, rows = os.get_terminal_size(self._inherited_fd)
            if columns and rows:
                return min(columns, MAX_SIZE[0]), min(rows, MAX_SIZE[1])
        return FALLBACK_SIZE

    @property
    def has_unsent(self) -> bool:
        """Whether output is waiting to be sent."""
        return bool(self._unsent)

    def enter_raw(self) -> None:
        """Switch to raw mode; raises OSError after a hang-up."""
        try:
            if not self._saved_modes:
                self._saved_modes = termios.tcgetattr(self.input_fd)
            tty.setraw(self.input_fd, termios.TCSANOW)
        except termios.error as error:
            raise OSError(*error.args) from error

    def restore(self) -> None:
        """Restore the saved modes, and discard unread input."""
        if self._saved_modes:
            with suppress(termios.error):
                termios.tcflush(self.input_fd, termios.TCIFLUSH)
                termios.tcsetattr(self.input_fd, termios.TCSANOW, self._saved_modes)

    def read(self) -> bytes:
        """Return the available input; raises EOFError at its end."""
        try:
            typed = os.read(self.input_fd, READ_CHUNK_BYTES)
        except BlockingIOError:
            return b""
        if not typed:
            raise EOFError
        return typed

    def write(self, data: bytes) -> None:
        """Queue `data`, and send as much as the terminal takes without blocking."""
        self._unsent += data
        with suppress(BlockingIOError):
            self._unsent = self._unsent[os.write(self.output_fd, self._unsent) :]

    def wait(self, seconds: float) -> bool:
        """Wait for input, or for room for unsent output; return whether there is input."""
        readable, _, _ = select([self.input_fd], [self.output_fd] * self.has_unsent, [], seconds)
        return bool(readable)

    def close(self) -> None:
        if self.output_fd != self._inherited_fd:
            os.close(self.output_fd)
            self.output_fd = self._inherited_fd


def write_with_timeout(text: str, stream: TextIO, seconds: float) -> None:
    """Write `text` to `stream`; give up after `seconds` if it is a terminal that stalls."""
    if not stream.isatty():
        stream.write(text)
        return
    terminal, end = Tty(stream.fileno(), stream.fileno()), monotonic() + seconds
    with suppress(OSError):  # hung up
        terminal.write(text.encode(stream.encoding, stream.errors or "replace"))
        while terminal.has_unsent and (left := end - monotonic()) > 0:
            select([], [terminal.output_fd], [], left)
            terminal.write(b"")
    terminal.close()


def _reopen(terminal: int) -> int:
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK
    with suppress(OSError):
        return os.open(os.ttyname(terminal), flags)
    with suppress(OSError):
        return os.open("/dev/tty", flags)
    return terminal
