"""What the gated nets share: weights side by side for all gates, and workspaces made once."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, Self, TypeVar

from rnn_tui.engine.models.base import Architecture, Model, Trace
from rnn_tui.engine.parameters import FloatArray

AnyTrace = TypeVar("AnyTrace", bound=Trace)


class GatedModel(Model, Generic[AnyTrace]):
    """A net whose input_weight and recurrent_weight hold `blocks` blocks of `hidden` columns.

    `bias_blocks` and `states` are the parameters of (hidden,), or of so many blocks of it, that it
    has besides with `bias` and with `learned_start`; output_bias goes with the former.
    """

    uses = frozenset({"hidden", "biases", "learned_start"})
    blocks: ClassVar[int]
    bias_blocks: ClassVar[Mapping[str, int]]
    states: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        inputs: int,
        hidden: int,
        outputs: int,
        *,
        bias: bool = False,
        learned_start: bool = False,
    ) -> None:
        layout: dict[str, tuple[int, ...]] = {
            "input_weight": (inputs, self.blocks * hidden),
            "recurrent_weight": (hidden, self.blocks * hidden),
            "output_weight": (hidden, outputs),
        }
        if bias:
            layout |= {name: (blocks * hidden,) for name, blocks in self.bias_blocks.items()}
            layout |= {"output_bias": (outputs,)}
        if learned_start:
            layout |= dict.fromkeys(self.states, (hidden,))
        super().__init__(layout)
        self.inputs, self.hidden, self.outputs = inputs, hidden, outputs
        self.bias, self.learned_start = bias, learned_start
        self.architecture = Architecture(
            inputs, hidden, outputs, biases=int(bias), learned_start=learned_start
        )
        self._traces: dict[tuple[int, int], AnyTrace] = {}

    @classmethod
    def of(cls, architecture: Architecture) -> Self:
        it = architecture
        sizes = it.inputs, it.hidden, it.outputs
        return cls(*sizes, bias=bool(it.biases), learned_start=it.learned_start)

    @classmethod
    def describe(cls, architecture: Architecture) -> str:
        return f"{cls.__name__} {architecture.hidden}"

    def replica(self) -> Self:
        return self.of(self.architecture)

    @abstractmethod
    def new_trace(self, time: int, batch: int) -> AnyTrace:
        """Return a workspace for sequences of one shape."""

    def trace_for(self, inputs: FloatArray) -> AnyTrace:
        """Return the workspace for sequences such as `inputs` (time, batch, features)."""
        shape = inputs.shape[0], inputs.shape[1]
        trace = self._traces.get(shape)
        if trace is None:
            trace = self._traces[shape] = self.new_trace(*shape)
        return trace


def flat(array: FloatArray) -> FloatArray:
    """Return a view of `array` (time, batch, features) as (time · batch, features)."""
    return array.reshape(-1, array.shape[-1])


def steps(*arrays: FloatArray) -> list[tuple[FloatArray, ...]]:
    """Return each step's views of `arrays`, for to make one takes as long as a small sum."""
    return list(zip(*arrays, strict=True))
