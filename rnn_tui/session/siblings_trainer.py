"""The process of the siblings: trains those of the latest plan, and sends their results.

It ends with the session, whose end of the connection is then closed, however that came about.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from math import nan
from multiprocessing.connection import Connection
from time import monotonic, perf_counter
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.run.replica_group import ReplicaGroup
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.siblings_band import loss_band
from rnn_tui.session.siblings_plan import (
    Failure,
    PlanMessage,
    PlanReceived,
    SiblingState,
    SiblingsUpdate,
)

SLICE_SECONDS = 0.05  # of training between two looks for a plan
UPDATE_INTERVAL_SECONDS = 0.5
# Shares of the time for evaluations: while there are steps to take, and otherwise.
EVAL_SHARE_BEHIND, EVAL_SHARE_IDLE = 0.2, 0.5
NICENESS = 15  # a lower priority: the watched run comes first


@final
class SiblingsTrainer:
    """Trains the siblings of `plan` up to its target; starts anew where that has another past."""

    def __init__(self, message: PlanMessage) -> None:
        self._plan, self._target_step = message
        self._start()

    def set_plan(self, message: PlanMessage) -> None:
        """Train by another plan."""
        plan, self._target_step = message
        if plan == self._plan:
            return
        earlier, self._plan = self._plan, plan
        if plan.continues(earlier, self._step, self._n_applied):
            self._apply_changes()
        else:
            self._start()

    def _start(self) -> None:
        plan = self._plan
        self._group = ReplicaGroup([plan.settings_of(seed) for seed in plan.seeds])
        self._settings_state = SettingsState.from_settings(plan.settings)
        self._step = self._n_applied = 0
        self._evaluated: tuple[int, int] | None = None  # the step, and the number of changes
        self._step_budget = StepBudget(SLICE_SECONDS)
        self._apply_changes()

    @property
    def is_behind(self) -> bool:
        """Whether there are steps to take."""
        return self._step < self._target_step

    @property
    def is_evaluated(self) -> bool:
        """Whether the present weights of all siblings are evaluated."""
        return self._evaluated == (self._step, self._n_applied)

    @property
    def progress(self) -> tuple[object, ...]:
        """Identifies the results of an update."""
        return self._plan, self._step, self._n_applied, self._evaluated

    def advance(self) -> None:
        """Take steps for a slice of time, with the changes that are due at them."""
        pending = self._plan.schedule[self._n_applied :]
        end = min([self._target_step, *(step for step, _ in pending[:1])])
        count = min(self._step_budget.steps, end - self._step)
        started_at = perf_counter()
        self._group.advance(count)
        self._step += count
        self._step_budget.record(count, perf_counter() - started_at)
        self._apply_changes()

    def _apply_changes(self) -> None:
        for step, change in self._plan.schedule[self._n_applied :]:
            if step > self._step:
                return
            self._n_applied += 1
            with suppress(UserError):  # as a change that is scheduled for a run
                self._settings_state = self._settings_state.apply(change)
                self._group.apply(change, step)

    def evaluate(self) -> None:
        """Evaluate the siblings."""
        self._group.evaluate()
        self._evaluated = self._step, self._n_applied

    def update(self) -> SiblingsUpdate:
        """Return the results of the siblings at their present step."""
        summaries = self._group.summaries()
        states = [
            SiblingState(
                seed,
                each.step,
                each.mean_metric,
                each.first_exact_step,
                each.score.n_correct / each.score.n_sequences if each.score else nan,
                each.score_step,
                each.halt_reason,
            )
            for seed, each in zip(self._plan.seeds, summaries, strict=True)
        ]
        halted = [bool(each.halt_reason) for each in summaries]
        return SiblingsUpdate(
            self._plan,
            self._step,
            self._n_applied,
            self._settings_state.settings,
            tuple(states),
            loss_band([each.curve for each in summaries], halted),
        )


@final
class IntervalTimer:
    """Measures the seconds until something is due again; UPDATE_INTERVAL_SECONDS, or longer."""

    def __init__(self) -> None:
        self._started_at, self._seconds = monotonic(), 0.0

    def seconds_until_due(self, share: float = 1.0) -> float:
        """Return how long to wait so that it takes at most this `share` of the time."""
        interval = max(UPDATE_INTERVAL_SECONDS, self._seconds / share)
        return max(0.0, self._started_at + interval - monotonic())

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Measure it in the context."""
        self._started_at = monotonic()
        yield
        self._seconds = monotonic() - self._started_at


def serve(connection: Connection) -> None:
    """Train by the plans that `connection` receives, and send updates, until it is closed."""
    trainer, sent_progress = SiblingsTrainer(_receive(connection)), None
    updates, evaluations = IntervalTimer(), IntervalTimer()
    while True:
        if connection.poll(_seconds_to_wait(trainer, updates, evaluations, sent_progress)):
            trainer.set_plan(_receive(connection))
        elif trainer.is_behind:
            trainer.advance()
        if trainer.progress != sent_progress and not updates.seconds_until_due():
            with updates.timed():
                connection.send(trainer.update())
            sent_progress = trainer.progress
        share = EVAL_SHARE_BEHIND if trainer.is_behind else EVAL_SHARE_IDLE
        if not (trainer.is_evaluated or evaluations.seconds_until_due(share)):
            with evaluations.timed():
                trainer.evaluate()


def _seconds_to_wait(
    trainer: SiblingsTrainer,
    updates: IntervalTimer,
    evaluations: IntervalTimer,
    sent_progress: tuple[object, ...] | None,
) -> float | None:
    """Return how long to wait for a plan: None where there is nothing else to do."""
    if trainer.is_behind:
        return 0.0
    waits = []
    if not trainer.is_evaluated:
        waits.append(evaluations.seconds_until_due(EVAL_SHARE_IDLE))
    if trainer.progress != sent_progress:
        waits.append(updates.seconds_until_due())
    return min(waits, default=None)


def _receive(connection: Connection) -> PlanMessage:
    """Receive a plan, and acknowledge it."""
    message: PlanMessage = connection.recv()
    connection.send(PlanReceived())
    return message


def main() -> None:
    """Serve the connection whose file descriptor is the argument of the program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the session
    with suppress(OSError):
        os.nice(NICENESS)
    np.seterr(all="ignore")
    with suppress(EOFError, OSError), Connection(int(sys.argv[1])) as connection:
        try:
            serve(connection)
        except (EOFError, OSError):  # the session has ended
            raise
        except Exception as error:
            connection.send(Failure(f"{type(error).__name__}: {error}"))
            raise


if __name__ == "__main__":
    main()
