"""Rules that look only at the gradient's sign: for whole batches, where the sign can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.optimizers.base import Optimizer, OptimizerState
from rnn_tui.engine.parameters import FloatArray


@final
@dataclass(frozen=True)
class Rprop(Optimizer):
    """d ← clip(d η⁺ or d η⁻ as the sign stays or flips);  w ← w - d sign(g), or stays at a flip.

    iRprop⁻ (Igel & Hüsken 2000), as in torch.optim.Rprop; the first d is the learning rate.
    """

    title = "Rprop"
    summary = "longer steps while the gradient's sign stays, shorter when it flips"
    default_lr = 0.01
    eta_minus: float = 0.5
    eta_plus: float = 1.2
    step_min: float = 1e-6
    step_max: float = 50.0

    def init(self, size: int) -> OptimizerState:
        return _rprop_state(size)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        step, previous = _step_sizes(state, learning_rate), state["previous"]
        agreement = np.sign(gradient * previous)
        factors = np.where(agreement > 0, self.eta_plus, self.eta_minus)
        np.multiply(step, factors, step, where=agreement != 0)
        np.clip(step, self.step_min, self.step_max, out=step)
        gradient[agreement < 0] = 0.0
        previous[:] = gradient
        return np.multiply(np.sign(gradient), -step, gradient)


@final
@dataclass(frozen=True)
class TutorialRprop(Optimizer):
    """d ← d η⁺ where the sign is that of the step before, else d η⁻;  w ← w - d sign(g).

    The counting tutorial's rule (Roelants 2015): no bounds, and it moves after a flip as well. The
    sign before the first step counts as 0, so the first step is half the learning rate.
    """

    title = "Rprop 2015"
    summary = "the counting tutorial's Rprop: no bounds, moves after a flip too"
    default_lr = 0.001
    eta_minus: float = 0.5
    eta_plus: float = 1.2

    def init(self, size: int) -> OptimizerState:
        return _rprop_state(size)

    def update(
        self, state: OptimizerState, gradient: FloatArray, weights: FloatArray, learning_rate: float
    ) -> FloatArray:
        step, previous = _step_sizes(state, learning_rate), state["previous"]
        sign = np.sign(gradient)
        step *= np.where(sign == previous, self.eta_plus, self.eta_minus)
        previous[:] = sign
        return np.multiply(sign, -step, gradient)


def _rprop_state(size: int) -> OptimizerState:
    return {"step": np.zeros(size), "previous": np.zeros(size), "rate": np.zeros(1)}


def _step_sizes(state: OptimizerState, learning_rate: float) -> FloatArray:
    """Return the step sizes; they are all `rate` at first, and again when another rate is set."""
    if state["rate"][0] != learning_rate:
        state["rate"][0] = learning_rate
        state["step"][:] = learning_rate
    return state["step"]
