"""How much of the error reaches back through time: ‖∂L/∂h_k‖ for each step k."""

from time import monotonic
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.plot import gradient_legend, gradient_plot
from rnn_tui.tui.panes.base import Pane, PlotArea, has_cost_surface
from rnn_tui.tui.widgets.text_block import TextBlock

REDRAW_INTERVAL_SECONDS = 0.5  # seconds between two plots: one costs as much as ten numbers


@final
class GradientNormsPane(Pane):
    pane_name = "gradient"
    slot = "gradient"
    title = "gradient over time ‖∂L/∂h_k‖"

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return not (has_cost_surface(settings) or TASKS[settings.task].has_output_grid)

    def compose(self) -> ComposeResult:
        yield PlotArea()
        yield TextBlock(id="verdict")

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()
        self._drawn_at = 0.0

    def update_from(self, snapshot: Snapshot) -> None:
        first = "lowest bit" if TASKS[snapshot.settings.task].lsb_first else "first step"
        self.set_titles(self.title, f"{gradient_legend(self.glyphs)} · k = 1 is the {first}")
        plot = self.query_one(PlotArea)
        urgent = plot.size, snapshot.status, snapshot.is_pinned
        if urgent == self._drawn_key[1:] and (
            snapshot.example is self._drawn_key[0]
            or self.throttled(snapshot, self._drawn_at, REDRAW_INTERVAL_SECONDS)
        ):
            return
        self._drawn_key, self._drawn_at = (snapshot.example, *urgent), monotonic()
        verdict = self.query_one("#verdict", TextBlock)
        if snapshot.example is None:
            plot.update("no example yet: it comes with the next step", layout=False)
            verdict.set_text("")
            return
        norms, last_step_norms = (
            snapshot.example.gradient_norms,
            snapshot.example.last_step_gradient_norms,
        )
        plot.update(gradient_plot(norms, last_step_norms, *plot.size, self.glyphs), layout=False)
        verdict.set_text(
            f"last column alone: {words.gradient_trend(last_step_norms[0], last_step_norms[-1])}\n"
            f"all columns: {words.gradient_trend(norms[0], norms[-1])}"
        )
