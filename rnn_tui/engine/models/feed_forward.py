"""The feed-forward network of any depth, applied to each time step separately.

    h⁰ = x,   hˡ = activation(zˡ),   zˡ = hˡ⁻¹ Wˡ + bˡ   (time · batch, hidden),
    o = hᴸ W + b   (time · batch, outputs), the logits

Backward, layer by layer:   ∂L/∂zˡ = ∂L/∂hˡ · activation'(zˡ),   ∂L/∂hˡ⁻¹ = ∂L/∂zˡ Wˡᵀ
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import final

import numpy as np

from rnn_tui.engine.models.activations import ACTIVATIONS
from rnn_tui.engine.models.base import ForwardCache, LayeredModel, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout, Stack, dot_of


@final
class FeedForwardCache:
    """Each layer's inputs hˡ⁻¹ and each hidden layer's derivatives, (time · batch, units)."""

    def __init__(self, inputs: FloatArray) -> None:
        self.shape = inputs.shape[:-1]
        self.layer_inputs = [inputs.reshape(*self.shape[:-2], -1, inputs.shape[-1])]
        self.derivatives: list[FloatArray] = []
        self.errors: list[FloatArray] = []  # ∂L/∂zˡ of the hidden layers, the highest first
        self.logits: FloatArray
        self.hidden_states: FloatArray
        self.state_gradients: FloatArray  # of the last hidden layer


@final
class FeedForward(LayeredModel):
    """A network of `layers` hidden layers with `hidden_size` units each.

    Parameters: weight_1 (inputs, hidden), bias_1 (hidden,) and so on up to the output layer; bias
    vectors only with `biases`.
    """

    summary = "hidden layers without memory: sees one time step at a time"
    spec_fields = frozenset({"hidden_size", "activation", "biases", "layers"})
    supports_stacks = True

    def __init__(self, spec: ModelSpec, stack: Stack = ()) -> None:
        super().__init__(spec, stack)
        self.depth, self.biased = spec.layers + 1, bool(spec.biases)
        self._layer_slices = self._compute_layer_slices()
        self.activation = ACTIVATIONS[spec.activation]

    @classmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        sizes = [spec.inputs, *[spec.hidden_size] * spec.layers, spec.outputs]
        layout: dict[str, tuple[int, ...]] = {}
        for number, (before, after) in enumerate(pairwise(sizes), start=1):
            layout[f"weight_{number}"] = (before, after)
            if spec.biases:
                layout[f"bias_{number}"] = (after,)
        return layout

    @classmethod
    def describe(cls, spec: ModelSpec) -> str:
        layers = "+".join([str(spec.hidden_size)] * spec.layers)
        return f"feed-forward {layers} {ACTIVATIONS[spec.activation].symbol}"

    def forward(self, inputs: FloatArray) -> FeedForwardCache:
        cache = FeedForwardCache(inputs)
        for number in range(1, self.depth + 1):
            sums = cache.layer_inputs[-1] @ self.parameters[f"weight_{number}"]
            if self.biased:
                sums += self.parameters[f"bias_{number}"][..., np.newaxis, :]
            if number < self.depth:
                states, derivatives = self.activation.apply(sums, self.spec.numerics)
                cache.layer_inputs.append(states)
                cache.derivatives.append(derivatives)
        cache.logits = sums.reshape(*cache.shape, -1)
        cache.hidden_states = cache.layer_inputs[-1].reshape(*cache.shape, -1)
        return cache

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        assert isinstance(cache, FeedForwardCache)
        return cache.derivatives[-1].reshape(*cache.shape, -1)

    def layer_slices(self) -> list[slice]:
        return self._layer_slices

    def _compute_layer_slices(self) -> list[slice]:
        sizes = [0]
        for number in range(1, self.depth + 1):
            n_inputs, n_outputs = self.parameters.layout[f"weight_{number}"]
            sizes.append((n_inputs + self.biased) * n_outputs)
        return [slice(*ends) for ends in pairwise(accumulate(sizes))]

    def backward_by_layer(self, cache: ForwardCache, logit_gradient: FloatArray) -> Iterator[slice]:
        assert isinstance(cache, FeedForwardCache)
        errors = logit_gradient.reshape(*self.stack, -1, logit_gradient.shape[-1])
        cache.errors.clear()
        for number, layer_slice in zip(
            range(self.depth, 0, -1), reversed(self._layer_slices), strict=True
        ):
            weight = self.parameters[f"weight_{number}"]
            self._compute_layer_gradient(cache, number, errors)
            yield layer_slice
            if number > 1:
                below = errors @ weight.swapaxes(-1, -2)
                if number == self.depth:
                    cache.state_gradients = below.reshape(*cache.shape, -1)
                errors = below * cache.derivatives[number - 2]
                cache.errors.append(errors)

    def _compute_layer_gradient(
        self, cache: FeedForwardCache, number: int, errors: FloatArray
    ) -> None:
        layer_inputs = cache.layer_inputs[number - 1].swapaxes(-1, -2)
        dot_of(layer_inputs)(errors, self.gradient[f"weight_{number}"])
        if self.biased:
            errors.sum(axis=-2, out=self.gradient[f"bias_{number}"])
