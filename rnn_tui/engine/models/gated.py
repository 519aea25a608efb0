"""The base class of gated models: stacked weights of all gates, and one workspace per shape."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

import numpy as np

from rnn_tui.engine.models.base import Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout, Stack, dot_of


class GatedCache:
    """The workspace for one shape; histories and `gradients` start with the initial state.

    input_projection     x_t W_x + b
    gradients            ∂L/∂h_t
    derivatives, errors  four factors and gradients of each unit and time step
    """

    def __init__(
        self, stack: Stack, time: int, batch: int, spec: ModelSpec, projection_size: int
    ) -> None:
        hidden = spec.hidden_size
        self.inputs: FloatArray = np.empty((*stack, time, batch, spec.inputs))
        self.input_projection: FloatArray = np.empty((*stack, time, batch, projection_size))
        self.state_history = np.zeros((*stack, time + 1, batch, hidden))
        self.previous_states = self.state_history[..., :-1, :, :]
        self.initial_state = self.state_history[..., 0, :, :]
        self.states: FloatArray = self.state_history[..., 1:, :, :]
        self.hidden_states = self.states
        self.logits: FloatArray = np.empty((*stack, time, batch, spec.outputs))

        self.gradients = np.zeros((*stack, time + 1, batch, hidden))
        self.initial_gradient = self.gradients[..., 0, :, :]
        self.state_gradients: FloatArray = self.gradients[..., 1:, :, :]
        self.derivatives = np.empty((*stack, time, batch, 4, hidden))
        self.errors = np.empty((*stack, time, batch, 4, hidden))
        self.flat_errors = self.errors.reshape(*stack, time * batch, 4 * hidden)
        self.scratch = np.empty((*stack, batch, hidden))


AnyCache = TypeVar("AnyCache", bound=GatedCache)


class GatedModel(Model, Generic[AnyCache]):
    """A model whose input_weight and recurrent_weight stack `n_gates` blocks of `hidden` columns.

    bias_gates      with biases, the bias vectors and their number of blocks; also output_bias
    initial_states  with a learned initial state, its parameters of shape (hidden,)
    """

    spec_fields = frozenset({"hidden_size", "biases", "initial_state", "lesion"})
    n_gates: ClassVar[int]
    bias_gates: ClassVar[Mapping[str, int]]
    initial_states: ClassVar[tuple[str, ...]]
    supports_stacks = True

    def __init__(self, spec: ModelSpec, stack: Stack = ()) -> None:
        super().__init__(spec, stack)
        self.hidden = spec.hidden_size
        self.bias, self.learned_initial_state = spec.biases > 0, spec.initial_state == "learned"
        self._caches: dict[tuple[int, int], AnyCache] = {}

    @classmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        hidden = spec.hidden_size
        layout: dict[str, tuple[int, ...]] = {
            "input_weight": (spec.inputs, cls.n_gates * hidden),
            "recurrent_weight": (hidden, cls.n_gates * hidden),
            "output_weight": (hidden, spec.outputs),
        }
        if spec.biases:
            layout |= {name: (blocks * hidden,) for name, blocks in cls.bias_gates.items()}
            layout |= {"output_bias": (spec.outputs,)}
        if spec.initial_state == "learned":
            layout |= dict.fromkeys(cls.initial_states, (hidden,))
        return layout

    @classmethod
    def describe(cls, spec: ModelSpec) -> str:
        return f"{cls.__name__} {spec.hidden_size}"

    @abstractmethod
    def new_cache(self, time: int, batch: int) -> AnyCache:
        """Return a workspace for sequences of shape (time, batch)."""

    def project(self, inputs: FloatArray) -> AnyCache:
        """Return the workspace with `inputs` (time, batch, features), their projection and h_0."""
        shape, weights = (inputs.shape[-3], inputs.shape[-2]), self.parameters
        cache = self._caches.get(shape)
        if cache is None:
            cache = self._caches[shape] = self.new_cache(*shape)
        cache.inputs[...] = inputs
        if self.learned_initial_state:
            cache.initial_state[...] = weights["initial_hidden"][..., np.newaxis, :]
            if self.lesion:
                cache.initial_state[..., self.lesion - 1] = 0.0
        dot_of(flat(cache.inputs))(weights["input_weight"], flat(cache.input_projection))
        if self.bias:
            cache.input_projection += weights["hidden_bias"][..., np.newaxis, np.newaxis, :]
        return cache

    def compute_logits(self, cache: AnyCache) -> None:
        """Set the logits h_t W_o + d."""
        weights = self.parameters
        if self.lesion:
            cache.states[..., self.lesion - 1] = 0.0
        dot_of(flat(cache.states))(weights["output_weight"], flat(cache.logits))
        if self.bias:
            cache.logits += weights["output_bias"][..., np.newaxis, np.newaxis, :]

    def backward_from_logits(self, cache: AnyCache, logit_gradient: FloatArray) -> None:
        """Set the gradients of W_o and d, and ∂L/∂h_t to its part ∂L/∂o_t W_oᵀ."""
        gradient, errors = self.gradient, flat(logit_gradient)
        dot_of(transposed(flat(cache.states)))(errors, gradient["output_weight"])
        if self.bias:
            errors.sum(axis=-2, out=gradient["output_bias"])
        output_weight = self.lesioned("output_weight")
        dot_of(errors)(transposed(output_weight), flat(cache.state_gradients))
        cache.initial_gradient[...] = 0.0


def flat(array: FloatArray) -> FloatArray:
    """Return a view of `array` (time, batch, features) as (time · batch, features)."""
    *stack, _, _, features = array.shape
    return array.reshape(*stack, -1, features)


def transposed(array: FloatArray) -> FloatArray:
    """Return a view of each matrix of `array`, transposed."""
    return array.swapaxes(-1, -2)


def time_step_views(stack: Stack, *arrays: FloatArray) -> list[tuple[FloatArray, ...]]:
    """Return the views of `arrays` per time step; creating one takes as long as a small sum."""
    return list(zip(*(np.moveaxis(array, len(stack), 0) for array in arrays), strict=True))
