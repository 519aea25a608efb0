"""What the gated nets share: weights side by side for all gates, and workspaces made once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, Self, TypeVar

from rnn_tui.engine.models.base import ForwardCache, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray

AnyCache = TypeVar("AnyCache", bound=ForwardCache)


class GatedModel(Model, Generic[AnyCache]):
    """A net whose input_weight and recurrent_weight hold `blocks` blocks of `hidden` columns.

    `bias_blocks` and `states` are the parameters of (hidden,), or of so many blocks of it, that it
    has besides with `bias` and with `learned_initial_state`; output_bias goes with the former.
    """

    spec_fields = frozenset({"hidden_size", "biases", "learned_initial_state"})
    n_gates: ClassVar[int]
    bias_gates: ClassVar[Mapping[str, int]]
    initial_states: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        *,
        bias: bool = False,
        learned_initial_state: bool = False,
    ) -> None:
        layout: dict[str, tuple[int, ...]] = {
            "input_weight": (inputs, self.n_gates * hidden),
            "recurrent_weight": (hidden, self.n_gates * hidden),
            "output_weight": (hidden, outputs),
        }
        if bias:
            layout |= {name: (blocks * hidden,) for name, blocks in self.bias_gates.items()}
            layout |= {"output_bias": (outputs,)}
        if learned_initial_state:
            layout |= dict.fromkeys(self.initial_states, (hidden,))
        super().__init__(layout)
        self.inputs, self.hidden, self.outputs = inputs, hidden, outputs
        self.bias, self.learned_initial_state = bias, learned_initial_state
        self.spec = ModelSpec(
            inputs, hidden, outputs, biases=int(bias), learned_initial_state=learned_initial_state
        )
        self._caches: dict[tuple[int, int], AnyCache] = {}

    @classmethod
    def from_spec(cls, spec: ModelSpec) -> Self:
        it = spec
        sizes = it.inputs, it.hidden_size, it.outputs
        return cls(*sizes, bias=bool(it.biases), learned_initial_state=it.learned_initial_state)

    @classmethod
    def describe(cls, spec: ModelSpec) -> str:
        return f"{cls.__name__} {spec.hidden_size}"

    def clone_architecture(self) -> Self:
        return self.from_spec(self.spec)

    @abstractmethod
    def new_cache(self, time: int, batch: int) -> AnyCache:
        """Return a workspace for sequences of one shape."""

    def cache_for(self, inputs: FloatArray) -> AnyCache:
        """Return the workspace for sequences such as `inputs` (time, batch, features)."""
        shape = inputs.shape[0], inputs.shape[1]
        cache = self._caches.get(shape)
        if cache is None:
            cache = self._caches[shape] = self.new_cache(*shape)
        return cache


def flat(array: FloatArray) -> FloatArray:
    """Return a view of `array` (time, batch, features) as (time · batch, features)."""
    return array.reshape(-1, array.shape[-1])


def time_step_views(*arrays: FloatArray) -> list[tuple[FloatArray, ...]]:
    """Return each step's views of `arrays`, for to make one takes as long as a small sum."""
    return list(zip(*arrays, strict=True))
