"""Long short-term memory (Hochreiter & Schmidhuber 1997), in the form of torch.nn.LSTM.

The columns of W_x and U are those of the input gate i, the forget gate f, the cell candidate g and
the output gate o, in this order:

    a_t = x_t W_x + h_{t-1} U + b          (batch, 4 hidden)
    i, f, o = σ(a_i), σ(a_f), σ(a_o),  g = tanh(a_g)
    c_t = f c_{t-1} + i g                  (batch, hidden), the cell
    h_t = o tanh(c_t)                      (batch, hidden)
    y_t = h_t W_o + d                      (batch, outputs), the logits

As σ(a) = ½ + ½ tanh(½ a), all four are shift + scale · tanh(scale · a), with the derivative d =
scale² / cosh²(scale · a); scale and shift are ½ and ½ for a gate, 1 and 0 for g.

Backward, ∂L/∂h_t (with c_t fixed) and ∂L/∂c_t are total derivatives, and the factors of the other
gradients are computed for all time steps at once:

    ∂L/∂c_t = ∂L/∂c_{t+1} f_{t+1} + ∂L/∂h_t o (1 - tanh² c_t)
    ∂L/∂a_i, _f, _g = ∂L/∂c_t · (g, c_{t-1}, i) · d      ∂L/∂a_o = ∂L/∂h_t tanh(c_t) · d
    ∂L/∂h_{t-1} = ∂L/∂y_{t-1} W_oᵀ + ∂L/∂a_t Uᵀ
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from rnn_tui.engine.models.activations import FORMER_NUMERICS, tanh_slope
from rnn_tui.engine.models.base import ForwardCache, ModelSpec
from rnn_tui.engine.models.gated import GatedCache, GatedModel, flat, time_step_views, transposed
from rnn_tui.engine.parameters import SCALARS, FloatArray, Stack, dot_of


@final
class LSTMCache(GatedCache):
    """The workspace for one shape; `cell_gradients` start with the initial state too."""

    def __init__(self, stack: Stack, time: int, batch: int, spec: ModelSpec) -> None:
        hidden = spec.hidden_size
        super().__init__(stack, time, batch, spec, 4 * hidden)
        self.preactivations = np.empty((*stack, time, batch, 4 * hidden))  # scale · a
        self.gates = np.empty((*stack, time, batch, 4 * hidden))
        self.cell_history = np.zeros((*stack, time + 1, batch, hidden))
        self.previous_cells = self.cell_history[..., :-1, :, :]
        self.initial_cell = self.cell_history[..., 0, :, :]
        self.cells: FloatArray = self.cell_history[..., 1:, :, :]
        self.cell_activation = np.empty((*stack, time, batch, hidden))
        self.cell_gradients = np.zeros((*stack, time + 1, batch, hidden))
        self.cell_derivatives = np.empty((*stack, time, batch, hidden))
        self.cell_slope = np.empty((*stack, time, batch, hidden))
        self.is_closed = np.empty((*stack, time, batch, 4 * hidden), bool)
        self.opening = np.empty((*stack, time, batch, 4 * hidden))  # 1 - gates
        self.slopes = self.derivatives.reshape(*stack, time, batch, 4 * hidden)
        self.shift: FloatArray = np.repeat([0.5, 0.5, 0.0, 0.5], hidden)
        self.scale: FloatArray = np.repeat([0.5, 0.5, 1.0, 0.5], hidden)
        self.scale_squared = self.scale**2
        self.closed_gates = np.repeat([0.5, 0.5, -np.inf, 0.5], hidden)  # below, a gate is closed

        i, f, g, o = np.split(self.gates, 4, axis=-1)
        h, c, cells = self.previous_states, self.previous_cells, self.cells
        self.forward_steps: list[tuple[Any, ...]] = [
            (dot_of(h), *others)
            for h, *others in time_step_views(
                stack,
                h,
                c,
                self.input_projection,
                self.preactivations,
                self.gates,
                i,
                f,
                g,
                o,
                cells,
                self.cell_activation,
                self.states,
            )
        ]
        dh, dc = self.state_gradients, self.cell_gradients[..., 1:, :, :]
        ifg_slice, o_slice = np.s_[..., :3, :], np.s_[..., 3, :]
        derivatives, errors = self.derivatives, self.errors
        previous_gradients = self.gradients[..., :-1, :, :], self.cell_gradients[..., :-1, :, :]
        self.backward_steps: list[tuple[Any, ...]] = [
            (*others, dot_of(flat_errors))
            for *others, flat_errors in time_step_views(
                stack,
                *(
                    dh,
                    dc,
                    dc[..., np.newaxis, :],
                    self.cell_derivatives,
                    derivatives[ifg_slice],
                    derivatives[o_slice],
                ),
                *(errors[ifg_slice], errors[o_slice], f, *previous_gradients),
                errors.reshape(*stack, time, batch, 4 * hidden),
            )[::-1]
        ]


@final
class LSTM(GatedModel[LSTMCache]):
    """A long short-term memory with `inputs` features, `hidden` cells and `outputs` logits.

    Parameters: input_weight (inputs, 4 hidden), recurrent_weight (hidden, 4 hidden), both in the
    order i, f, g, o, and output_weight (hidden, outputs); with biases, hidden_bias (4 hidden,) and
    output_bias (outputs,), which are b and d; with a learned initial state, initial_hidden
    (hidden,) and initial_cell (hidden,), the initial h and c, otherwise 0.
    """

    summary = "long short-term memory: input, forget and output gates around a memory cell"
    n_gates = 4
    bias_gates: ClassVar = {"hidden_bias": 4}
    initial_states = ("initial_hidden", "initial_cell")

    def new_cache(self, time: int, batch: int) -> LSTMCache:
        return LSTMCache(self.stack, time, batch, self.spec)

    def forward(self, inputs: FloatArray) -> LSTMCache:
        cache, weights = self.project(inputs), self.parameters
        if self.learned_initial_state:
            cache.initial_cell[...] = weights["initial_cell"][..., np.newaxis, :]
        recurrent_weight, scratch = self.lesioned("recurrent_weight"), cache.scratch
        shift, scale = cache.shift, cache.scale
        add, multiply, tanh = np.add, np.multiply, np.tanh
        for (
            dot,
            c,
            input_projection,
            preactivation,
            gates,
            i,
            f,
            g,
            o,
            cell,
            cell_activation,
            state,
        ) in cache.forward_steps:
            dot(recurrent_weight, preactivation)
            add(preactivation, input_projection, preactivation)
            multiply(preactivation, scale, preactivation)
            tanh(preactivation, gates)
            multiply(gates, scale, gates)
            add(gates, shift, gates)
            multiply(i, g, scratch)
            multiply(f, c, cell)
            add(cell, scratch, cell)
            tanh(cell, cell_activation)
            multiply(o, cell_activation, state)
        self.compute_logits(cache)
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, LSTMCache)
        self.backward_from_logits(cache, logit_gradient)
        cache.cell_gradients[..., -1, :, :] = 0.0
        self._fill_derivatives(cache)
        recurrent_weight_t = transposed(self.lesioned("recurrent_weight"))
        scratch, add, multiply = cache.scratch, np.add, np.multiply
        for step in cache.backward_steps:
            dh, dc, dc_broadcast, cell_derivative, ifg_derivatives, o_derivative, *others = step
            ifg_errors, o_error, f, previous_dh, previous_dc, dot = others
            multiply(dh, cell_derivative, scratch)
            add(dc, scratch, dc)
            multiply(dc_broadcast, ifg_derivatives, ifg_errors)
            multiply(dh, o_derivative, o_error)
            multiply(dc, f, previous_dc)
            dot(recurrent_weight_t, scratch)
            add(previous_dh, scratch, previous_dh)
        self._compute_gradient(cache)

    def _compute_gradient(self, cache: LSTMCache) -> None:
        gradient, errors = self.gradient, cache.flat_errors
        dot_of(transposed(flat(cache.inputs)))(errors, gradient["input_weight"])
        dot_of(transposed(flat(cache.previous_states)))(errors, gradient["recurrent_weight"])
        if self.bias:
            errors.sum(axis=-2, out=gradient["hidden_bias"])
        if self.learned_initial_state:
            cache.initial_gradient.sum(axis=-2, out=gradient["initial_hidden"])
            cache.cell_gradients[..., 0, :, :].sum(axis=-2, out=gradient["initial_cell"])

    def cell_gradients(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, LSTMCache)
        return cache.cell_gradients[..., 1:, :, :]

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, LSTMCache)
        derivatives = np.abs(cache.derivatives)
        derivatives[..., :3, :] *= cache.cell_derivatives[..., np.newaxis, :]
        slopes: FloatArray = derivatives.max(axis=-2)
        return slopes

    def _fill_derivatives(self, cache: LSTMCache) -> None:
        """Write the factors of ∂L/∂c_t for i, f and g, and of ∂L/∂h_t for o and c."""
        derivatives, cell_activation = cache.derivatives, cache.cell_activation
        gates, slopes = cache.gates.reshape(derivatives.shape), cache.slopes
        if self.spec.numerics == FORMER_NUMERICS:
            slopes[...] = cache.scale_squared - (cache.gates - cache.shift) ** 2
            cell_slope = 1 - cell_activation * cell_activation
        else:
            cell_slope, is_closed, opening = cache.cell_slope, cache.is_closed, cache.opening
            one = SCALARS[1.0]
            tanh_slope(cache.preactivations, cache.scale_squared, slopes)
            tanh_slope(cache.cells, one, cell_slope)
            # ½ + ½ tanh has few digits where a gate is nearly closed, σ = σ' / (1 - σ) has all.
            np.less(cache.gates, cache.closed_gates, is_closed)
            np.subtract(one, cache.gates, opening)
            np.divide(slopes, opening, cache.gates, where=is_closed)
        derivatives[..., 0, :] *= gates[..., 2, :]
        derivatives[..., 1, :] *= cache.previous_cells
        derivatives[..., 2, :] *= gates[..., 0, :]
        derivatives[..., 3, :] *= cell_activation
        np.multiply(gates[..., 3, :], cell_slope, cache.cell_derivatives)
