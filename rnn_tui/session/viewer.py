"""Chooses the example that is looked at: the newest one trained on, or one that is held still."""

from typing import final

import numpy as np

from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.tasks import Pairs, PairTask
from rnn_tui.engine.trainer import Trainer
from rnn_tui.session.example import Example, look, one_of
from rnn_tui.settings import SettingsError


@final
class Viewer:
    """Looks at `trainer`'s net by a replica, so that looking leaves no trace in the training."""

    def __init__(self, task: PairTask, trainer: Trainer) -> None:
        self._task, self._trainer = task, trainer
        self._replica, self._loss = trainer.model.replica(), HalfSquaredError()
        self._held: Pairs | None = None

    @property
    def held(self) -> bool:
        return self._held is not None

    def hold(self, pair: tuple[int, int] | None) -> None:
        """Go on showing `pair`, or the example now on show; raises SettingsError if it can't be."""
        if pair is None:
            example = self.example()
            if example is None:
                return
            pair = example.a, example.b
        largest = (1 << (self._task.bits - 1)) - 1
        if not all(0 <= number <= largest for number in pair):
            raise SettingsError(f"numbers here go from 0 to {largest:,}")
        a, b = (np.array([number], dtype=np.uint64) for number in pair)
        held = self._task.solve(a, b)
        if not held.allowed[0]:
            raise SettingsError("this task needs a ≥ b")
        self._held = held

    def release(self) -> None:
        self._held = None

    def example(self) -> Example | None:
        """Return the held example as the net answers it now, or else the newest one trained on.

        The newest is shown as the net answered it then, before it learnt from it; None before
        there is one.
        """
        latest = self._trainer.latest
        self._replica.parameters.vector[:] = self._trainer.model.parameters.vector
        if self._held is not None:
            return look(self._task, self._replica, self._loss, self._task.encode(self._held))
        if latest is None:
            return None
        batch, index = one_of(latest.batch)
        said = latest.judgement.outputs[:, index : index + 1]
        return look(self._task, self._replica, self._loss, batch, said)
