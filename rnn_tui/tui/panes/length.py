"""The length pane: accuracy on sequences longer than in training."""

from typing import final

from textual.content import Content

from rnn_tui.analysis.length import LENGTH_FACTORS, MAX_COLUMNS, RANDOM_COLUMNS, LengthResult
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.binary_arithmetic import BinaryArithmeticTask
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.length import draw_length
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class LengthPane(AnalysisPane):
    """Draws the accuracy by length, and of an arithmetic task on the longest carries."""

    title = "length"
    short_title = "length"
    help_text = PaneHelp(
        shows="Accuracy on sequences of up to "
        f"{LENGTH_FACTORS[-1]} times the length, and for arithmetic on random pairs of "
        f"{RANDOM_COLUMNS[0]} to {MAX_COLUMNS:,} bits, with its 95 % interval, and on ripples: "
        "numbers whose carry (or borrow) is set in the first column and kept in all others, by "
        "carry and by the bits of a and b in the columns that keep it.",
        formula="Wilson's interval for the accuracy of a sample; a ripple of k columns is correct "
        "if all of its bits are; longest = up to this length all are correct.",
        reading="The first incorrect sum is the shortest ripple that fails: type it as an example "
        "in a task that is long enough.",
        caveat="Random pairs seldom have a long carry: 100 % of them does not show that all sums "
        "are correct, nor do all ripples, which are a few sums of each length.",
    )
    analyses = ("length",)

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return TASKS[settings.task].uses_length

    def draw(self, value: LengthResult, snapshot: Snapshot) -> Content:
        task = snapshot.settings.make_task()
        symbol = task.symbol if isinstance(task, BinaryArithmeticTask) else ""
        return draw_length(value, symbol, task.state_name, *self.content_size, self.glyphs)

    def subtitle_parts(self, value: LengthResult) -> list[str]:
        n_ripples = sum(ripple.max_columns for ripple in value.ripples)
        n_sequences = sum(sample.n for sample in value.samples)
        return [f"n = {n_ripples:,} ripples" if n_ripples else f"n = {n_sequences:,} sequences"]
