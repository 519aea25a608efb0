"""The screen as cells: what it is to show, what it shows, and the shortest way between the two.

A program that redraws whole widgets sends many cells that are there already. Here its output is
painted on a grid instead, and only the cells that differ from those of the terminal are sent. What
is painted over before it is sent is never sent.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, final

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len

from rnn_tui.tui.terminal.sgr import PLAIN, Pen, change, drawn_with
from rnn_tui.tui.terminal.transliteration import in_ascii

CellArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TOKEN = re.compile(
    r"\x1b\[(?P<pen>[0-9;]*)m"
    r"|\x1b\[(?P<row>[0-9]*);?(?P<column>[0-9]*)H"
    r"|(?P<line>\n)"
    r"|(?P<other>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)"
)
NARROW = re.compile(  # characters to which every terminal gives one cell
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u203e\u2190-\u22ff"
    "\u2500-\u25fc\u2713-\u2717\u2800-\u28ff]*"
)

SPACE = ord(" ")
UNKNOWN = -1  # not painted yet, or nobody knows what the terminal shows there
PEN = 32  # bits of a cell below its pen's number, for its glyph
GLYPH = (1 << PEN) - 1
COMPOSED = 0x110000  # the number of the first glyph that is no single narrow character
REST = COMPOSED - 1  # the second cell of a wide character
BRIDGE = 3  # cells that are sent again though they are the same: a leap costs more


@final
class Canvas:
    """A grid of columns × rows; `paint` draws on it, `difference` brings the terminal up to it.

    Without `colored` no colour is ever sent, with `ascii_only` no character beyond ASCII.
    """

    def __init__(
        self, columns: int, rows: int, *, colored: bool = True, ascii_only: bool = False
    ) -> None:
        self._colored, self._ascii_only = colored, ascii_only
        self._pens: list[Pen] = []
        self._composed: list[str] = []
        self._numbers: dict[Pen | str, int] = {}
        self._painted: CellArray = np.full((0, 0), UNKNOWN, np.int64)
        self._row = self._column = 0
        self._use(PLAIN)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Let the terminal have another size, and nothing be known of what it shows.

        All that was painted stays, also beyond an edge: a program that hears of two sizes at
        once, and of the second as the one it has, does not paint again.
        """
        before = self._painted
        self._painted = np.full(np.maximum(before.shape, (rows, columns)), UNKNOWN, np.int64)
        self._painted[: before.shape[0], : before.shape[1]] = before
        self._wanted = self._painted[:rows, :columns]
        self.forget()

    def forget(self) -> None:
        """Send everything anew: the terminal may show anything, and draw in any way."""
        self._shown = np.full_like(self._wanted, UNKNOWN)
        self._held: Pen | None = None  # the terminal's own pen
        self._blank: Pen | None = None  # and what a blank drawn with it looks like

    def paint(self, output: str) -> str:
        """Paint what `output` draws, and return what in it is no drawing."""
        others = ""
        for token in TOKEN.finditer(output):
            match token.lastgroup:
                case "text":
                    self._write(token["text"])
                case "pen":
                    self._use(drawn_with(self._pen, token["pen"]))
                case "column":
                    self._row = int(token["row"] or 1) - 1
                    self._column = int(token["column"] or 1) - 1
                case "line":
                    self._row += 1
                case _:
                    others += token[0]
        return others

    def difference(self) -> str:
        """Return what makes the terminal show all that is painted, and take it for shown.

        The cursor, though not seen, ends where the program put it: input methods go by it.
        """
        painted = self._wanted != UNKNOWN
        differs = painted & (self._wanted != self._shown)
        if self._composed:  # half a wide character cannot be drawn: its row is sent as a whole
            wide = (self._wanted & GLYPH >= REST) | (self._shown & GLYPH >= REST)
            rows = differs.any(axis=1) & wide.any(axis=1)
            differs[rows] = painted[rows]
        self._shown[differs] = self._wanted[differs]
        parts: list[str] = []
        at = UNKNOWN, UNKNOWN
        for row, start, stop in _runs(differs, painted):
            parts.append(_move(at, (row, start)))
            parts += self._drawn(self._wanted[row, start:stop].tolist())
            at = row, stop
        if parts:
            parts.append(_move(at, (self._row, self._column)))
        return "".join(parts)

    def _drawn(self, cells: list[int]) -> Iterator[str]:
        """Yield the characters of `cells` and what makes the terminal's pen theirs."""
        for cell in cells:
            pen, glyph = self._pens[cell >> PEN], cell & GLYPH
            if pen is not self._held and not (glyph == SPACE and pen == self._blank):
                yield change(self._held, pen)
                self._held, self._blank = pen, pen.for_blanks
            if glyph < REST:
                yield chr(glyph)
            elif glyph >= COMPOSED:
                yield self._composed[glyph - COMPOSED]

    def _use(self, pen: Pen) -> None:
        self._pen = pen
        seen = pen if self._colored else pen.without_color
        self._ink = self._number(seen, self._pens) << PEN
        self._blank_ink = self._number(seen.for_blanks, self._pens) << PEN

    def _number(self, one: Any, all_: list[Any]) -> int:
        """Return the place of `one` in the list of its kind; it is added if it is new."""
        if one not in self._numbers:
            self._numbers[one] = len(all_)
            all_.append(one)
        return self._numbers[one]

    def _write(self, text: str) -> None:
        """Put `text` where the cursor is."""
        if self._ascii_only:
            text = in_ascii(text)
        glyphs = _narrow(text) if NARROW.fullmatch(text) else self._compose(text)
        start, self._column = self._column, self._column + len(glyphs)
        rows, columns = self._painted.shape
        if self._row < rows and start < columns:
            glyphs = glyphs[: columns - start]
            cells = glyphs | np.where(glyphs == SPACE, self._blank_ink, self._ink)
            self._painted[self._row, start : start + len(cells)] = cells

    def _compose(self, text: str) -> CellArray:
        """Return the glyphs of text in which a character is wide, or joins the one before it."""
        glyphs: list[str] = []
        for character in text:
            if glyphs and not cell_len(character):
                glyphs[-1] += character
            else:
                glyphs.append(character)
        numbers = []
        for glyph in glyphs:
            wide = cell_len(glyph) > 1
            if wide or len(glyph) > 1:
                numbers.append(COMPOSED + self._number(glyph, self._composed))
                numbers += [REST] * wide
            else:
                numbers.append(ord(glyph))
        return np.array(numbers, np.int64)


@lru_cache(maxsize=4096)
def _narrow(text: str) -> CellArray:
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64)


def _move(before: tuple[int, int], after: tuple[int, int]) -> str:
    """Return what moves the cursor from one (row, column) to another."""
    if before == after:
        return ""
    row, column = after
    return f"\x1b[{column + 1}G" if row == before[0] else f"\x1b[{row + 1};{column + 1}H"


def _runs(differs: BoolArray, painted: BoolArray) -> Iterator[tuple[int, int, int]]:
    """Yield (row, start, stop) of the cells that differ, with the short gaps between them."""
    rows, columns = np.nonzero(differs)
    if not len(rows):
        return
    holes = np.cumsum(~painted).reshape(painted.shape)[rows, columns]
    apart = np.diff(rows) | np.diff(holes) | (np.diff(columns) > BRIDGE + 1)
    breaks = np.flatnonzero(apart)
    first, last = np.append(0, breaks + 1), np.append(breaks, len(rows) - 1)
    yield from zip(
        rows[first].tolist(), columns[first].tolist(), (columns[last] + 1).tolist(), strict=True
    )
