"""The compare screen: a table of branches and earlier runs, to select those the loss pane draws."""

import os
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import ClassVar, final

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Label
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
from rnn_tui.tui.panes import LossPane
from rnn_tui.tui.screens.dialogs import Dialog
from rnn_tui.tui.widgets.table import WholeColumnTable

MAX_EARLIER_RUNS = 50
MAX_NAME_CELLS = 24
PLOT_COLUMN = "plot"
LEFT_COLUMNS = ("plot", "run")
RESULT_COLUMNS = ("steps", "accuracy", "100 % at")  # the most telling ones, visible at once
SETTING_COLUMNS = ("task", "model", "optimizer", "lr", "seed")
FIGURE_COLUMNS = ("mean of 100", "steps/s", "changes")
DIFFERENCES_COLUMN = "differences"
COLUMNS = (*LEFT_COLUMNS, *RESULT_COLUMNS, *SETTING_COLUMNS, *FIGURE_COLUMNS, DIFFERENCES_COLUMN)
RIGHT_COLUMNS = (*RESULT_COLUMNS, "lr", "seed", *FIGURE_COLUMNS)
READING_MESSAGE = "reading earlier runs …"
COLUMN_NOTES = "accuracy: of sequences; mean of 100: L1 error or loss; differences: from current"
EMPTY_BOX = "   "


@final
class CompareScreen(Dialog[None]):
    """A row for each branch, followed by the latest recorded runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v", "dismiss", "close"),
        Binding("space", "toggle_run", "draw or hide"),
    ]

    @final
    class RunFound(Message):
        """An earlier run with its summary, or the reason why it cannot be drawn."""

        def __init__(
            self, saved_run: SavedRun, number: int, summary: RunSummary | None, reason: str
        ) -> None:
            super().__init__()
            self.saved_run, self.number, self.summary, self.reason = (
                saved_run,
                number,
                summary,
                reason,
            )

    @final
    class AllRunsFound(Message):
        """All earlier runs have been read."""

    def __init__(self, loss_pane: LossPane) -> None:
        super().__init__()
        self._loss_pane = loss_pane
        self._table = WholeColumnTable(cursor_type="row", fixed_columns=len(LEFT_COLUMNS))
        self._summaries = {summary.number: summary for summary in loss_pane.snapshot.summaries}
        self._current = self._summaries[loss_pane.snapshot.branch_number]
        self._session_names = {summary.name for summary in self._summaries.values()}
        self._run_numbers = {
            run.name: run.number for run in loss_pane.overlay_selection.earlier_runs
        }
        self._rejections: dict[str, str] = {}  # by row key

    def compose(self) -> ComposeResult:
        with Vertical(id="compare") as box:
            box.border_title = "branches and earlier runs"
            box.border_subtitle = "↑ ↓ ← → · space draws or hides · esc closes"
            yield self._table
            yield Label(READING_MESSAGE)

    def on_mount(self) -> None:
        table = self._table
        for name in COLUMNS:
            table.add_column(_aligned(name, name), key=name)
        for summary in self._summaries.values():
            self._add_summary(summary)
        self._update_marks()
        self.watch(self._loss_pane, "snapshot", self._update_branches, init=False)
        self.run_worker(self._read_saved_runs, thread=True)

    def _update_branches(self, snapshot: Snapshot) -> None:
        """Update the branches' rows."""
        current = self._current
        for summary in snapshot.summaries:
            before = self._summaries.get(summary.number)
            if before is None or before is summary:
                continue
            self._summaries[summary.number] = summary
            if summary.number == current.number:
                self._current = summary
            old = _summary_cells(before)
            for name, cell in _summary_cells(summary).items():
                if old[name] != cell:
                    self._set_cell(summary.number, name, _aligned(name, cell))
        if self._current.settings != current.settings:
            for summary in self._summaries.values():
                self._set_cell(summary.number, DIFFERENCES_COLUMN, self._differences(summary))

    def _set_cell(self, number: int, column: str, cell: Text) -> None:
        self._table.update_cell(str(number), column, cell, update_width=True)

    def _add_summary(self, summary: RunSummary) -> None:
        self._add_row(
            summary.number, summary.title, _summary_cells(summary), self._differences(summary)
        )

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
        drawn = self._loss_pane.overlay_selection.drawn_runs(self._loss_pane.snapshot)
        slot_of = color_slots(drawn)
        for number in self._summaries:
            box = Text("[ ]")
            if number in slot_of:
                slot = slot_of[number]
                color = Color.parse(self.app.theme_variables[f"line-{slot + 1}"]).rich_color
                box = Text.assemble("[", (glyph_for(number, slot), Style(color=color)), "]")
            self._table.update_cell(str(number), PLOT_COLUMN, box)

    def _set_status(self, text: str) -> None:
        self.query_one(Label).update(Content(printable(text)))

    def on_data_table_row_selected(self) -> None:
        self.action_toggle_run()

    def action_toggle_run(self) -> None:
        """Draw the run of the current row, or hide it."""
        table, loss = self._table, self._loss_pane
        key = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
        if key in self._rejections:
            self._set_status(self._rejections[key])
            return
        try:
            summary = self._summaries[int(key)]
            loss.overlay_selection = loss.overlay_selection.toggled(loss.snapshot, summary)
        except UserError as reason:
            self._set_status(str(reason))
        else:
            self._set_status(COLUMN_NOTES)
            self._update_marks()

    def on_compare_screen_run_found(self, event: RunFound) -> None:
        if event.summary:
            self._summaries[event.number] = event.summary
            self._add_summary(event.summary)
            self._update_marks()
            return
        entry = event.saved_run
        cells = {"100 % at": event.reason}  # where the checkpoint is missed
        if entry.contents and entry.settings:
            cells |= {"steps": f"{entry.last_step:,}", "changes": f"{entry.changes:,}"}
            cells |= _setting_cells(entry.settings_history)
        if entry.score:
            cells["accuracy"] = format_accuracy(*entry.score, entry.last_step)
        self._add_row(event.number, entry.name, cells, Text(UNSET_TEXT))
        self._rejections[str(event.number)] = f"{entry.name} cannot be drawn: {event.reason}"

    def on_compare_screen_all_runs_found(self) -> None:
        self._set_status(COLUMN_NOTES)

    def _read_saved_runs(self) -> None:
        """Look for the earlier runs, in a thread of its own."""
        worker = get_current_worker()
        for entry, why in islice(self._earlier_runs(), MAX_EARLIER_RUNS):
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
            self.post_message(self.RunFound(entry, number, summary, why))
        self.post_message(self.AllRunsFound())

    def _earlier_runs(self) -> Iterator[tuple[SavedRun, str]]:
        """Yield the runs that no process writes, each with why its file cannot be used, if so."""
        try:
            saved_runs = list_runs(state_folder(os.environ))
        except OSError:  # an unreadable folder: the recorder warns of it
            return
        for entry in saved_runs:
            if entry.name in self._session_names:
                continue
            try:
                if not Journal.is_locked(entry.path):
                    yield entry, ""
            except OSError as reason:  # another user's, or deleted meanwhile
                yield entry, reason.strerror or str(reason)


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
        "100 % at": UNSET_TEXT if step is None else f"{step:,}",
        "mean of 100": format_loss(summary.mean_metric),
        "steps/s": f"{summary.speed:,.0f}" if summary.speed else UNSET_TEXT,
        "changes": f"{summary.n_changes:,}",
    }


def _setting_cells(history: SettingsHistory) -> dict[str, str]:
    return {name: format_setting(name, history) for name in SETTING_COLUMNS}


def _aligned(column: str, text: str) -> Text:
    return Text(text, justify="right" if column in RIGHT_COLUMNS else "left")
