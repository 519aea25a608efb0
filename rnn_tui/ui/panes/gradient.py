"""How much of the error reaches back through time: ‖∂L/∂h_k‖ for each step k."""

from time import monotonic
from typing import final

from textual.app import ComposeResult
from textual.widgets import Static

from rnn_tui.session.example import Example
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import words
from rnn_tui.ui.drawing.plot import LEGEND, gradient_plot
from rnn_tui.ui.panes.base import Pane

REDRAW = 0.5  # seconds between two plots: one costs as much as ten numbers


@final
class GradientPane(Pane):
    pane_name = "gradient"
    title = "gradient over time ‖∂L/∂h_k‖"

    def compose(self) -> ComposeResult:
        yield Static(id="plot")
        yield Static(id="verdict")

    def on_mount(self) -> None:
        self._drawn: tuple[Example | None, object] = None, None
        self._drawn_at = 0.0
        self.border_subtitle = f"{LEGEND} · k = 1 is the lowest bit"

    def show(self, snapshot: Snapshot) -> None:
        if not self.is_mounted or not self.display or snapshot.example is None:
            return
        plot = self.query_one("#plot", Static)
        wanted = snapshot.example, plot.size
        same_size = wanted[1] == self._drawn[1]
        running = snapshot.measured_speed > 0
        if wanted == self._drawn or (same_size and running and self._too_soon()):
            return
        self._drawn, self._drawn_at = wanted, monotonic()
        example = snapshot.example
        plot.update(
            gradient_plot(example.felt, example.felt_from_last, plot.size.width, plot.size.height)
        )
        felt, alone = example.felt, example.felt_from_last
        self.query_one("#verdict", Static).update(
            f"last column alone: {words.verdict(alone[0], alone[-1])}\n"
            f"all columns: {words.ratio(felt[0] / felt[-1]) if felt[-1] else '—'}; "
            "each adds its own error on the way"
        )

    def _too_soon(self) -> bool:
        return monotonic() - self._drawn_at < REDRAW
