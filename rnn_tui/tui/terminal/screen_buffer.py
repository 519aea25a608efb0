"""Screen buffer: the cells that the program has drawn, those of the terminal, and their diff.

Textual redraws whole regions, in which most cells are unchanged. Its output is drawn into a buffer
instead, and only cells that differ from the terminal's are sent. Cells that are overwritten before
they are sent are never sent.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, final

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len

from rnn_tui.tui.terminal.sgr import DEFAULT_STYLE, SgrStyle, apply_sgr, transition

CellArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

TOKEN = re.compile(
    r"\x1b\[(?P<sgr>[0-9;]*)m"
    r"|\x1b\[(?P<row>[0-9]*);?(?P<column>[0-9]*)H"
    r"|(?P<line>\n)"
    r"|(?P<ignored>\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~])"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
NARROW_TEXT = re.compile(  # characters to which every terminal gives one cell
    "[ -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2030-\u203e\u2190-\u22ff"
    "\u2500-\u25fc\u2713-\u2717\u2800-\u28ff]*"
)

SPACE = ord(" ")
UNKNOWN_CELL = -1  # not drawn yet, or unknown on the terminal
STYLE_SHIFT_BITS = 32  # bits of a cell for its glyph, below those for its style
GLYPH_MASK = (1 << STYLE_SHIFT_BITS) - 1
FIRST_GRAPHEME_ID = 0x110000  # id of the first glyph that is no single narrow character
WIDE_CONTINUATION = FIRST_GRAPHEME_ID - 1  # the second cell of a wide character
MAX_GAP_CELLS = 3  # unchanged cells that are sent, as a cursor move would be longer


@final
class ScreenBuffer:
    """A grid of columns × rows; `feed` draws on it, `diff` brings the terminal up to it."""

    def __init__(self, columns: int, rows: int) -> None:
        self._styles: list[SgrStyle] = []
        self._style_bits: list[int] = []  # by style: of a cell in it
        self._blank_bits: list[int] = []  # by style: of a blank in it
        self._next_styles: dict[tuple[int, str], int] = {}  # by style and parameters of an SGR
        self._graphemes: list[str] = []
        self._ids: dict[SgrStyle | str, int] = {}
        self._framebuffer: CellArray = np.full((0, 0), UNKNOWN_CELL, np.int64)
        self._row = self._column = 0
        self._style = self._add_style(DEFAULT_STYLE)
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """Change the terminal's size and invalidate its cells.

        Drawn cells are kept, also beyond an edge: a program that receives two resizes at once, of
        which the second is to its own size, does not draw again.
        """
        before = self._framebuffer
        self._framebuffer = np.full(
            np.maximum(before.shape, (rows, columns)), UNKNOWN_CELL, np.int64
        )
        self._framebuffer[: before.shape[0], : before.shape[1]] = before
        self._visible = self._framebuffer[:rows, :columns]
        self.invalidate()

    def invalidate(self) -> None:
        """Make the next diff send every cell: contents and style of the terminal are unknown."""
        self._terminal_cells = np.full_like(self._visible, UNKNOWN_CELL)
        self._terminal_style: SgrStyle | None = None  # current at the terminal
        self._terminal_blank_style: SgrStyle | None = None  # as which a blank in it looks

    def feed(self, output: str) -> None:
        """Draw `output`; control sequences and characters that do not draw are dropped."""
        for token in TOKEN.finditer(output):
            match token.lastgroup:
                case "text":
                    self._write(token["text"])
                case "sgr":
                    self._apply_sgr(token["sgr"])
                case "column":  # and row
                    self._row = int(token["row"] or 1) - 1
                    self._column = int(token["column"] or 1) - 1
                case "line":
                    self._row += 1

    def diff(self) -> str:
        """Return the output that brings the terminal up to date, and assume that it is sent.

        The hidden cursor ends where the program put it, since input methods open there.
        """
        drawn = self._visible != UNKNOWN_CELL
        differs = drawn & (self._visible != self._terminal_cells)
        if self._graphemes:  # half a wide character cannot be drawn: send the whole row
            wide = (self._visible & GLYPH_MASK >= WIDE_CONTINUATION) | (
                self._terminal_cells & GLYPH_MASK >= WIDE_CONTINUATION
            )
            rows = differs.any(axis=1) & wide.any(axis=1)
            differs[rows] = drawn[rows]
        self._terminal_cells[differs] = self._visible[differs]
        parts: list[str] = []
        at = -1, -1  # unknown row and column
        for row, start, stop in _changed_spans(differs, drawn):
            parts.append(_cursor_move(at, (row, start)))
            parts += self._encode_cells(self._visible[row, start:stop].tolist())
            at = row, stop
        if parts:
            parts.append(_cursor_move(at, (self._row, self._column)))
        return "".join(parts)

    def _encode_cells(self, cells: list[int]) -> Iterator[str]:
        """Yield the characters of `cells`, and the changes of style between them."""
        for cell in cells:
            style, glyph = self._styles[cell >> STYLE_SHIFT_BITS], cell & GLYPH_MASK
            if style is not self._terminal_style and not (
                glyph == SPACE and style == self._terminal_blank_style
            ):
                yield transition(self._terminal_style, style)
                self._terminal_style, self._terminal_blank_style = style, style.blank_equivalent
            if glyph < WIDE_CONTINUATION:
                yield chr(glyph)
            elif glyph >= FIRST_GRAPHEME_ID:
                yield self._graphemes[glyph - FIRST_GRAPHEME_ID]

    def _apply_sgr(self, parameters: str) -> None:
        key = self._style, parameters
        if key not in self._next_styles:
            style = apply_sgr(self._styles[self._style], parameters)
            self._next_styles[key] = self._add_style(style)
        self._style = self._next_styles[key]

    def _add_style(self, style: SgrStyle) -> int:
        """Return the index of `style`, which is added with its bits if it is new."""
        index = self._intern(style, self._styles)
        if index == len(self._style_bits):
            self._style_bits.append(index << STYLE_SHIFT_BITS)
            self._blank_bits.append(0)
            self._blank_bits[index] = self._add_style(style.blank_equivalent) << STYLE_SHIFT_BITS
        return index

    def _intern(self, item: Any, items: list[Any]) -> int:
        """Return the index of `item` in `items`, to which it is added if it is new."""
        if item not in self._ids:
            self._ids[item] = len(items)
            items.append(item)
        return self._ids[item]

    def _write(self, text: str) -> None:
        """Write `text` at the cursor."""
        bits = self._style_bits[self._style], self._blank_bits[self._style]
        if NARROW_TEXT.fullmatch(text):
            cells = _narrow_cells(text, *bits)
        else:
            cells = _styled(self._grapheme_ids(text), *bits)
        start, self._column = self._column, self._column + len(cells)
        rows, columns = self._framebuffer.shape
        if self._row < rows and start < columns:
            self._framebuffer[self._row, start : self._column] = cells[: columns - start]

    def _grapheme_ids(self, text: str) -> CellArray:
        """Return the glyphs of `text` with wide or combining characters."""
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
                numbers.append(FIRST_GRAPHEME_ID + self._intern(glyph, self._graphemes))
                numbers += [WIDE_CONTINUATION] * wide
            else:
                numbers.append(ord(glyph))
        return np.array(numbers, np.int64)


@lru_cache(maxsize=4096)
def _narrow_cells(text: str, style_bits: int, blank_bits: int) -> CellArray:
    glyphs = np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64)
    return _styled(glyphs, style_bits, blank_bits)


def _styled(glyphs: CellArray, style_bits: int, blank_bits: int) -> CellArray:
    """Return cells of `glyphs`, in which all blanks that look the same are equal."""
    return glyphs | np.where(glyphs == SPACE, blank_bits, style_bits)


def _cursor_move(before: tuple[int, int], after: tuple[int, int]) -> str:
    """Return the sequence that moves the cursor from `before` to `after`, (row, column)."""
    if before == after:
        return ""
    row, column = after
    return f"\x1b[{column + 1}G" if row == before[0] else f"\x1b[{row + 1};{column + 1}H"


def _changed_spans(differs: BoolArray, drawn: BoolArray) -> Iterator[tuple[int, int, int]]:
    """Yield (row, start, stop) of the cells that differ, short gaps between them included."""
    rows, columns = np.nonzero(differs)
    if not len(rows):
        return
    holes = np.cumsum(~drawn).reshape(drawn.shape)[rows, columns]
    apart = np.diff(rows) | np.diff(holes) | (np.diff(columns) > MAX_GAP_CELLS + 1)
    breaks = np.flatnonzero(apart)
    first, last = np.append(0, breaks + 1), np.append(breaks, len(rows) - 1)
    yield from zip(
        rows[first].tolist(), columns[first].tolist(), (columns[last] + 1).tolist(), strict=True
    )
