"""The interface of a model: forward pass, cache and backward pass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import inf
from typing import ClassVar, Protocol, Self, final

import numpy as np

from rnn_tui.engine.models.activations import NUMERICS
from rnn_tui.engine.parameters import FloatArray, Layout, Parameters, Stack

INITIAL_STATES = {"zero": "zero", "learned": "trained like a weight"}


@final
@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The architecture of a model, which ignores the fields that it does not use.

    inputs, hidden_size, outputs  number of features, hidden units and logits per time step
    activation                    a name in ACTIVATIONS
    biases                        number of bias vectors of the hidden layer; a second is redundant,
                                  but the counting tutorial has it. With any, the output has one
    initial_state                 a name in INITIAL_STATES
    layers                        number of hidden layers
    lesion                        hidden unit, from 1, whose output h_t is clamped to 0; 0 for none
    numerics                      version of the numerics: NUMERICS, or FORMER_NUMERICS of old runs
    """

    inputs: int
    hidden_size: int
    outputs: int
    activation: str = "sigmoid"
    biases: int = 0
    initial_state: str = "zero"
    layers: int = 1
    lesion: int = 0
    numerics: int = NUMERICS


class ForwardCache(Protocol):
    """The result of a forward pass, with everything that its backward pass needs.

    The arrays of a stack of models have a leading axis of replicas.
    A workspace: the next forward pass over inputs of the same shape overwrites it.
    """

    @property
    def logits(self) -> FloatArray:
        """The outputs before the activation of the loss, (time, batch, outputs)."""

    @property
    def hidden_states(self) -> FloatArray:
        """h_t, of the last layer where there are several, (time, batch, hidden)."""

    @property
    def state_gradients(self) -> FloatArray:
        """∂loss/∂h_t, the total derivative, (time, batch, hidden); set by `backward`."""


class Model(ABC):
    """A network's `parameters` and, after `backward`, its `gradient`, both with the same layout.

    All weights of a new model are 0. With a `stack` (replicas,) it is a stack of models with a
    lesion in common: all arrays, also those that it is called with, have a leading axis of
    replicas, and the numbers of each replica are those of the model alone, bit for bit.

    summary             one line for lists of models
    spec_fields         the fields of `ModelSpec` that it uses besides inputs and outputs
    max_inputs          input features it can have
    max_biases          bias vectors of a hidden layer it can have
    fixed_size          number of weights, where that does not depend on the spec
    supports_layerwise  whether it is a `LayeredModel`
    explodes            gradients grow so large that plain gradient descent needs clipping
    has_cost_surface    its cost on a task with a cost surface is a function of two weights
    supports_stacks     models can be stacked
    lesion              the hidden unit that is clamped to 0, from 1; 0 for none
    """

    summary: ClassVar[str]
    spec_fields: ClassVar[frozenset[str]]
    max_inputs: ClassVar[float] = inf
    max_biases: ClassVar[int] = 1
    fixed_size: ClassVar[int | None] = None
    supports_layerwise: ClassVar[bool] = False
    explodes: ClassVar[bool] = False
    has_cost_surface: ClassVar[bool] = False
    supports_stacks: ClassVar[bool] = False

    def __init__(self, spec: ModelSpec, stack: Stack = ()) -> None:
        self.spec, self.stack = spec, stack
        self.set_lesion(spec.lesion)
        layout = self.layout(spec)
        self.parameters = Parameters(layout, stack)
        self.gradient = Parameters(layout, stack)

    @classmethod
    @abstractmethod
    def layout(cls, spec: ModelSpec) -> Layout:
        """Return the shapes of the parameters by name; raises ValueError for an invalid spec."""

    @classmethod
    @abstractmethod
    def describe(cls, spec: ModelSpec) -> str:
        """Return a short description, such as Elman 16 σ."""

    def set_lesion(self, unit: int) -> None:
        """Clamp h_t of hidden `unit`, counted from 1, to 0 at every time step; 0 clamps none.

        The initial state of the unit is clamped too; the cell of an LSTM is not. The gradients of
        the unit's output and of all its weights are then 0.
        """
        self.spec = replace(self.spec, lesion=unit)
        self.lesion = unit if "lesion" in self.spec_fields else 0

    def lesioned(self, name: str) -> FloatArray:
        """Return the parameter `name` (hidden, n), with the row of a lesioned unit set to 0."""
        weights = self.parameters[name]
        if self.lesion:
            weights = weights.copy()
            weights[..., self.lesion - 1, :] = 0.0
        return weights

    def clone_architecture(self) -> Self:
        """Return a model of the same architecture with all weights 0, which shares no memory."""
        return type(self)(self.spec)

    def stacked(self, replicas: int) -> Self:
        """Return a stack of models of the same architecture with all weights 0."""
        return type(self)(self.spec, (replicas,))

    def copy(self) -> Self:
        """Return a model with the same weights, which shares no memory."""
        copy = self.clone_architecture()
        copy.parameters.vector[:] = self.parameters.vector
        return copy

    @abstractmethod
    def forward(self, inputs: FloatArray) -> ForwardCache:
        """Run over `inputs` (time, batch, features) from the initial state."""

    def logits(self, inputs: FloatArray) -> FloatArray:
        """Return the logits of `forward`, perhaps without all that only `backward` needs."""
        return self.forward(inputs).logits

    @abstractmethod
    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        """Set `gradient` and `cache.state_gradients` from ∂loss/∂logits (time, batch, outputs)."""

    def cell_gradients(self, cache: ForwardCache) -> FloatArray | None:
        """Return ∂loss/∂c_t (time, batch, hidden) after `backward`; None without a memory cell."""
        return None

    def unit_slopes(self, cache: ForwardCache) -> FloatArray:
        """Return the largest |∂h/∂z| of each hidden unit after `backward`, (time, batch, hidden).

        z are the unit's preactivations, several in gated models; of the last hidden layer. It is 1
        by default, for units that cannot saturate.
        """
        return np.ones_like(cache.state_gradients)


class LayeredModel(Model):
    """A model whose backward pass can stop after each layer, for layerwise updates."""

    supports_layerwise = True

    @abstractmethod
    def layer_slices(self) -> list[slice]:
        """Return the slice of the flat vector of each layer, the lowest layer first."""

    @abstractmethod
    def backward_by_layer(self, cache: ForwardCache, logit_gradient: FloatArray) -> Iterator[slice]:
        """Run backward from the output layer, yielding each layer's slice when its gradient is set.

        Weights of the layer may be changed before the next iteration; the gradient then passes
        through the changed weights. `logit_gradient` is ∂loss/∂logits (time, batch, outputs).
        """

    def backward(self, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        for _ in self.backward_by_layer(cache, logit_gradient):
            pass
