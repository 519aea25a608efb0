"""The error of every step so far, as a sparkline with a mark at each change."""

from time import monotonic
from typing import final

from textual.app import ComposeResult
from textual.reactive import var
from textual.widgets import Sparkline

from rnn_tui.session.history import EMPTY_CURVE, RECENT
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import curve, words
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import Pane

REDRAW = 0.5  # seconds between two curves; the figures are as new as the snapshot


@final
class LossPane(Pane):
    pane_name = "loss"
    title = "error per result Σ|y−ŷ|"

    whole_run = var(True)

    def compose(self) -> ComposeResult:
        yield Sparkline([])
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
        width = self.query_one(Sparkline).size.width
        self.query_one("#figures", Lines).say(words.figures(snapshot, width))
        urgent = self.whole_run, snapshot.status, self.size
        if urgent != self._drawn or monotonic() - self._drawn_at >= REDRAW:
            self._drawn, self._drawn_at = urgent, monotonic()
            self._curve = snapshot.whole if self.whole_run else snapshot.recent
            self._draw_curve(width)
        self.query_one("#marks", Lines).say(curve.marks(self._curve, snapshot.log, width))

    def _draw_curve(self, width: int) -> None:
        heights = curve.fit(self._curve, width)
        self.query_one(Sparkline).data = heights
        extent = f"  ▁ {min(heights):.2f}  █ {max(heights):.2f}" if heights else ""
        window = "whole run" if self.whole_run else f"last {RECENT:,} steps"
        self.label(self.title + extent, window)
