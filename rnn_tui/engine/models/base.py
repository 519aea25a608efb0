"""What every net can do: run forward, keep what it needs, and run backward."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self, final

from rnn_tui.engine.parameters import FloatArray, Layout, Parameters


@final
@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a net is made to: a kind of net uses what it has a use for, and ignores the rest.

    inputs, hidden, outputs  how many features, hidden units and logits there are at a step
    units          a name from UNITS
    biases         how many bias vectors stand before the hidden units; two are redundant, but the
                   counting tutorial has them. The output has one where there is any
    learned_initial_state  whether the state before the first step is learnt, or else zero
    layers         how many layers of hidden units
    """

    inputs: int
    hidden_size: int
    outputs: int
    activation: str = "sigmoid"
    biases: int = 0
    learned_initial_state: bool = False
    layers: int = 1


class ForwardCache(Protocol):
    """What a forward pass leaves behind, and all that its backward pass needs.

    A trace is a workspace: the next forward pass over inputs of the same shape overwrites it.
    """

    @property
    def logits(self) -> FloatArray:
        """The outputs before the loss's own squashing, (time, batch, outputs)."""

    @property
    def hidden_states(self) -> FloatArray:
        """h_t, of the last layer where there are several, (time, batch, hidden)."""

    @property
    def state_gradients(self) -> FloatArray:
        """∂loss/∂h_t, the total derivative, (time, batch, hidden); set by the backward pass."""


class Model(ABC):
    """A net with its `parameters` and, after a backward pass, its `gradient`, alike in layout.

    `summary` says in a line what kind of net it is. `uses` are the fields of an `Architecture`
    that mean something to it, besides inputs and outputs; of biases it has `most_biases`.
    """

    summary: ClassVar[str]
    spec_fields: ClassVar[frozenset[str]]
    max_biases: ClassVar[int] = 1

    def __init__(self, layout: Layout) -> None:
        self.parameters = Parameters(layout)
        self.gradient = Parameters(layout)

    @classmethod
    @abstractmethod
    def from_spec(cls, spec: ModelSpec) -> Self:
        """Return a net of this kind with its weights at zero."""

    @classmethod
    @abstractmethod
    def describe(cls, spec: ModelSpec) -> str:
        """Return the net in a few words, such as Elman 16 σ."""

    @abstractmethod
    def clone_architecture(self) -> Self:
        """Return a net of the same make, with workspaces of its own and its weights at zero."""

    @abstractmethod
    def forward(self, inputs: FloatArray) -> ForwardCache:
        """Run over `inputs` (time, batch, features) from the net's start state."""

    @abstractmethod
    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        """Turn ∂loss/∂logits (time, batch, outputs) into `gradient` and `trace.state_gradients`."""


class LayeredModel(Model):
    """A net whose backward pass can stop after each layer, for `layerwise` updates."""

    @abstractmethod
    def layer_slices(self) -> list[slice]:
        """Return each layer's place in the flat vector, the lowest layer's first."""

    @abstractmethod
    def backward_by_layer(self, cache: ForwardCache, logit_gradient: FloatArray) -> Iterator[slice]:
        """Go backward from layer to layer, the output's first.

        Yields a layer's place when its gradient is there. What is changed in its weights before
        the next is asked for is what the error passes through.
        """

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        for _ in self.backward_by_layer(cache, logit_gradient):
            pass
