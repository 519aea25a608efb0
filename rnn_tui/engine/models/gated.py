"""The base class of gated models: stacked weights of all gates, and one workspace per shape."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray, Layout

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

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(spec)
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
        shape = inputs.shape[0], inputs.shape[1]
        cache = self._caches.get(shape)
        if cache is None:
            cache = self._caches[shape] = self.new_cache(*shape)
        return cache


def flat(array: FloatArray) -> FloatArray:
    """Return a view of `array` (time, batch, features) as (time · batch, features)."""
    return array.reshape(-1, array.shape[-1])


def time_step_views(*arrays: FloatArray) -> list[tuple[FloatArray, ...]]:
    """Return the views of `arrays` per time step; creating one takes as long as a small sum."""
    return list(zip(*arrays, strict=True))
