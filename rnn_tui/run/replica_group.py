"""Many runs of one architecture, trained together as one program."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, final

from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.engine.parameters import Parameters
from rnn_tui.engine.stacked_trainer import StackedTrainer
from rnn_tui.run.changes import Change, Schedule
from rnn_tui.run.history import Curve
from rnn_tui.run.run import Run

# Settings in which the replicas of one stack may differ.
REPLICA_FIELDS = frozenset(
    {"recipe", "initializer", "initializer_noise", "seed", "steps", "learning_rate"}
    | {"hyperparameter_overrides"}
)
STACK_FIELDS = tuple(name for name in Settings.__slots__ if name not in REPLICA_FIELDS)


@final
class ReplicaSummary(NamedTuple):
    """The results of one run after `step` steps, alone or as a replica.

    settings          the current settings
    curve             of the loss, of all full buckets
    mean_metric       of the last 100 steps, NaN before the first
    best_mean_metric  the lowest mean of any 100 consecutive steps, infinite before
    first_exact_step  the first step checked at which every prediction was correct, None before
    score             of the weights after `score_step`, None before the first evaluation
    halt_reason       why training was halted, None where it was not
    """

    settings: Settings
    step: int
    curve: Curve
    mean_metric: float
    best_mean_metric: float
    first_exact_step: int | None
    score: Score | None
    score_step: int
    halt_reason: str | None


@final
class ReplicaGroup:
    """Runs with these `settings`, all of which get the changes of `schedule`.

    Runs that differ in REPLICA_FIELDS only are trained as a stack, others after one another. Each
    has the numbers of a run alone, bit for bit.
    """

    def __init__(self, settings: Sequence[Settings], schedule: Schedule = ()) -> None:
        self._runs = [Run(one, schedule) for one in settings]
        self._stacks: dict[tuple[Any, ...], StackedTrainer] = {}

    def advance(self, count: int, indices: Collection[int] | None = None) -> int:
        """Take `count` steps of every replica, or fewer of one whose training is halted.

        With `indices`, only these replicas are advanced. Returns the number of steps of all.
        """
        chosen = self._chosen(indices)
        starts = [run.step for run in chosen]
        ends = [start + count for start in starts]
        for run in chosen:
            run.apply_scheduled_changes()
        while active := [
            (run, end)
            for run, end in zip(chosen, ends, strict=True)
            if run.step < end and not run.halt_reason
        ]:
            stacks = {}
            for runs, n_steps in _stackable(active):
                if len(runs) == 1 or not runs[0].trainer.model.supports_stacks:
                    for run in runs:
                        run.train(n_steps)
                    continue
                # The stack of the slice before is used again, unless a run has changed.
                key = tuple((run.trainer, len(run.log)) for run in runs)
                stack = self._stacks.get(key) or StackedTrainer([run.trainer for run in runs])
                stacks[key] = stack
                for run, steps in zip(runs, stack.train(n_steps), strict=True):
                    run.record_steps(*steps)
            self._stacks = stacks
        return sum(run.step for run in chosen) - sum(starts)

    def _chosen(self, indices: Collection[int] | None) -> list[Run]:
        return [run for i, run in enumerate(self._runs) if indices is None or i in indices]

    def apply(self, change: Change, step: int) -> None:
        """Apply `change` to the replicas that are at `step`, not to those halted before.

        Raises UserError, with nothing changed, where the new settings are not valid.
        """
        for run in self._runs:
            if run.step == step:
                run.apply(change)

    def evaluate(self, indices: Collection[int] | None = None) -> None:
        """Evaluate the weights of every replica, or of `indices`, unless their score is known."""
        for run in self._chosen(indices):
            run.evaluation_tracker.evaluate(run.trainer.model, run.weights_step)

    def summaries(self) -> list[ReplicaSummary]:
        """Return the summary of every replica."""
        return [summarize(run) for run in self._runs]

    def weights(self, index: int) -> Parameters:
        """Return the parameters of a replica."""
        return self._runs[index].weights


def _stackable(active: Sequence[tuple[Run, int]]) -> Iterator[tuple[list[Run], int]]:
    """Yield the runs of each stack, and the number of steps up to the next stop."""
    stacks = defaultdict(list)
    for run, end in active:
        settings = (getattr(run.settings, name) for name in STACK_FIELDS)
        stacks[run.step, min(end, run.next_due_step), *settings].append(run)
    for (step, stop, *_), runs in stacks.items():
        yield runs, stop - step


def summarize(run: Run) -> ReplicaSummary:
    """Return the summary of `run`."""
    tracker, history = run.evaluation_tracker, run.history
    return ReplicaSummary(
        run.settings,
        run.step,
        history.full_run(),
        history.mean_metric,
        history.best_mean_metric,
        tracker.first_exact_step,
        tracker.score,
        tracker.score_step,
        run.halt_reason,
    )
