"""A terminal's screen by pyte, with replies to queries, an alternate screen, and cell styles.

It replies to `CSI 5n`, `CSI 6n` and `CSI c` when it has drawn all output before them, as a terminal
does.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Any, final

import pyte

ALTERNATE = 1049
# Sequences that pyte would draw as text, and one that the end of what was read cuts in two.
BEYOND_PYTE = re.compile(rb"\x1b\[[<=][0-9;]*[A-Za-z]|\x1b\[\?[0-9;]*\$p")
UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<=>]*\$?)?\Z")


@final
class Emulator(pyte.Screen):
    """A screen that passes its replies to `answer`, and saves the main screen."""

    def __init__(self, columns: int, rows: int, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._main: tuple[Any, Any] | None = None
        self._kept = b""
        super().__init__(columns, rows)
        for name in pyte.Stream.csi.values():
            setattr(self, name, _forgiving(getattr(self, name)))
        self._stream = pyte.ByteStream(self)

    def feed(self, data: bytes) -> None:
        """Draw output of the program."""
        data = self._kept + data
        cut = UNFINISHED.search(data)
        self._kept = data[cut.start() :] if cut else b""
        if cut:
            data = data[: cut.start()]
        self._stream.feed(BEYOND_PYTE.sub(b"", data))

    @property
    def text(self) -> str:
        rows = (self.buffer[row] for row in range(self.lines))
        return "\n".join("".join(row[x].data for x in range(self.columns)) for row in rows)

    @property
    def looks(self) -> tuple[tuple[Any, ...], ...]:
        """Every cell, row by row: its character and its visible colors and attributes."""
        rows = (self.buffer[row] for row in range(self.lines))
        return tuple(tuple(_seen(row[x]) for x in range(self.columns)) for row in rows)

    @property
    def is_alternate(self) -> bool:
        return self._main is not None

    # What pyte calls by these names when it comes to the sequence.

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())

    def report_device_status(self, mode: int = 0, **kinds: Any) -> None:
        """Reply; with a wrap pending in the last column, that column, as xterm does."""
        if mode == 6:
            column = min(self.cursor.x + 1, self.columns)
            mark = "?" if kinds.get("private") else ""
            self.write_process_input(f"\x1b[{mark}{self.cursor.y + 1};{column}R")
        else:
            super().report_device_status(mode)

    def set_mode(self, *modes: int, **kinds: Any) -> None:
        if ALTERNATE in modes and kinds.get("private") and self._main is None:
            self._main = self.buffer, (self.cursor.x, self.cursor.y)
            self.buffer = defaultdict(self._blank_line)
        super().set_mode(*modes, **kinds)

    def reset_mode(self, *modes: int, **kinds: Any) -> None:
        if ALTERNATE in modes and kinds.get("private") and self._main is not None:
            self.buffer, (x, y) = self._main
            self._main = None
            self.cursor.x, self.cursor.y = min(x, self.columns - 1), min(y, self.lines - 1)
        super().reset_mode(*modes, **kinds)

    def _blank_line(self) -> Any:
        return pyte.screens.StaticDefaultDict(self.default_char)


def _forgiving(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command`, ignoring parameters of a truncated sequence that it does not take."""

    def call(*parameters: int, **kinds: bool) -> None:
        with suppress(TypeError):
            command(*parameters, **kinds)

    return call


def _seen(cell: Any) -> Any:
    """Return a pyte cell without invisible styles: those of text, in a blank."""
    if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough:
        return cell
    return cell._replace(fg="default", bold=False, italics=False, blink=False)
