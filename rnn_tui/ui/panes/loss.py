"""The error of every step so far, as a sparkline with a mark at each change."""

from typing import final

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Sparkline, Static

from rnn_tui.session.history import RECENT
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import curve, words
from rnn_tui.ui.panes.base import Pane


@final
class LossPane(Pane):
    pane_name = "loss"
    title = "error per result Σ|y−ŷ|"

    whole_run = reactive(True)

    def compose(self) -> ComposeResult:
        yield Sparkline([])
        yield Static(id="marks")
        yield Static(id="figures")

    def watch_whole_run(self) -> None:
        self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        if not self.is_mounted:
            return
        shown = snapshot.whole if self.whole_run else snapshot.recent
        sparkline = self.query_one(Sparkline)
        width = sparkline.size.width
        heights = curve.fit(shown, width)
        sparkline.data = heights
        self.query_one("#marks", Static).update(curve.marks(shown, snapshot.log, width))
        self.query_one("#figures", Static).update(words.figures(snapshot, width))
        extent = f"  ▁ {min(heights):.2f}  █ {max(heights):.2f}" if heights else ""
        self.border_title = self.title + extent
        window = "whole run" if self.whole_run else f"last {RECENT:,} steps"
        self.border_subtitle = f"{words.how_far(snapshot)} · {window}"
