"""Gradient descent with one rate for all weights, plain or with inertia."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.optimizers.base import Optimizer, OptimizerState
from rnn_tui.engine.parameters import FloatArray


@final
@dataclass(frozen=True)
class SGD(Optimizer):
    """w ← w - η g."""

    title = "SGD"
    summary = "straight down the gradient"
    default_lr = 0.1

    def init(self, size: int) -> OptimizerState:
        return {}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        return np.multiply(gradient, -learning_rate, gradient)


@final
@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← μ v + g;  w ← w - η v  (Polyak 1964, as in torch.optim.SGD)."""

    title = "momentum"
    summary = "a ball with inertia: remembers its direction"
    default_lr = 0.02
    momentum: float = 0.9

    def init(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        velocity = state["velocity"]
        np.multiply(velocity, self.momentum, velocity)
        np.add(velocity, gradient, velocity)
        return np.multiply(velocity, -learning_rate, gradient)


@final
@dataclass(frozen=True)
class Nesterov(Optimizer):
    """v ← μ v + g;  w ← w - η (g + μ v)  (torch.optim.SGD with nesterov).

    The weights that it reports are those of the look-ahead point.
    """

    title = "Nesterov"
    summary = "momentum that is corrected where it is about to arrive (torch's form)"
    default_lr = 0.02
    momentum: float = 0.9

    def init(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        velocity = state["velocity"]
        np.multiply(velocity, self.momentum, velocity)
        np.add(velocity, gradient, velocity)
        np.add(gradient, self.momentum * velocity, gradient)
        return np.multiply(gradient, -learning_rate, gradient)


@final
@dataclass(frozen=True)
class NesterovLookAhead(Optimizer):
    """w ← w + μ v;  v ← μ v - η g(w);  w ← w - η g(w)  (Sutskever et al. 2013).

    The gradient is taken after the first move, at the point to which the old velocity leads.
    """

    title = "look-ahead"
    summary = "momentum that moves first and then takes the gradient"
    default_lr = 0.02
    momentum: float = 0.9

    def init(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        velocity = state["velocity"]
        return np.multiply(velocity, self.momentum, velocity)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        np.multiply(gradient, -learning_rate, gradient)
        state["velocity"] += gradient
        return gradient
