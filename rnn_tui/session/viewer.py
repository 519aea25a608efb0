"""Chooses the example that is looked at: the newest one trained on, or one that is held still."""

from typing import final

import numpy as np

from rnn_tui.engine.gradient_check import gradient_check
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.tasks import Pairs, PairTask
from rnn_tui.engine.trainer import Trainer
from rnn_tui.session.example import Example, look, one_of
from rnn_tui.settings import SettingsError

CHECKED = 300  # weights of a parameter, at the most, whose gradient is checked on the screen


@final
class Viewer:
    """Looks at `trainer`'s net by a replica, so that looking leaves no trace in the training.

    The viewer `before` hands on the pair that it showed, as `task` has it: 3 + 5 becomes 5 − 3.
    """

    def __init__(self, task: PairTask, trainer: Trainer, before: "Viewer | None" = None) -> None:
        self._task, self._trainer = task, trainer
        self._replica, self._loss = trainer.model.replica(), HalfSquaredError()
        self._held: Pairs | None = self._solved_again(before._held) if before else None
        self._kept: Pairs | None = self._solved_again(before._kept) if before else None

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
        held = self._solve(*pair)
        if not held.allowed[0]:
            raise SettingsError("this task needs a ≥ b")
        self._held = held

    def release(self) -> None:
        self._held = None

    def keep_showing(self) -> None:
        """Stay with the newest example until there is a newer one, though the trainer drops it."""
        example = self.example()
        if example is not None:
            self._kept = self._solve(example.a, example.b)

    def example(self) -> Example | None:
        """Return the held example as the net answers it now, or else the newest one trained on.

        The newest is shown as the net answered it then, before it learnt from it; None before
        there is one. The gradients are those of the net as it is now.
        """
        latest = self._trainer.latest
        self._replica.parameters.vector[:] = self._trainer.model.parameters.vector
        still = self._held or (self._kept if latest is None else None)
        if still is not None:
            return look(self._task, self._replica, self._loss, self._task.encode(still))
        if latest is None:
            return None
        batch, index = one_of(latest.batch)
        said = latest.judgement.outputs[:, index : index + 1]
        return look(self._task, self._replica, self._loss, batch, said)

    def check_gradient(self) -> dict[str, float] | None:
        """Return the worst relative error of each parameter's gradient on the example on show.

        None before there is one. It looks at the replica: the run does not feel it.
        """
        example = self.example()
        if example is None:
            return None
        batch = self._task.encode(self._solve(example.a, example.b))
        return gradient_check(self._replica, self._loss, batch, CHECKED)

    def _solve(self, a: int, b: int) -> Pairs:
        return self._task.solve(np.array([a], dtype=np.uint64), np.array([b], dtype=np.uint64))

    def _solved_again(self, pairs: Pairs | None) -> Pairs | None:
        if pairs is None:
            return None
        a, b = int(pairs.a[0]), int(pairs.b[0])
        solved = self._solve(a, b)
        return solved if solved.allowed[0] else self._solve(b, a)
