"""Keeps the score of a run: now and then the whole exam, and when every result first was right."""

from time import monotonic
from typing import final

from rnn_tui.engine.evaluation import Evaluator, Score
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.tasks import Task

EXACT_CHECK_INTERVAL_STEPS = 250  # steps between two looks at whether the net is exact


@final
class EvaluationTracker:
    """`score` is the latest one, of the net after step `score_step`; None before the first.

    `first_exact` is the first step, among the multiples of CHECK_EVERY, after which every result
    was right. It depends on the run alone, not on how fast the machine is or who watches.
    """

    def __init__(self, task: Task, loss: Loss, model: Model, hidden: int) -> None:
        self._evaluator_args = task, loss, model, hidden
        self._evaluator: Evaluator | None = None  # made when first needed: it takes time and memory
        self._eval_step: int | None = None
        self.score: Score | None = None
        self.score_step = -1
        self.first_exact: int | None = None

    def _get_evaluator(self) -> Evaluator:
        self._evaluator = self._evaluator or Evaluator(*self._evaluator_args)
        return self._evaluator

    def release(self) -> None:
        """Let go of the papers until there is another exam; one that is under way is dropped."""
        self._evaluator = self._eval_step = None

    def evaluate(self, model: Model, step: int) -> Score:
        """Hold the whole exam, unless the score of this step is known."""
        while self.score is None or self.score_step != step:
            self.step_evaluation(model, step)
        return self.score

    def evaluate_within(self, seconds: float, model: Model, step: int) -> None:
        """Hold as much of the exam as there is time for: at a run's end nobody likes to wait."""
        deadline = monotonic() + seconds
        while self.score_step != step and monotonic() < deadline:
            self.step_evaluation(model, step)

    def step_evaluation(self, model: Model, step: int) -> None:
        """Hold one paper more of the exam under way, or the first of a new one."""
        if self._eval_step is None:
            self._get_evaluator().start(model)
            self._eval_step = step
        score = self._get_evaluator().step()
        if score is not None:
            self.score, self.score_step = score, self._eval_step
            self._eval_step = None

    def check_first_exact(self, model: Model, step: int) -> None:
        """Look for the first exact step; cheap unless the net may be exact."""
        score = self._get_evaluator().perfect_score(model) if self.first_exact is None else None
        if score is not None:
            self.score, self.score_step, self.first_exact = score, step, step
            self._eval_step = None  # what is under way is of an earlier net
