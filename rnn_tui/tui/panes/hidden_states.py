"""The hidden states pane: one row of cells for each unit under the bits of the example."""

from typing import ClassVar, final

import numpy as np
from textual.binding import Binding, BindingType
from textual.content import Content

from rnn_tui.analysis.hidden_states import ABLATION_SEQUENCES, HiddenStates
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.analysis_sentences import SATURATED
from rnn_tui.tui.drawing.hidden_states import draw_hidden_states
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class HiddenStatesPane(AnalysisPane):
    """Draws the hidden states, or a gate, over the displayed example, with figures of each unit.

    The chosen unit has its weights and its course over training below.
    """

    title = "hidden states"
    short_title = "hidden states"
    analyses = ("hidden-states",)
    help_text = PaneHelp(
        shows="The newest or the pinned example, and under each column the output of every unit "
        "after it, the units with the largest |r| first. ↑ ↓ choose a unit, whose weights and r "
        "over training follow; ← → switch to the gates of a gated model.",
        formula="r = correlation of h_t with the required state after t (the next carry), on "
        "propagate time steps: their inputs alone do not determine that state (for addition "
        "a XOR b = 1). ablated = sequence accuracy with the unit clamped to its mean (mean "
        f"ablation), on at most {ABLATION_SEQUENCES} of the n sequences. sat. = saturated outputs: "
        f"{SATURATED}.",
        reading="A unit whose cells follow the row of the next state, with |r| near 1 and a low "
        "accuracy when ablated, carries that state.",
        caveat="A high |r| alone does not mean that the unit is used: a unit that moves by .001 "
        "may have one, and several units may share the state. A low accuracy when ablated does "
        "not say what the unit is for.",
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", "Unit above"),
        Binding("down", "choose(1)", "Unit below"),
        Binding("left", "show_layer(-1)", "Previous gate"),
        Binding("right", "show_layer(1)", "Next gate"),
    ]

    _chosen: int | None = None  # place in the order of the units
    _layer = 0

    def action_choose(self, places: int) -> None:
        """Choose the unit so many places below the chosen one, at first the first one."""
        value = self.value
        if value is not None:
            place = 0 if self._chosen is None else self._chosen + places
            self._chosen = max(0, min(len(value.order) - 1, place))
            self.redraw()

    def action_show_layer(self, places: int) -> None:
        """Show the hidden state, or the gate so many places after the displayed layer."""
        value = self.value
        if value is not None:
            self._layer = (self._layer + places) % len(value.layers)
            self.redraw()

    def redraw_key(self, snapshot: Snapshot) -> tuple[object, ...]:
        curve = () if self._chosen is None else snapshot.memory_curve
        return snapshot.is_pinned, self._chosen, self._layer, curve

    def draw(self, value: HiddenStates, snapshot: Snapshot) -> Content:
        self._layer = min(self._layer, len(value.layers) - 1)
        if self._chosen is not None:
            self._chosen = min(self._chosen, len(value.order) - 1)
        return draw_hidden_states(
            value,
            snapshot.settings.make_task(),
            *self.content_size,
            self.glyphs,
            layer=self._layer,
            chosen=self._chosen,
            curve=snapshot.memory_curve,
            highlight=self.highlight,
        )

    def pane_title(self, snapshot: Snapshot) -> str:
        value = self.value
        if value is None or not 0 < self._layer < len(value.layers):
            return self.title
        return f"{self.title}: {value.layers[self._layer].name}"

    def subtitle_parts(self, value: HiddenStates) -> list[str]:
        example = self.snapshot.example
        is_displayed = example is not None and np.array_equal(example.inputs, value.inputs)
        kind = "pinned" if self.snapshot.is_pinned and is_displayed else "newest"
        if self.snapshot.step_trace and is_displayed:
            kind = "traced"
        keys = "↑ ↓ unit · ← → gate" if len(value.layers) > 1 else "↑ ↓ unit"
        return [f"{kind} example", f"n = {value.n_sequences:,}", keys]
