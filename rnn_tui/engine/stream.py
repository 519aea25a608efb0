"""An endless row of batches, drawn ahead in blocks because drawing one by one is slow.

Drawing ahead is invisible: the random state can be asked for at any moment, and is then what it
would be had every example been drawn when it was used.
"""

from collections.abc import Iterator
from typing import Any, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks.base import Task

EXAMPLES_AHEAD = 512


@final
class ExampleStream:
    """Batches of `batch` examples of `task`, from `random`, which it owns until `settle`."""

    def __init__(self, task: Task, batch: int, random: np.random.RandomState) -> None:
        self.task, self.batch = task, batch
        self._random = random
        self._ahead = max(1, EXAMPLES_AHEAD // batch)
        self._block: Iterator[Batch] = iter(())
        self._block_start = random.get_state(legacy=False)
        self._used = 0

    def next(self) -> Batch:
        """Return the next batch."""
        batch = next(self._block, None)
        if batch is None:
            self._draw_block()
            batch = next(self._block)
        self._used += 1
        return batch

    def settle(self) -> np.random.RandomState:
        """Return the random state as of now, with nothing drawn ahead."""
        self._random.set_state(self._block_start)
        if self._used:
            self.task.sample(self._random, self._used * self.batch)
        self._block, self._used = iter(()), 0
        self._block_start = self._random.get_state(legacy=False)
        return self._random

    def _draw_block(self) -> None:
        self._block_start = self._random.get_state(legacy=False)
        self._used = 0
        drawn = self.task.sample(self._random, self._ahead * self.batch)
        inputs, targets = self._split(drawn.inputs), self._split(drawn.targets)
        if drawn.learnt == self._ahead * self.batch:
            weights = np.full_like(targets, 1 / self.batch)
            learnt = np.full(self._ahead, self.batch)
        else:
            shown = self._split(drawn.weights > 0)
            learnt = shown.any(axis=(1, 3)).sum(axis=1)
            weights = shown / np.maximum(learnt, 1)[:, None, None, None]
        self._block = map(Batch._make, zip(inputs, targets, weights, learnt.tolist(), strict=True))

    def _split(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cut (time, ahead * batch, features) into contiguous (ahead, time, batch, features)."""
        time, _, features = values.shape
        cut = values.reshape(time, self._ahead, self.batch, features)
        return np.ascontiguousarray(cut.swapaxes(0, 1))
