"""The compare pane: a table of branches and earlier runs, to select those the loss pane draws."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import ClassVar, NamedTuple, final

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget
from textual.worker import get_current_worker

from rnn_tui.config.errors import UserError
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.run_store import SavedRun, list_runs, summarize_saved
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.run.settings_history import (
    UNSET_TEXT,
    SettingsHistory,
    differing_settings,
    format_setting,
    format_settings,
)
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.ascii import printable
from rnn_tui.text.format import format_accuracy, format_loss
from rnn_tui.tui.drawing.loss_overlay import (
    SAME_SETTINGS,
    color_slots,
    glyph_for,
)
from rnn_tui.tui.panes.base import Pane, PaneHelp
from rnn_tui.tui.panes.overlay_selection import OverlaySelection
from rnn_tui.tui.widgets.table import WholeColumnTable
from rnn_tui.tui.widgets.text_block import TextBlock

MAX_EARLIER_RUNS = 50
MAX_NAME_CELLS = 24
PLOT_COLUMN = "plot"
LEFT_COLUMNS = ("plot", "run")
RESULT_COLUMNS = ("steps", "accuracy", "100 % by")  # the most telling ones, visible at once
SETTING_COLUMNS = ("task", "model", "optimizer", "lr", "seed")
FIGURE_COLUMNS = ("mean of 100", "steps/s", "changes")
DIFFERENCES_COLUMN = "differences"
COLUMNS = (*LEFT_COLUMNS, *RESULT_COLUMNS, *SETTING_COLUMNS, *FIGURE_COLUMNS, DIFFERENCES_COLUMN)
RIGHT_COLUMNS = (*RESULT_COLUMNS, "lr", "seed", *FIGURE_COLUMNS)
READING_MESSAGE = "reading earlier runs …"
COLUMN_NOTES = "mean of 100: L1 error or loss; differences: from the current run"
EMPTY_BOX = "   "
MIN_ROWS, FRAME_ROWS = 2, 5  # of runs; of border, heading, scroll bar and notes


@final
class EarlierRun(NamedTuple):
    """A recorded run with its summary, or the reason why it cannot be drawn."""

    saved_run: SavedRun
    number: int
    summary: RunSummary | None
    reason: str


@final
class ComparePane(Pane, can_focus=False):
    """A row for each branch, followed by the latest recorded runs; its table has the focus.

    The recorded runs are read whenever the pane appears.
    """

    title = "branches and earlier runs"
    short_title = "runs"
    help_text = PaneHelp(
        shows="A row for each branch of this session, then the runs recorded earlier: results, "
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

    @dataclass
    class EarlierRunsRead(Message):
        """The earlier runs have been read."""

        runs: list[EarlierRun]

    def __init__(self, classes: str = "") -> None:
        super().__init__(classes)
        self._table = WholeColumnTable(cursor_type="row", fixed_columns=len(LEFT_COLUMNS))
        self._summaries: dict[int, RunSummary] = {}  # of the rows that can be drawn
        self._earlier_runs: list[EarlierRun] = []
        self._branches: tuple[int, ...] = ()  # the current one, then all of them
        self._run_numbers: dict[str, int] = {}  # of earlier runs
        self._rejections: dict[str, str] = {}  # by row key

    @property
    def focus_target(self) -> Widget:
        return self._table

    def compose(self) -> ComposeResult:
        yield self._table
        yield TextBlock()

    def on_mount(self) -> None:
        for name in COLUMNS:
            self._table.add_column(_aligned(name, name), key=name)

    def on_show(self) -> None:
        """Read the earlier runs, which may be others than at the last time."""
        self._set_status(READING_MESSAGE)
        self._rebuild(self.snapshot)
        names = {summary.name for summary in self.snapshot.summaries}
        self.run_worker(partial(self._read_saved_runs, names), thread=True, exclusive=True)

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
            before = self._summaries[summary.number]
            if before is summary:
                continue
            self._summaries[summary.number] = summary
            old = _summary_cells(before)
            for name, cell in _summary_cells(summary).items():
                if old[name] != cell:
                    self._set_cell(summary.number, name, _aligned(name, cell))
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
        for run in self._earlier_runs:
            self._add_earlier(run)
        self._update_marks()
        table.move_cursor(row=row)
        self.refresh(layout=True)  # it may need fewer rows or more

    def _set_cell(self, number: int, column: str, cell: Text) -> None:
        self._table.update_cell(str(number), column, cell, update_width=True)

    def _add_summary(self, summary: RunSummary) -> None:
        self._add_row(
            summary.number, summary.title, _summary_cells(summary), self._differences(summary)
        )

    def _add_earlier(self, run: EarlierRun) -> None:
        if run.summary:
            self._summaries[run.number] = run.summary
            self._add_summary(run.summary)
            return
        entry = run.saved_run
        cells = {"100 % by": run.reason}  # where the checkpoint is missed
        if entry.contents and entry.settings:
            cells |= {"steps": f"{entry.last_step:,}", "changes": f"{entry.changes:,}"}
            cells |= _setting_cells(entry.settings_history)
        if entry.score:
            cells["accuracy"] = format_accuracy(*entry.score, entry.last_step)
        self._add_row(run.number, entry.name, cells, Text(UNSET_TEXT))
        self._rejections[str(run.number)] = f"{entry.name} cannot be drawn: {run.reason}"

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
        cells = [_aligned(column, known.get(column, UNSET_TEXT)) for column in middle]
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
            self._table.update_cell(str(number), PLOT_COLUMN, box)

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

    def on_compare_pane_earlier_runs_read(self, event: EarlierRunsRead) -> None:
        self._earlier_runs = event.runs
        self._rebuild(self.snapshot)
        self._set_status(COLUMN_NOTES)

    def _read_saved_runs(self, session_names: set[str]) -> None:
        """Look for the earlier runs, in a thread of its own."""
        worker, runs = get_current_worker(), []
        for entry, why in islice(_earlier_runs(session_names), MAX_EARLIER_RUNS):
            if worker.is_cancelled:
                return
            number = self._run_numbers.get(entry.name) or min([0, *self._run_numbers.values()]) - 1
            self._run_numbers[entry.name] = number
            summary = None
            if not why:
                try:
                    summary = summarize_saved(entry, number)
                except CheckpointError as reason:
                    why = str(reason)
            runs.append(EarlierRun(entry, number, summary, why))
        if not worker.is_cancelled:
            self.post_message(self.EarlierRunsRead(runs))


def _earlier_runs(session_names: set[str]) -> Iterator[tuple[SavedRun, str]]:
    """Yield the runs that no process writes, each with why its file cannot be used, if so."""
    try:
        saved_runs = list_runs(state_folder(os.environ))
    except OSError:  # an unreadable folder: the recorder warns of it
        return
    for entry in saved_runs:
        if entry.name in session_names:
            continue
        try:
            if not Journal.is_locked(entry.path):
                yield entry, ""
        except OSError as reason:  # another user's, or deleted meanwhile
            yield entry, reason.strerror or str(reason)


def _branch_numbers(snapshot: Snapshot) -> tuple[int, ...]:
    """Return the number of the current branch, then those of all branches."""
    return (snapshot.branch_number, *(summary.number for summary in snapshot.summaries))


def _summary_cells(summary: RunSummary) -> dict[str, str]:
    """Return the cells of a run by column, without its differences."""
    score, accuracy = summary.score, UNSET_TEXT
    if score:
        accuracy = format_accuracy(
            score.n_correct, score.n_sequences, summary.score_step, summary.step
        )
    step = summary.known_exact_step
    return _setting_cells(summary.settings_history) | {
        "steps": f"{summary.step:,}",
        "accuracy": accuracy,
        "100 % by": UNSET_TEXT if step is None else f"{step:,}",
        "mean of 100": format_loss(summary.mean_metric),
        "steps/s": f"{summary.speed:,.0f}" if summary.speed else UNSET_TEXT,
        "changes": f"{summary.n_changes:,}",
    }


def _setting_cells(history: SettingsHistory) -> dict[str, str]:
    return {name: format_setting(name, history) for name in SETTING_COLUMNS}


def _aligned(column: str, text: str) -> Text:
    return Text(text, justify="right" if column in RIGHT_COLUMNS else "left")
