"""The base class of gated models: stacked weights of all gates, and one workspace per shape."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

import numpy as np

from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout, Stack

AnyCache = TypeVar("AnyCache", bound=ForwardCache)


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
        self.inputs, self.hidden, self.outputs = spec.inputs, spec.hidden_size, spec.outputs
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

    def cache_for(self, inputs: FloatArray) -> AnyCache:
        """Return the workspace for the shape of `inputs` (time, batch, features)."""
        shape = inputs.shape[-3], inputs.shape[-2]
        cache = self._caches.get(shape)
        if cache is None:
            cache = self._caches[shape] = self.new_cache(*shape)
        return cache


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
