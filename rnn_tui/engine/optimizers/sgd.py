"""Stochastic gradient descent, without and with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.optimizers.base import MOMENTUM, Optimizer, OptimizerState, Rate, decay_velocity
from rnn_tui.engine.parameters import FloatArray


@final
@dataclass(frozen=True)
class SGD(Optimizer):
    """w ← w - η g."""

    title = "SGD"
    summary = "gradient descent without momentum"
    default_lr = 0.1
    scales_with_gradient = True

    def init_state(self, size: int) -> OptimizerState:
        return {}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        return np.multiply(gradient, learning_rate, gradient)


@dataclass(frozen=True)
class _MomentumOptimizer(Optimizer):
    """The state and the coefficient that all forms of momentum share."""

    default_lr = 0.02
    scales_with_gradient = accumulates_gradient = True
    momentum: float = MOMENTUM.default(0.9)

    def init_state(self, size: int) -> OptimizerState:
        return {"velocity": np.zeros(size)}


@final
@dataclass(frozen=True)
class Momentum(_MomentumOptimizer):
    """v ← μ v + g;  w ← w - η v  (Polyak 1964, as in torch.optim.SGD)."""

    title = "momentum"
    summary = "gradient descent with momentum, like a ball with inertia"

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        velocity = decay_velocity(state, self.momentum)
        np.add(velocity, gradient, velocity)
        return np.multiply(velocity, learning_rate, gradient)


@final
@dataclass(frozen=True)
class Nesterov(_MomentumOptimizer):
    """v ← μ v + g;  w ← w - η (g + μ v)  (as in torch.optim.SGD with nesterov=True).

    The weights are those of the look-ahead point.
    """

    title = "Nesterov"
    summary = "Nesterov momentum in PyTorch's form"

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        velocity = decay_velocity(state, self.momentum)
        np.add(velocity, gradient, velocity)
        np.add(gradient, self.momentum * velocity, gradient)
        return np.multiply(gradient, learning_rate, gradient)


@final
@dataclass(frozen=True)
class NesterovLookAhead(_MomentumOptimizer):
    """w ← w + μ v;  v ← μ v - η g(w);  w ← w - η g(w)  (Sutskever et al. 2013).

    The gradient is computed at the look-ahead point, after the first of the three.
    """

    title = "Nesterov ahead"
    summary = "Nesterov momentum: look-ahead step first, then the gradient there"

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        return decay_velocity(state, self.momentum)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        np.multiply(gradient, learning_rate, gradient)
        state["velocity"] -= gradient
        return gradient
