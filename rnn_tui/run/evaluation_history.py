"""The evaluations of a run over its steps: a curve of sequence and bit accuracy."""

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple, final

from rnn_tui.engine.evaluation import Score

MAX_EVALUATIONS = 512


@final
class Evaluation(NamedTuple):
    """The `score` of the model after `step` steps."""

    step: int
    score: Score


@final
class EvaluationHistory:
    """Evaluations in the order of their steps, the latest one of each step.

    Beyond MAX_EVALUATIONS, those between the nearest neighbours are dropped, never the ends.
    """

    def __init__(self, evaluations: Iterable[Evaluation] = ()) -> None:
        self._evaluations: list[Evaluation] = []
        for step, score in evaluations:
            self.add(step, score)

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """A copy of the evaluations."""
        return tuple(self._evaluations)

    def add(self, step: int, score: Score) -> None:
        """Add the score of the model after `step`."""
        index = bisect_left(self._evaluations, step, key=attrgetter("step"))
        same_step = self._evaluations[index : index + 1]
        stop = index + bool(same_step and same_step[0].step == step)
        self._evaluations[index:stop] = [Evaluation(step, score)]
        if len(self._evaluations) > MAX_EVALUATIONS:
            steps = [evaluation.step for evaluation in self._evaluations]
            del self._evaluations[
                min(range(1, len(steps) - 1), key=lambda i: steps[i + 1] - steps[i - 1])
            ]
