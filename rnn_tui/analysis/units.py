"""Single hidden units: correlation with the required state, effect of an ablation, saturation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.evaluation_set import (
    EvaluationSet,
    ForwardStates,
    require_finite,
    require_memory,
)
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.evaluation import scratch_copy
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Elman, Model
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.lstm import LSTM
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import BoolArray

# The range of outputs outside of which a unit of the activation is saturated, with its bounds.
SATURATION_BOUNDS = {"sigmoid": (0.05, 0.95), "tanh": (-0.9, 0.9), "relu": (0.0, np.inf)}
MAX_SATURATED_FRACTION = 0.4  # of the outputs of a layer, above which saturation is named
MAX_ABLATION_VALUES = 1 << 17  # hidden states of all ablations at one time step
CONSTANT_DEVIATION = 1e-3  # standard deviation below which a unit counts as constant


@final
@dataclass(frozen=True, slots=True, eq=False)
class Correlations:
    """Pearson's r of each unit with the required state after the time step, (hidden,).

    r is NaN for a standard deviation below CONSTANT_DEVIATION, as of a lesioned unit, and without
    time steps.

    order          the units' indices by |r| on propagate time steps, the largest first, NaN last
    n_propagate    number of these time steps
    """

    propagate: FloatArray
    everywhere: FloatArray
    order: IntArray
    n_propagate: int


def unit_correlations(examples: EvaluationSet, hidden_states: FloatArray) -> Correlations:
    """Return the correlations of `hidden_states` (time, n, hidden) with the required state.

    Raises ValueError for a task without a required state.
    """
    require_memory(examples.task)
    required = examples.state_after.astype(np.float64)
    propagate = _correlations(hidden_states[examples.propagate], required[examples.propagate])
    everywhere = _correlations(
        hidden_states.reshape(required.size, hidden_states.shape[2]), required.ravel()
    )
    order = np.argsort(-np.abs(propagate), kind="stable")
    n_propagate = int(np.count_nonzero(examples.propagate))
    return Correlations(propagate, everywhere, order, n_propagate)


def _correlations(states: FloatArray, required: FloatArray) -> FloatArray:
    """Return r of each column of `states` (n, hidden) with `required` (n,), (hidden,)."""
    n = max(1, len(states))
    centered = states - states.sum(axis=0) / n
    target = required - required.sum() / n
    deviations = np.sqrt((centered * centered).sum(axis=0) / n)
    target_deviation = np.sqrt((target * target).sum() / n)
    varies = (deviations > CONSTANT_DEVIATION) & (target_deviation > 0)
    covariances = target @ centered / n
    correlations = np.full(states.shape[1], np.nan)
    np.divide(covariances, deviations * target_deviation, out=correlations, where=varies)
    return correlations


@final
@dataclass(frozen=True, slots=True, eq=False)
class Ablations:
    """Sequence accuracy with each of `units` clamped to `values`; arrays are (units,).

    intact       sequence accuracy without an ablation
    n_sequences  sequences that were evaluated
    """

    units: IntArray
    values: FloatArray
    accuracies: FloatArray
    intact: float
    n_sequences: int


def mean_ablations(
    model: Model, examples: EvaluationSet, loss: Loss, units: Sequence[int] | None = None
) -> Ablations:
    """Return the effect of clamping h_t of one unit at all time steps, for each of `units`.

    The unit is clamped to its mean over the set (the setting `lesion` clamps one to 0). `units` are
    indices from 0, by default all. The cell of an LSTM's unit is not clamped, only its output.

    Raises ValueError for a model without a recurrent state, and a unit that it does not have.
    """
    transition = transition_of(model)
    forward = examples.run(transition.model, loss)
    hidden = forward.hidden_states.shape[2]
    chosen = np.arange(hidden) if units is None else np.array(units, dtype=np.int64)
    if ((chosen < 0) | (chosen >= hidden)).any():
        raise ValueError(f"Units must be from 0 to {hidden - 1}.")
    values = forward.hidden_states.mean(axis=(0, 1))[chosen]
    values_each = examples.n * transition.size
    group = affordable_count(MAX_ABLATION_VALUES, values_each, 1, max(1, len(chosen)))
    accuracies = [
        clamped_accuracies(transition, examples, loss, part, part_values)
        for part, part_values in (
            (chosen[first : first + group], values[first : first + group])
            for first in range(0, len(chosen), group)
        )
    ]
    return Ablations(
        chosen,
        values,
        np.concatenate([np.empty(0), *accuracies]),
        forward.sequence_accuracy,
        examples.n,
    )


def clamped_accuracies(
    transition: Transition,
    examples: EvaluationSet,
    loss: Loss,
    units: IntArray,
    values: FloatArray,
) -> FloatArray:
    """Return the sequence accuracy with each of `units` clamped, all in one forward pass."""
    n_units, n = len(units), examples.n
    states, rows = transition.initial_states(n_units * n), np.arange(n_units)
    correct: BoolArray = np.ones((n_units, n), dtype=np.bool_)
    targets = examples.batch.targets
    for t, inputs in enumerate(examples.batch.inputs):
        states = transition.step(states, np.tile(inputs, (n_units, 1)))
        states.reshape(n_units, n, -1)[rows, :, units] = values[:, np.newaxis]
        logits = transition.logits(states).reshape(n_units, n, -1)
        step_correct = examples.task.is_correct(logits, loss.threshold, targets[t])
        correct &= step_correct.all(axis=2) | ~examples.mask[t]
    return np.asarray(correct.mean(axis=1))


@final
class Saturation(NamedTuple):
    """The saturation of the units of one activation, over `n` time steps of all sequences.

    name    "hidden state", or of a gate or cell
    low     fraction of each unit's outputs at or below the lower bound, 0 for a ReLU, (hidden,)
    high    fraction at or above the upper bound, none for a ReLU, (hidden,)
    """

    name: str
    low: FloatArray
    high: FloatArray
    n: int

    @property
    def fraction(self) -> float:
        """The fraction of all units' outputs that are saturated."""
        return float((self.low + self.high).mean())

    @property
    def dead(self) -> BoolArray:
        """The units saturated at the same bound at every time step, (hidden,)."""
        return np.asarray((self.low == 1) | (self.high == 1))


def saturation(
    model: Model, examples: EvaluationSet, forward: ForwardStates | None = None
) -> list[Saturation]:
    """Return the saturation of the hidden state, then of the gates of a gated model.

    A sigmoid is saturated at or below .05 and at or above .95, a tanh at |h| ≥ .9; a ReLU is low
    at 0. Of a feed-forward model, the last hidden layer. Empty for a model whose units cannot
    saturate. A known pass `forward` over the examples suffices for a model without gates.

    Raises ValueError if hidden states are not finite.
    """
    cache: Any = forward
    if cache is None or isinstance(model, GRU | LSTM):
        cache = scratch_copy(model).forward(examples.batch.inputs)
        require_finite(cache.hidden_states)
    return [
        _saturation(name, kind, values)
        for name, kind, values in activations(model, cache)
        if kind in SATURATION_BOUNDS
    ]


def activations(model: Model, cache: Any) -> _Outputs:
    """Return the name, activation and values (time, n, hidden) of each layer of a forward pass.

    The hidden state comes first, then the gates of a gated model.
    """
    return _ACTIVATIONS.get(type(model), _no_activation)(model, cache)


_Outputs = list[tuple[str, str, FloatArray]]  # name, activation, values (time, n, hidden)


def _no_activation(_model: Any, cache: Any) -> _Outputs:
    return [("hidden state", "linear", cache.hidden_states)]


def _one_activation(model: Any, cache: Any) -> _Outputs:
    return [("hidden state", model.spec.activation, cache.hidden_states)]


def _gru_activations(_model: Any, cache: Any) -> _Outputs:
    return [
        ("hidden state", "tanh", cache.hidden_states),
        ("reset gate", "sigmoid", cache.reset),
        ("update gate", "sigmoid", cache.update),
        ("candidate", "tanh", cache.candidates),
    ]


def _lstm_activations(_model: Any, cache: Any) -> _Outputs:
    i, f, g, o = np.split(cache.gates, 4, axis=-1)
    return [
        ("hidden state", "tanh", cache.hidden_states),
        ("input gate", "sigmoid", i),
        ("forget gate", "sigmoid", f),
        ("candidate", "tanh", g),
        ("output gate", "sigmoid", o),
        ("cell activation", "tanh", cache.cell_activation),
    ]


_ACTIVATIONS: dict[type[Model], Callable[[Any, Any], _Outputs]] = {
    Elman: _one_activation,
    FeedForward: _one_activation,
    GRU: _gru_activations,
    LSTM: _lstm_activations,
}


def _saturation(name: str, activation: str, values: FloatArray) -> Saturation:
    lower, upper = SATURATION_BOUNDS[activation]
    outputs = values.reshape(-1, values.shape[-1])
    low, high = (outputs <= lower).mean(axis=0), (outputs >= upper).mean(axis=0)
    return Saturation(name, low, high, len(outputs))
