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

Per time step all arrays are transposed, (features, batch), so that the states of a batch are
contiguous, and the transposed products F^T s are computed. For all time steps at once they are
(time, batch, features).
"""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.models.activations import ACTIVATIONS
from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout, Stack, dot_of

MAX_BLOCK_VALUES = 1 << 14  # of elementwise operations in sequence: 128 KiB, which stay cached
BIAS_NAMES = ("hidden_bias", "input_bias")


@final
class ElmanCache:
    """The workspace for sequences of one shape, transposed where marked with ᵀ.

    Views and bound methods are created once: creating one takes as long as a small product.
    """

    def __init__(
        self, stack: Stack, time: int, batch: int, inputs: int, hidden: int, outputs: int
    ) -> None:
        state_and_inputs = np.zeros((*stack, time + 1, hidden + inputs + 1, batch))
        state_and_inputs[..., -1, :] = 1.0
        self.inputs = state_and_inputs[..., :-1, hidden:-1, :].swapaxes(-1, -2)
        self.scaled_initial_state = state_and_inputs[..., 0, :hidden, :].swapaxes(-1, -2)
        scaled_activation = state_and_inputs[..., 1:, :hidden, :]  # s_tᵀ
        preactivations = np.empty((*stack, time, hidden, batch))  # u_tᵀ
        self.states = np.zeros((*stack, time + 1, batch, hidden))  # h_{t-1}, [0] the initial state
        self.derivatives = np.empty((*stack, time, hidden, batch))  # ᵀ
        self.logits: FloatArray = np.empty((*stack, time, batch, outputs))
        state_gradients = np.zeros((*stack, time, hidden, batch))
        self.state_gradients: FloatArray = state_gradients.swapaxes(-1, -2)
        errors = np.zeros((*stack, time + 1, hidden + outputs, batch))  # [∂L/∂z_t, ∂L/∂o_{t-1}]ᵀ
        state_errors = errors[..., :-1, :hidden, :]
        self.state_errors = state_errors.swapaxes(-1, -2)
        self.output_errors = errors[..., 1:, hidden:, :].swapaxes(-1, -2)
        if batch == 1:
            backward_weights = np.zeros((*stack, hidden, hidden + outputs))  # [W_h, W_o]
        else:  # OpenBLAS then sums in the order of earlier versions, whose journals replay
            backward_weights = np.zeros((*stack, hidden + outputs, hidden)).swapaxes(-1, -2)
        self.backward_weights, self.backward_dot = backward_weights, dot_of(backward_weights)
        self.recurrent_weight = backward_weights[..., :hidden]
        self.output_weight = backward_weights[..., hidden:]

        flat = time * batch
        self.inputs_in_time = np.empty((*stack, time, batch, inputs))
        self.states_in_time = self.states[..., 1:, :, :]
        transposed_states = self.states_in_time.swapaxes(-1, -2)
        self.hidden_states: FloatArray = self.states_in_time
        self.initial_state = self.states[..., 0, :, :]
        flat_states = self.states_in_time.reshape(*stack, flat, hidden)
        self.flat_states = flat_states
        self.flat_logits = self.logits.reshape(*stack, flat, outputs)
        self.flat_errors = np.empty((*stack, flat, hidden))
        self.errors_in_time = self.flat_errors.reshape(*stack, time, batch, hidden)

        flat_inputs = self.inputs_in_time.reshape(*stack, flat, inputs)
        flat_previous_states = self.states[..., :-1, :, :].reshape(*stack, flat, hidden)
        self.dot_inputs = dot_of(flat_inputs.swapaxes(-1, -2))
        self.dot_previous_states = dot_of(flat_previous_states.swapaxes(-1, -2))
        self.dot_states = dot_of(flat_states.swapaxes(-1, -2))
        self.states_dot = dot_of(flat_states)

        n_steps = max(1, MAX_BLOCK_VALUES * time // max(1, self.derivatives.size))
        arrays = preactivations, scaled_activation, transposed_states, self.derivatives
        self.blocks = [
            tuple(array[..., start : start + n_steps, :, :] for array in arrays)
            for start in range(0, time, n_steps)
        ]
        self.forward_steps: list[tuple[FloatArray, ...]] = [
            (
                state_and_inputs[..., t, :, :],
                preactivations[..., t, :, :],
                scaled_activation[..., t, :, :],
            )
            for t in range(time)
        ]
        self.backward_steps: list[tuple[FloatArray, ...]] = [
            (
                errors[..., t + 1, :, :],
                state_gradients[..., t, :, :],
                self.derivatives[..., t, :, :],
                state_errors[..., t, :, :],
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
    supports_stacks = True

    def __init__(self, spec: ModelSpec, stack: Stack = ()) -> None:
        super().__init__(spec, stack)
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
        self._folded = np.zeros((*stack, hidden + inputs + 1, hidden))  # F
        self._folded_recurrent = self._folded[..., :hidden, :]
        self._folded_input = self._folded[..., hidden:-1, :]
        self._folded_constant = self._folded[..., -1:, :]
        self._folded_dot = dot_of(self._folded.swapaxes(-1, -2))
        self._bias_from_shift = dot_of(np.full((*stack, 1, hidden), shift / scale))

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
        cache = self._cache_for(*inputs.shape[-3:-1])
        cache.inputs[...] = cache.inputs_in_time[...] = inputs
        self._fold()
        dot, function = self._folded_dot, self.activation.function
        if self.learned_initial_state:
            cache.initial_state[...] = self._weights["initial_hidden"][..., np.newaxis, :]
            if self.lesion:
                cache.initial_state[..., self.lesion - 1] = 0.0
            np.subtract(cache.initial_state, self._shift, cache.scaled_initial_state)
            np.divide(cache.scaled_initial_state, self._scale, cache.scaled_initial_state)
        for state_and_inputs, preactivation, scaled_activation in cache.forward_steps:
            dot(state_and_inputs, preactivation)
            function(preactivation, scaled_activation)

        states = cache.states_in_time
        for block in cache.blocks:
            self._finish(*block)
        if self.lesion:
            states[..., self.lesion - 1] = 0.0
        cache.states_dot(self._weights["output_weight"], cache.flat_logits)
        if self.bias_names:
            cache.flat_logits += self._weights["output_bias"][..., np.newaxis, :]
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, ElmanCache)
        cache.recurrent_weight[...] = self._weights["recurrent_weight"]
        cache.output_weight[...] = self._weights["output_weight"]
        if self.lesion:
            cache.backward_weights[..., self.lesion - 1, :] = 0.0
        dot, multiply = cache.backward_dot, np.multiply
        cache.output_errors[...] = logit_gradient
        for next_errors, state_gradient, derivative, error in cache.backward_steps:
            dot(next_errors, state_gradient)
            multiply(state_gradient, derivative, error)

        gradient, errors = self._gradients, cache.flat_errors
        output_errors = logit_gradient.reshape(*self.stack, -1, self.outputs)
        cache.errors_in_time[...] = cache.state_errors
        cache.dot_inputs(errors, gradient["input_weight"])
        cache.dot_previous_states(errors, gradient["recurrent_weight"])
        cache.dot_states(output_errors, gradient["output_weight"])
        for name in self.bias_names:
            errors.sum(axis=-2, out=gradient[name])
        if self.bias_names:
            output_errors.sum(axis=-2, out=gradient["output_bias"])
        if self.learned_initial_state:
            first_errors = cache.errors_in_time[..., 0, :, :].sum(axis=-2)
            recurrent_weight = self.lesioned("recurrent_weight")
            np.matvec(recurrent_weight, first_errors, gradient["initial_hidden"])

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, ElmanCache)
        return cache.derivatives.swapaxes(-1, -2)

    def _cache_for(self, time: int, batch: int) -> ElmanCache:
        cache = self._caches.get((time, batch))
        if cache is None:
            sizes = self.inputs, self.hidden, self.outputs
            cache = ElmanCache(self.stack, time, batch, *sizes)
            cache.scaled_initial_state[...] = (
                -self.activation.shift / self.activation.scale
            )  # h = 0
            self._caches[time, batch] = cache
        return cache

    def _fold(self) -> None:
        """Write the weights into F, scaled and shifted from h to s."""
        weights = self._weights
        np.multiply(weights["recurrent_weight"], self._scale_squared, self._folded_recurrent)
        if self.lesion:  # the clamped unit is not an input: its s_t is that of no clamping
            self._folded_recurrent[..., self.lesion - 1, :] = 0.0
        np.multiply(weights["input_weight"], self._scale, self._folded_input)
        self._bias_from_shift(self._folded_recurrent, self._folded_constant)
        for name in self.bias_names:
            self._folded_constant += self._scale * weights[name][..., np.newaxis, :]
