"""The gradient norms pane: ‖∂L/∂h_t‖, the norm of backpropagated gradients, by time step t."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.example import Example
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.report import gradient_trends
from rnn_tui.tui.drawing.plot import gradient_legend, gradient_plot
from rnn_tui.tui.panes.base import NO_EXAMPLE, Pane, PaneHelp, PlotArea
from rnn_tui.tui.panes.bit_grid import BitGridPane, pinned_text
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class GradientNormsPane(Pane):
    """Plots the norms for the loss at all time steps, and for the loss at the last one alone."""

    title = "gradient over time ‖∂L/∂h_t‖"
    short_title = "gradient"
    help_text = PaneHelp(
        shows="The norm of the gradient of the loss with respect to the hidden state by time step, "
        "for the example in the bit grid: for the loss at all time steps, and for that at the "
        "last one alone; for an LSTM also with respect to its cell. As in the bit grid, t = 1 is "
        "on the left, but the lowest bit of numbers on the right.",
        formula="‖∂L/∂h_t‖₂ with L the loss of the example and the current weights.",
        reading="The line of the last time step shows how far its gradient reaches back: falling "
        "to t = 1 it vanishes, rising it explodes; below the plot is its factor per time step.",
        caveat="The line of all time steps sums what each of them contributes, so that its slope "
        "shows no trend. A vanishing gradient hinders learning, but is not forgetting: a model can "
        "add 1,000 bits though its gradient vanishes within five.",
    )

    redraw_phase = BitGridPane.redraw_phase

    DEFAULT_CSS = """
    GradientNormsPane PlotArea { height: 1fr; }
    GradientNormsPane #trends { height: auto; }
    """

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return settings.has_bit_grid

    def compose(self) -> ComposeResult:
        yield PlotArea()
        yield TextBlock(id="trends")

    def update_from(self, snapshot: Snapshot) -> None:
        lsb_first = TASKS[snapshot.settings.task].lsb_first
        direction = "t = 1 right: lowest bit" if lsb_first else "t = 1 left"
        norms = _norms(snapshot.example)
        legend = gradient_legend(self.glyphs, has_cell=len(norms) > 2)
        self.set_titles(self.title, f"{legend} · {direction}")
        plot = self.query_one(PlotArea)
        view = plot.size, snapshot.status, pinned_text(snapshot), lsb_first
        if not self.begin_redraw_if_due(view, tuple(values.tobytes() for values in norms)):
            return
        trends = self.query_one("#trends", TextBlock)
        if snapshot.example is None:
            plot.update(NO_EXAMPLE, layout=False)
            trends.set_text("")
            return
        trends.set_text("\n".join(gradient_trends(snapshot.example)))
        every, last, *cells = norms
        drawing = gradient_plot(every, last, *plot.size, self.glyphs, *cells, lsb_first=lsb_first)
        plot.update(drawing, layout=False)


def _norms(example: Example | None) -> list[FloatArray]:
    """Return the norms of all losses, of the last one, and with respect to a memory cell."""
    if example is None:
        return []
    norms = example.gradient_norms, example.last_step_gradient_norms, example.cell_gradient_norms
    return [values for values in norms if values is not None]
