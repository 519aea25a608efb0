"""The attractors pane: fixed points under each input, and a phase portrait of the states."""

from typing import final

from textual.content import Content

from rnn_tui.analysis.attractors import Attractors
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.attractors import draw_attractors
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class AttractorsPane(AnalysisPane):
    """Draws where the state goes under a constant input, and how long a memory is kept."""

    title = "attractors"
    short_title = "attractors"
    help_text = PaneHelp(
        shows="For each constant input the fixed points of the hidden state, ● stable, × saddle, "
        "○ unstable, each with its output; with room, the states on their two principal "
        "components: visited ones by required state, those of the example by the last digit of t.",
        formula="s = F(s, x), found by Newton's method, in large models from where visited states "
        "settle; ρ = the largest |λ| of ∂F/∂s there; memory time = −1/ln ρ time steps, in which a "
        "deviation from a stable point falls to 1/e.",
        reading="Two attractors with different outputs under an input that keeps the state hold "
        "that state for any time; with one alone it is lost, near it within the memory time.",
        caveat="Points that none of the starts leads to are missed, and inputs that alternate are "
        "not covered. Far from an attractor a state can stay for longer than the memory time.",
    )
    analyses = ("attractors",)

    def draw(self, value: Attractors, snapshot: Snapshot) -> Content:
        settings = snapshot.settings
        task, loss = settings.make_task(), settings.make_loss()
        return draw_attractors(value, task, loss, *self.content_size, self.glyphs)

    def subtitle_parts(self, value: Attractors) -> list[str]:
        return [f"from {value.n_starts} starts", f"n = {value.components.n_states:,} states"]
