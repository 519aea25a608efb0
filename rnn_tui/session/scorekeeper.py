"""Keeps the score of a run: now and then the whole exam, and when every result first was right."""

from typing import final

from rnn_tui.engine.evaluation import Examiner, Score
from rnn_tui.engine.models import Model
from rnn_tui.engine.tasks import PairTask

CHECK_EVERY = 250  # steps between two looks at whether the net is exact


@final
class Scorekeeper:
    """`score` is the latest one, held after step `score_step`; None before the first exam.

    `first_exact` is the first step, among the multiples of CHECK_EVERY, after which every result
    was right. It depends on the run alone, not on how fast the machine is or who watches.
    """

    def __init__(self, task: PairTask, model: Model, hidden: int) -> None:
        self._examiner = Examiner(task, model, hidden)
        self.score: Score | None = None
        self.score_step = -1
        self.first_exact: int | None = None

    def examine(self, model: Model, step: int) -> Score:
        """Hold the exam, unless the score of this step is known."""
        if self.score is None or self.score_step != step:
            self.score, self.score_step = self._examiner.examine(model), step
        return self.score

    def check(self, model: Model, step: int) -> None:
        """Look for the first exact step; cheap unless the net may be exact."""
        if self.first_exact is None and not self._examiner.surely_fails(model):
            score = self.examine(model, step)
            if score.exact == score.total:
                self.first_exact = step
