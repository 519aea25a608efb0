"""The gradient map pane: the gradient of each loss by the time step of the state."""

from typing import ClassVar, final

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import var

from rnn_tui.analysis.gradient_map import GradientMap
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.gradient_map import draw_gradient_map
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp

CELL_HINT = "arrow keys: cell c"
STATE_HINT = "arrow keys: state h"


@final
class GradientMapPane(AnalysisPane):
    """Draws the map for hidden states, or for the memory cells of an LSTM."""

    title = "gradient map ‖∂L_t/∂h_k‖"
    short_title = "gradient map"
    help_text = PaneHelp(
        shows="The gradient of the loss of each time step t alone, a row, with respect to the "
        "state after each time step k, a column, in log colour; right: the share of each loss in "
        "the sum of all norms. A blank is no gradient. k = 1 is on the left, but after the lowest "
        "bit of numbers on the right. For an LSTM ← and → switch to its cell.",
        formula="M[t, k] = ‖∂L_t/∂h_k‖, or ‖∂L_t/∂c_k‖, mean over sequences; gain = "
        "(M[t, 1]/M[t, t])^(1/(t−1)) per time step, of the last loss.",
        reading="A gain below 1 makes the gradient vanish with distance, one above 1 makes it "
        "explode, whatever the length; of an LSTM the cell decides.",
        caveat="A gradient that vanishes does not mean that a state is forgotten: attractors can "
        "keep it. A loss that is solved has almost no gradient, so sums over t show no trend.",
    )
    analyses = ("gradient-map",)

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,right", "toggle_cell", "State or cell", show=False)
    ]

    shows_cell = var(False)

    def watch_shows_cell(self) -> None:
        if self.is_mounted:
            self.redraw()

    def action_toggle_cell(self) -> None:
        self.shows_cell = not self.shows_cell

    def draw(self, value: GradientMap, snapshot: Snapshot) -> Content:
        return draw_gradient_map(
            value,
            *self.content_size,
            self.glyphs,
            cell=self._draws_cell(value),
            lsb_first=TASKS[snapshot.settings.task].lsb_first,
            highlight=self.highlight,
        )

    def subtitle_parts(self, value: GradientMap) -> list[str]:
        lsb_first = TASKS[self.snapshot.settings.task].lsb_first
        parts = [
            f"n = {value.n_sequences:,}",
            f"k = 1 {'right: lowest bit' if lsb_first else 'left'}",
        ]
        if value.cell_norms is not None:
            parts.append(STATE_HINT if self.shows_cell else CELL_HINT)
        return parts

    def _draws_cell(self, value: GradientMap) -> bool:
        return self.shows_cell and value.cell_norms is not None
