"""The hidden units, each written as a shifted and scaled squashing function.

h = shift + scale · s   with   s = squash(scale · z)

The logistic function is σ(z) = ½ + ½ tanh(½ z), so that sigmoid and tanh both run through numpy's
tanh, and the shift and scale are folded into the weights once for each training step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray

ZERO = np.array(0.0)


def rectify(preactivation: FloatArray, out: FloatArray) -> None:
    np.maximum(preactivation, ZERO, out=out)


@final
@dataclass(frozen=True, slots=True)
class Units:
    """One kind of unit: its `symbol` on screen and what it is made of.

    `slope(g, scale², out)` writes dh/dz, given g = scale · s.
    """

    symbol: str
    shift: float
    scale: float
    squash: Callable[[FloatArray, FloatArray], object]
    slope: Callable[[FloatArray, FloatArray, FloatArray], object]

    def activate(self, preactivation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return h and dh/dz for z of any shape."""
        states, slopes = self.scale * preactivation, np.empty_like(preactivation)
        self.squash(states, states)
        states *= self.scale
        self.slope(states, np.array(self.scale**2), slopes)
        states += self.shift
        return states, slopes


def _slope_of_tanh(scaled: FloatArray, scale_squared: FloatArray, out: FloatArray) -> None:
    np.multiply(scaled, scaled, out)
    np.subtract(scale_squared, out, out)


def _slope_of_relu(scaled: FloatArray, _scale_squared: FloatArray, out: FloatArray) -> None:
    np.greater(scaled, ZERO, out)


UNITS = {
    "sigmoid": Units("σ", 0.5, 0.5, np.tanh, _slope_of_tanh),
    "tanh": Units("tanh", 0.0, 1.0, np.tanh, _slope_of_tanh),
    "relu": Units("ReLU", 0.0, 1.0, rectify, _slope_of_relu),
}
