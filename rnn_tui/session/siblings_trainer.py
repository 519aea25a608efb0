"""The process of the siblings: trains those of the latest plan, and sends their results.

It ends with the session, whose end of the connection is then closed, however that came about.
"""

import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from time import monotonic, perf_counter
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.run.replica_group import ReplicaGroup
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session.siblings_plan import (
    PlanMessage,
    Received,
    SiblingState,
    SiblingsUpdate,
    loss_band,
)

SLICE_SECONDS = 0.05  # of training between two looks for a plan
UPDATE_INTERVAL_SECONDS = 0.5
# Shares of the time for updates, which evaluate the siblings: while there are steps to take or not.
UPDATE_SHARE_BEHIND, UPDATE_SHARE_IDLE = 0.2, 0.5
NICENESS = 10  # a lower priority: the watched run comes first


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
        if plan.continues(earlier, self._group.step, self._n_applied):
            self._apply_changes()
        else:
            self._start()

    def _start(self) -> None:
        plan = self._plan
        self._group = ReplicaGroup([plan.settings_of(seed) for seed in plan.seeds])
        self._settings_state = SettingsState.from_settings(plan.settings)
        self._n_applied = 0
        self._step_budget = StepBudget(SLICE_SECONDS)
        self._apply_changes()

    @property
    def is_behind(self) -> bool:
        """Whether there are steps to take."""
        return self._group.step < self._target_step

    def advance(self) -> None:
        """Take steps for a slice of time, with the changes that are due at them."""
        pending = self._plan.schedule[self._n_applied :]
        end = min([self._target_step, *(at for at, _ in pending[:1])])
        count = min(self._step_budget.steps, end - self._group.step)
        started_at = perf_counter()
        self._group.advance(count)
        self._step_budget.record(count, perf_counter() - started_at)
        self._apply_changes()

    def _apply_changes(self) -> None:
        for step, change in self._plan.schedule[self._n_applied :]:
            if step > self._group.step:
                return
            self._n_applied += 1
            with suppress(UserError):  # as a change that is scheduled for a run
                self._settings_state = self._settings_state.apply(change)
                self._group.apply(change)

    @property
    def progress(self) -> tuple[object, ...]:
        """Identifies the moment that an update describes."""
        return self._plan, self._group.step, self._n_applied

    def update(self) -> SiblingsUpdate:
        """Return the results of the siblings at their present step."""
        summaries = self._group.summaries()
        states = [
            SiblingState(seed, *each[:-1])
            for seed, each in zip(self._plan.seeds, summaries, strict=True)
        ]
        curves = [each.history.full_run() for each in summaries]
        band = loss_band(curves, [bool(each.halt_reason) for each in summaries])
        return SiblingsUpdate(
            self._plan,
            self._group.step,
            self._n_applied,
            self._settings_state.settings,
            tuple(states),
            band,
        )


@final
class UpdateTimer:
    """Says when the next update is due, given the time that the latest one took."""

    def __init__(self) -> None:
        self._started_at, self._seconds = monotonic(), 0.0

    def start(self) -> None:
        """Start to measure an update."""
        self._started_at = monotonic()

    def stop(self) -> None:
        """End the measurement."""
        self._seconds = monotonic() - self._started_at

    def seconds_until_due(self, *, is_behind: bool) -> float:
        """Return the seconds until the next update; 0 when it is due."""
        share = UPDATE_SHARE_BEHIND if is_behind else UPDATE_SHARE_IDLE
        interval = max(UPDATE_INTERVAL_SECONDS, self._seconds / share)
        return max(0.0, self._started_at + interval - monotonic())


def serve(connection: Connection) -> None:
    """Train by the plans that `connection` receives, and send updates, until it is closed."""
    trainer = SiblingsTrainer(_receive(connection))
    timer, sent_progress = UpdateTimer(), None
    while True:
        wait: float | None = None  # for a plan: until there is one
        if trainer.is_behind:
            wait = 0.0
        elif trainer.progress != sent_progress:
            wait = timer.seconds_until_due(is_behind=False)
        if connection.poll(wait):
            trainer.set_plan(_receive(connection))
        elif trainer.is_behind:
            trainer.advance()
        is_due = not timer.seconds_until_due(is_behind=trainer.is_behind)
        if is_due and trainer.progress != sent_progress:
            timer.start()
            connection.send(trainer.update())
            timer.stop()
            sent_progress = trainer.progress


def _receive(connection: Connection) -> PlanMessage:
    """Receive a plan, and acknowledge it."""
    message: PlanMessage = connection.recv()
    connection.send(Received())
    return message


def main() -> None:
    """Serve the connection whose file descriptor is the argument of the program."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the session
    with suppress(OSError):
        os.nice(NICENESS)
    np.seterr(all="ignore")
    with suppress(EOFError, OSError), Connection(int(sys.argv[1])) as connection:
        serve(connection)


if __name__ == "__main__":
    main()
