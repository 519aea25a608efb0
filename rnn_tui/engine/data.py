"""Endless rows of batches: fresh ones, drawn ahead because one by one is slow, or a fixed set."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import Task, chosen

EXAMPLES_AHEAD = 500  # a divisor of 1,000: there, where a run is looked at, none is left over

# How a fixed set is cut into batches, with a line that explains it.
MINIBATCHES = {
    "in-turn": "one after the other, so that each example comes once in a round",
    "overlapping": "each begins one example after the last, by a slip of the tutorial: the last "
    "ones are never used",
}


@final
class Position(NamedTuple):
    """Where a stream is: the random state with nothing drawn ahead, and the number of the batch.

    key, at, spare, spare_value    MT19937's words (624,) and place, and a normal number in store
    batch                          which of a fixed set's batches is the next; 0 for fresh ones
    """

    key: npt.NDArray[np.uint32]
    at: int
    spare: int
    spare_value: float
    batch: int


class Stream(ABC):
    """Batches of `batch` examples of `task`."""

    task: Task
    batch: int

    @abstractmethod
    def next(self) -> Batch:
        """Return the next batch."""

    @abstractmethod
    def settle(self) -> np.random.RandomState:
        """Return the random state as of now, with nothing drawn ahead."""

    @property
    @abstractmethod
    def position(self) -> Position:
        """Where it is now; asking moves nothing."""

    @abstractmethod
    def go_to(self, position: Position) -> None:
        """Go on from `position` of a stream that was made alike."""


@final
class ExampleStream(Stream):
    """Fresh examples from `random`, which it owns until `settle`.

    Drawing ahead is invisible: the random state can be asked for at any moment, and is then what it
    would be had every example been drawn when it was used.
    """

    def __init__(self, task: Task, batch: int, random: np.random.RandomState) -> None:
        self.task, self.batch = task, batch
        self._random = random
        self._ahead = max(1, EXAMPLES_AHEAD // batch)
        self._begin()

    def next(self) -> Batch:
        batch = next(self._block, None)
        if batch is None:
            self._draw_block()
            batch = next(self._block)
        self._used += 1
        return batch

    def settle(self) -> np.random.RandomState:
        self.go_to(self.position)
        return self._random

    @property
    def position(self) -> Position:
        if self._used in (0, self._ahead):
            return _position(self._random)
        scratch = np.random.RandomState()
        scratch.set_state(self._block_start)
        self.task.sample(scratch, self._used * self.batch)
        return _position(scratch)

    def go_to(self, position: Position) -> None:
        _put(self._random, position)
        self._begin()

    def _begin(self) -> None:
        self._block: Iterator[Batch] = iter(())
        self._block_start = self._random.get_state(legacy=False)
        self._used = 0

    def _draw_block(self) -> None:
        self._begin()
        drawn = self.task.sample(self._random, self._ahead * self.batch)
        inputs, targets = self._split(drawn.inputs), self._split(drawn.targets)
        shown = self._split(drawn.weights > 0)
        if shown.all():
            weights = np.full_like(targets, 1 / self.batch)
            learnt = np.full(self._ahead, self.batch)
        else:
            learnt = shown.any(axis=(1, 3)).sum(axis=1)
            weights = shown / np.maximum(learnt, 1)[:, None, None, None]
        self._block = map(Batch._make, zip(inputs, targets, weights, learnt.tolist(), strict=True))

    def _split(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cut (time, ahead * batch, features) into contiguous (ahead, time, batch, features)."""
        time, _, features = values.shape
        cut = values.reshape(time, self._ahead, self.batch, features)
        return np.ascontiguousarray(cut.swapaxes(0, 1))


@final
class FixedExamples(Stream):
    """The same `examples` over and over, cut into minibatches; draws nothing from `random`.

    The last batch in turn is smaller where `batch` does not divide their number.
    """

    def __init__(
        self,
        task: Task,
        batch: int,
        random: np.random.RandomState,
        examples: Batch,
        minibatches: str = "in-turn",
    ) -> None:
        self.task, self.batch, self.examples = task, batch, examples
        self._random, self._next = random, 0
        count = examples.inputs.shape[1]
        overlapping = range(max(1, count // batch))
        starts = overlapping if minibatches == "overlapping" else range(0, count, batch)
        self._batches = [
            _contiguous(chosen(examples, slice(start, start + batch))) for start in starts
        ]

    @property
    def first(self) -> Batch:
        """The batch of the first step."""
        return self._batches[0]

    def next(self) -> Batch:
        batch = self._batches[self._next]
        self._next = (self._next + 1) % len(self._batches)
        return batch

    def settle(self) -> np.random.RandomState:
        return self._random

    @property
    def position(self) -> Position:
        return _position(self._random, self._next)

    def go_to(self, position: Position) -> None:
        _put(self._random, position)
        self._next = position.batch


def _position(random: np.random.RandomState, batch: int = 0) -> Position:
    state: dict[str, Any] = random.get_state(legacy=False)
    words = state["state"]
    return Position(words["key"], words["pos"], state["has_gauss"], state["gauss"], batch)


def _put(random: np.random.RandomState, position: Position) -> None:
    key, at, spare, value, _ = position
    random.set_state(("MT19937", key, at, spare, value))


def _contiguous(batch: Batch) -> Batch:
    inputs, targets, weights = map(np.ascontiguousarray, batch[:3])
    return Batch(inputs, targets, weights, batch.learnt)
