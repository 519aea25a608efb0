"""The gated recurrent unit (Cho et al. 2014), in the form of torch.nn.GRU.

The columns of W_x and U are those of the reset gate r, the update gate z and the candidate n, in
this order. The reset gate is applied after the recurrent product:

    a_t = x_t W_x + b                      (batch, 3 hidden)
    u_t = h_{t-1} U + [0, 0, c]            (batch, 3 hidden)
    r_t = σ(a_r + u_r),  z_t = σ(a_z + u_z),  n_t = tanh(a_n + r_t u_n)
    h_t = (1 - z_t) n_t + z_t h_{t-1}      (batch, hidden)
    o_t = h_t W_o + d                      (batch, outputs), the logits

Backward, all gradients of a time step are multiples of its ∂L/∂h_t, with factors computed for all
time steps at once. Those of u and a are equal except for u_n and a_n, which differ by the factor r:

    ∂L/∂a_n = ∂L/∂h (1 - z)(1 - n²)        ∂L/∂u_n = ∂L/∂a_n r
    ∂L/∂a_z = ∂L/∂h (h_{t-1} - n) z (1 - z)
    ∂L/∂a_r = ∂L/∂a_n u_n r (1 - r)
    ∂L/∂h_{t-1} = ∂L/∂o_{t-1} W_oᵀ + ∂L/∂h_t z_t + ∂L/∂u_t Uᵀ
"""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from rnn_tui.engine.losses import logistic_by_tanh
from rnn_tui.engine.models.activations import (
    FORMER_NUMERICS,
    logistic_pair,
    tanh_slope,
)
from rnn_tui.engine.models.base import ForwardCache, ModelSpec
from rnn_tui.engine.models.gated import GatedCache, GatedModel, flat, time_step_views, transposed
from rnn_tui.engine.parameters import SCALARS, FloatArray, Stack, dot_of


@final
class GRUCache(GatedCache):
    """The workspace for one shape; `errors` are those of a_r = u_r, a_z = u_z, u_n and a_n."""

    def __init__(self, stack: Stack, time: int, batch: int, spec: ModelSpec) -> None:
        hidden = spec.hidden_size
        super().__init__(stack, time, batch, spec, 3 * hidden)
        self.recurrent = np.empty((*stack, time, batch, 3 * hidden))  # u
        self.gates = np.empty((*stack, time, batch, 2 * hidden))
        self.reset, self.update = self.gates[..., :hidden], self.gates[..., hidden:]
        self.candidate_preactivations = np.empty((*stack, time, batch, hidden))  # a_n + r u_n
        self.candidates = np.empty((*stack, time, batch, hidden))
        self.closed = np.empty((*stack, time, batch, 2 * hidden))  # 1 - gates
        self.candidate_slope = np.empty((*stack, time, batch, hidden))
        self.input_errors = np.empty((*stack, time * batch, 3 * hidden))

        gate, candidate = np.s_[..., : 2 * hidden], np.s_[..., 2 * hidden :]
        h, u, a, z = self.previous_states, self.recurrent, self.input_projection, self.update
        self.gate_recurrent, self.gate_projection = u[gate], a[gate]
        gates, r, n = self.gates, self.reset, self.candidates
        p = self.candidate_preactivations
        self.forward_steps: list[tuple[Any, ...]] = [
            (dot_of(h), *others)
            for h, *others in time_step_views(
                stack,
                h,
                h,
                u,
                u[gate],
                u[candidate],
                a[gate],
                a[candidate],
                gates,
                r,
                z,
                p,
                n,
                self.states,
            )
        ]
        dh, errors, previous_dh = self.state_gradients, self.errors, self.gradients[..., :-1, :, :]
        dh_broadcast = dh[..., np.newaxis, :]
        du = errors.reshape(*stack, time, batch, 4 * hidden)[..., : 3 * hidden]
        self.backward_steps: list[tuple[Any, ...]] = [
            (*others, dot_of(du))
            for *others, du in time_step_views(
                stack, dh, dh_broadcast, self.derivatives, errors, z, previous_dh, du
            )[::-1]
        ]


@final
class GRU(GatedModel[GRUCache]):
    """A gated recurrent unit with `inputs` features, `hidden` units and `outputs` logits.

    Parameters: input_weight (inputs, 3 hidden), recurrent_weight (hidden, 3 hidden), both in the
    order r, z, n, and output_weight (hidden, outputs); with biases, hidden_bias (3 hidden,),
    candidate_bias (hidden,) and output_bias (outputs,), which are b, c and d; with
    a learned initial state, initial_hidden (hidden,), the initial h, otherwise 0.
    """

    summary = "gated recurrent unit: reset and update gates around the hidden state"
    n_gates = 3
    bias_gates: ClassVar = {"hidden_bias": 3, "candidate_bias": 1}
    initial_states = ("initial_hidden",)

    def new_cache(self, time: int, batch: int) -> GRUCache:
        return GRUCache(self.stack, time, batch, self.spec)

    def forward(self, inputs: FloatArray) -> GRUCache:
        cache, weights = self.project(inputs), self.parameters
        recurrent_weight = self.lesioned("recurrent_weight")
        candidate_bias = weights["candidate_bias"][..., np.newaxis, :] if self.bias else None
        add, multiply = np.add, np.multiply
        for dot, h, u, u_gates, u_n, a_gates, a_n, gates, r, z, p, n, state in cache.forward_steps:
            dot(recurrent_weight, u)
            if candidate_bias is not None:
                add(u_n, candidate_bias, u_n)
            add(u_gates, a_gates, gates)
            logistic_by_tanh(gates, gates)
            multiply(r, u_n, p)
            add(p, a_n, p)
            np.tanh(p, n)
            np.subtract(h, n, state)
            multiply(state, z, state)
            add(state, n, state)
        self.compute_logits(cache)
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, GRUCache)
        self.backward_from_logits(cache, logit_gradient)
        self._fill_derivatives(cache)
        recurrent_weight_t = transposed(self.lesioned("recurrent_weight"))
        scratch, add, multiply = cache.scratch, np.add, np.multiply
        for dh, dh_broadcast, derivatives, errors, z, previous_dh, dot in cache.backward_steps:
            multiply(derivatives, dh_broadcast, errors)
            dot(recurrent_weight_t, scratch)
            add(previous_dh, scratch, previous_dh)
            multiply(dh, z, scratch)
            add(previous_dh, scratch, previous_dh)
        self._compute_gradient(cache)

    def _compute_gradient(self, cache: GRUCache) -> None:
        gradient, hidden = self.gradient, self.hidden
        # Contiguous, as np.matmul computes products of strided vectors without BLAS.
        recurrent_errors = np.ascontiguousarray(cache.flat_errors[..., : 3 * hidden])
        input_errors = cache.input_errors
        input_errors[..., : 2 * hidden] = cache.flat_errors[..., : 2 * hidden]
        input_errors[..., 2 * hidden :] = cache.flat_errors[..., 3 * hidden :]
        previous_states = flat(cache.previous_states)
        dot_of(transposed(flat(cache.inputs)))(input_errors, gradient["input_weight"])
        dot_of(transposed(previous_states))(recurrent_errors, gradient["recurrent_weight"])
        if self.bias:
            input_errors.sum(axis=-2, out=gradient["hidden_bias"])
            recurrent_errors[..., 2 * hidden :].sum(axis=-2, out=gradient["candidate_bias"])
        if self.learned_initial_state:
            cache.initial_gradient.sum(axis=-2, out=gradient["initial_hidden"])

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, GRUCache)
        slopes: FloatArray = np.abs(cache.derivatives).max(axis=-2)
        return slopes

    def _fill_derivatives(self, cache: GRUCache) -> None:
        """Write the factors of ∂L/∂h_t in the gradients of a_r, a_z, u_n and a_n."""
        gates, reset, update, candidate = cache.gates, cache.reset, cache.update, cache.candidates
        hidden = self.hidden
        recurrent_candidate = cache.recurrent[..., 2 * hidden :]
        if self.spec.numerics == FORMER_NUMERICS:
            closed, candidate_slope = 1 - gates, 1 - candidate * candidate
        else:
            closed, candidate_slope = cache.closed, cache.candidate_slope
            np.add(cache.gate_projection, cache.gate_recurrent, gates)
            logistic_pair(gates, closed)
            tanh_slope(cache.candidate_preactivations, SCALARS[1.0], candidate_slope)
        forgotten, kept = closed[..., :hidden], closed[..., hidden:]
        candidate_derivative = kept * candidate_slope
        recurrent_derivative = candidate_derivative * reset
        derivatives = cache.derivatives
        derivatives[..., 0, :] = recurrent_derivative * forgotten * recurrent_candidate
        derivatives[..., 1, :] = (cache.previous_states - candidate) * update * kept
        derivatives[..., 2, :] = recurrent_derivative
        derivatives[..., 3, :] = candidate_derivative
