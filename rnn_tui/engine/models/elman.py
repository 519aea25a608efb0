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

The gradients of the weights are products over all time steps and sequences.

Per time step all arrays are transposed, (features, batch), so that the states of a batch are
contiguous, and the transposed products F^T s are computed. Those of a stack of models have the time
step first and then the replica, for the same reason.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import numpy as np

from rnn_tui.engine.models.activations import ACTIVATIONS, Form
from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import (
    FloatArray,
    Layout,
    Stack,
    aligned_zeros,
    dot_of,
    rows_of,
)

MAX_BLOCK_VALUES = 1 << 14  # of the time steps in sequence: 128 KiB, which stay cached
# Long rows are padded: those that start a multiple of 4 KiB apart share the same few cache lines.
MIN_PADDED_BATCH, PADDING = 512, 16
BIAS_NAMES = ("hidden_bias", "input_bias")


def rows_of_vectors(array: FloatArray) -> Any:
    """Return the `rows_of` vectors (…, n, 1)."""
    return rows_of(array[..., 0])


def through_scratch(
    function: Callable[[FloatArray, FloatArray], object], scratch: FloatArray
) -> Callable[[FloatArray, Any], None]:
    """Return the elementwise `function` of arrays (…, n, 1) with the output as `rows_of_vectors`.

    It writes to `scratch`, and copies that: to short rows with gaps between them, elementwise
    functions take longer.
    """
    rows = rows_of_vectors(scratch)

    def write(u: FloatArray, out: Any) -> None:
        function(u, scratch)
        out[...] = rows

    return write


def multiply_in_place(gradient: FloatArray) -> Callable[[FloatArray, FloatArray, Any], None]:
    """Return np.multiply of `gradient` (…, n, 1) and a slope, with the output as `rows_of_vectors`.

    It replaces the gradient, which is not needed afterwards, and copies that, as `through_scratch`.
    """
    rows = rows_of_vectors(gradient)

    def multiply(gradient: FloatArray, slope: FloatArray, out: Any) -> None:
        np.multiply(gradient, slope, gradient)
        out[...] = rows

    return multiply


class ElmanCache:
    """The workspace for sequences of one shape, transposed where marked with ᵀ.

    Views and bound methods are created once: creating one takes as long as a small product. It is
    no ABC, of which `isinstance` takes longer.
    Elementwise functions are computed with the padding of rows, which is finite and never read.

    folded          F, and its parts for the states, the inputs and the constant 1
    states          h_{t-1}, [0] the initial state, (time + 1, batch, hidden)
    errors_in_time  ∂L/∂z_t, (time, batch, hidden)
    """

    states: FloatArray
    errors_in_time: FloatArray

    def __init__(
        self, form: Form, stack: Stack, time: int, batch: int, sizes: tuple[int, int, int]
    ) -> None:
        inputs, hidden, outputs = sizes
        self.form, self.stack = form, stack
        padding = PADDING if form.in_place and batch >= MIN_PADDED_BATCH else 0
        row, in_batch = batch + padding, np.s_[..., :batch]
        by_vector = bool(stack) and batch == 1
        column = np.s_[..., 0] if by_vector else in_batch
        # As 0-d arrays, which numpy multiplies by in half the time that a Python float takes.
        self.shift, self.scale, self.factor, self.recurrent_factor = map(
            np.array, (form.shift, form.scale, form.factor, form.factor * form.scale)
        )
        self.bias_from_shift = dot_of(np.full((*stack, 1, hidden), form.shift / form.scale))
        self.folded = aligned_zeros(*stack, hidden + inputs + 1, hidden)
        self.folded_recurrent = self.folded[..., :hidden, :]
        self.folded_input = self.folded[..., hidden:-1, :]
        self.folded_constant = self.folded[..., -1:, :]
        self.factors_in_stack = aligned_zeros(*self.folded.shape if stack else (0, 0))
        self.factors_in_stack[..., :hidden, :] = self.recurrent_factor
        self.factors_in_stack[..., hidden:, :] = self.factor
        self.folded_dot = dot_of(
            self.folded.swapaxes(-1, -2), padded=padding > 0, by_vector=by_vector
        )
        padded_factors = aligned_zeros(time + 1, *stack, hidden + inputs + 1, row)
        padded_factors[..., -1, :] = 1.0
        padded_states = padded_factors[1:, ..., :hidden, :]  # s_tᵀ
        self.state_and_inputs = state_and_inputs = padded_factors[in_batch]
        self.inputs = self.by_replica(state_and_inputs[:-1, ..., hidden:-1, :])
        self.scaled_states = self.by_replica(state_and_inputs[..., :hidden, :])
        self.scaled_initial_state = self.scaled_states[..., 0, :, :]
        self.scaled_initial_state[...] = -form.shift / form.scale  # h = 0
        padded_derivatives = aligned_zeros(time, *stack, hidden, row)  # u_tᵀ until `finish`
        derivatives = padded_derivatives[in_batch]
        self.derivatives = self.by_replica(derivatives)
        self.logits: FloatArray = aligned_zeros(*stack, time, batch, outputs)
        padded_errors = aligned_zeros(time + 1, *stack, hidden + outputs, row)
        errors = padded_errors[in_batch]  # [∂L/∂z_t, ∂L/∂o_{t-1}]ᵀ
        self.errors = errors.swapaxes(-1, -2)
        self.state_errors = self.by_replica(errors[:-1, ..., :hidden, :])
        self.output_errors = self.by_replica(errors[1:, ..., hidden:, :])
        self.backward_weights = self._new_backward_weights((*stack, hidden, hidden + outputs))
        self.backward_dot = dot_of(self.backward_weights, padded=padding > 0, by_vector=by_vector)
        self.recurrent_weight = self.backward_weights[..., :hidden]
        is_by_rows = self.recurrent_weight.strides[-1] == self.recurrent_weight.itemsize
        self.recurrent_rows = rows_of(self.recurrent_weight) if is_by_rows else None
        self.output_weight = self.backward_weights[..., hidden:]
        self._allocate(hidden)
        self.hidden_states: FloatArray = self.states[..., 1:, :, :]
        self.initial_state = self.states[..., 0, :, :]

        n_steps = max(1, MAX_BLOCK_VALUES * time // max(1, padded_derivatives.size))
        blocks = [slice(start, start + n_steps) for start in range(0, time, n_steps)]
        columns = state_and_inputs[:-1][column], derivatives[column]
        to_rows = rows_of_vectors if by_vector else lambda array: array
        steps = list(zip(*columns, padded_derivatives, to_rows(padded_states), strict=True))
        states = padded_states if form.in_place else self.by_time_step(self.hidden_states)
        # Elementwise functions of transposed states take twice the time of a copy.
        is_copied = not (form.in_place or states.flags.c_contiguous)
        finished = aligned_zeros(*states.shape) if is_copied else states
        self.forward_blocks = [
            (
                steps[block],
                padded_derivatives[block],
                padded_states[block],
                finished[block],
                (to_rows(states[block]), to_rows(finished[block])) if is_copied else None,
            )
            for block in blocks
        ]
        # Of the latest time step only, so that it stays cached.
        self.padded_state_gradient = aligned_zeros(*stack, hidden, row)
        self.state_gradient = self.padded_state_gradient[column]
        padded_state_errors = to_rows(padded_errors[:-1, ..., :hidden, :])
        self.function: Callable[[FloatArray, Any], object] = form.make_function()
        self.multiply: Callable[[FloatArray, FloatArray, FloatArray], object] = np.multiply
        if by_vector:
            self.function = through_scratch(self.function, aligned_zeros(*stack, hidden, 1))
            self.multiply = multiply_in_place(self.padded_state_gradient)
        backward_steps = zip(
            errors[1:][column], padded_derivatives, padded_state_errors, strict=True
        )
        self.backward_steps = list(backward_steps)[::-1]

    @property
    def state_gradients(self) -> FloatArray:
        """∂L/∂h_t, (time, batch, hidden), by the products of the backward pass."""
        errors = self.errors[1:].swapaxes(-1, -2)
        return self.by_replica(np.matmul(self.backward_weights, errors))

    def by_replica(self, array: FloatArray) -> FloatArray:
        """Return a view of `array` (time, *stack, features, batch) as (*stack, time, batch, …)."""
        return np.moveaxis(array, 0, len(self.stack)).swapaxes(-1, -2)

    def by_time_step(self, array: FloatArray) -> FloatArray:
        """Return a view of `array` (*stack, time, batch, features) as (time, *stack, …, batch)."""
        return np.moveaxis(array, len(self.stack), 0).swapaxes(-1, -2)

    @abstractmethod
    def _new_backward_weights(self, shape: tuple[int, ...]) -> FloatArray:
        """Return the array for [W_h, W_o], zeros of this shape (hidden, hidden + outputs)."""

    @abstractmethod
    def _allocate(self, hidden: int) -> None:
        """Create the arrays for all time steps at once."""

    @abstractmethod
    def set_inputs(self, inputs: FloatArray) -> None:
        """Copy the inputs (time, batch, features)."""

    @abstractmethod
    def compute_logits(self, output_weight: FloatArray) -> None:
        """Write h_t W_o to `logits`."""

    @abstractmethod
    def compute_gradients(
        self,
        gradient: Mapping[str, FloatArray],
        bias_names: Sequence[str],
        logit_gradient: FloatArray,
    ) -> None:
        """Write the gradients of all weights and biases, except that of the initial state.

        With `bias_names` of the hidden layer, the output has a bias too.
        """


@final
class FlatCache(ElmanCache):
    """The workspace of a form in which s is not h, with copies (time, batch, features).

    Each gradient is one product over time · batch, which is fast for small batches. Its order of
    summation is that of the journals of earlier versions, which have to replay.
    """

    def _new_backward_weights(self, shape: tuple[int, ...]) -> FloatArray:
        *stack, rows, columns = shape
        if self.logits.shape[-2] == 1:
            return aligned_zeros(*shape)
        return aligned_zeros(*stack, columns, rows).swapaxes(-1, -2)  # another order of summation

    def _allocate(self, hidden: int) -> None:
        *stack, time, batch, outputs = self.logits.shape
        flat = time * batch
        self.states = aligned_zeros(*stack, time + 1, batch, hidden)
        flat_states = self.states[..., 1:, :, :].reshape(*stack, flat, hidden)
        flat_previous_states = self.states[..., :-1, :, :].reshape(*stack, flat, hidden)
        self.inputs_in_time = aligned_zeros(*self.inputs.shape)
        flat_inputs = self.inputs_in_time.reshape(*stack, flat, self.inputs.shape[-1])
        self.flat_logits = self.logits.reshape(*stack, flat, outputs)
        self.logit_gradient: FloatArray | None = None  # the latest
        self.flat_logit_gradient: FloatArray = self.flat_logits
        self.flat_errors = aligned_zeros(*stack, flat, hidden)
        self.errors_in_time = self.flat_errors.reshape(*stack, time, batch, hidden)
        self.copied_errors = self.errors_in_time, self.state_errors
        if batch == 1:
            self.copied_errors = rows_of(self.errors_in_time), rows_of(self.state_errors)
        self.dot_inputs = dot_of(flat_inputs.swapaxes(-1, -2))
        self.dot_previous_states = dot_of(flat_previous_states.swapaxes(-1, -2))
        self.dot_states = dot_of(flat_states.swapaxes(-1, -2))
        self.states_dot = dot_of(flat_states)

    def set_inputs(self, inputs: FloatArray) -> None:
        self.inputs[...] = self.inputs_in_time[...] = inputs

    def compute_logits(self, output_weight: FloatArray) -> None:
        self.states_dot(output_weight, self.flat_logits)

    def compute_gradients(
        self,
        gradient: Mapping[str, FloatArray],
        bias_names: Sequence[str],
        logit_gradient: FloatArray,
    ) -> None:
        errors = self.flat_errors
        if logit_gradient is not self.logit_gradient:
            self.flat_logit_gradient = logit_gradient.reshape(self.flat_logits.shape)
            is_view = logit_gradient.flags.c_contiguous
            self.logit_gradient = logit_gradient if is_view else None
        output_errors = self.flat_logit_gradient
        errors_in_time, state_errors = self.copied_errors
        errors_in_time[...] = state_errors
        self.dot_inputs(errors, gradient["input_weight"])
        self.dot_previous_states(errors, gradient["recurrent_weight"])
        self.dot_states(output_errors, gradient["output_weight"])
        for name in bias_names:
            errors.sum(axis=-2, out=gradient[name])
        if bias_names:
            output_errors.sum(axis=-2, out=gradient["output_bias"])


@final
class InPlaceCache(ElmanCache):
    """The workspace of a form in which s is h, without copies.

    All gradients are parts of one product per time step, [h_{t-1}, x_t, 1]ᵀ [∂L/∂z_t, ∂L/∂o_{t-1}].
    """

    def _new_backward_weights(self, shape: tuple[int, ...]) -> FloatArray:
        return aligned_zeros(*shape)

    def _allocate(self, hidden: int) -> None:
        self.states = self.scaled_states
        self.errors_in_time = self.state_errors
        time, *shape, _ = self.state_and_inputs.shape
        shape = [*shape, self.errors.shape[-1]]
        n_steps = max(1, MAX_BLOCK_VALUES // (shape[-2] * shape[-1]))  # the same for any stack
        self.factors = [
            (self.state_and_inputs[start : start + n_steps], self.errors[start : start + n_steps])
            for start in range(0, time, n_steps)
        ]
        self.products, self.gradients = np.empty((min(time, n_steps), *shape)), np.empty(shape)

    def set_inputs(self, inputs: FloatArray) -> None:
        self.inputs[...] = inputs

    def compute_logits(self, output_weight: FloatArray) -> None:
        np.matmul(self.hidden_states, output_weight[..., np.newaxis, :, :], self.logits)

    def compute_gradients(
        self,
        gradient: Mapping[str, FloatArray],
        bias_names: Sequence[str],
        logit_gradient: FloatArray,
    ) -> None:
        sums, hidden = self.gradients, self.states.shape[-1]
        sums[...] = 0.0
        for state_and_inputs, errors in self.factors:
            products = self.products[: len(errors)]
            np.matmul(state_and_inputs, errors, products)
            sums += products.sum(axis=0)
        gradient["recurrent_weight"][...] = sums[..., :hidden, :hidden]
        gradient["input_weight"][...] = sums[..., hidden:-1, :hidden]
        gradient["output_weight"][...] = sums[..., :hidden, hidden:]
        for name in bias_names:
            gradient[name][...] = sums[..., -1, :hidden]
        if bias_names:
            gradient["output_bias"][...] = sums[..., -1, hidden:]


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
        self.activation = ACTIVATIONS[spec.activation]
        self._weights = {name: self.parameters[name] for name in self.parameters}
        self._recurrent_rows = rows_of(self._weights["recurrent_weight"])
        self._gradients = {name: self.gradient[name] for name in self.gradient}
        self._caches: dict[tuple[int, ...], ElmanCache] = {}  # by the shape of the inputs

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

    def logits(self, inputs: FloatArray) -> FloatArray:
        return self.forward(inputs, with_derivatives=False).logits

    def forward(self, inputs: FloatArray, with_derivatives: bool = True) -> ElmanCache:
        cache = self._caches.get(inputs.shape) or self._add_cache(inputs.shape)
        cache.set_inputs(inputs)
        self._fold(cache)
        dot, function, finish = cache.folded_dot, cache.function, cache.form.finish
        if self.learned_initial_state:
            cache.initial_state[...] = self._weights["initial_hidden"][..., np.newaxis, :]
            if self.lesion:
                cache.initial_state[..., self.lesion - 1] = 0.0
            np.subtract(cache.initial_state, cache.shift, cache.scaled_initial_state)
            np.divide(cache.scaled_initial_state, cache.scale, cache.scaled_initial_state)
        is_finished = with_derivatives or not cache.form.in_place
        for steps, preactivations, activations, finished, copied in cache.forward_blocks:
            for state_and_inputs, preactivation, padded_preactivation, scaled_activation in steps:
                dot(state_and_inputs, preactivation)
                function(padded_preactivation, scaled_activation)
            if is_finished:
                finish(preactivations, activations, finished)
            if copied:
                target, source = copied
                target[...] = source
        if self.lesion:
            cache.hidden_states[..., self.lesion - 1] = 0.0
        cache.compute_logits(self._weights["output_weight"])
        if self.bias_names:
            cache.logits += self._weights["output_bias"][..., np.newaxis, np.newaxis, :]
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, ElmanCache)
        if cache.recurrent_rows is None:
            cache.recurrent_weight[...] = self._weights["recurrent_weight"]
        else:
            cache.recurrent_rows[...] = self._recurrent_rows
        cache.output_weight[...] = self._weights["output_weight"]
        if self.lesion:
            cache.backward_weights[..., self.lesion - 1, :] = 0.0
        dot, multiply = cache.backward_dot, cache.multiply
        cache.output_errors[...] = logit_gradient
        gradient, padded_gradient = cache.state_gradient, cache.padded_state_gradient
        for next_errors, derivative, error in cache.backward_steps:
            dot(next_errors, gradient)
            multiply(padded_gradient, derivative, error)
        cache.compute_gradients(self._gradients, self.bias_names, logit_gradient)
        if self.learned_initial_state:
            first_errors = cache.errors_in_time[..., 0, :, :].sum(axis=-2)
            recurrent_weight = self.lesioned("recurrent_weight")
            np.matvec(recurrent_weight, first_errors, self.gradient["initial_hidden"])

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, ElmanCache)
        return cache.derivatives

    def _add_cache(self, shape: tuple[int, ...]) -> ElmanCache:
        *_, time, batch, _ = shape
        form = self.activation.form(self.spec.numerics, batch)
        sizes = self.inputs, self.hidden, self.outputs
        cache_type = InPlaceCache if form.in_place else FlatCache
        cache = self._caches[shape] = cache_type(form, self.stack, time, batch, sizes)
        return cache

    def _fold(self, cache: ElmanCache) -> None:
        """Write the weights into F, scaled and shifted from h to s."""
        weights = self._weights
        if self.stack:  # numpy takes twice the time for rows with gaps, except to copy them
            cache.folded_recurrent[...] = weights["recurrent_weight"]
            cache.folded_input[...] = weights["input_weight"]
            np.multiply(cache.folded, cache.factors_in_stack, cache.folded)
        else:
            np.multiply(weights["recurrent_weight"], cache.recurrent_factor, cache.folded_recurrent)
            np.multiply(weights["input_weight"], cache.factor, cache.folded_input)
        if self.lesion:  # the clamped unit is not an input: its s_t is that of no clamping
            cache.folded_recurrent[..., self.lesion - 1, :] = 0.0
        cache.bias_from_shift(cache.folded_recurrent, cache.folded_constant)
        for name in self.bias_names:
            cache.folded_constant += cache.factor * weights[name][..., np.newaxis, :]
