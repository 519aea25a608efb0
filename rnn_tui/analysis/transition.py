"""The transition of a recurrent model, s_t = F(s_{t-1}, x_t), on any states, with its Jacobian.

The state s is h for an Elman network, a GRU and the linear model, and [h, c] for an LSTM. Jacobians
have rows for the previous state and columns for the next, J[i, j] = ∂s_t[j]/∂s_{t-1}[i]. They are
sums of weights times factors that depend on the unit j alone, as J = W_h diag(activation') for an
Elman network, so that the mean of many Jacobians is computed from the mean of their factors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import inf
from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.losses import logistic
from rnn_tui.engine.models.activations import ACTIVATIONS, Activation
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.models.elman import Elman
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.models.lstm import LSTM
from rnn_tui.engine.parameters import FloatArray


class Transition(ABC):
    """The transition of a copy of `model`, which stays valid while the original is trained.

    size           number of elements of a state
    inputs         number of input features
    initial_state  (size,)
    max_fixed      no element of a fixed point is larger in magnitude
    """

    max_fixed: ClassVar[float] = inf

    def __init__(self, model: Model) -> None:
        self.model = model.copy()
        self.weights = self.model.parameters
        self.inputs = model.spec.inputs
        self.initial_state = self._clamped(self._initial_state().copy())
        self.size = self.initial_state.size

    @abstractmethod
    def _initial_state(self) -> FloatArray:
        """Return the state before the first time step, (size,)."""

    def step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return the next states (n, size) from `states` (n, size) and `inputs` (n, features)."""
        return self._clamped(self._step(states, inputs))

    @abstractmethod
    def _step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return the next states of a model without a lesion."""

    @abstractmethod
    def factors(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return the factors of the Jacobians at `states`, (n, k, hidden), for `assemble`."""

    @abstractmethod
    def assemble(self, factors: FloatArray) -> FloatArray:
        """Return Jacobians (…, size, size) from `factors` (…, k, hidden), linear in them."""

    @abstractmethod
    def logits(self, states: FloatArray) -> FloatArray:
        """Return the model's logits at `states` (n, size), (n, outputs)."""

    def jacobians(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return ∂F/∂s at `states` (n, size) under `inputs` (n, features), (n, size, size)."""
        return self._clamped(self.assemble(self.factors(states, inputs)))

    def mean_jacobian(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return the mean of `jacobians`, (size, size), in memory for n factors only."""
        return self._clamped(self.assemble(self.factors(states, inputs).mean(axis=0)))

    def initial_states(self, count: int) -> FloatArray:
        """Return the states of `count` sequences before the first time step, (count, size)."""
        return np.tile(self.initial_state, (count, 1))

    def trajectory(self, inputs: FloatArray) -> FloatArray:
        """Return the states from s_0 on, (time + 1, n, size), for `inputs` (time, n, features)."""
        states = np.empty((len(inputs) + 1, inputs.shape[1], self.size))
        states[0] = self.initial_state
        for t, at_t in enumerate(inputs):
            states[t + 1] = self.step(states[t], at_t)
        return states

    def _clamped(self, values: FloatArray) -> FloatArray:
        """Return `values` (…, size), set to 0 for the unit with a lesion, if there is one."""
        if self.model.lesion:
            values[..., self.model.lesion - 1] = 0.0
        return values

    def _readout(self, hidden: FloatArray) -> FloatArray:
        logits = hidden @ self.weights["output_weight"]
        if "output_bias" in self.weights.layout:
            logits += self.weights["output_bias"]
        return logits

    def _parameter(self, name: str) -> FloatArray:
        """Return a vector of `hidden` parameters, 0 where the model does not have it."""
        weights = self.weights
        return weights[name] if name in weights.layout else np.zeros(self.model.spec.hidden_size)

    def _preactivation(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return x W_x + h W_h + b, b being the sum of the biases of the hidden layer."""
        weights = self.weights
        values: FloatArray = inputs @ weights["input_weight"]
        values += states @ weights["recurrent_weight"]
        for name in ("hidden_bias", "input_bias"):
            if name in weights.layout:
                values += weights[name]
        return values


@final
class ElmanTransition(Transition):
    """h' = activation(x W_x + h W_h + b); the factor is the activation's derivative."""

    def _initial_state(self) -> FloatArray:
        return self._parameter("initial_hidden")

    @property
    def _activation(self) -> Activation:
        return ACTIVATIONS[self.model.spec.activation]

    def _step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        return self._activation.apply(self._preactivation(states, inputs))[0]

    def factors(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        return self._activation.apply(self._preactivation(states, inputs))[1][:, np.newaxis]

    def assemble(self, factors: FloatArray) -> FloatArray:
        return factors * self.weights["recurrent_weight"]

    def logits(self, states: FloatArray) -> FloatArray:
        return self._readout(states)


@final
class LinearTransition(Transition):
    """s' = x w_x + s w_rec, which is the output; the factor is 1."""

    def _initial_state(self) -> FloatArray:
        return np.zeros(1)

    def _step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        return self._preactivation(states, inputs)

    def factors(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        return np.ones((len(states), 1, 1))

    def assemble(self, factors: FloatArray) -> FloatArray:
        return factors * self.weights["recurrent_weight"]

    def logits(self, states: FloatArray) -> FloatArray:
        return states


@final
class GRUTransition(Transition):
    """h' = (1 - z) n + z h, with the gates of `rnn_tui.engine.models.gru`.

    The factors are those of the weights of r, z and n, then that of h itself. At a fixed point
    h = n; far from there saturated update gates keep any h, to rounding.
    """

    max_fixed = 1.0

    def _initial_state(self) -> FloatArray:
        return self._parameter("initial_hidden")

    def _gates(self, states: FloatArray, inputs: FloatArray) -> tuple[FloatArray, ...]:
        """Return r, z, n and u_n, each (n, hidden)."""
        weights, hidden = self.weights, self.size
        from_input = inputs @ weights["input_weight"]
        if "hidden_bias" in weights.layout:
            from_input += weights["hidden_bias"]
        from_state = states @ weights["recurrent_weight"]
        n_gates = 2 * hidden
        gates = sigmoid(from_input[:, :n_gates] + from_state[:, :n_gates])
        reset, update = np.split(gates, 2, axis=-1)
        recurrent = from_state[:, n_gates:] + self._parameter("candidate_bias")
        return reset, update, np.tanh(from_input[:, n_gates:] + reset * recurrent), recurrent

    def _step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        _, update, candidate, _ = self._gates(states, inputs)
        return candidate + update * (states - candidate)

    def factors(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        reset, update, candidate, recurrent = self._gates(states, inputs)
        by_candidate = (1 - update) * (1 - candidate**2)
        return np.stack(
            [
                by_candidate * recurrent * reset * (1 - reset),
                (states - candidate) * update * (1 - update),
                by_candidate * reset,
                update,
            ],
            axis=1,
        )

    def assemble(self, factors: FloatArray) -> FloatArray:
        return by_gate(self.weights["recurrent_weight"], factors[..., :3, :]) + diagonal(
            factors[..., 3, :]
        )

    def logits(self, states: FloatArray) -> FloatArray:
        return self._readout(states)


@final
class LSTMTransition(Transition):
    """c' = f c + i g and h' = o tanh c', the state being [h, c].

    The factors are those of the weights of i, f, g in c', of all four gates in h', then those of c
    in c' and in h'.
    """

    def _initial_state(self) -> FloatArray:
        return np.concatenate([self._parameter("initial_hidden"), self._parameter("initial_cell")])

    def _gates(self, states: FloatArray, inputs: FloatArray) -> tuple[FloatArray, ...]:
        """Return i, f, g, o, the previous and the next cells, each (n, hidden)."""
        hidden, cells = np.split(states, 2, axis=-1)
        i, f, g, o = np.split(self._preactivation(hidden, inputs), 4, axis=-1)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        return i, f, g, o, cells, f * cells + i * g

    def _step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        *_, o, _, cells = self._gates(states, inputs)
        return np.concatenate([o * np.tanh(cells), cells], axis=-1)

    def factors(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        i, f, g, o, previous, cells = self._gates(states, inputs)
        activation = np.tanh(cells)
        by_cell = o * (1 - activation**2)
        in_cell = [g * i * (1 - i), previous * f * (1 - f), i * (1 - g**2)]
        in_hidden = [by_cell * factor for factor in in_cell] + [activation * o * (1 - o)]
        return np.stack([*in_cell, *in_hidden, f, by_cell * f], axis=1)

    def assemble(self, factors: FloatArray) -> FloatArray:
        weights = self.weights["recurrent_weight"]
        n_hidden = len(weights)
        jacobian = np.empty((*factors.shape[:-2], 2 * n_hidden, 2 * n_hidden))
        jacobian[..., :n_hidden, :n_hidden] = by_gate(weights, factors[..., 3:7, :])
        jacobian[..., :n_hidden, n_hidden:] = by_gate(weights, factors[..., :3, :])
        jacobian[..., n_hidden:, :n_hidden] = diagonal(factors[..., 8, :])
        jacobian[..., n_hidden:, n_hidden:] = diagonal(factors[..., 7, :])
        return jacobian

    def logits(self, states: FloatArray) -> FloatArray:
        return self._readout(states[:, : self.size // 2])


TRANSITIONS: dict[type[Model], type[Transition]] = {
    Elman: ElmanTransition,
    GRU: GRUTransition,
    LSTM: LSTMTransition,
    Linear: LinearTransition,
}


def transition_of(model: Model) -> Transition:
    """Return the transition of a copy of `model`.

    Raises ValueError for a model without a recurrent state.
    """
    if type(model) not in TRANSITIONS:
        raise ValueError(
            f"{model.describe(model.spec)} has no recurrent state; "
            "this analysis needs an Elman, GRU, LSTM or linear model."
        )
    return TRANSITIONS[type(model)](model)


def sigmoid(values: FloatArray) -> FloatArray:
    """Return σ(z) for `values` of any shape."""
    result = np.empty_like(values)
    logistic(values, result)
    return result


def by_gate(weights: FloatArray, factors: FloatArray) -> FloatArray:
    """Return Σ_g W_g[i, j] factor_g[j], (…, hidden, hidden), for `factors` (…, gates, hidden).

    `weights` (hidden, n_gates · hidden) may have more gates than `factors`, which are then the
    first ones.
    """
    n_gates, hidden = factors.shape[-2:]
    gates = weights[:, : n_gates * hidden].reshape(hidden, n_gates, hidden)
    return sum(
        (gates[:, gate] * factors[..., gate, np.newaxis, :] for gate in range(n_gates)),
        np.zeros(1),
    )


def diagonal(values: FloatArray) -> FloatArray:
    """Return the diagonal matrices (…, n, n) of `values` (…, n)."""
    return values[..., np.newaxis] * np.eye(values.shape[-1])
