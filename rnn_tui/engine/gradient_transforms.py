"""Gradient transforms, applied before the optimizer: clipping and weight decay."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import inf, sqrt
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray, inner_product


class GradientTransform(ABC):
    """A stateless change of the gradient in place."""

    @abstractmethod
    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        """Transform `gradient` (size,) in place; `weights` (size,) are only read.

        Those of a stack of models have a leading axis of replicas.
        """


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
    """g_i ← max(-limit, min(limit, g_i))  (as in torch.nn.utils.clip_grad_value_)."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        np.clip(gradient, -self.limit, self.limit, out=gradient)


@final
@dataclass(frozen=True, slots=True)
class ClipNorm(GradientTransform):
    """g ← g · min(1, limit / (‖g‖ + 1e-6))  (Pascanu et al. 2013, as in torch)."""

    limit: float

    def apply(self, gradient: FloatArray, weights: FloatArray) -> None:
        squared_norm = inner_product(gradient, gradient)
        if gradient.ndim == 1:
            gradient *= self._factor(squared_norm)
        else:
            gradient *= np.array([[self._factor(value)] for value in squared_norm.tolist()])

    def _factor(self, squared_norm: float) -> float:
        return min(1.0, self.limit / (sqrt(squared_norm) + 1e-6))


def make_gradient_transforms(
    clip_value: float, clip_norm: float, weight_decay: float
) -> tuple[GradientTransform, ...]:
    """Return the active transforms in order; a limit of infinity or a decay of 0 is inactive."""
    transforms: list[GradientTransform] = []
    if clip_value < inf:
        transforms.append(ClipValue(clip_value))
    if clip_norm < inf:
        transforms.append(ClipNorm(clip_norm))
    if weight_decay > 0:
        transforms.append(WeightDecay(weight_decay))
    return tuple(transforms)
