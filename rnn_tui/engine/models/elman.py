"""The simple recurrent network (Elman 1990), trained by backpropagation through time.

    z_t = x_t W_x + h_{t-1} W_h + b        (batch, hidden)
    h_t = activation(z_t)                  (batch, hidden), h_{-1} = 0 or a parameter
    o_t = h_t W_o + c                      (batch, outputs), the logits

Forward, each time step is one matrix product and one call of the activation function. With
h = shift + scale · s (see `activations`) it computes s, and all weights are folded into one matrix:

    s_t = function([s_{t-1}, x_t, 1] F)

Backward, each time step is one matrix product and one elementwise product, with the gradients of
the next state and of the output in one array, and their weights in another:

    ∂L/∂h_t = [∂L/∂z_{t+1}, ∂L/∂o_t] [W_h, W_o]ᵀ      ∂L/∂z_t = ∂L/∂h_t · activation'(z_t)

The gradients of the weights are one matrix product each, over all time steps and sequences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

import numpy as np

from rnn_tui.engine.models.activations import ACTIVATIONS
from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout

Dot = Callable[[FloatArray, FloatArray], FloatArray]


BIAS_NAMES = ("hidden_bias", "input_bias")


@final
class ElmanCache:
    """The workspace for sequences of one shape.

    Views and bound methods are created once: creating one takes as long as a small product.
    """

    def __init__(self, time: int, batch: int, inputs: int, hidden: int, outputs: int) -> None:
        self.state_and_inputs = np.zeros(
            (time + 1, batch, hidden + inputs + 1)
        )  # [s_{t-1}, x_t, 1]
        self.state_and_inputs[:, :, -1] = 1.0
        self.inputs = self.state_and_inputs[:-1, :, hidden:-1]
        self.scaled_initial_state = self.state_and_inputs[0, :, :hidden]
        self.scaled_activation = self.state_and_inputs[1:, :, :hidden]  # s_t
        self.preactivations = np.empty((time, batch, hidden))  # u_t
        self.states = np.zeros((time + 1, batch, hidden))  # h_{t-1}, [0] is the initial state
        self.derivatives = np.empty((time, batch, hidden))
        self.logits: FloatArray = np.empty((time, batch, outputs))
        self.state_gradients: FloatArray = np.zeros((time, batch, hidden))
        self.errors = np.zeros((time + 1, batch, hidden + outputs))  # [∂L/∂z_t, ∂L/∂o_{t-1}]
        self.state_errors = self.errors[:-1, :, :hidden]
        self.output_errors = self.errors[1:, :, hidden:]

        flat = time * batch
        self.inputs_in_time = np.empty((time, batch, inputs))
        self.flat_inputs = self.inputs_in_time.reshape(flat, inputs)
        self.states_in_time = self.states[1:]
        self.hidden_states: FloatArray = self.states_in_time
        self.initial_state = self.states[0]
        self.flat_states = self.states[1:].reshape(flat, hidden)
        self.flat_previous_states = self.states[:-1].reshape(flat, hidden)
        self.flat_logits = self.logits.reshape(flat, outputs)
        self.flat_errors = np.empty((flat, hidden))
        self.errors_in_time = self.flat_errors.reshape(time, batch, hidden)

        self.forward_steps: list[tuple[Dot, FloatArray, FloatArray]] = [
            (self.state_and_inputs[t].dot, self.preactivations[t], self.scaled_activation[t])
            for t in range(time)
        ]
        self.backward_steps: list[tuple[Dot, FloatArray, FloatArray, FloatArray]] = [
            (
                self.errors[t + 1].dot,
                self.state_gradients[t],
                self.derivatives[t],
                self.state_errors[t],
            )
            for t in reversed(range(time))
        ]


@final
class Elman(Model):
    """An Elman network with `inputs` features, `hidden` units and `outputs` logits per time step.

    Parameters: input_weight (inputs, hidden), recurrent_weight (hidden, hidden), output_weight
    (hidden, outputs); with one of `biases` hidden_bias (hidden,) and output_bias (outputs,), with
    two of them input_bias (hidden,) as well; with a learned initial state initial_hidden (hidden,).
    """

    summary = "simple recurrent network: the hidden state is an input of the next time step"
    spec_fields = frozenset({"hidden_size", "activation", "biases", "initial_state", "lesion"})
    max_biases = 2

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
        inputs, hidden, outputs = spec.inputs, spec.hidden_size, spec.outputs
        self.inputs, self.hidden, self.outputs = inputs, hidden, outputs
        self.bias_names = BIAS_NAMES[: spec.biases]
        self.learned_initial_state = spec.initial_state == "learned"
        self.activation = ACTIVATIONS[spec.activation].with_arithmetic(spec.arithmetic)
        self._finish = self.activation.make_finish()
        self._weights = {name: self.parameters[name] for name in self.parameters}
        self._gradients = {name: self.gradient[name] for name in self.parameters}
        self._caches: dict[tuple[int, int], ElmanCache] = {}

        shift, scale = self.activation.shift, self.activation.scale
        # As 0-d arrays, which numpy multiplies by in half the time that a Python float takes.
        self._shift, self._scale, self._scale_squared = map(np.array, (shift, scale, scale**2))
        self._folded = np.zeros((hidden + inputs + 1, hidden))  # F
        self._folded_recurrent = self._folded[:hidden]
        self._folded_input = self._folded[hidden:-1]
        self._folded_constant = self._folded[-1:]
        self._bias_from_shift: Dot = np.full((1, hidden), shift / scale).dot
        self._backward_weights = np.zeros((hidden, hidden + outputs))  # [W_h, W_o]
        self._backward_recurrent_weight = self._backward_weights[:, :hidden]
        self._backward_output_weight = self._backward_weights[:, hidden:]

    @classmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        hidden = spec.hidden_size
        layout: dict[str, tuple[int, ...]] = {
            "input_weight": (spec.inputs, hidden),
            "recurrent_weight": (hidden, hidden),
            "output_weight": (hidden, spec.outputs),
        }
        layout |= dict.fromkeys(BIAS_NAMES[: spec.biases], (hidden,))
        if spec.biases:
            layout |= {"output_bias": (spec.outputs,)}
        if spec.initial_state == "learned":
            layout |= {"initial_hidden": (hidden,)}
        return layout

    @classmethod
    def describe(cls, spec: ModelSpec) -> str:
        return f"Elman {spec.hidden_size} {ACTIVATIONS[spec.activation].symbol}"

    def forward(self, inputs: FloatArray) -> ElmanCache:
        cache = self._cache_for(inputs.shape[0], inputs.shape[1])
        cache.inputs[...] = inputs
        folded, function = self._fold(), self.activation.function
        if self.learned_initial_state:
            cache.initial_state[...] = self._weights["initial_hidden"]
            if self.lesion:
                cache.initial_state[:, self.lesion - 1] = 0.0
            np.subtract(cache.initial_state, self._shift, cache.scaled_initial_state)
            np.divide(cache.scaled_initial_state, self._scale, cache.scaled_initial_state)
        for dot, preactivation, scaled_activation in cache.forward_steps:
            dot(folded, preactivation)
            function(preactivation, scaled_activation)

        states = cache.flat_states
        self._finish(
            cache.preactivations, cache.scaled_activation, cache.states_in_time, cache.derivatives
        )
        if self.lesion:
            states[:, self.lesion - 1] = 0.0
        states.dot(self._weights["output_weight"], cache.flat_logits)
        if self.bias_names:
            cache.flat_logits += self._weights["output_bias"]
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, ElmanCache)
        self._backward_recurrent_weight[...] = self._weights["recurrent_weight"]
        self._backward_output_weight[...] = self._weights["output_weight"]
        if self.lesion:
            self._backward_weights[self.lesion - 1] = 0.0
        backward_weights, multiply = self._backward_weights.T, np.multiply
        cache.output_errors[...] = logit_gradient
        for dot, state_gradient, derivative, error in cache.backward_steps:
            dot(backward_weights, state_gradient)
            multiply(state_gradient, derivative, error)

        gradient, errors = self._gradients, cache.flat_errors
        output_errors = logit_gradient.reshape(-1, self.outputs)
        cache.errors_in_time[...] = cache.state_errors
        cache.inputs_in_time[...] = cache.inputs
        cache.flat_inputs.T.dot(errors, gradient["input_weight"])
        cache.flat_previous_states.T.dot(errors, gradient["recurrent_weight"])
        cache.flat_states.T.dot(output_errors, gradient["output_weight"])
        for name in self.bias_names:
            errors.sum(axis=0, out=gradient[name])
        if self.bias_names:
            output_errors.sum(axis=0, out=gradient["output_bias"])
        if self.learned_initial_state:
            first_errors = cache.state_errors[0].sum(axis=0)
            self.lesioned("recurrent_weight").dot(first_errors, gradient["initial_hidden"])

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, ElmanCache)
        return cache.derivatives

    def _cache_for(self, time: int, batch: int) -> ElmanCache:
        cache = self._caches.get((time, batch))
        if cache is None:
            cache = ElmanCache(time, batch, self.inputs, self.hidden, self.outputs)
            cache.state_and_inputs[0, :, : self.hidden] = (
                -self.activation.shift / self.activation.scale
            )  # h = 0
            self._caches[time, batch] = cache
        return cache

    def _fold(self) -> FloatArray:
        """Write the weights into F, scaled and shifted from h to s, and return F."""
        weights = self._weights
        np.multiply(weights["recurrent_weight"], self._scale_squared, self._folded_recurrent)
        if self.lesion:  # the clamped unit is not an input: its s_t is that of no clamping
            self._folded_recurrent[self.lesion - 1] = 0.0
        np.multiply(weights["input_weight"], self._scale, self._folded_input)
        self._bias_from_shift(self._folded_recurrent, self._folded_constant)
        for name in self.bias_names:
            self._folded_constant += self._scale * weights[name]
        return self._folded
