"""Optimizers with a step size for each weight, from the squares of its gradients."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import inf
from typing import Any, final

import numpy as np

from rnn_tui.engine.optimizers.base import (
    EPSILON,
    MOMENTUM,
    RHO,
    Hyperparameter,
    Optimizer,
    OptimizerState,
    Rate,
    decay_velocity,
)
from rnn_tui.engine.parameters import FloatArray

BETA1 = Hyperparameter(0.0, 1.0, "β₁", "decay rate of the first moment")
BETA2 = Hyperparameter(0.0, 1.0, "β₂", "decay rate of the second moment")
DECOUPLED_WEIGHT_DECAY = Hyperparameter(0.0, inf, "λ", "decoupled weight decay coefficient")


@final
@dataclass(frozen=True)
class RMSprop(Optimizer):
    """s ← ρ s + (1-ρ) g²;  v ← μ v + g / (√s + ε);  w ← w - η v  (as in torch.optim.RMSprop)."""

    title = "RMSprop"
    summary = "divides by the root mean square of recent gradients"
    default_lr = 0.01
    rho: float = RHO.default(0.99)
    momentum: float = MOMENTUM.default(0.0)
    epsilon: float = EPSILON.default(1e-8)

    def init_state(self, size: int) -> OptimizerState:
        return {"second_moment": np.zeros(size), "velocity": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        second_moment = state["second_moment"]
        _update_second_moment(second_moment, gradient, self.rho)
        velocity = decay_velocity(state, self.momentum)
        velocity += gradient / (np.sqrt(second_moment) + self.epsilon)
        return np.multiply(velocity, learning_rate, gradient)


@dataclass(frozen=True)
class _NesterovRMSprop(Optimizer):
    """w ← w + μ v;  s ← ρ s + (1-ρ) g²;  v ← μ v - n;  w ← w - n  with a normalised step n."""

    is_standard = False
    default_lr = 0.01
    rho: float = RHO.default(0.5)
    momentum: float = MOMENTUM.default(0.8)
    epsilon: float = EPSILON.default(1e-6)

    def init_state(self, size: int) -> OptimizerState:
        return {"second_moment": np.zeros(size), "velocity": np.zeros(size)}

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        return decay_velocity(state, self.momentum)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        _update_second_moment(state["second_moment"], gradient, self.rho)
        self._normalise(gradient, state["second_moment"], learning_rate)
        state["velocity"] -= gradient
        return gradient

    @abstractmethod
    def _normalise(
        self, gradient: FloatArray, second_moment: FloatArray, learning_rate: Rate
    ) -> None:
        """Overwrite `gradient` (size,) with n."""


@final
@dataclass(frozen=True)
class RMSpropLookAhead(_NesterovRMSprop):
    """n = η g / √(s + ε), with Nesterov momentum.

    From part 2 of the counting tutorial (Roelants 2015), with ε inside the root.
    """

    title = "RMSprop ahead"
    summary = "RMSprop with Nesterov momentum, as in a tutorial of 2015"

    def _normalise(
        self, gradient: FloatArray, second_moment: FloatArray, learning_rate: Rate
    ) -> None:
        gradient *= learning_rate
        gradient /= np.sqrt(second_moment + self.epsilon)


@final
@dataclass(frozen=True)
class RMSpropDrift(_NesterovRMSprop):
    """n = η g / √s + ε, as the same tutorial has been published since 2018.

    A bug: ε is added to the quotient, so that every weight drifts by -ε at each step. Where s = 0
    the quotient is taken as 0.
    """

    title = "RMSprop drift"
    summary = "RMSprop ahead as published since 2018: a bug makes every weight drift by ε each step"

    def _normalise(
        self, gradient: FloatArray, second_moment: FloatArray, learning_rate: Rate
    ) -> None:
        gradient *= learning_rate
        np.divide(gradient, np.sqrt(second_moment), gradient, where=second_moment > 0)
        gradient += self.epsilon


@final
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """s ← s + g²;  w ← w - η g / (√s + ε)  (Duchi et al. 2011, as in torch.optim.Adagrad)."""

    title = "Adagrad"
    summary = "divides by the root of all squared gradients so far: steps shrink over time"
    default_lr = 0.3
    epsilon: float = EPSILON.default(1e-10)

    def init_state(self, size: int) -> OptimizerState:
        return {"second_moment": np.zeros(size)}

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        second_moment = state["second_moment"]
        second_moment += gradient * gradient
        gradient /= np.sqrt(second_moment) + self.epsilon
        return np.multiply(gradient, learning_rate, gradient)


@dataclass(frozen=True)
class _AdamBase(Optimizer):
    """m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  the step is η m̂ / (√v̂ + ε).

    m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ) correct the bias of starting at 0; ε is outside the root.
    """

    default_lr = 0.01
    beta1: float = BETA1.default(0.9)
    beta2: float = BETA2.default(0.999)
    epsilon: float = EPSILON.default(1e-8)

    def init_state(self, size: int) -> OptimizerState:
        moments = {"first_moment": np.zeros(size), "second_moment": np.zeros(size)}
        return moments | {"steps": np.zeros(1)}

    def _adam_step(
        self, state: OptimizerState, gradient: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        """Update `state` and return the step (size,), which overwrites `gradient`."""
        first_moment, second_moment = state["first_moment"], state["second_moment"]
        state["steps"] += 1
        steps = state["steps"]
        np.multiply(first_moment, self.beta1, first_moment)
        first_moment += (1 - self.beta1) * gradient
        _update_second_moment(second_moment, gradient, self.beta2)
        np.sqrt(second_moment, gradient)
        np.multiply(gradient, _bias(self.beta2, steps, -0.5), gradient)
        np.add(gradient, self.epsilon, gradient)
        np.divide(first_moment, gradient, gradient)
        np.multiply(gradient, learning_rate / _bias(self.beta1, steps), gradient)
        return gradient


@final
@dataclass(frozen=True)
class Adam(_AdamBase):
    """w ← w - η m̂ / (√v̂ + ε), bias-corrected moments m̂ and v̂  (Kingma & Ba 2015)."""

    title = "Adam"
    summary = "momentum divided by the root mean square of recent gradients, bias-corrected"

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        return self._adam_step(state, gradient, learning_rate)


@final
@dataclass(frozen=True)
class AdamW(_AdamBase):
    """Adam with decoupled weight decay, w ← w - η λ w  (Loshchilov & Hutter 2019)."""

    title = "AdamW"
    summary = "Adam with decoupled weight decay"
    decoupled_weight_decay: float = DECOUPLED_WEIGHT_DECAY.default(0.01)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        step = self._adam_step(state, gradient, learning_rate)
        step += learning_rate * self.decoupled_weight_decay * weights
        return step


def _bias(beta: float | FloatArray, steps: FloatArray, exponent: float = 1.0) -> Any:
    """Return (1 - βᵗ) to the power of `exponent` for `steps` (1,), or for a stack (replicas, 1).

    By Python's powers, from which numpy's vectorized powers differ in the last bit.
    """
    if steps.ndim == 1:
        return (1 - beta ** float(steps[0])) ** exponent
    pairs = zip(np.broadcast_to(beta, steps.shape).flat, steps.flat, strict=True)
    return np.array([[(1 - float(beta) ** float(count)) ** exponent] for beta, count in pairs])


def _update_second_moment(second_moment: FloatArray, gradient: FloatArray, rho: float) -> None:
    np.multiply(second_moment, rho, second_moment)
    second_moment += (1 - rho) * gradient * gradient
