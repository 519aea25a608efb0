"""The accuracy-by pane: accuracy by bit position, required state and length of the carry chain."""

from typing import final

from textual.content import Content

from rnn_tui.analysis.accuracy import AccuracyBreakdown
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.accuracy_by import SMALL_SAMPLE, draw_accuracy_by
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class AccuracyByPane(AnalysisPane):
    """Draws the accuracy of outputs by group, and the accuracies over the steps."""

    title = "accuracy by position and state"
    short_title = "accuracy by"
    analyses = ("accuracy-by",)
    help_text = PaneHelp(
        shows="The accuracy of outputs by position, with and without a required state before them "
        "such as a carry, and by the number of time steps that it has lasted; and sequence and "
        "bit accuracy over the steps, for a task with such a state.",
        formula="correct outputs / n outputs. In brackets, for fewer than "
        f"{SMALL_SAMPLE} outputs of a sample, "
        "the Wilson 95 % interval. Percentages are rounded down.",
        reading="A model without memory is good without a carry and near chance with one. Errors "
        "in long chains alone mean that the carry fades.",
        caveat="Long chains are rare: read their n. Outputs of one sequence are not independent, "
        "so that the intervals are too narrow.",
    )

    def pane_title(self, snapshot: Snapshot) -> str:
        state_name = TASKS[snapshot.settings.task].state_name
        return f"accuracy by position and {state_name}" if state_name else "accuracy by position"

    def redraw_key(self, snapshot: Snapshot) -> tuple[object, ...]:
        return (snapshot.memory_curve,)

    def draw(self, value: AccuracyBreakdown, snapshot: Snapshot) -> Content:
        return draw_accuracy_by(
            value,
            snapshot.settings.make_task(),
            snapshot.memory_curve,
            *self.content_size,
            self.glyphs,
        )

    def subtitle_parts(self, value: AccuracyBreakdown) -> list[str]:
        return [f"n = {value.sequences.n:,}"]
