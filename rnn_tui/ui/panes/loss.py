"""The error of every step so far, as bars with a mark at each change."""

from time import monotonic
from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.engine.losses import LOSSES
from rnn_tui.session.history import EMPTY_CURVE, RECENT
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import curve, words
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import LABEL_FRAME, Pane

REDRAW = 0.5  # seconds between two curves; the figures are as new as the snapshot


@final
class LossPane(Pane):
    pane_name = "loss"
    place = "loss"
    title = "error"

    whole_run = var(True)

    def compose(self) -> ComposeResult:
        yield Lines(id="curve")
        yield Lines(id="marks")
        yield Lines(id="figures")

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._curve = EMPTY_CURVE

    def watch_whole_run(self) -> None:
        if self.is_mounted:
            self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        width = self.content_size.width
        self.query_one("#figures", Lines).say(words.figures(snapshot, width))
        settings = snapshot.settings
        urgent = self.whole_run, snapshot.status, self.size, settings.loss, settings.update
        if urgent != self._drawn or not self.early(snapshot, self._drawn_at, REDRAW):
            self._drawn, self._drawn_at = urgent, monotonic()
            self._curve = snapshot.whole if self.whole_run else snapshot.recent
            self._draw_curve(snapshot, width)
        self.query_one("#marks", Lines).say(curve.marks(self._curve, snapshot.log, width))

    def _draw_curve(self, snapshot: Snapshot, width: int) -> None:
        settings = snapshot.settings
        loss = LOSSES[settings.loss]
        values = curve.fit(self._curve, width)
        drawn, bars = self.query_one("#curve", Lines), self.look.bars
        heights = curve.powers(values) if loss.reports_loss else values
        drawn.say(curve.heights(heights, drawn.size.height, bars))
        low, high = (words.rough(bound(values, default=0.0)) for bound in (min, max))
        extent = f"  {bars[0]} {low}  {bars[-1]} {high}" if values else ""
        window = "whole run" if self.whole_run else f"last {RECENT:,} steps"
        scale = ", log scale" if loss.reports_loss else ""
        window = f" · {window}{scale}"
        room = self.outer_size.width - LABEL_FRAME - len(window)
        self.label(
            self.look.said(loss.title) + extent, words.unlike_a_textbook(settings, room) + window
        )
