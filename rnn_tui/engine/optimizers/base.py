"""The interface of an optimizer: an update of the flat weight vector.

In all formulas w are the weights, g the gradient, η the learning rate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray

OptimizerState = dict[str, FloatArray]
Rate = float | FloatArray  # a number, perhaps a 0-d array, or of a stack (replicas, 1)


@final
class Hyperparameter(NamedTuple):
    """The range of a hyperparameter, minimum ≤ value < upper_bound, its symbol and its help."""

    minimum: float
    upper_bound: float
    symbol: str
    help: str

    def default(self, value: float) -> Any:
        """Return the dataclass field of an optimizer that has it, with this default."""
        return field(default=value, metadata={"hyperparameter": self})


MOMENTUM = Hyperparameter(0.0, 1.0, "μ", "momentum coefficient")
RHO = Hyperparameter(0.0, 1.0, "ρ", "decay rate of the mean squared gradient")
EPSILON = Hyperparameter(0.0, 1.0, "ε", "epsilon, added to the denominator")


@dataclass(frozen=True)
class Optimizer(ABC):
    """An update rule whose hyperparameters are its fields; its state is kept by the caller.

    It acts on each weight by itself, so that it updates a stack of models as well: all arrays then
    have a leading axis of replicas, and hyperparameters and learning rates that differ have shape
    (replicas, 1).

    title                 the name on the screen
    summary               one line for lists of optimizers
    is_standard           the published method, without a tutorial's deviations
    default_lr            a learning rate that suits the addition task
    scales_with_gradient  steps are proportional to the gradient, so that large gradients need
                          clipping
    accumulates_gradient  the velocity is v ← μ v + g, so that the steps for a constant gradient
                          approach those of the learning rate η / (1 - μ)
    uses_signs_only       steps depend on the signs of the gradient, not on its size
    """

    title: ClassVar[str]
    summary: ClassVar[str]
    is_standard: ClassVar[bool] = True
    default_lr: ClassVar[float]
    scales_with_gradient: ClassVar[bool] = False
    accumulates_gradient: ClassVar[bool] = False
    uses_signs_only: ClassVar[bool] = False

    @classmethod
    def hyperparameters(cls) -> dict[str, Hyperparameter]:
        """Return the hyperparameters by field."""
        return {row.name: row.metadata["hyperparameter"] for row in fields(cls)}

    @abstractmethod
    def init_state(self, size: int) -> OptimizerState:
        """Return the initial state for `size` weights."""

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        """Decay the velocity and return the step to add before the gradient is computed, (size,).

        None where the optimizer has no look-ahead. Called once before each `update`.
        """
        return None

    @abstractmethod
    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        """Update `state` and return what to subtract from the weights, (size,).

        That may overwrite `gradient` (size,); `weights` (size,) are only read.
        """


def stack_optimizers(optimizers: Sequence[Optimizer]) -> Optimizer:
    """Return the optimizer of a stack of models, given that of each, all of one class."""
    first, *others = optimizers
    differing = {
        name: np.array([[getattr(optimizer, name)] for optimizer in optimizers])
        for name in first.hyperparameters()
        if any(getattr(optimizer, name) != getattr(first, name) for optimizer in others)
    }
    return replace(first, **differing)


def decay_velocity(state: OptimizerState, momentum: float) -> FloatArray:
    """Multiply the velocity by the momentum coefficient in place, and return it, (size,)."""
    velocity = state["velocity"]
    return np.multiply(velocity, momentum, velocity)
