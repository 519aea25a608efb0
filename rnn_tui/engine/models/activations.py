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

from rnn_tui.engine.parameters import FloatArray, scalar_array


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
    """

    symbol: str
    shift: float
    scale: float
    function: Callable[[FloatArray, FloatArray], object]
    derivative: Callable[[FloatArray, FloatArray, FloatArray], object]

    def apply(self, preactivation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return h and dh/dz for z of any shape."""
        states, derivatives = self.scale * preactivation, np.empty_like(preactivation)
        self.function(states, states)
        states *= self.scale
        self.derivative(states, np.array(self.scale**2), derivatives)
        states += self.shift
        return states, derivatives


def _tanh_derivative(scaled: FloatArray, scale_squared: FloatArray, out: FloatArray) -> None:
    np.multiply(scaled, scaled, out)
    np.subtract(scale_squared, out, out)


def _relu_derivative(scaled: FloatArray, _scale_squared: FloatArray, out: FloatArray) -> None:
    np.greater(scaled, scalar_array(0.0), out)


ACTIVATIONS = {
    "sigmoid": Activation("σ", 0.5, 0.5, tanh, _tanh_derivative),
    "tanh": Activation("tanh", 0.0, 1.0, tanh, _tanh_derivative),
    "relu": Activation("ReLU", 0.0, 1.0, relu, _relu_derivative),
}
