"""Tables of text whose columns are left out, never cut, where they do not fit."""

from collections.abc import Sequence
from typing import NamedTuple, final

from textual.content import Content

from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet

GAP = "  "


@final
class Column(NamedTuple):
    """A column of a table: its head, and one text for each row.

    Columns of the highest `rank` are the first to be left out; those of rank 0 never are.
    """

    head: str
    cells: Sequence[str]
    rank: int = 0
    align_right: bool = False
    style: str = ""


def fitting_columns(
    columns: Sequence[Column], width: int, glyphs: GlyphSet = BRAILLE
) -> list[Column]:
    """Return the columns of the lowest ranks that fit in `width` cells, in the glyph set."""
    columns = transliterated(columns, glyphs)
    for limit in sorted({column.rank for column in columns}, reverse=True):
        chosen = [column for column in columns if column.rank <= limit]
        if table_width(chosen) <= width:
            break
    return chosen


def transliterated(columns: Sequence[Column], glyphs: GlyphSet) -> list[Column]:
    """Return the columns in the characters of the glyph set."""
    return [
        column._replace(
            head=glyphs.transliterate(column.head),
            cells=[glyphs.transliterate(cell) for cell in column.cells],
        )
        for column in columns
    ]


def table_width(columns: Sequence[Column]) -> int:
    """Return the width of a table in cells."""
    return sum(map(_width, columns)) + len(GAP) * (len(columns) - 1)


def table_lines(columns: Sequence[Column]) -> list[Content]:
    """Return the head of the table, and its rows."""
    head = GAP.join(_aligned(column, column.head) for column in columns)
    rows = [
        Content.assemble(
            *((text + GAP, column.style) for column, text in zip(columns, texts, strict=True))
        ).rstrip()
        for texts in zip(
            *([_aligned(column, cell) for cell in column.cells] for column in columns), strict=True
        )
    ]
    return [Content.styled(head.rstrip(), MUTED_STYLE), *rows]


def _width(column: Column) -> int:
    return max(map(len, (column.head, *column.cells)))


def _aligned(column: Column, text: str) -> str:
    return text.rjust(_width(column)) if column.align_right else text.ljust(_width(column))


def first_fitting(texts: Sequence[str], width: int) -> str:
    """Return the first of `texts`, from the longest to the shortest, of up to `width` cells."""
    return next((text for text in texts if len(text) <= width), "")
