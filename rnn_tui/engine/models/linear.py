"""The linear model with two weights of the counting tutorial (Roelants 2015).

    s_k = x_k w_x + s_{k-1} w_rec,   s_0 = 0,   y_k = s_k

One input, one state, and the state is the output. With w_x = w_rec = 1 it counts ones.

Backward, ∂L/∂s_{k-1} = w_rec ∂L/∂s_k + ∂L/∂y_{k-1}, so that gradients grow or shrink as powers of
w_rec: exploding and vanishing gradients in their simplest form.
"""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout


@final
class LinearCache:
    """The states s_0 … s_n, (time + 1, batch, 1), and the inputs (time, batch, 1)."""

    def __init__(self, inputs: FloatArray) -> None:
        *stack, time, batch, _ = inputs.shape
        self.inputs = inputs
        self.states = np.zeros((*stack, time + 1, batch, 1))
        self.previous_states = self.states[..., :-1, :, :]
        self.logits: FloatArray = self.states[..., 1:, :, :]
        self.hidden_states = self.logits
        self.state_gradients: FloatArray = np.zeros_like(self.logits)


@final
class Linear(Model):
    """A linear model with parameters input_weight (1, 1) and recurrent_weight (1, 1)."""

    summary = "linear RNN with two weights, whose gradients visibly explode or vanish"
    spec_fields = frozenset()
    max_inputs = 1
    fixed_size = 2
    explodes = has_cost_surface = supports_stacks = True

    @classmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        if (spec.inputs, spec.outputs) != (1, 1):
            raise ValueError("the linear model has one input and one output")
        return {"input_weight": (1, 1), "recurrent_weight": (1, 1)}

    @classmethod
    def describe(cls, _spec: ModelSpec) -> str:
        return "linear, 2 weights"

    def forward(self, inputs: FloatArray) -> LinearCache:
        cache = LinearCache(inputs)
        input_weight, recurrent = (
            self.parameters["input_weight"],
            self.parameters["recurrent_weight"],
        )
        np.multiply(inputs, input_weight[..., np.newaxis, :, :], cache.logits)
        states = np.moveaxis(cache.states, -3, 0)
        for t in range(1, len(states)):
            states[t] += recurrent * states[t - 1]
        return cache

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        assert isinstance(cache, LinearCache)
        recurrent = self.parameters["recurrent_weight"]
        gradients = cache.state_gradients
        gradients[...] = logit_gradient
        errors = np.moveaxis(gradients, -3, 0)
        for t in range(len(errors) - 1, 0, -1):
            errors[t - 1] += recurrent * errors[t]
        self._compute_gradient(cache, logit_gradient)

    def _compute_gradient(self, cache: LinearCache, logit_gradient: FloatArray) -> None:
        gradients = cache.state_gradients
        for name, factors in (
            ("input_weight", cache.inputs),
            ("recurrent_weight", cache.previous_states),
        ):
            products = (gradients * factors).reshape(*self.stack, 1, -1)
            products.sum(axis=-1, keepdims=True, out=self.gradient[name])
