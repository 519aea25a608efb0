"""Resilient backpropagation: steps from the signs of full-batch gradients."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import final

import numpy as np

from rnn_tui.engine.optimizers.base import Hyperparameter, Optimizer, OptimizerState, Rate
from rnn_tui.engine.parameters import FloatArray

ETA_MINUS = Hyperparameter(0.0, 1.0, "η⁻", "factor of the step size when the gradient changes sign")
ETA_PLUS = Hyperparameter(
    1.0, inf, "η⁺", "factor of the step size while the gradient keeps its sign"
)
STEP_MIN = Hyperparameter(0.0, inf, "Δ≥", "minimum step size")
STEP_MAX = Hyperparameter(0.0, inf, "Δ≤", "maximum step size")


@dataclass(frozen=True)
class _RpropOptimizer(Optimizer):
    """The state and the factors that both forms of Rprop share."""

    uses_signs_only = True
    eta_minus: float = ETA_MINUS.default(0.5)
    eta_plus: float = ETA_PLUS.default(1.2)

    def init_state(self, size: int) -> OptimizerState:
        return {"step": np.zeros(size), "previous": np.zeros(size), "rate": np.zeros(1)}

    @staticmethod
    def _step_sizes(state: OptimizerState, learning_rate: Rate) -> FloatArray:
        """Return the step sizes (size,), reset to the learning rate whenever that changes."""
        changed = state["rate"] != learning_rate
        if changed.any():
            state["rate"][...] = learning_rate
            np.copyto(state["step"], learning_rate, where=changed)
        return state["step"]


@final
@dataclass(frozen=True)
class Rprop(_RpropOptimizer):
    """d ← clip(d η⁺) if the sign of g is unchanged, else clip(d η⁻);  w ← w - d sign(g).

    iRprop⁻ (Igel & Hüsken 2000), as in torch.optim.Rprop: w is not updated where the sign changed.
    The initial d is the learning rate.
    """

    title = "Rprop"
    summary = "step sizes grow while the sign of the gradient stays, shrink when it changes"
    default_lr = 0.01
    step_min: float = STEP_MIN.default(1e-6)
    step_max: float = STEP_MAX.default(50.0)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        step, previous = self._step_sizes(state, learning_rate), state["previous"]
        agreement = np.sign(gradient * previous)
        factors = np.where(agreement > 0, self.eta_plus, self.eta_minus)
        np.multiply(step, factors, step, where=agreement != 0)
        np.clip(step, self.step_min, self.step_max, out=step)
        gradient[agreement < 0] = 0.0
        previous[:] = gradient
        return np.multiply(np.sign(gradient), step, gradient)


@final
@dataclass(frozen=True)
class TutorialRprop(_RpropOptimizer):
    """d ← d η⁺ if the sign of g is unchanged, else d η⁻;  w ← w - d sign(g).

    From the counting tutorial (Roelants 2015): d has no bounds, and w is updated after a change of
    sign too. The sign before the first step is 0, so that the first step is η⁻ times the learning
    rate.
    """

    title = "Rprop tutorial"
    summary = "Rprop as in a tutorial: no bounds, and steps after a change of sign too"
    is_standard = False
    default_lr = 0.001

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: Rate
    ) -> FloatArray:
        step, previous = self._step_sizes(state, learning_rate), state["previous"]
        sign = np.sign(gradient)
        step *= np.where(sign == previous, self.eta_plus, self.eta_minus)
        previous[:] = sign
        return np.multiply(sign, step, gradient)
