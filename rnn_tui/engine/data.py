"""Data sources: fresh samples, prefetched because single draws are slow, or a fixed dataset."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice, repeat, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch, make_batch, uniform_weights
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task, take

if TYPE_CHECKING:
    import numpy.typing as npt

# At least; both divide 1,000: at multiples of it, when runs are saved, none is left.
PREFETCHED_EXAMPLES, PREFETCHED_BATCHES = 1000, 4

MAX_PEEKED_VALUES = 1 << 16  # inputs of a fixed dataset

# How a fixed dataset is split into batches, each with a summary.
BATCHING_MODES = {
    "sequential": "consecutive batches, so that each example is used once per cycle",
    "overlapping": "each batch starts one example after the one before, by a bug of the tutorial: "
    "the last examples are never used",
}


@final
class StreamState(NamedTuple):
    """The state of a stream: that of its generator without prefetching, and the next batch.

    key, pos                    MT19937's words (624,) and the position in them
    has_gauss, cached_gaussian  whether a normally distributed number is cached, and which
    next_batch                  index of the next batch of a fixed dataset, 0 for fresh samples
    """

    key: npt.NDArray[np.uint32]
    pos: int
    has_gauss: int
    cached_gaussian: float
    next_batch: int


class Block(NamedTuple):
    """Batches of the same shape, whose arrays are those of `Batch` with a leading axis.

    Those of a stack of models have a second axis of replicas. Without loss weights and numbers of
    valid sequences, all targets are scored.
    """

    inputs: FloatArray
    targets: FloatArray
    loss_weights: FloatArray | None = None
    n_valid: npt.NDArray[np.int64] | None = None

    def with_loss_weights(self) -> Block:
        """Return the same batches, with loss weights and numbers of valid sequences."""
        if self.loss_weights is not None:
            return self
        n_batches, *shape = self.targets.shape
        loss_weights = np.broadcast_to(uniform_weights(*shape), self.targets.shape)
        return Block(self.inputs, self.targets, loss_weights, np.full(n_batches, shape[-2]))

    def batches(self) -> Iterator[Batch]:
        """Return the batches one by one."""
        loss_weights: Iterable[FloatArray]
        n_valid: Iterable[Any]
        if self.loss_weights is None or self.n_valid is None:
            *stack, time, batch, outputs = self.targets.shape[1:]
            loss_weights = repeat(uniform_weights(*stack, time, batch, outputs))
            n_valid = repeat(np.full(stack, batch) if stack else batch)
        else:
            loss_weights = self.loss_weights
            n_valid = self.n_valid.tolist() if self.n_valid.ndim == 1 else self.n_valid
        return map(make_batch, zip(self.inputs, self.targets, loss_weights, n_valid, strict=False))


class DataStream(ABC):
    """An endless sequence of batches of `batch_size` examples of `task`."""

    task: Task
    batch_size: int

    @abstractmethod
    def next(self) -> Batch:
        """Return the next batch."""

    @abstractmethod
    def peek(self, limit: int) -> Block:
        """Return at least one and at most `limit` of the next batches, which `next` is yet to."""

    @abstractmethod
    def skip(self, count: int) -> None:
        """Skip `count` batches of the latest `peek`, as if `next` had returned them."""

    @abstractmethod
    def sync_rng(self) -> np.random.RandomState:
        """Return the generator in the state it would have without prefetching."""

    @property
    @abstractmethod
    def state(self) -> StreamState:
        """The current state; reading it does not change the stream."""

    @abstractmethod
    def restore(self, state: StreamState) -> None:
        """Continue from the state of a stream with the same task, batch size and dataset."""


@final
class SampledStream(DataStream):
    """Fresh samples from `random`, which nobody else may use until `sync_rng`.

    Prefetching does not show: after `sync_rng` the generator is in the state it would have if
    every example had been drawn when it was used.
    """

    def __init__(self, task: Task, batch_size: int, random: np.random.RandomState) -> None:
        self.task, self.batch_size = task, batch_size
        self._random = random
        self._batches_ahead = max(PREFETCHED_BATCHES, PREFETCHED_EXAMPLES // batch_size)
        self._batches: Iterator[Batch]  # of the block drawn last, that are yet to be used
        self._n_used: int
        self._reset_block()

    def next(self) -> Batch:
        batch = next(self._batches, None)
        if batch is None:
            self._draw_block()
            batch = next(self._batches)
        self._n_used += 1
        return batch

    def peek(self, limit: int) -> Block:
        if self._n_used == self._n_drawn:
            self._draw_block()
        ahead = slice(self._n_used, self._n_used + limit)
        return Block._make([values if values is None else values[ahead] for values in self._block])

    def skip(self, count: int) -> None:
        self._n_used += count
        self._batches = islice(self._batches, count, None)

    def sync_rng(self) -> np.random.RandomState:
        self.restore(self.state)
        return self._random

    @property
    def state(self) -> StreamState:
        if self._n_used == self._n_drawn:
            return _read_state(self._random)
        scratch = np.random.RandomState()
        scratch.set_state(self._block_start)
        self.task.sample(scratch, self._n_used * self.batch_size)
        return _read_state(scratch)

    def restore(self, state: StreamState) -> None:
        _write_state(self._random, state)
        self._reset_block()

    def _reset_block(self) -> None:
        self._batches = iter(())
        self._block_start = self._random.get_state(legacy=False)
        self._n_used = self._n_drawn = 0

    def _draw_block(self) -> None:
        self._reset_block()
        drawn = self.task.sample(self._random, self._batches_ahead * self.batch_size)
        inputs, targets = self._split(drawn.inputs), self._split(drawn.targets)
        is_scored = drawn.loss_weights > 0
        if is_scored.all():
            self._block = Block(inputs, targets)
        else:
            mask = self._split(is_scored)
            n_valid = mask.any(axis=(1, 3)).sum(axis=1)
            loss_weights = mask / np.maximum(n_valid, 1)[:, None, None, None]
            self._block = Block(inputs, targets, loss_weights, n_valid)
        self._n_drawn = self._batches_ahead
        self._batches = self._block.batches()

    def _split(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Split (time, ahead * batch, features) into contiguous (ahead, time, batch, features)."""
        time, _, features = values.shape
        blocks = values.reshape(time, self._batches_ahead, self.batch_size, features).swapaxes(0, 1)
        if self.batch_size > 1:
            return np.ascontiguousarray(blocks)
        split = np.empty(blocks.shape, values.dtype)
        for feature in range(features):  # in a third of the time: rows of one sequence are short
            split[..., feature] = blocks[..., feature]
        return split


@final
class FixedDataset(DataStream):
    """Repeated batches of the same `examples`; draws nothing from `random`.

    With "sequential" the last batch is smaller if `batch_size` does not divide their number.
    """

    def __init__(
        self,
        task: Task,
        batch_size: int,
        random: np.random.RandomState,
        examples: Batch,
        batching: str = "sequential",
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

    def peek(self, limit: int) -> Block:
        size = self._batches[0].inputs.size
        first, count = self._next_index, min(limit, max(1, MAX_PEEKED_VALUES // size))
        batches = [self._batches[(first + i) % len(self._batches)] for i in range(count)]
        shape = batches[0].inputs.shape
        same = list(takewhile(lambda batch: batch.inputs.shape == shape, batches))
        return Block._make(map(np.stack, zip(*same, strict=True)))

    def skip(self, count: int) -> None:
        self._next_index = (self._next_index + count) % len(self._batches)

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
    random.set_state(("MT19937", *state[:4]))


def _contiguous(batch: Batch) -> Batch:
    inputs, targets, loss_weights = map(np.ascontiguousarray, batch[:3])
    return Batch(inputs, targets, loss_weights, batch.n_valid)
