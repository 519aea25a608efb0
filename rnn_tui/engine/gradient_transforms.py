"""What may happen to a gradient before an optimizer sees it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf, sqrt
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray


class GradientTransform(ABC):
    """A change of the gradient, in place, that remembers nothing."""

    @abstractmethod
    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        """Change `gradient` (size,), which belongs to `weights` (size,)."""


@final
@dataclass(frozen=True, slots=True)
class WeightDecay(GradientTransform):
    """g ← g + λ w, the gradient of ½ λ ‖w‖² added to the loss."""

    strength: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        gradient += self.strength * weights


@final
@dataclass(frozen=True, slots=True)
class ClipValue(GradientTransform):
    """Each g_i is held between -limit and limit."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        np.clip(gradient, -self.limit, self.limit, out=gradient)


@final
@dataclass(frozen=True, slots=True)
class ClipNorm(GradientTransform):
    """g ← g · min(1, limit / (‖g‖ + 1e-6))  (Pascanu et al. 2013, as in torch.nn.utils)."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        norm = sqrt(float(gradient.dot(gradient)))
        gradient *= min(1.0, self.limit / (norm + 1e-6))


def make_gradient_transforms(
    clip_value: float, clip_norm: float, weight_decay: float
) -> tuple[GradientTransform, ...]:
    """Return those that are wanted, in their order: infinity clips nothing, 0 decays nothing."""
    transforms: list[GradientTransform] = []
    if clip_value < inf:
        transforms.append(ClipValue(clip_value))
    if clip_norm < inf:
        transforms.append(ClipNorm(clip_norm))
    if weight_decay > 0:
        transforms.append(WeightDecay(weight_decay))
    return tuple(transforms)
