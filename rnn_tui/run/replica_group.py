"""Runs that train together, step by step, each with settings of its own."""

from collections.abc import Sequence
from typing import NamedTuple, final

from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.run.changes import Change, Schedule
from rnn_tui.run.history import Curve
from rnn_tui.run.run import Run


@final
class ReplicaSummary(NamedTuple):
    """The results of one replica after `step` steps, as those of its run alone.

    settings          the current settings
    curve             of the loss, of all full buckets
    mean_metric       of the last 100 steps, NaN before the first
    first_exact_step  the first step checked at which every prediction was correct, None before
    score             of the weights after `score_step`, None before the first evaluation
    halt_reason       why training was halted, None where it was not
    """

    settings: Settings
    step: int
    curve: Curve
    mean_metric: float
    first_exact_step: int | None
    score: Score | None
    score_step: int
    halt_reason: str | None


@final
class ReplicaGroup:
    """Runs with these `settings`, all of which get the changes of `schedule`."""

    def __init__(self, settings: Sequence[Settings], schedule: Schedule = ()) -> None:
        self._runs = [Run(each, schedule) for each in settings]

    def advance(self, count: int) -> None:
        """Take `count` steps of every replica, or fewer of one whose training is halted."""
        for run in self._runs:
            if not run.halt_reason:
                run.advance(count)

    def apply(self, change: Change, step: int) -> None:
        """Apply `change` to the replicas that are at `step`, not to those halted before.

        Raises UserError, with nothing changed, where the new settings are not valid.
        """
        for run in self._runs:
            if run.step == step:
                run.apply(change)

    def evaluate(self) -> None:
        """Evaluate the weights of every replica, unless their score is known."""
        for run in self._runs:
            run.evaluation_tracker.evaluate(run.trainer.model, run.weights_step)

    def summaries(self) -> list[ReplicaSummary]:
        """Return the summary of every replica."""
        return [_summarize(run) for run in self._runs]


def _summarize(run: Run) -> ReplicaSummary:
    tracker = run.evaluation_tracker
    return ReplicaSummary(
        run.settings,
        run.step,
        run.history.full_run(),
        run.history.mean_metric,
        tracker.first_exact_step,
        tracker.score,
        tracker.score_step,
        run.halt_reason,
    )
