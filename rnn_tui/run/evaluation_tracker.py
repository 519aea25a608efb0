"""Tracks the score of a run, and the first step at which every prediction was correct."""

from time import monotonic
from typing import final

from rnn_tui.engine.evaluation import Evaluator, Score
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.tasks import Task
from rnn_tui.run.evaluation_history import EvaluationHistory


@final
class EvaluationTracker:
    """`score` is the latest one, of the model after step `score_step`; None before the first.

    `first_exact_step` is the first step checked after which every prediction was correct: multiples
    of EXACT_CHECK_INTERVAL_STEPS are, and the step at which a trained model was given the task. It
    depends on the run alone, not on the speed of the machine or on evaluations; `known_exact_step`
    is the earliest such step known, by an evaluation too. Every score is added to `history`.
    """

    def __init__(
        self, task: Task, loss: Loss, model: Model, hidden: int, history: EvaluationHistory
    ) -> None:
        self._evaluator_args = task, loss, model, hidden
        self._history = history
        self._evaluator: Evaluator | None = None  # built when first needed
        self.reset()

    def reset(self) -> None:
        """Forget every result, as for a model with other weights."""
        self._eval_step: int | None = None
        self.score: Score | None = None
        self.score_step = -1
        self.first_exact_step: int | None = None
        self._exact_evaluation_step: int | None = None

    @property
    def known_exact_step(self) -> int | None:
        """The earliest step after which every prediction is known to have been correct."""
        return _earliest(self.first_exact_step, self._exact_evaluation_step)

    def known_exact_step_after(self, earlier: "EvaluationTracker", step: int) -> int | None:
        """Return this run's `known_exact_step` as it was after `step`, tracked by `earlier` too."""
        known = self.known_exact_step
        before = known if known is not None and known < step else None
        return _earliest(earlier.known_exact_step, before)

    def start_from_exact_step(self, step: int | None) -> None:
        """Take over `known_exact_step` of the run that this one is a copy of."""
        self._exact_evaluation_step = step

    @property
    def n_sequences(self) -> int:
        """The number of sequences of a complete evaluation."""
        return self._get_evaluator().n_sequences

    @property
    def progress(self) -> float | None:
        """The fraction of the running evaluation that is complete, None if none is running."""
        return None if self._eval_step is None else self._get_evaluator().progress

    def _get_evaluator(self) -> Evaluator:
        self._evaluator = self._evaluator or Evaluator(*self._evaluator_args)
        return self._evaluator

    def release(self) -> None:
        """Drop the evaluator and its data until the next evaluation; cancel one that is running."""
        self._evaluator = self._eval_step = None

    def evaluate(self, model: Model, step: int) -> Score:
        """Evaluate `model` in one call, unless the score of this step is known."""
        while self.score is None or self.score_step != step:
            self.step_evaluation(model, step)
        return self.score

    def evaluate_within(self, seconds: float, model: Model, step: int) -> None:
        """Evaluate chunks for at most `seconds`; the score may then still be an older one."""
        deadline = monotonic() + seconds
        while self.score_step != step and monotonic() < deadline:
            self.step_evaluation(model, step)

    def step_evaluation(self, model: Model, step: int) -> None:
        """Evaluate the next chunk, or the first one of a new evaluation."""
        if self._eval_step is None:
            self._get_evaluator().start(model)
            self._eval_step = step
        score = self._get_evaluator().step()
        if score is not None:
            self._set_score(score, self._eval_step)
            if score.is_exact and self._exact_evaluation_step is None:
                self._exact_evaluation_step = self._eval_step
            self._eval_step = None

    def check_exact(self, model: Model, step: int) -> None:
        """Check for the first exact step; cheap unless every prediction may be correct."""
        score = self._get_evaluator().exact_score(model) if self.first_exact_step is None else None
        if score is not None:
            self._set_score(score, step)
            self.first_exact_step = step
            self._eval_step = None  # a running evaluation is of an earlier model

    def _set_score(self, score: Score, step: int) -> None:
        self.score, self.score_step = score, step
        self._history.add(step, score)


def _earliest(*steps: int | None) -> int | None:
    return min((step for step in steps if step is not None), default=None)
