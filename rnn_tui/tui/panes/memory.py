"""The memory pane: whether the state that the task requires is used, over training and now."""

from typing import final

from textual.content import Content

from rnn_tui.analysis.memory import MEMORY_USED, Memory
from rnn_tui.analysis.memory_curve import MIN_USED_STEPS
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.memory import draw_memory
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class MemoryPane(AnalysisPane):
    """Draws the accuracy after swaps of hidden states, and that of the probe, over the steps."""

    title = "memory used?"
    short_title = "memory"
    analyses = ("memory",)
    help_text = PaneHelp(
        shows="Over the steps, the swap and the probe with its baselines; then both now, and the "
        "swap by time step t.",
        formula="swap: after time step t, the hidden state of a sequence A replaces that of B, and "
        "B's inputs follow; correct if all outputs after t are those of a machine with A's "
        "required state. Pairs whose states differ. probe: least squares from h_t to the required "
        "state, on propagate time steps: their inputs alone do not determine it (for addition a "
        f"XOR b = 1). used by step S: swap ≥ {100 * MEMORY_USED:.0f} % at "
        f"every point from S, the first of them, for at least {MIN_USED_STEPS} steps.",
        reading="The swap shows that the state is used. Compare the probe with the untrained "
        "model's, with the most frequent state, and with the best guess from the input alone.",
        caveat="A high probe does not mean that the state is used or learned: an untrained "
        "model has one already. 100 % of a sample is not 100 % of all pairs, nor of other lengths. "
        "The steps of the points depend on the speed of the machine.",
    )

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return bool(TASKS[settings.task].state_name)

    def pane_title(self, snapshot: Snapshot) -> str:
        return f"{TASKS[snapshot.settings.task].state_name or 'memory'} used?"

    def redraw_key(self, snapshot: Snapshot) -> tuple[object, ...]:
        return (snapshot.memory_curve,)

    def draw(self, value: Memory, snapshot: Snapshot) -> Content:
        task = TASKS[snapshot.settings.task]
        return draw_memory(
            value,
            snapshot.memory_curve,
            task.state_name,
            *self.content_size,
            self.glyphs,
            step=snapshot.analyses["memory"].step,
            lsb_first=task.lsb_first,
        )

    def subtitle_parts(self, value: Memory) -> list[str]:
        count = len(self.snapshot.memory_curve)
        return [*super().subtitle_parts(value), f"{count:,} point{'s' * (count != 1)}"]
