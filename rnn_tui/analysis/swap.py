"""The interchange intervention (Geiger et al. 2021), which tests whether the memory is used.

After time step t, the hidden state of sequence A, with the cell of an LSTM, replaces that of
sequence B, and B's inputs follow. The outputs must be those of a machine with A's required state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.evaluation_set import affordable_sequences, require_memory
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import EVAL_SEED

MAX_MULTIPLICATIONS = 2_400_000_000  # of states by weights, in the passes after all time steps
MAX_ROWS = 1024  # pairs by time steps of the swap, at a time


@final
@dataclass(frozen=True, slots=True, eq=False)
class SwapPairs:
    """Pairs of sequences by the time step t of the swap; arrays are (time - 1,).

    n          pairs with a scored output after t
    n_correct  those with every scored output after t correct
    """

    n: IntArray
    n_correct: IntArray

    @property
    def accuracies(self) -> FloatArray:
        """The fraction that is correct for each t; NaN without pairs."""
        return _ratio(self.n_correct, self.n)

    @property
    def accuracy(self) -> float:
        """The fraction that is correct over all t; NaN without pairs."""
        return float(_ratio(self.n_correct.sum(), self.n.sum()))


@final
@dataclass(frozen=True, slots=True)
class SwapResult:
    """The interchange intervention accuracy of a model.

    all_pairs        of all pairs
    differing_pairs  of those whose required states after t differ: only these prove that the state
                     is used
    """

    all_pairs: SwapPairs
    differing_pairs: SwapPairs


@np.errstate(all="ignore")
def swap(
    model: Model, task: Task, loss: Loss, pairs: tuple[FloatArray, FloatArray] | None = None
) -> SwapResult:
    """Return the accuracy of `model` after its hidden state is swapped.

    `pairs` are the inputs of A and of B, (time, n, features) each; by default two fixed samples.
    The targets are those of the sequence with A's inputs up to t and B's inputs after t.

    Raises ValueError for a model without a recurrent state, and a task without a required state.
    """
    require_memory(task)
    transition = transition_of(model)
    source, base = pairs or swap_pairs(task, max_pairs_for(task, model))
    time, count, _ = source.shape
    differ = (task.required_state(source) != task.required_state(base))[1:]
    counts = np.zeros((2, 2, time - 1), dtype=np.int64)
    states = transition.trajectory(source[:-1])[1:]
    steps, n_swaps = np.arange(time)[:, np.newaxis], affordable_count(MAX_ROWS, count, 1, time)
    for first in range(0, time - 1, n_swaps):
        after = np.arange(first, min(first + n_swaps, time - 1))  # the time steps of swaps at once
        of_source = (steps <= after)[:, :, np.newaxis, np.newaxis]
        inputs = np.where(of_source, source[:, np.newaxis], base[:, np.newaxis])
        batch = task.batch_from_inputs(inputs.reshape(time, -1, inputs.shape[3]))
        swapped = np.tile(states[first], (len(after), 1))
        logits = _continue(transition, swapped, batch.inputs[first + 1 :])
        correct = task.is_correct(logits, loss.threshold, batch.targets[first + 1 :])
        shape = (len(correct), len(after), count)
        mask = (batch.loss_weights[first + 1 :] > 0).any(axis=2).reshape(shape)
        mask &= ~of_source[first + 1 :, :, :, 0]
        all_correct = (correct.all(axis=2).reshape(shape) | ~mask).all(axis=0)
        valid = mask.any(axis=0)
        for kind, pairs_of_kind in enumerate((valid, valid & differ[after])):
            counts[kind, :, after] = np.stack(
                [pairs_of_kind.sum(axis=1), (pairs_of_kind & all_correct).sum(axis=1)], axis=1
            )
    return SwapResult(SwapPairs(*counts[0]), SwapPairs(*counts[1]))


def _continue(transition: Transition, states: FloatArray, inputs: FloatArray) -> FloatArray:
    """Return the logits over `inputs` (time, n, features) from `states`, (time, n, outputs)."""
    logits = []
    for at_t in inputs:
        states = transition.step(states, at_t)
        logits.append(transition.logits(states))
    return np.stack(logits)


def max_pairs_for(task: Task, model: Model) -> int:
    """Return the number of pairs that `model` runs over in some second, after each time step."""
    return affordable_sequences(task, model, MAX_MULTIPLICATIONS // task.sequence_length)


def swap_pairs(task: Task, count: int) -> tuple[FloatArray, FloatArray]:
    """Return the inputs of A and B, (time, count, features) each: two fixed samples."""
    source, base = (task.fixed_sample(count, EVAL_SEED + number) for number in (1, 2))
    return source.inputs, base.inputs


def _ratio(part: IntArray, whole: IntArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        ratio: FloatArray = np.divide(part, whole)
    return ratio
