"""Training steps of several models of one architecture, taken together."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan, prod
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import Block
from rnn_tui.engine.losses import LossResult
from rnn_tui.engine.models.base import ForwardCache
from rnn_tui.engine.optimizers.base import stack_optimizers
from rnn_tui.engine.parameters import SCALARS, FloatArray
from rnn_tui.engine.trainer import (
    MAX_VANISHED_STEPS,
    UNITS_SATURATED,
    VANISHED_SQUARED_NORM,
    Trainer,
    is_stuck,
    overflow_reason,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
else:
    BoolArray = Any


@final
class ReplicaSteps(NamedTuple):
    """The steps of one replica: their metrics, NaN for a skipped or halted one.

    `halt_reason` is why the last one was halted, or None.
    """

    metrics: list[float]
    halt_reason: str | None


@final
class StackedTrainer:
    """Trains the models of `trainers` as a stack, each on its own stream.

    The numbers of each replica are those that its trainer computes alone, bit for bit. Models are
    of one architecture that supports stacks, and trainers may differ in the learning rate and in
    the hyperparameters of the optimizer only. Between two calls of `train`, the trainers have the
    weights and optimizer states.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        first, rules = trainers[0], [trainer.update_rule for trainer in trainers]
        self.trainers = trainers
        self._model = first.model.stacked(len(trainers))
        self._loss = type(first.loss)(first.loss.reduction)
        optimizer = stack_optimizers([rule.optimizer for rule in rules])
        transforms = first.update_rule.gradient_transforms
        self._rule = type(first.update_rule)(self._model, optimizer, transforms)
        rates = {trainer.learning_rate for trainer in trainers}
        self._learning_rate: Any = (
            SCALARS[rates.pop()]
            if len(rates) == 1
            else np.array([[trainer.learning_rate] for trainer in trainers])
        )
        self._arrays = [self._model.parameters.vector, *self._rule.state.values()]
        self._saved = [values.copy() for values in self._arrays]
        self._vanished_steps = np.zeros(len(trainers), np.int64)
        self._halt_reasons: dict[int, str] = {}  # by replica
        self._buffers: dict[str, npt.NDArray[Any]] = {}  # by field of Block

    @np.errstate(all="ignore")
    def train(self, count: int) -> list[ReplicaSteps]:
        """Take at most `count` steps, and at least one; return those of each replica.

        A replica that is halted takes no further steps, and its trainer is left with the weights
        and optimizer state before the halted one. Others take the same number of steps.
        """
        self._read()
        self._halt_reasons.clear()
        metrics: list[list[float]] = [[] for _ in self.trainers]
        while count and not self._halt_reasons:
            block = self._stack([trainer.stream.peek(count) for trainer in self.trainers])
            taken = self._train_block(block)
            for trainer, own, new in zip(self.trainers, metrics, taken, strict=True):
                trainer.stream.skip(len(new))
                own += new
            count -= len(block.inputs)
        self._write()
        return [
            ReplicaSteps(values, self._halt_reasons.get(replica))
            for replica, values in enumerate(metrics)
        ]

    def _stack(self, blocks: Sequence[Block]) -> Block:
        """Return the batches that all `blocks` have, (steps, replicas, …), until the next call.

        The memory is used again: to map new pages would take as long as the copy.
        """
        n_steps = min(len(block.inputs) for block in blocks)
        if any(block.loss_weights is not None for block in blocks):
            blocks = [block.with_loss_weights() for block in blocks]
        stacked: dict[str, npt.NDArray[Any]] = {}
        for name, parts in zip(Block._fields, zip(*blocks, strict=True), strict=True):
            if parts[0] is None:
                break
            shape = n_steps, len(parts), *parts[0].shape[1:]
            size = prod(shape)
            if name not in self._buffers or len(self._buffers[name]) < size:
                self._buffers[name] = np.empty(size, parts[0].dtype)
            stacked[name] = self._buffers[name][:size].reshape(shape)
            for replica, values in enumerate(parts):
                stacked[name][:, replica] = values[:n_steps]
        return Block(**stacked)

    def _train_block(self, block: Block) -> list[list[float]]:
        """Train on a block (steps, replicas, …); return the metrics of each replica's steps."""
        metrics = np.empty((len(block.inputs), len(self.trainers)))
        ends = dict.fromkeys(range(len(self.trainers)), len(metrics))
        self._save()
        has_skipped_steps = block.n_valid is not None and not block.n_valid.all()
        if has_skipped_steps or not self._train_sound_block(block, metrics):
            self._restore()
            for index, batch in enumerate(block.batches()):
                metrics[index] = self._step(batch)
                for replica in self._halt_reasons:
                    ends[replica] = min(index + 1, ends[replica])
        columns = metrics.T.tolist()
        return [values[: ends[replica]] for replica, values in enumerate(columns)]

    def _train_sound_block(self, block: Block, metrics: FloatArray) -> bool:
        """Train on a block, and write `metrics`, while no gradient vanishes or is not finite.

        Return whether that is so to the end. The state is not saved before each step, which would
        take a thirtieth of the time.
        """
        for index, batch in enumerate(block.batches()):
            _, _, loss_result, squared_norms = self._update(batch)
            metrics[index] = loss_result.metric
            lowest = squared_norms.item(squared_norms.argmin())
            largest = squared_norms.item(squared_norms.argmax())
            if not (lowest > VANISHED_SQUARED_NORM and largest < inf):
                return False
        self._vanished_steps[:] = 0
        return True

    def _update(
        self, batch: Batch
    ) -> tuple[FloatArray | None, ForwardCache, LossResult, FloatArray]:
        """Update all weights; return look-ahead, cache, loss and squared norms of the gradients."""
        model, rule = self._model, self._rule
        lookahead = rule.lookahead_step()
        if lookahead is not None:
            model.parameters.vector += lookahead
        cache = model.forward(batch.inputs)
        loss_result = self._loss.compute(cache.logits, batch)
        squared_norms = rule.step(cache, loss_result.gradient, self._learning_rate)
        return lookahead, cache, loss_result, squared_norms

    def _step(self, batch: Batch) -> FloatArray:
        """Train on the next batch of each replica; return the metrics (replicas,)."""
        self._save()
        lookahead, cache, loss_result, squared_norms = self._update(batch)
        active = np.asarray(batch.n_valid) > 0
        active[list(self._halt_reasons)] = False
        taken = active & (squared_norms < inf)
        if not taken.all():
            self._restore(~taken)
        for replica in np.flatnonzero(active & ~taken).tolist():
            self._halt_reasons[replica] = self._overflow_reason(replica)
        vanished = taken & (squared_norms <= VANISHED_SQUARED_NORM)
        self._vanished_steps[taken & ~vanished] = 0
        if vanished.any():
            update = self._rule.last_update
            if lookahead is not None:
                update = lookahead - update
            self._count_vanished(vanished, update, cache, loss_result)
        metrics: FloatArray = np.where(taken, loss_result.metric, nan)
        metrics[list(self._halt_reasons)] = nan
        return metrics

    def _count_vanished(
        self, vanished: BoolArray, update: FloatArray, cache: ForwardCache, loss_result: LossResult
    ) -> None:
        """Count the steps of the replicas whose gradient has vanished, as a trainer does."""
        slopes, weights = self._model.unit_slopes(cache), self._model.parameters.vector
        for replica in np.flatnonzero(vanished).tolist():
            result = loss_result.of_replica(replica)
            arrays = weights[replica], update[replica], cache.state_gradients[replica]
            self._vanished_steps[replica] += is_stuck(*arrays, slopes[replica], result)
            if self._vanished_steps[replica] >= MAX_VANISHED_STEPS:
                self._vanished_steps[replica] = 0
                self._halt_reasons[replica] = UNITS_SATURATED

    def _overflow_reason(self, replica: int) -> str:
        weights, *optimizer_state = (values[replica] for values in self._arrays)
        optimizer = self.trainers[replica].update_rule.optimizer
        return overflow_reason(weights, optimizer_state, optimizer)

    def _save(self) -> None:
        for values, saved in zip(self._arrays, self._saved, strict=True):
            np.copyto(saved, values)

    def _restore(self, replicas: BoolArray | slice = slice(None)) -> None:
        """Return `replicas` to the state saved last."""
        for values, saved in zip(self._arrays, self._saved, strict=True):
            values[replicas] = saved[replicas]

    def _read(self) -> None:
        """Copy the state of every trainer."""
        arrays = zip(*map(_arrays, self.trainers), strict=True)
        for values, own in zip(self._arrays, arrays, strict=True):
            np.concatenate(own, out=values.reshape(-1))
        self._vanished_steps[:] = [trainer.vanished_steps for trainer in self.trainers]

    def _write(self) -> None:
        """Set the state of every trainer."""
        arrays = zip(*map(_arrays, self.trainers), strict=True)
        for values, own in zip(self._arrays, arrays, strict=True):
            for replica, array in enumerate(own):
                array[:] = values[replica]
        for trainer, steps in zip(self.trainers, self._vanished_steps.tolist(), strict=True):
            trainer.vanished_steps = steps


def _arrays(trainer: Trainer) -> list[FloatArray]:
    return [trainer.model.parameters.vector, *trainer.optimizer_state.values()]
