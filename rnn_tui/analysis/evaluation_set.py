"""The sequences that analyses are computed on, and what has to be remembered in them.

All examples of a task, or a fixed sample from a generator of its own: never from a training stream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self, final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.machine import IntArray, symbols_of
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task, take
from rnn_tui.engine.tasks.base import EVAL_SEED, BoolArray, StateArray

DEFAULT_SEQUENCES = 2048
MAX_ANALYSIS_MULTIPLICATIONS = 100_000_000  # of states by weights, in one forward pass
MIN_TIME_STEPS_PER_UNIT = 4  # below, a probe fits any states
MAX_CHUNK_VALUES = 1 << 18  # hidden states of a forward pass, which bounds its memory


@final
class ForwardStates(NamedTuple):
    """The forward pass of a model over an evaluation set.

    hidden_states  h_t, (time, n, hidden)
    outputs        ŷ, (time, n, outputs)
    correct        whether the output is correct, true where it is not scored, (time, n)
    """

    hidden_states: FloatArray
    outputs: FloatArray
    correct: BoolArray

    @property
    def sequence_accuracy(self) -> float:
        """The fraction of sequences with every scored output correct."""
        return float(self.correct.all(axis=0).mean())


@final
@dataclass(frozen=True, slots=True, eq=False)
class EvaluationSet:
    """`n` sequences of `task`; every array is (time, n), but the inputs are (time, n, features).

    exhaustive     whether these are all examples of the task
    mask           the time steps that are scored
    state_before   the required state, such as a carry, before each time step
    state_after    the required state after each time step
    propagate      the time steps whose `state_after` is not determined by their own inputs: the
                   same inputs lead to several states in the set, so that it must be remembered.
                   For addition those with a XOR b = 1
    """

    task: Task
    batch: Batch
    exhaustive: bool
    mask: BoolArray
    state_before: StateArray
    state_after: StateArray
    propagate: BoolArray

    @classmethod
    def from_task(cls, task: Task, max_sequences: int = DEFAULT_SEQUENCES) -> Self:
        """Return all examples of `task` if there are at most `max_sequences`, or a fixed sample."""
        everything = task.all_examples(max_sequences)
        examples = everything or task.fixed_sample(max_sequences, EVAL_SEED)
        return cls.from_batch(task, examples, exhaustive=everything is not None)

    @classmethod
    def from_batch(cls, task: Task, batch: Batch, *, exhaustive: bool = False) -> Self:
        """Return the set of the sequences of `batch` that have a scored target."""
        scored = np.flatnonzero(batch.loss_weights.any(axis=(0, 2)))
        batch = take(batch, scored)
        before = task.required_state(batch.inputs)
        after = _states_after(task, batch.inputs, before)
        mask = np.asarray(batch.loss_weights.any(axis=2))
        propagate = _undetermined(symbols_of(batch.inputs), after)
        return cls(task, batch, exhaustive, mask, before, after, propagate)

    @property
    def n(self) -> int:
        """The number of sequences."""
        return int(self.batch.inputs.shape[1])

    @property
    def first_example(self) -> Batch:
        """The first sequence, as a batch of one."""
        return take(self.batch, slice(1))

    def states_after(self, batch: Batch) -> StateArray:
        """Return the required state after each time step of `batch` of the task, (time, n)."""
        return _states_after(self.task, batch.inputs, self.task.required_state(batch.inputs))

    @np.errstate(all="ignore")
    def run(self, model: Model, loss: Loss) -> ForwardStates:
        """Return the forward pass of a copy of `model`.

        Raises ValueError if hidden states are not finite, as after divergence.
        """
        copy, inputs = model.copy(), self.batch.inputs
        values = len(inputs) * model.spec.hidden_size
        chunk = affordable_count(MAX_CHUNK_VALUES, values, 1, self.n)
        states, chunks = [], []
        for start in range(0, self.n, chunk):
            cache = copy.forward(np.ascontiguousarray(inputs[:, start : start + chunk]))
            states.append(cache.hidden_states.copy())
            chunks.append(cache.logits.copy())
        hidden_states = np.concatenate(states, axis=1)
        require_finite(hidden_states)
        logits = np.concatenate(chunks, axis=1)
        return ForwardStates(hidden_states, loss.outputs(logits), self.correct(logits, loss))

    def correct(self, logits: FloatArray, loss: Loss) -> BoolArray:
        """Return which of `logits` (time, n, 1) are correct or not scored, (time, n)."""
        correct = self.task.is_correct(logits, loss.threshold, self.batch.targets)
        return np.asarray(correct.all(axis=2) | ~self.mask)


def max_sequences_for(task: Task, model: Model) -> int:
    """Return the number of sequences that `model` runs over in some 10 ms, up to 2,048.

    At least as many as give a probe `MIN_TIME_STEPS_PER_UNIT`.
    """
    least = -(-MIN_TIME_STEPS_PER_UNIT * model.spec.hidden_size // task.sequence_length)
    return max(least, affordable_sequences(task, model, MAX_ANALYSIS_MULTIPLICATIONS))


def affordable_sequences(task: Task, model: Model, max_multiplications: int) -> int:
    """Return how many sequences need `max_multiplications` of states by weights, 1 to 2,048."""
    multiplications = task.sequence_length * model.parameters.vector.size
    return affordable_count(max_multiplications, multiplications, 1, DEFAULT_SEQUENCES)


def require_memory(task: Task) -> None:
    """Raise ValueError for a task without a required state."""
    if not task.state_name:
        raise ValueError("The task has no required state; choose a task that needs memory.")


def require_finite(hidden_states: FloatArray) -> None:
    """Raise ValueError for hidden states that are not finite, as after divergence."""
    if not np.isfinite(hidden_states).all():
        raise ValueError("Hidden states are not finite; restart from weights before divergence.")


def _undetermined(symbols: IntArray, states: StateArray) -> BoolArray:
    """Return where the same symbol comes with several states, (time, n)."""
    varies = [np.ptp(states[symbols == symbol]) > 0 for symbol in np.unique(symbols)]
    return np.isin(symbols, np.unique(symbols)[varies])


def _states_after(task: Task, inputs: FloatArray, before: StateArray) -> StateArray:
    """Return the required state after each time step, (time, n)."""
    return np.concatenate([before[1:], _last_state(task, inputs, before)])


def _last_state(task: Task, inputs: FloatArray, before: StateArray) -> StateArray:
    """Return the required state after the last time step, (1, n)."""
    machine = task_machine(task)
    if machine is not None:
        return machine.transitions[before[-1:], symbols_of(inputs[-1:])]
    return task.required_state(np.concatenate([inputs, np.zeros_like(inputs[:1])]))[-1:]
