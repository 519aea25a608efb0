"""What every net can do: run forward, keep what it needs, and run backward."""

from abc import ABC, abstractmethod
from typing import Protocol, Self

from rnn_tui.engine.parameters import FloatArray, Layout, Parameters


class Trace(Protocol):
    """What a forward pass leaves behind, and all that its backward pass needs.

    A trace is a workspace: the next forward pass over inputs of the same shape overwrites it.
    """

    @property
    def logits(self) -> FloatArray:
        """The outputs before the loss's own squashing, (time, batch, outputs)."""

    @property
    def state_gradients(self) -> FloatArray:
        """∂loss/∂h_t, the total derivative, (time, batch, hidden); set by the backward pass."""


class Model(ABC):
    """A net with its `parameters` and, after a backward pass, its `gradient`, alike in layout."""

    def __init__(self, layout: Layout) -> None:
        self.parameters = Parameters(layout)
        self.gradient = Parameters(layout)

    @abstractmethod
    def replica(self) -> Self:
        """Return a net of the same make, with workspaces of its own and its weights at zero."""

    @abstractmethod
    def forward(self, inputs: FloatArray) -> Trace:
        """Run over `inputs` (time, batch, features) from the net's start state."""

    @abstractmethod
    def backward(self, trace: Trace, logit_gradient: FloatArray) -> None:
        """Turn ∂loss/∂logits (time, batch, outputs) into `gradient` and `trace.state_gradients`."""
