"""How a gradient becomes a step. Every rule works on the flat vector and never names a weight.

In the formulas w are the weights, g the gradient, η the learning rate.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray

State = dict[str, FloatArray]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule, with its hyperparameters as fields; what it remembers lives in a `State`.

    `title` is its name on screen, `summary` one line for a learner, `default_rate` a learning
    rate that suits the adding nets.
    """

    title: ClassVar[str]
    summary: ClassVar[str]
    default_rate: ClassVar[float]

    @abstractmethod
    def init(self, size: int) -> State:
        """Return a fresh state for `size` weights."""

    @abstractmethod
    def update(self, state: State, gradient: FloatArray, rate: float) -> FloatArray:
        """Return the step to be added to the weights; it may be written over `gradient`."""


@final
@dataclass(frozen=True)
class SGD(Optimizer):
    """w ← w - η g."""

    title = "SGD"
    summary = "straight down the gradient"
    default_rate = 0.1

    def init(self, size: int) -> State:
        return {}

    def update(self, state: State, gradient: FloatArray, rate: float) -> FloatArray:
        return np.multiply(gradient, -rate, gradient)


@final
@dataclass(frozen=True)
class Momentum(Optimizer):
    """v ← μ v + g;  w ← w - η v  (Polyak 1964, as in torch.optim.SGD)."""

    title = "momentum"
    summary = "a ball with inertia: remembers its direction"
    default_rate = 0.02
    momentum: float = 0.9

    def init(self, size: int) -> State:
        return {"velocity": np.zeros(size)}

    def update(self, state: State, gradient: FloatArray, rate: float) -> FloatArray:
        velocity = state["velocity"]
        np.multiply(velocity, self.momentum, velocity)
        np.add(velocity, gradient, velocity)
        return np.multiply(velocity, -rate, gradient)


@final
@dataclass(frozen=True)
class Adam(Optimizer):
    """m ← β₁m + (1-β₁)g;  v ← β₂v + (1-β₂)g²;  w ← w - η m̂ / (√v̂ + ε)  (Kingma & Ba 2015).

    m̂ = m / (1-β₁ᵗ) and v̂ = v / (1-β₂ᵗ) take out the start at zero; ε stands outside the root.
    """

    title = "Adam"
    summary = "a step size of its own for each weight"
    default_rate = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def init(self, size: int) -> State:
        return {"mean": np.zeros(size), "square": np.zeros(size), "steps": np.zeros(1)}

    def update(self, state: State, gradient: FloatArray, rate: float) -> FloatArray:
        mean, square, steps = state["mean"], state["square"], state["steps"]
        steps += 1
        count = float(steps[0])
        np.multiply(mean, self.beta1, mean)
        np.add(mean, (1 - self.beta1) * gradient, mean)
        np.multiply(square, self.beta2, square)
        np.multiply(gradient, gradient, gradient)
        np.multiply(gradient, 1 - self.beta2, gradient)
        np.add(square, gradient, square)
        np.sqrt(square, gradient)
        np.multiply(gradient, (1 - self.beta2**count) ** -0.5, gradient)
        np.add(gradient, self.epsilon, gradient)
        np.divide(mean, gradient, gradient)
        np.multiply(gradient, -rate / (1 - self.beta1**count), gradient)
        return gradient


OPTIMIZERS: dict[str, Optimizer] = {"sgd": SGD(), "momentum": Momentum(), "adam": Adam()}
