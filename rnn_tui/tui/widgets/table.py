"""Textual's DataTable, scrolled horizontally by whole columns."""

from collections.abc import Iterator
from typing import final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.coordinate import Coordinate
from textual.strip import Strip
from textual.widgets import DataTable
from textual.widgets.data_table import CellKey, ColumnKey, RowKey


@final
class WholeColumnTable(DataTable[Text]):
    """Blanks columns that do not fit completely, for half a number is another number.

    The last column may be wider than the window: it is shown in parts, once the columns before it
    have been scrolled away.
    """

    _rendered: dict[tuple[object, ...], tuple[Text, list[list[Segment]]]]

    def on_mount(self) -> None:
        self._rendered = {}

    def notify_style_update(self) -> None:
        self._rendered = {}
        super().notify_style_update()

    def _render_cell(
        self,
        row_index: int,
        column_index: int,
        base_style: Style,
        width: int,
        cursor: bool = False,
        hover: bool = False,
    ) -> list[list[Segment]]:
        """Render a cell only if it is new: Textual renders all of them if one has changed."""
        key = (
            *(row_index, column_index, base_style, width, cursor, hover),
            *(self._show_hover_cursor, self._pseudo_class_state),
        )
        if row_index < 0:
            cell = self.ordered_columns[column_index].label
        else:
            cell = self.get_cell_at(Coordinate(row_index, column_index))
        before, lines = self._rendered.get(key, (None, []))
        if before is not cell:
            lines = super()._render_cell(row_index, column_index, base_style, width, cursor, hover)
            self._rendered[key] = cell, lines
        return lines

    def update_cell(
        self,
        row_key: RowKey | str,
        column_key: ColumnKey | str,
        value: Text,
        *,
        update_width: bool = False,
    ) -> None:
        """Update a cell, and redraw its row alone unless widths change: Textual redraws all."""
        row, column = self.get_row_index(row_key), self.get_column_index(column_key)
        key = self.coordinate_to_cell_key(Coordinate(row, column))
        self._data[key.row_key][key.column_key] = value
        self._update_count += 1
        if update_width:
            self._updated_cells.add(key)
            self._require_update_dimensions = True
        self.refresh_row(row)

    def _update_column_widths(self, updated_cells: set[CellKey]) -> None:
        before = [column.content_width for column in self.ordered_columns]
        super()._update_column_widths(updated_cells)
        if before != [column.content_width for column in self.ordered_columns]:
            self.refresh()

    def action_cursor_left(self) -> None:
        self._scroll_to_x(
            max((stop for stop in self._scroll_stops() if stop < self.scroll_target_x), default=0)
        )

    def action_cursor_right(self) -> None:
        further = (stop for stop in self._scroll_stops() if stop > self.scroll_target_x)
        self._scroll_to_x(min(further, default=self.max_scroll_x))

    def on_resize(self) -> None:
        self._scroll_to_x(0)

    def _scroll_to_x(self, x: float) -> None:
        self.scroll_to(x, animate=False, immediate=True)

    def _scroll_stops(self) -> Iterator[int]:
        """Yield the scroll offset of each column, and of each half window of the last one."""
        *starts, last = self._column_starts()
        yield from starts
        yield from range(
            last, self.max_scroll_x, max(1, (self.size.width - self._fixed_cells) // 2)
        )

    def plain_lines(self) -> list[str]:
        """Return the labels and all rows, aligned in columns."""
        rows = [[column.label for column in self.ordered_columns]]
        rows += [self.get_row(row.key) for row in self.ordered_rows]
        widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
        return ["  ".join(map(_padded, row, widths)) for row in rows]

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        for start, end in self._partial_columns():
            blank = Strip(
                Segment(" " * segment.cell_length, segment.style)
                for segment in strip.crop(start, end)
            )
            strip = Strip.join([strip.crop(0, start), blank, strip.crop(end)])
        return strip

    @property
    def _fixed_cells(self) -> int:
        """The width of the fixed columns."""
        return sum(
            column.get_render_width(self) for column in self.ordered_columns[: self.fixed_columns]
        )

    def _column_starts(self) -> Iterator[int]:
        """Yield the scroll offset at which each column follows the fixed ones."""
        start = 0
        for column in self.ordered_columns[self.fixed_columns :]:
            yield start
            start += column.get_render_width(self)

    def _partial_columns(self) -> Iterator[tuple[int, int]]:
        """Yield the (start, end) in the window of columns that are only partly visible."""
        columns = self.ordered_columns[self.fixed_columns :]
        left, right, padding = self._fixed_cells, self.size.width, self.cell_padding
        for start, column in zip(self._column_starts(), columns, strict=True):
            begin = left + start - self.scroll_offset.x
            end = begin + column.get_render_width(self)
            is_complete = left <= begin + padding and end - padding <= right
            is_in_parts = column is columns[-1] and begin <= left
            if not (is_complete or is_in_parts) and begin < right and end > left:
                yield max(begin, left), min(end, right)


def _padded(cell: Text, width: int) -> str:
    blanks = " " * (width - cell.cell_len)
    return blanks + cell.plain if cell.justify == "right" else cell.plain + blanks
