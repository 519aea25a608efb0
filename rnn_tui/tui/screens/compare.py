"""The table of branches and earlier runs, from which those are chosen that the loss pane draws."""

import os
from collections.abc import Iterator
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

from rnn_tui.config.settings import SettingsError
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.run_store import Entry, entries, state_folder
from rnn_tui.run.summary import NOTHING, Strand, differing, earlier_strand, said
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.format import figure
from rnn_tui.tui.drawing.loss_overlay import SAME, glyph_of, of_session, slots
from rnn_tui.tui.panes import LossPane
from rnn_tui.tui.screens.dialogs import Dialog
from rnn_tui.tui.widgets.table import Columns

MOST_EARLIER = 50  # runs, the latest ones
NAME = 24  # cells
PLOT = "plot"
LEFT = ("plot", "run")
RIGHT = ("steps", "final loss", "exact match", "exact at", "steps/s", "changes")
UNLIKE = "what differs"
READING = "reading the earlier runs …"
ABOUT = "final loss: mean of the last 100 steps; what differs: from the current one"
NO_BOX = "   "


@final
class CompareScreen(Dialog[None]):
    """A row for each branch, and below them for each of the latest runs that were written down."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,v", "dismiss", "close"),
        Binding("space", "choose", "draw or not"),
    ]

    @final
    class Found(Message):
        """An earlier run, or why nothing can be drawn of it."""

        def __init__(self, entry: Entry, number: int, strand: Strand | None, why: str) -> None:
            super().__init__()
            self.entry, self.number, self.strand, self.why = entry, number, strand, why

    @final
    class AllFound(Message):
        """There are no more."""

    def __init__(self, loss: LossPane) -> None:
        super().__init__()
        self._loss = loss
        self._strands = {it.number: it for it in of_session(loss.snapshot)}
        self._current = self._strands[loss.snapshot.branch]
        self._own = {it.name for it in self._strands.values()}
        self._numbers = {it.name: it.number for it in loss.comparison.earlier}
        self._refused: dict[str, str] = {}  # by the key of a row

    def compose(self) -> ComposeResult:
        with Vertical(id="compare") as box:
            box.border_title = "branches and earlier runs"
            box.border_subtitle = "↑ ↓ ← → · space draws or not · esc closes"
            yield Columns(cursor_type="row", fixed_columns=len(LEFT))
            yield Label(READING)

    def on_mount(self) -> None:
        table = self._table
        for name in (*LEFT, *RIGHT, UNLIKE):
            table.add_column(Text(name, justify="right" if name in RIGHT else "left"), key=name)
        for strand in self._strands.values():
            self._add(strand)
        self._mark()
        self.watch(self._loss, "snapshot", self._renew, init=False)
        self.run_worker(self._read, thread=True)

    @property
    def _table(self) -> Columns:
        return self.query_one(Columns)

    def _renew(self, snapshot: Snapshot) -> None:
        """Show how far the branches have come meanwhile."""
        current = self._current
        for strand in of_session(snapshot):
            before = self._strands.get(strand.number)
            if before is None or before is strand:
                continue
            self._strands[strand.number] = strand
            if strand.number == current.number:
                self._current = strand
            cells = zip(RIGHT, _numbers(before), _numbers(strand), strict=True)
            for name, old, new in cells:
                if old != new:
                    self._put(strand.number, name, _right(new))
        if self._current.settings != current.settings:
            for strand in self._strands.values():
                self._put(strand.number, UNLIKE, self._unlike(strand))

    def _put(self, number: int, column: str, cell: Text) -> None:
        self._table.update_cell(str(number), column, cell, update_width=True)

    def _add(self, strand: Strand) -> None:
        self._add_row(strand.number, strand.title, _numbers(strand), self._unlike(strand))

    def _unlike(self, strand: Strand) -> Text:
        """Return in what it differs from the current one."""
        if strand.number == self._current.number:
            return Text(NOTHING)
        names = differing([self._current.settings, strand.settings])
        return Text(said(names, strand.settings) or SAME)

    def _add_row(self, number: int, name: str, numbers: tuple[str, ...], unlike: Text) -> None:
        here = "▸" if number == self._current.number else " "
        told = name if len(name) <= NAME else f"…{name[1 - NAME :]}"  # its end tells it from others
        cells = [Text(NO_BOX), Text(here + told)]
        cells += map(_right, numbers)
        self._table.add_row(*cells, unlike, key=str(number))

    def _mark(self) -> None:
        """Show which of the strands are drawn, with the characters that they are drawn with."""
        drawn = self._loss.comparison.drawn(self._loss.snapshot)
        slot_of = slots(drawn)
        for number in self._strands:
            box = Text("[ ]")
            if number in slot_of:
                slot = slot_of[number]
                color = Color.parse(self.app.theme_variables[f"line-{slot + 1}"]).rich_color
                box = Text.assemble("[", (glyph_of(number, slot), Style(color=color)), "]")
            self._table.update_cell(str(number), PLOT, box)

    def _say(self, words: str) -> None:
        self.query_one(Label).update(Content(words))

    def on_data_table_row_selected(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        """Draw the strand of the row, or draw it no more."""
        table, loss = self._table, self._loss
        key = str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)
        if key in self._refused:
            self._say(self._refused[key])
            return
        try:
            strand = self._strands[int(key)]
            loss.comparison = loss.comparison.toggled(loss.snapshot, strand)
        except SettingsError as reason:
            self._say(f"not done: {reason}")
        else:
            self._say(ABOUT)
            self._mark()

    def on_compare_screen_found(self, event: Found) -> None:
        if event.strand:
            self._strands[event.number] = event.strand
            self._add(event.strand)
            self._mark()
            return
        entry = event.entry
        best, known = entry.best, entry.recording
        numbers = (
            f"{known.steps:,}" if known else NOTHING,
            event.why,  # where the checkpoint is missed
            f"{best[0]:,}/{best[1]:,}" if best else NOTHING,
            NOTHING,
            NOTHING,
            f"{entry.changes:,}" if known else NOTHING,
        )
        self._add_row(event.number, entry.name, numbers, Text(NOTHING))
        self._refused[str(event.number)] = f"{entry.name} cannot be drawn: {event.why}"

    def on_compare_screen_all_found(self) -> None:
        self._say(ABOUT)

    def _read(self) -> None:
        """Look for the earlier runs, in a thread of its own."""
        worker = get_current_worker()
        for entry, why in islice(self._earlier(), MOST_EARLIER):
            if worker.is_cancelled:
                return
            number = self._numbers.get(entry.name) or min([0, *self._numbers.values()]) - 1
            self._numbers[entry.name] = number
            strand = None
            if not why:
                try:
                    strand = earlier_strand(entry, number)
                except CheckpointError as reason:
                    why = str(reason)
            self.post_message(self.Found(entry, number, strand, why))
        self.post_message(self.AllFound())

    def _earlier(self) -> Iterator[tuple[Entry, str]]:
        """Yield the runs that no process writes, each with why its file cannot be used, if so."""
        for entry in entries(state_folder(os.environ)):
            if entry.name in self._own:
                continue
            try:
                if not Journal.is_written(entry.path):
                    yield entry, ""
            except OSError as reason:  # another user's, deleted meanwhile, or one without locks
                yield entry, reason.strerror or str(reason)


def _numbers(strand: Strand) -> tuple[str, ...]:
    """Return what stands to the right of its name."""
    score, at = strand.score, strand.score_step
    exact, first = NOTHING, NOTHING
    if score:
        exact = f"{score.exact:,}/{score.total:,}" + (f" at {at:,}" if at != strand.step else "")
    if strand.first_exact is not None:
        first = f"{strand.first_exact:,}"
    elif score and score.exhaustive and score.exact == score.total:
        first = f"by {at:,}"
    return (
        f"{strand.step:,}",
        figure(strand.error),
        exact,
        first,
        f"{strand.speed:,.0f}" if strand.speed else NOTHING,
        f"{strand.changes:,}",
    )


def _right(number: str) -> Text:
    return Text(number, justify="right")
