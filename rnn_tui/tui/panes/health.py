"""The health pane: sizes of updates and gradients, spectra, and saturation."""

from typing import final

from textual.content import Content

from rnn_tui.analysis.health import N_UPDATES, Health
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.analysis_sentences import GUIDE, SATURATED
from rnn_tui.tui.drawing.health import draw_health
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class HealthPane(AnalysisPane):
    """Draws a line for each matrix, and in words what is out of line."""

    title = "health"
    short_title = "health"
    help_text = PaneHelp(
        shows="For each weight matrix the size of an update relative to the weights, with a bar "
        f"from 1e-6 to 1 and a mark at {GUIDE}, its share of the squared gradient, and spectra of "
        "W_h and of the mean Jacobian ∂s_t/∂s_(t−1); for each layer saturated outputs and dead "
        "units.",
        formula=f"‖Δw‖/‖w‖, mean of up to {N_UPDATES} batches; ρ = largest |λ|; σ_max = largest "
        f"singular value; saturated: {SATURATED}; dead: always at one bound.",
        reading=f"{GUIDE} is a usual size of an update: far above it training is often unstable, "
        "far below it slow, or done. A dead unit has almost no gradient, nor have outputs that are "
        "incorrect and saturated if the error is squared: training hardly moves them.",
        caveat="The guide is no limit, a unit used as a switch is saturated too, and figures out "
        "of line do not show their cause: change one setting and compare.",
    )
    analyses = ("health",)

    def draw(self, value: Health, _snapshot: Snapshot) -> Content:
        return draw_health(value, *self.content_size, self.glyphs)
