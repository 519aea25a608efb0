"""The state transition of a recurrent model from any state, one time step at a time.

A state is (count, state size): h_t, followed by the cell c_t in an LSTM.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, final

import numpy as np

from rnn_tui.engine.losses import logistic_by_tanh
from rnn_tui.engine.models import Elman, Model
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.lstm import LSTM
from rnn_tui.engine.parameters import FloatArray


def copy_model(model: Model) -> Model:
    """Return a copy of `model`, whose forward pass leaves the workspaces of `model` unchanged."""
    copy = model.clone_architecture()
    copy.parameters.vector[:] = model.parameters.vector
    return copy


def initial_state(model: Model, count: int) -> FloatArray:
    """Return the initial state of `count` sequences, (count, state size).

    Raises ValueError for a model without a hidden state that can be set.
    """
    parts, hidden = _kind(model).parts, model.spec.hidden_size
    values = [
        model.parameters[name] if name in model.parameters.layout else np.zeros(hidden)
        for name in parts
    ]
    return np.tile(np.concatenate(values), (count, 1))


def next_state(model: Model, state: FloatArray, inputs: FloatArray) -> FloatArray:
    """Return the state after one time step from `state` with `inputs` (count, features).

    Raises ValueError for a model without a hidden state that can be set.
    """
    return _kind(model).transition(model, state, inputs)


def logits_of(model: Model, state: FloatArray) -> FloatArray:
    """Return the logits in `state`, (count, outputs)."""
    logits: FloatArray = state[:, : model.spec.hidden_size] @ model.parameters["output_weight"]
    if "output_bias" in model.parameters.layout:
        logits += model.parameters["output_bias"]
    return logits


def _elman_transition(model: Any, state: FloatArray, inputs: FloatArray) -> FloatArray:
    weights, activation = model.parameters, model.activation
    states: FloatArray = state @ weights["recurrent_weight"]
    states += inputs @ weights["input_weight"]
    for name in model.bias_names:
        states += weights[name]
    states *= activation.scale
    activation.function(states, states)
    states *= activation.scale
    states += activation.shift
    return states


def _gru_transition(model: Any, state: FloatArray, inputs: FloatArray) -> FloatArray:
    weights, hidden = model.parameters, model.hidden
    projection = inputs @ weights["input_weight"]
    recurrent = state @ weights["recurrent_weight"]
    if model.bias:
        projection += weights["hidden_bias"]
        recurrent[:, 2 * hidden :] += weights["candidate_bias"]
    gates = projection[:, : 2 * hidden] + recurrent[:, : 2 * hidden]
    logistic_by_tanh(gates, gates)
    reset, update = gates[:, :hidden], gates[:, hidden:]
    candidate = np.tanh(projection[:, 2 * hidden :] + reset * recurrent[:, 2 * hidden :])
    states: FloatArray = candidate + update * (state - candidate)
    return states


def _lstm_transition(model: Any, state: FloatArray, inputs: FloatArray) -> FloatArray:
    weights, hidden = model.parameters, model.hidden
    gates = state[:, :hidden] @ weights["recurrent_weight"] + inputs @ weights["input_weight"]
    if model.bias:
        gates += weights["hidden_bias"]
    candidate = np.tanh(gates[:, 2 * hidden : 3 * hidden])
    logistic_by_tanh(gates, gates)
    i, f, _, o = np.split(gates, 4, axis=1)
    cell = f * state[:, hidden:] + i * candidate
    return np.concatenate([o * np.tanh(cell), cell], axis=1)


@final
class _Recurrence(NamedTuple):
    """A transition, and the parameters of a learned initial state, one for each part of a state."""

    parts: tuple[str, ...]
    transition: Callable[[Any, FloatArray, FloatArray], FloatArray]


_RECURRENCES: dict[type[Model], _Recurrence] = {
    Elman: _Recurrence(("initial_hidden",), _elman_transition),
    GRU: _Recurrence(GRU.initial_states, _gru_transition),
    LSTM: _Recurrence(LSTM.initial_states, _lstm_transition),
}


def _kind(model: Model) -> _Recurrence:
    try:
        return _RECURRENCES[type(model)]
    except KeyError:
        raise ValueError(
            f"{model.describe(model.spec)} has no hidden state that can be set; "
            "this analysis needs an Elman, GRU or LSTM model."
        ) from None
