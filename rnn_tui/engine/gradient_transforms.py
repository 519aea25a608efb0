"""What may happen to a gradient before an optimizer sees it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf, sqrt
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray


class Transformation(ABC):
    """A change of the gradient, in place, that remembers nothing."""

    @abstractmethod
    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        """Change `gradient` (size,), which belongs to `weights` (size,)."""


@final
@dataclass(frozen=True, slots=True)
class WeightDecay(Transformation):
    """g ← g + λ w, the gradient of ½ λ ‖w‖² added to the loss."""

    strength: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        gradient += self.strength * weights


@final
@dataclass(frozen=True, slots=True)
class ClipValue(Transformation):
    """Each g_i is held between -limit and limit."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        np.clip(gradient, -self.limit, self.limit, out=gradient)


@final
@dataclass(frozen=True, slots=True)
class ClipNorm(Transformation):
    """g ← g · min(1, limit / (‖g‖ + 1e-6))  (Pascanu et al. 2013, as in torch.nn.utils)."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        norm = sqrt(float(gradient.dot(gradient)))
        gradient *= min(1.0, self.limit / (norm + 1e-6))


def transformations(
    clip_value: float, clip_norm: float, weight_decay: float
) -> tuple[Transformation, ...]:
    """Return those that are wanted, in their order: infinity clips nothing, 0 decays nothing."""
    wanted: list[Transformation] = []
    if clip_value < inf:
        wanted.append(ClipValue(clip_value))
    if clip_norm < inf:
        wanted.append(ClipNorm(clip_norm))
    if weight_decay > 0:
        wanted.append(WeightDecay(weight_decay))
    return tuple(wanted)
