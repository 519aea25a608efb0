"""The interchange intervention (Geiger et al. 2021), which tests whether the memory is used.

After time step t, the hidden state of sequence A, with the cell of an LSTM, replaces that of
sequence B, and B's inputs follow. The outputs must be those of a machine with A's required state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.analysis.evaluation_set import max_sequences_for, require_memory
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import EVAL_SEED


@final
@dataclass(frozen=True, slots=True, eq=False)
class SwapResult:
    """The pairs whose outputs follow A's required state, after a swap at t; arrays are (time - 1,).

    n_pairs            pairs with a scored output after t
    n_follow           those with every scored output after t correct
    n_differ           pairs whose required states after t differ: only these prove that it is used
    n_follow_differ    those of them with every scored output after t correct
    """

    n_pairs: IntArray
    n_follow: IntArray
    n_differ: IntArray
    n_follow_differ: IntArray

    @property
    def scores(self) -> FloatArray:
        """The fraction of pairs that follow, for each t; NaN without pairs."""
        return _ratio(self.n_follow, self.n_pairs)

    @property
    def scores_differ(self) -> FloatArray:
        """The fraction of the pairs that differ, for each t; NaN without pairs."""
        return _ratio(self.n_follow_differ, self.n_differ)

    @property
    def mean(self) -> float:
        """The fraction of pairs that follow, over all t; NaN without pairs."""
        return float(_ratio(self.n_follow.sum(), self.n_pairs.sum()))

    @property
    def mean_differ(self) -> float:
        """The fraction of the pairs that differ, over all t; NaN without pairs."""
        return float(_ratio(self.n_follow_differ.sum(), self.n_differ.sum()))


@np.errstate(all="ignore")
def swap(
    model: Model, task: Task, loss: Loss, pairs: tuple[FloatArray, FloatArray] | None = None
) -> SwapResult:
    """Return how often `model` follows a swapped hidden state.

    `pairs` are the inputs of A and of B, (time, n, features) each; by default two fixed samples.
    The targets are those of the sequence with A's inputs up to t and B's inputs after t.

    Raises ValueError for a model without a recurrent state, and a task without a required state.
    """
    require_memory(task)
    transition = transition_of(model)
    source, base = pairs or _default_pairs(task, model)
    time, count, _ = source.shape
    differ = (task.required_state(source) != task.required_state(base))[1:]
    counts = np.zeros((time - 1, 4), dtype=np.int64)
    states = transition.initial_states(count)
    for t in range(time - 1):
        states = transition.step(states, source[t])
        logits = _continue(transition, states, base[t + 1 :])
        batch = task.batch_from_inputs(np.concatenate([source[: t + 1], base[t + 1 :]]))
        targets, mask = batch.targets[t + 1 :], batch.loss_weights[t + 1 :] > 0
        correct = task.is_correct(logits, loss.threshold, targets) | ~mask
        valid, follow = mask.any(axis=(0, 2)), correct.all(axis=(0, 2))
        counts[t] = [
            np.count_nonzero(found)
            for found in (valid, valid & follow, valid & differ[t], valid & differ[t] & follow)
        ]
    return SwapResult(*counts.T)


def _continue(transition: Transition, states: FloatArray, inputs: FloatArray) -> FloatArray:
    """Return the logits over `inputs` (time, n, features) from `states`, (time, n, outputs)."""
    logits = []
    for at_t in inputs:
        states = transition.step(states, at_t)
        logits.append(transition.logits(states))
    return np.stack(logits)


def _default_pairs(task: Task, model: Model) -> tuple[FloatArray, FloatArray]:
    count = max_sequences_for(task, model)
    source, base = (task.fixed_sample(count, EVAL_SEED + number) for number in (1, 2))
    return source.inputs, base.inputs


def _ratio(part: IntArray, whole: IntArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        ratio: FloatArray = np.divide(part, whole)
    return ratio
