"""Activation functions, each a shifted and scaled basic function.

h = shift + scale · s   with   s = function(scale · z)

As σ(z) = ½ + ½ tanh(½ z), sigmoid and tanh both use numpy's tanh, with shift and scale folded into
the weights once per training step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.losses import logistic_tail
from rnn_tui.engine.parameters import FloatArray, scalar_array

# Where |scale · z| is above, 1 - tanh² has fewer than 9 digits. Below, that form is kept, so that
# the journals of earlier versions replay identically.
TAIL = 9.0
TAIL_SLOPE = 6.0919e-8  # 1 - tanh²(±9)


def tanh(preactivation: FloatArray, out: FloatArray) -> None:
    """Write the hyperbolic tangent of z to `out`."""
    np.tanh(preactivation, out)


def relu(preactivation: FloatArray, out: FloatArray) -> None:
    """Write max(0, z) to `out`."""
    np.maximum(preactivation, scalar_array(0.0), out=out)


@final
@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function h(z), with its `symbol` on the screen.

    `function(z, out)` writes s; `derivative(g, scale², out)` writes dh/dz for g = scale · s.
    Derivatives below `tail_slope` lose digits to cancellation, and need `refine`.
    """

    symbol: str
    shift: float
    scale: float
    function: Callable[[FloatArray, FloatArray], object]
    derivative: Callable[[FloatArray, FloatArray, FloatArray], object]
    tail_slope: float

    def apply(self, preactivation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return h and dh/dz for z of any shape."""
        states, derivatives = self.scale * preactivation, np.empty_like(preactivation)
        self.function(states, states)
        states *= self.scale
        self.derivative(states, np.array(self.scale**2), derivatives)
        states += self.shift
        if derivatives.item(derivatives.argmin()) < self.tail_slope:
            refine(self.scale * preactivation, self.shift, self.scale, states, derivatives)
        return states, derivatives


def refine(
    scaled: FloatArray,
    shift: float | FloatArray,
    scale: float | FloatArray,
    values: FloatArray,
    derivatives: FloatArray,
) -> None:
    """Replace values and derivatives of shift + scale · tanh(u) where |u| > TAIL.

    Their forms without cancellation are, with p = σ(-2|u|), 4 scale² p (1 - p) for the derivative,
    and shift - scale + 2 scale p for the value of a negative u. `scaled` is u = scale · z, of the
    shape of `values` and `derivatives`; `shift` and `scale` are broadcast.
    """
    tail = logistic_tail(2 * scaled)
    np.copyto(derivatives, 4 * scale**2 * tail * (1 - tail), where=np.abs(scaled) > TAIL)
    np.copyto(values, shift - scale + 2 * scale * tail, where=scaled < -TAIL)


def _tanh_derivative(scaled: FloatArray, scale_squared: FloatArray, out: FloatArray) -> None:
    np.multiply(scaled, scaled, out)
    np.subtract(scale_squared, out, out)


def _relu_derivative(scaled: FloatArray, _scale_squared: FloatArray, out: FloatArray) -> None:
    np.greater(scaled, scalar_array(0.0), out)


ACTIVATIONS = {
    "sigmoid": Activation("σ", 0.5, 0.5, tanh, _tanh_derivative, TAIL_SLOPE / 4),
    "tanh": Activation("tanh", 0.0, 1.0, tanh, _tanh_derivative, TAIL_SLOPE),
    "relu": Activation("ReLU", 0.0, 1.0, relu, _relu_derivative, 0.0),
}
