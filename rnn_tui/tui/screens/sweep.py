"""The screens of a sweep: a live table of its settings, and the runs of each of them."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, NamedTuple, final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.coordinate import Coordinate
from textual.message import Message
from textual.screen import Screen
from textual.widgets import DataTable

from rnn_tui.config.increments import next_in_cycle
from rnn_tui.session.start_sweep import SweepRun
from rnn_tui.sweep.background import SweepThread
from rnn_tui.sweep.grid import Cell
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.text.sweep_table import (
    GAP_CELLS,
    SORT_ORDERS,
    SweepTable,
    TableView,
    sweep_table,
)
from rnn_tui.tui.drawing.sweep_lines import (
    RUN_COLUMNS,
    headline,
    keys_line,
    progress_line,
    run_column_widths,
    run_row,
)
from rnn_tui.tui.screens.sweep_dialogs import ComparisonsScreen, FilterScreen, KeysScreen
from rnn_tui.tui.widgets.table import WholeColumnTable
from rnn_tui.tui.widgets.text_block import TextBlock

REFRESH_SECONDS = 0.5
SCROLLBAR_CELLS = 1
MIN_COLUMNS, MIN_ROWS = 60, 20
TABLE_KEYS = {
    "enter": ("runs", "Runs of the setting: compare them, or open one in the dashboard"),
    "s": ("sort", f"Sort the rows: {', '.join(SORT_ORDERS)}; the best first"),
    "/": ("filter", "Only some settings, as in lr=0.1,0.3 hidden-size=8; blank: all"),
    "← →": ("columns", "Previous and next column, also those without room"),
    "p": ("improvement", "Probability that a run is exact first: each value vs the one before"),
    "c": ("", "Next palette of colours"),
    "T": ("", "Light or dark theme"),
    "?": ("help", "This help"),
    "q": ("quit", "Quit; results of finished runs are kept, unfinished ones start again"),
}
RUN_KEYS = {
    "enter": ("dashboard", "Train the run again in the dashboard"),
    "v": ("compare", "Train all runs of the setting again, and compare their curves"),
    "esc": ("back", "Back to the table"),
    "?": ("help", "This help"),
    "q": ("quit", "Quit"),
}
COMMON_BINDINGS = (
    Binding("question_mark,f1", "help", "help"),
    Binding("q", "app.quit_sweep", "quit"),
    Binding("c", "app.next_palette", "palette"),
    Binding("T", "app.toggle_theme", "theme"),
)


@final
class OpenRuns(NamedTuple):
    """Runs to open in the dashboard: one, or several in the view that compares them."""

    runs: tuple[SweepRun, ...]


@final
@dataclass(slots=True)
class Place:
    """Where a user is: kept while the dashboard is open."""

    view: TableView = field(default_factory=TableView)
    cell: int | None = None  # at the cursor
    seed_row: int | None = None  # of the runs of the cell, if they are shown


@final
class PagedTable(DataTable[Text]):
    """A table whose cursor, at the last or first column, asks for another page."""

    @dataclass
    class PageRequested(Message):
        """The cursor is to be moved `step` pages."""

        step: int

    first_column = 0

    def action_cursor_right(self) -> None:
        if self.cursor_type == "row" or self.cursor_column == len(self.columns) - 1:
            self.post_message(self.PageRequested(1))
        else:
            super().action_cursor_right()

    def action_cursor_left(self) -> None:
        if self.cursor_type == "row" or self.cursor_column <= self.first_column:
            self.post_message(self.PageRequested(-1))
        else:
            super().action_cursor_left()

    def move_to(self, row: int, column: int) -> None:
        """Move the cursor, and scroll only where needed."""
        self.move_cursor(row=row, column=column, animate=False)


@final
class RunsScreen(Screen[None]):
    """The runs of a cell, a row for each seed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "app.close_runs", "back"),
        Binding("v", "compare", "compare"),
        *COMMON_BINDINGS,
    ]

    def __init__(self, sweep: Sweep, cell: Cell, place: Place) -> None:
        super().__init__()
        self._sweep, self._cell, self._place = sweep, cell, place
        self._shown: list[tuple[str, ...]] = []

    def compose(self) -> ComposeResult:
        yield TextBlock("headline")
        yield TextBlock("notice")
        yield WholeColumnTable(cursor_type="row")
        yield TextBlock("keys")

    def on_mount(self) -> None:
        table = self.query_one(WholeColumnTable)
        for name, width in zip(RUN_COLUMNS, run_column_widths(self._cell), strict=True):
            table.add_column(Text(name, justify="right" if name else "left"), width=width)
        self.set_interval(REFRESH_SECONDS, self._refresh_rows)
        self._refresh_rows()
        table.move_cursor(row=self._place.seed_row or 0, animate=False)

    def on_resize(self) -> None:
        names = self._sweep.grid.names
        values = " ".join(map("=".join, zip(names, self._cell.values, strict=True)))
        title = f"runs of {values or self._cell.settings.task}"
        self.query_one("#headline", TextBlock).set_text(title)
        self.query_one("#keys", TextBlock).set_text(_labels(RUN_KEYS, self.size.width))

    def _refresh_rows(self) -> None:
        results = self._sweep.results
        rows = [run_row(job, results.get(job.digest)) for job in self._cell.jobs]
        if rows == self._shown:
            return
        self._shown = rows
        table = self.query_one(WholeColumnTable)
        row = table.cursor_row
        table.clear()
        for texts in rows:
            *numbers, last = texts
            table.add_row(*(Text(text, justify="right") for text in numbers), Text(last))
        table.move_cursor(row=row, animate=False)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.cursor_row == self.query_one(WholeColumnTable).cursor_row:
            self._place.seed_row = event.cursor_row

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        self.app.exit(OpenRuns((self._run_of(event.cursor_row),)))

    def action_help(self) -> None:
        self.app.push_screen(KeysScreen(RUN_KEYS))

    def action_compare(self) -> None:
        runs = [
            self._run_of(row) for row, job in enumerate(self._cell.jobs) if self._has(job.digest)
        ]
        if runs:
            self.app.exit(OpenRuns(tuple(runs)))

    def _has(self, digest: str) -> bool:
        return digest in self._sweep.results

    def _run_of(self, row: int) -> SweepRun:
        job = self._cell.jobs[row]
        result = self._sweep.results.get(job.digest)
        return SweepRun(job, result.step if result else job.settings.steps)


@final
class TableScreen(Screen[None]):
    """The table of all settings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sort", "sort"),
        Binding("slash", "filter", "filter"),
        Binding("p", "comparisons", "improvement"),
        *COMMON_BINDINGS,
    ]

    def __init__(self, sweep: Sweep, thread: SweepThread, place: Place) -> None:
        super().__init__()
        self._sweep, self._thread, self._place = sweep, thread, place
        self._shown: tuple[object, ...] = ()
        self._table = SweepTable((), (), [], [], 1)

    def compose(self) -> ComposeResult:
        yield TextBlock("headline")
        yield TextBlock("progress")
        yield PagedTable(zebra_stripes=False)
        yield TextBlock("notice")
        yield TextBlock("keys")
        yield TextBlock("too-small")

    def on_mount(self) -> None:
        self.set_interval(REFRESH_SECONDS, self._refresh_table)

    def on_resize(self) -> None:
        width, height = self.size
        too_small = width < MIN_COLUMNS or height < MIN_ROWS
        self.set_class(too_small, "-too-small")
        self.query_one("#too-small", TextBlock).set_text(
            f"rnn-tui needs {MIN_COLUMNS} columns and {MIN_ROWS} rows; the window has {width} and "
            f"{height}. The sweep continues."
        )
        self.query_one("#headline", TextBlock).set_text(headline(self._sweep, width))
        self.query_one("#keys", TextBlock).set_text(_labels(TABLE_KEYS, width))
        self._shown = ()
        self._refresh_table()

    def _refresh_table(self) -> None:
        sweep, thread, width = self._sweep, self._thread, self.size.width
        line = progress_line(sweep, thread.status, thread.message, width)
        self.query_one("#progress", TextBlock).set_text(line)
        state = (len(sweep.results), self._place.view, width)
        if state == self._shown:
            return
        self._shown = state
        # Each column has half a gap on both sides, as has a line of text but at its ends.
        room = width - SCROLLBAR_CELLS - GAP_CELLS
        self._table = table = sweep_table(sweep, room, self._place.view)
        widget = self.query_one(PagedTable)
        with self.app.batch_update():
            widget.clear(columns=True)
            widget.first_column = len(table.label_names)
            is_single = len(sweep.grid.axes) < 2
            widget.cursor_type = "row" if is_single else "cell"
            names = (*table.label_names, *table.column_names)
            for name, cells in zip(names, table.widths, strict=True):
                widget.add_column(Text(name), width=cells)
            for row in table.rows:
                texts = [*row.labels, *("\n".join(lines) for lines in row.texts)]
                height = max(map(len, row.texts), default=1)
                widget.add_row(*map(Text, texts), height=height)
            widget.move_to(*self._cursor_of(self._place.cell))
        self._show_notes()

    def _show_notes(self) -> None:
        view = self._place.view
        order = {"grid": "in the order of the grid"}.get(view.sort, f"sorted by {view.sort}")
        self.query_one("#notice", TextBlock).set_text(" · ".join([order, *self._table.notes]))

    def _cursor_of(self, cell: int | None) -> tuple[int, int]:
        """Return row and column of a cell, the first one where it is not on the page."""
        first = len(self._table.label_names)
        for y, row in enumerate(self._table.rows):
            if cell is not None and cell in row.cells:
                return y, first + row.cells.index(cell)
        return 0, first

    def _cell_at(self, coordinate: Coordinate) -> int | None:
        row, column = coordinate.row, coordinate.column - len(self._table.label_names)
        if row >= len(self._table.rows):
            return None
        cells = self._table.rows[row].cells
        return cells[max(0, column)] if column < len(cells) else None

    def on_data_table_cell_highlighted(self, event: DataTable.CellHighlighted) -> None:
        first = len(self._table.label_names)
        if event.coordinate != self.query_one(PagedTable).cursor_coordinate:
            return  # of a table that has been filled again
        if event.coordinate.column < first:
            self.query_one(PagedTable).move_to(event.coordinate.row, first)
        else:
            self._place.cell = self._cell_at(event.coordinate)

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        if event.cursor_row == self.query_one(PagedTable).cursor_row:
            self._place.cell = self._cell_at(Coordinate(event.cursor_row, 0))

    def on_data_table_cell_selected(self, event: DataTable.CellSelected) -> None:
        self._open_runs(self._cell_at(event.coordinate))

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        self._open_runs(self._cell_at(Coordinate(event.cursor_row, 0)))

    def _open_runs(self, cell: int | None) -> None:
        if cell is not None:
            self._place.cell, self._place.seed_row = cell, 0
            runs = RunsScreen(self._sweep, self._sweep.grid.cells[cell], self._place)
            self.app.push_screen(runs)

    def on_paged_table_page_requested(self, event: PagedTable.PageRequested) -> None:
        view = self._place.view
        page = min(max(0, view.page + event.step), self._table.n_pages - 1)
        if page != view.page:
            row = self.query_one(PagedTable).cursor_row
            self._place.view = replace(view, page=page)
            self._refresh_table()
            last = len(self._table.label_names) + len(self._table.column_names) - 1
            first = len(self._table.label_names)
            self.query_one(PagedTable).move_to(row, first if event.step > 0 else last)

    def action_help(self) -> None:
        self.app.push_screen(KeysScreen(TABLE_KEYS))

    def action_comparisons(self) -> None:
        self.app.push_screen(ComparisonsScreen(self._sweep))

    def action_sort(self) -> None:
        view = self._place.view
        self._place.view = replace(view, sort=next_in_cycle(view.sort, list(SORT_ORDERS)))
        self._refresh_table()

    def action_filter(self) -> None:
        def apply(words: tuple[str, ...] | None) -> None:
            if words is not None:
                self._place.view = replace(self._place.view, words=words, page=0)
                self._refresh_table()

        self.app.push_screen(FilterScreen(self._sweep, self._place.view.words), apply)


def _labels(keys: dict[str, tuple[str, str]], width: int) -> Content:
    labelled = ((key, label) for key, (label, _) in keys.items() if label)
    return keys_line(labelled, width)
