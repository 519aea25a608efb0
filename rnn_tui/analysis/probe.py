"""A linear probe of the required state in the hidden state, with baselines from the present input.

A high accuracy over all time steps proves little, since the present input determines most required
states: an untrained adder is probed at 94 %. Only propagate time steps show memory, and only
against the probe of an untrained model; whether the memory is used, `swap` shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import final

import numpy as np

from rnn_tui.analysis.evaluation_set import EvaluationSet, require_memory
from rnn_tui.analysis.machine import IntArray, symbols_of
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import BoolArray


@final
@dataclass(frozen=True, slots=True)
class Accuracies:
    """Fractions of `n` time steps; NaN where `n` is 0.

    probe          of the linear probe of the hidden states
    majority       of the most frequent required state
    present_input  of the most frequent required state with the same inputs at the time step
    """

    n: int
    probe: float
    majority: float
    present_input: float


@final
@dataclass(frozen=True, slots=True)
class ProbeResult:
    """The probe's accuracies.

    everywhere  over all time steps
    propagate   over propagate time steps, those whose required state must be remembered
    """

    everywhere: Accuracies
    propagate: Accuracies


def probe(examples: EvaluationSet, hidden_states: FloatArray) -> ProbeResult:
    """Return how well h_t (time, n, hidden) predicts the required state after t.

    One least-squares fit of each state's indicator on [h, 1] over all time steps; the state with
    the largest value is predicted. For two states that is [h, 1] w > ½ (Alain & Bengio 2016 use
    logistic regression). The fit is not held out: with few time steps per unit it is good for any
    hidden states. So compare with the hidden states of an untrained model on the same examples.

    Raises ValueError for a task without a required state.
    """
    require_memory(examples.task)
    labels = examples.state_after.ravel()
    predictions = _fit_predictions(hidden_states, labels)
    symbols = symbols_of(examples.batch.inputs).ravel()
    everywhere = np.ones(labels.shape, dtype=np.bool_)
    parts = (everywhere, examples.propagate.ravel())
    return ProbeResult(*(_accuracies(predictions, labels, symbols, part) for part in parts))


def _fit_predictions(hidden_states: FloatArray, labels: IntArray) -> IntArray:
    """Return the label predicted from each state, (time · n,)."""
    states = hidden_states.reshape(len(labels), -1)
    indicators = np.eye(int(labels.max()) + 1)[labels]
    design = np.concatenate([states, np.ones((len(labels), 1)), indicators], axis=1)
    n_inputs = states.shape[1] + 1
    # With [h, 1] = Q R, the QR decomposition of [h, 1, y] has R and Qᵀ y in its first rows, and the
    # least-squares solution is that of R w = Qᵀ y. R is singular if units are constant.
    r: FloatArray = np.asarray(np.linalg.qr(design, mode="r"))[:n_inputs]
    weights = np.linalg.lstsq(r[:, :n_inputs], r[:, n_inputs:])[0]
    return np.asarray((design[:, :n_inputs] @ weights).argmax(axis=1))


def _accuracies(
    predictions: IntArray, labels: IntArray, symbols: IntArray, part: BoolArray
) -> Accuracies:
    predictions, labels, symbols = predictions[part], labels[part], symbols[part]
    n = len(labels)
    if n == 0:
        return Accuracies(0, nan, nan, nan)
    n_labels = int(labels.max()) + 1
    counts = np.bincount(symbols * n_labels + labels, minlength=n_labels)
    counts = np.pad(counts, (0, -len(counts) % n_labels)).reshape(-1, n_labels)
    return Accuracies(
        n,
        float((predictions == labels).mean()),
        float(counts.sum(axis=0).max() / n),
        float(counts.max(axis=1).sum() / n),
    )
