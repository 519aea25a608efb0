"""Runs that train together, step by step, each with settings of its own."""

from collections.abc import Sequence
from typing import NamedTuple, final

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Change, Schedule
from rnn_tui.run.history import MetricHistory
from rnn_tui.run.run import Run


@final
class ReplicaSummary(NamedTuple):
    """The results of one replica after `step`, which stays behind the group once it has halted.

    mean_metric       of the last 100 steps, NaN before the first
    first_exact_step  as in `EvaluationTracker`
    accuracy          the fraction of sequences that its present weights predict correctly
    halt_reason       why training halted at `step`, or None
    history           its losses
    """

    step: int
    mean_metric: float
    first_exact_step: int | None
    accuracy: float
    halt_reason: str | None
    history: MetricHistory


@final
class ReplicaGroup:
    """Replicas with one of `settings` each, and the changes of `schedule` for all of them.

    Each has the numbers of a `Run` with its settings and the same changes.
    """

    def __init__(self, settings: Sequence[Settings], schedule: Schedule = ()) -> None:
        self._runs = [Run(each, schedule) for each in settings]
        self.step = 0
        self.advance(0)

    def advance(self, count: int) -> None:
        """Take `count` steps, fewer in a replica whose training halts."""
        self.step += count
        for run in self._runs:
            run.advance(self.step - run.step)

    def apply(self, change: Change) -> None:
        """Apply `change` to all replicas that have not halted before this step.

        Raises UserError, with nothing changed, where the new settings are not valid.
        """
        for run in self._runs:
            if run.step == self.step:
                run.apply(change)

    def summaries(self) -> list[ReplicaSummary]:
        """Return the results of each replica, which are evaluated unless they are known."""
        return [_summarize(run) for run in self._runs]


def _summarize(run: Run) -> ReplicaSummary:
    tracker = run.evaluation_tracker
    score = tracker.evaluate(run.trainer.model, run.weights_step)
    return ReplicaSummary(
        run.step,
        run.history.mean_metric,
        tracker.first_exact_step,
        score.n_correct / score.n_sequences,
        run.halt_reason,
        run.history,
    )
