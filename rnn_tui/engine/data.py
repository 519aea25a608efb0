"""Endless rows of batches: fresh ones, drawn ahead because one by one is slow, or a fixed set."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import Task, take

if TYPE_CHECKING:
    import numpy.typing as npt

PREFETCHED_EXAMPLES = 500  # a divisor of 1,000: there, where a run is looked at, none is left over

# How a fixed set is cut into batches, with a line that explains it.
BATCHING_MODES = {
    "in-turn": "one after the other, so that each example comes once in a round",
    "overlapping": "each begins one example after the last, by a slip of the tutorial: the last "
    "ones are never used",
}


@final
class StreamState(NamedTuple):
    """Where a stream is: the random state with nothing drawn ahead, and the number of the batch.

    key, at, spare, spare_value    MT19937's words (624,) and place, and a normal number in store
    batch                          which of a fixed set's batches is the next; 0 for fresh ones
    """

    key: npt.NDArray[np.uint32]
    pos: int
    has_gauss: int
    cached_gaussian: float
    next_batch: int


class DataStream(ABC):
    """Batches of `batch` examples of `task`."""

    task: Task
    batch_size: int

    @abstractmethod
    def next(self) -> Batch:
        """Return the next batch."""

    @abstractmethod
    def sync_rng(self) -> np.random.RandomState:
        """Return the random state as of now, with nothing drawn ahead."""

    @property
    @abstractmethod
    def state(self) -> StreamState:
        """Where it is now; asking moves nothing."""

    @abstractmethod
    def restore(self, state: StreamState) -> None:
        """Go on from `position` of a stream that was made alike."""


@final
class SampledStream(DataStream):
    """Fresh examples from `random`, which it owns until `settle`.

    Drawing ahead is invisible: the random state can be asked for at any moment, and is then what it
    would be had every example been drawn when it was used.
    """

    def __init__(self, task: Task, batch_size: int, random: np.random.RandomState) -> None:
        self.task, self.batch_size = task, batch_size
        self._random = random
        self._batches_ahead = max(1, PREFETCHED_EXAMPLES // batch_size)
        self._reset_block()

    def next(self) -> Batch:
        batch = next(self._block, None)
        if batch is None:
            self._draw_block()
            batch = next(self._block)
        self._n_used += 1
        return batch

    def sync_rng(self) -> np.random.RandomState:
        self.restore(self.state)
        return self._random

    @property
    def state(self) -> StreamState:
        if self._n_used in (0, self._batches_ahead):
            return _read_state(self._random)
        scratch = np.random.RandomState()
        scratch.set_state(self._block_start)
        self.task.sample(scratch, self._n_used * self.batch_size)
        return _read_state(scratch)

    def restore(self, state: StreamState) -> None:
        _write_state(self._random, state)
        self._reset_block()

    def _reset_block(self) -> None:
        self._block: Iterator[Batch] = iter(())
        self._block_start = self._random.get_state(legacy=False)
        self._n_used = 0

    def _draw_block(self) -> None:
        self._reset_block()
        drawn = self.task.sample(self._random, self._batches_ahead * self.batch_size)
        inputs, targets = self._split(drawn.inputs), self._split(drawn.targets)
        mask = self._split(drawn.loss_weights > 0)
        if mask.all():
            loss_weights = np.full_like(targets, 1 / self.batch_size)
            n_valid = np.full(self._batches_ahead, self.batch_size)
        else:
            n_valid = mask.any(axis=(1, 3)).sum(axis=1)
            loss_weights = mask / np.maximum(n_valid, 1)[:, None, None, None]
        self._block = map(
            Batch._make, zip(inputs, targets, loss_weights, n_valid.tolist(), strict=True)
        )

    def _split(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Cut (time, ahead * batch, features) into contiguous (ahead, time, batch, features)."""
        time, _, features = values.shape
        cut = values.reshape(time, self._batches_ahead, self.batch_size, features)
        return np.ascontiguousarray(cut.swapaxes(0, 1))


@final
class FixedDataset(DataStream):
    """The same `examples` over and over, cut into minibatches; draws nothing from `random`.

    The last batch in turn is smaller where `batch` does not divide their number.
    """

    def __init__(
        self,
        task: Task,
        batch_size: int,
        random: np.random.RandomState,
        examples: Batch,
        batching: str = "in-turn",
    ) -> None:
        self.task, self.batch_size, self.examples = task, batch_size, examples
        self._random, self._next_index = random, 0
        count = examples.inputs.shape[1]
        overlapping = range(max(1, count // batch_size))
        starts = overlapping if batching == "overlapping" else range(0, count, batch_size)
        self._batches = [
            _contiguous(take(examples, slice(start, start + batch_size))) for start in starts
        ]

    @property
    def first_batch(self) -> Batch:
        """The batch of the first step."""
        return self._batches[0]

    def next(self) -> Batch:
        batch = self._batches[self._next_index]
        self._next_index = (self._next_index + 1) % len(self._batches)
        return batch

    def sync_rng(self) -> np.random.RandomState:
        return self._random

    @property
    def state(self) -> StreamState:
        return _read_state(self._random, self._next_index)

    def restore(self, state: StreamState) -> None:
        _write_state(self._random, state)
        self._next_index = state.next_batch


def _read_state(random: np.random.RandomState, next_batch: int = 0) -> StreamState:
    state: dict[str, Any] = random.get_state(legacy=False)
    words = state["state"]
    return StreamState(words["key"], words["pos"], state["has_gauss"], state["gauss"], next_batch)


def _write_state(random: np.random.RandomState, state: StreamState) -> None:
    key, at, spare, value, _ = state
    random.set_state(("MT19937", key, at, spare, value))


def _contiguous(batch: Batch) -> Batch:
    inputs, targets, loss_weights = map(np.ascontiguousarray, batch[:3])
    return Batch(inputs, targets, loss_weights, batch.n_valid)
