"""What every optimizer is: a rule on the flat vector that never names a weight.

In all formulas w are the weights, g the gradient, η the learning rate.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, final

from rnn_tui.engine.parameters import FloatArray

OptimizerState = dict[str, FloatArray]


@final
class Hyperparameter(NamedTuple):
    """A number that tunes an optimizer: at least `least`, below `bound`."""

    minimum: float
    upper_bound: float
    symbol: str
    help: str


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule, with its hyperparameters as fields; what it remembers lives in a `State`.

    `title` is its name on screen, `summary` one line for a learner, `default_rate` a learning
    rate that suits the adding nets.
    """

    title: ClassVar[str]
    summary: ClassVar[str]
    default_lr: ClassVar[float]

    @abstractmethod
    def init(self, size: int) -> OptimizerState:
        """Return a fresh state for `size` weights."""

    def lookahead_step(self, state: OptimizerState) -> FloatArray | None:
        """Begin a step: let the velocity fade, and return it as a move to make before the gradient.

        None where the rule makes no such move. Called once for each `update`.
        """
        return None

    @abstractmethod
    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        """Return the step to be added to the weights; it may be written over `gradient`."""
