"""The compare pane: a table of branches and recorded runs, to select those the loss pane draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from rnn_tui.config.errors import UserError
from rnn_tui.recording.recorded_runs import RecordedRun
from rnn_tui.run.settings_history import UNSET_TEXT, differing_settings, format_settings
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.ascii import printable
from rnn_tui.tui.drawing.loss_overlay import SAME_SETTINGS, color_slots, glyph_for
from rnn_tui.tui.drawing.run_cells import (
    COLUMNS,
    DIFFERENCES_COLUMN,
    LEFT_COLUMNS,
    PLOT_COLUMN,
    aligned,
    saved_run_cells,
    summary_cells,
)
from rnn_tui.tui.panes.base import Pane, PaneHelp
from rnn_tui.tui.panes.overlay_selection import OverlaySelection
from rnn_tui.tui.widgets.table import WholeColumnTable
from rnn_tui.tui.widgets.text_block import TextBlock

MAX_NAME_CELLS = 24
READING_MESSAGE = "reading recorded runs …"
COLUMN_NOTES = "mean of 100: L1 error or loss; differences: from current"
EMPTY_BOX = "   "
MIN_ROWS, FRAME_ROWS = 2, 5  # of runs; of border, heading, scroll bar and notes


@final
class ComparePane(Pane, can_focus=False):
    """A row for each branch, followed by the latest recorded runs; its table has the focus.

    It requests the recorded runs whenever it appears.
    """

    title = "branches and recorded runs"
    short_title = "runs"
    help_text = PaneHelp(
        shows="A row for each branch of this session, then the recorded runs: results, "
        "settings, and how the settings differ from those of the current run. Runs with a mark in "
        "the first column are drawn in the loss plot; space or enter draws or hides one.",
        formula="accuracy: correct sequences / evaluated ones; mean of 100: mean loss or L1 error "
        "of the last 100 steps; 100 % by: the first evaluation without an error.",
        reading="Fork with f, change one setting, train both branches equally long, and compare "
        "the curves: both see the same data.",
        caveat="One run of each setting proves little: results depend on the seed.",
    )

    DEFAULT_CSS = """
    ComparePane DataTable { height: 1fr; min-height: 4; scrollbar-size-vertical: 1; }
    ComparePane TextBlock { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "toggle_run", "draw or hide")]

    overlay_selection: var[OverlaySelection] = var(OverlaySelection())

    @dataclass
    class SelectionChanged(Message):
        """Other runs are to be drawn in the loss plot."""

        selection: OverlaySelection

    class RecordedRunsRequested(Message):
        """The recorded runs are to be read, and passed to `show_recorded_runs`."""

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes)
        self._table = WholeColumnTable(cursor_type="row", fixed_columns=len(LEFT_COLUMNS))
        self._summaries: dict[int, RunSummary] = {}  # of the rows that can be drawn
        self._recorded_runs: Sequence[RecordedRun] = ()
        self._branches: tuple[int, ...] = ()  # the current one, then all of them
        self._rejections: dict[str, str] = {}  # by row key

    @property
    def focus_target(self) -> Widget:
        return self._table

    def compose(self) -> ComposeResult:
        yield self._table
        yield TextBlock()

    def on_mount(self) -> None:
        for name in COLUMNS:
            self._table.add_column(aligned(name, name), key=name)

    def on_show(self) -> None:
        """Request the recorded runs, which may be others than at the last time."""
        self._set_status(READING_MESSAGE)
        self.post_message(self.RecordedRunsRequested())

    def show_recorded_runs(self, runs: Sequence[RecordedRun]) -> None:
        """Display `runs` below the branches."""
        if runs != self._recorded_runs:
            self._recorded_runs, self._branches = runs, ()  # so that all rows are made anew
            self.update_from(self.snapshot)
        self._set_status(COLUMN_NOTES)

    def fit_height(self, width: int, rows: int) -> int:
        return min(rows, max(MIN_ROWS, self._table.row_count) + FRAME_ROWS)

    def watch_overlay_selection(self) -> None:
        if self._table.row_count:
            self._update_marks()

    def update_from(self, snapshot: Snapshot) -> None:
        """Update the rows of the branches; make all of them anew for another branch."""
        self.set_titles(self.title, "↑ ↓ ← → · space draws or hides")
        if not self._table.columns or not snapshot.summaries:
            return
        if _branch_numbers(snapshot) != self._branches:
            self._rebuild(snapshot)
            return
        current = self._summaries[snapshot.branch_number]
        for summary in snapshot.summaries:
            if self._summaries[summary.number] is summary:
                continue
            self._summaries[summary.number] = summary
            for name, cell in summary_cells(summary).items():
                self._set_cell(summary.number, name, aligned(name, cell))
        if self._current.settings != current.settings:
            for summary in self._summaries.values():
                self._set_cell(summary.number, DIFFERENCES_COLUMN, self._differences(summary))

    @property
    def _current(self) -> RunSummary:
        return self._summaries[self._branches[0]]

    def _rebuild(self, snapshot: Snapshot) -> None:
        """Make all rows anew, with the cursor where it is."""
        table, row = self._table, self._table.cursor_row
        self._branches = _branch_numbers(snapshot)
        self._summaries = {summary.number: summary for summary in snapshot.summaries}
        self._rejections.clear()
        table.clear()
        for summary in snapshot.summaries:
            self._add_summary(summary)
        for run in self._recorded_runs:
            self._add_recorded(run)
        self._update_marks()
        table.move_cursor(row=row)
        self.refresh(layout=True)  # it may need fewer rows or more

    def _set_cell(self, number: int, column: str, cell: Text) -> None:
        if cell != self._table.get_cell(str(number), column):
            self._table.update_cell(str(number), column, cell, update_width=True)

    def _add_summary(self, summary: RunSummary) -> None:
        self._add_row(
            summary.number, summary.title, summary_cells(summary), self._differences(summary)
        )

    def _add_recorded(self, run: RecordedRun) -> None:
        if run.summary:
            self._summaries[run.number] = run.summary
            self._add_summary(run.summary)
            return
        name, cells = run.saved_run.name, saved_run_cells(run.saved_run, run.reason)
        self._add_row(run.number, name, cells, Text(UNSET_TEXT))
        self._rejections[str(run.number)] = f"{name} cannot be drawn: {run.reason}"

    def _differences(self, summary: RunSummary) -> Text:
        """Return the settings that differ from those of the current run."""
        if summary.number == self._current.number:
            return Text(UNSET_TEXT)
        names = differing_settings([self._current.settings_history, summary.settings_history])
        return Text(format_settings(names, summary.settings_history) or SAME_SETTINGS)

    def _add_row(self, number: int, name: str, known: Mapping[str, str], differences: Text) -> None:
        """Add a row with the `known` cells by column."""
        name = printable(name)
        marker = "▸" if number == self._current.number else " "
        title = (
            name if len(name) <= MAX_NAME_CELLS else f"…{name[1 - MAX_NAME_CELLS :]}"
        )  # the ends of names differ
        middle = COLUMNS[len(LEFT_COLUMNS) : -1]
        cells = [aligned(column, known.get(column, UNSET_TEXT)) for column in middle]
        left = Text(EMPTY_BOX), Text(marker + title)
        self._table.add_row(*left, *cells, differences, key=str(number))

    def _update_marks(self) -> None:
        """Mark the drawn runs with their glyphs."""
        drawn = self.overlay_selection.drawn_runs(self.snapshot)
        slot_of = color_slots(drawn)
        for number in self._summaries:
            box = Text("[ ]")
            if number in slot_of:
                slot = slot_of[number]
                color = Color.parse(self.app.theme_variables[f"line-{slot + 1}"]).rich_color
                box = Text.assemble("[", (glyph_for(number, slot), Style(color=color)), "]")
            self._set_cell(number, PLOT_COLUMN, box)

    def _set_status(self, text: str) -> None:
        self.query_one(TextBlock).set_text(printable(text))

    def on_data_table_row_selected(self) -> None:
        self.action_toggle_run()

    def action_toggle_run(self) -> None:
        """Draw the run of the current row, or hide it."""
        table = self._table
        key = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
        if key in self._rejections:
            self._set_status(self._rejections[key])
            return
        try:
            selection = self.overlay_selection.toggled(self.snapshot, self._summaries[int(key)])
        except UserError as reason:
            self._set_status(str(reason))
        else:
            self._set_status(COLUMN_NOTES)
            self.overlay_selection = selection
            self.post_message(self.SelectionChanged(selection))


def _branch_numbers(snapshot: Snapshot) -> tuple[int, ...]:
    """Return the number of the current branch, then those of all branches."""
    return (snapshot.branch_number, *(summary.number for summary in snapshot.summaries))
