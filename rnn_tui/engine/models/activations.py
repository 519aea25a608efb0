"""Activation functions, each a shifted and scaled basic function.

h = shift + scale · s   with   s = function(u),   u = scale · z

As σ(z) = ½ + ½ tanh(½ z), sigmoid and tanh both use numpy's tanh in the loop over time steps, with
shift and scale folded into the weights once per training step. Afterwards h and dh/dz are computed
from u for all time steps at once, by forms without cancellation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray, scalar_array

# How derivatives are computed: from u, or as in journals of earlier versions from the values, by
# 1 - tanh² and 1 - σ, of which saturation leaves few digits.
ARITHMETIC, FORMER_ARITHMETIC = 2, 1
MAX_EXPONENT = 709.0  # above, exp overflows

# Writes h and dh/dz from u and s: `finish(u, s, states, derivatives)`, all of one shape. `states`
# may be s.
Finish = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], None]


def tanh(u: FloatArray, out: FloatArray) -> None:
    """Write the hyperbolic tangent of u to `out`."""
    np.tanh(u, out)


def relu(u: FloatArray, out: FloatArray) -> None:
    """Write max(0, u) to `out`."""
    np.maximum(u, scalar_array(0.0), out=out)


def logistic_pair(values: FloatArray, complements: FloatArray) -> None:
    """Replace z in `values` by σ(z), and write 1 - σ(z) = σ(-z) to `complements`.

    Both have a relative error of 1e-15; for z above MAX_EXPONENT, σ(-z) is 1e-308.
    """
    one = scalar_array(1.0)
    np.minimum(values, scalar_array(MAX_EXPONENT), out=values)
    np.exp(values, values)
    np.add(values, one, complements)
    np.divide(one, complements, complements)
    np.multiply(values, complements, values)


def tanh_slope(u: FloatArray, scale_squared: FloatArray, out: FloatArray) -> None:
    """Write scale² (1 - tanh²(u)) = scale² / cosh²(u) to `out`, with a relative error of 1e-15."""
    np.cosh(u, out)
    np.multiply(out, out, out)
    np.divide(scale_squared, out, out)


@final
@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function h(z), with its `symbol` on the screen.

    function     writes s: `function(u, out)`
    make_finish  returns the function that writes h and dh/dz
    """

    symbol: str
    shift: float
    scale: float
    function: Callable[[FloatArray, FloatArray], object]
    make_finish: Callable[[], Finish]

    def apply(self, preactivation: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return h and dh/dz for z of any shape."""
        u, states = preactivation * scalar_array(self.scale), np.empty_like(preactivation)
        derivatives = np.empty_like(preactivation)
        self.function(u, states)
        self.make_finish()(u, states, states, derivatives)
        return states, derivatives

    def with_arithmetic(self, arithmetic: int) -> Activation:
        """Return the activation with ARITHMETIC or FORMER_ARITHMETIC."""
        if arithmetic == ARITHMETIC or self.function is relu:
            return self
        return replace(self, make_finish=partial(_finish_from_values, self.shift, self.scale))


@cache
def _finish_sigmoid() -> Finish:
    one, quarter, minus_two = map(np.array, (1.0, 0.25, -2.0))
    multiply, divide, exp, add = np.multiply, np.divide, np.exp, np.add

    def finish(u: FloatArray, _s: FloatArray, states: FloatArray, derivatives: FloatArray) -> None:
        tanh_slope(u, quarter, derivatives)
        multiply(u, minus_two, states)
        exp(states, states)
        add(states, one, states)
        divide(one, states, states)

    return finish


@cache
def _finish_tanh() -> Finish:
    one = np.array(1.0)

    def finish(u: FloatArray, s: FloatArray, states: FloatArray, derivatives: FloatArray) -> None:
        tanh_slope(u, one, derivatives)
        states[...] = s

    return finish


@cache
def _finish_relu() -> Finish:
    zero = np.array(0.0)

    def finish(u: FloatArray, s: FloatArray, states: FloatArray, derivatives: FloatArray) -> None:
        np.greater(u, zero, derivatives)
        states[...] = s

    return finish


@cache
def _finish_from_values(shift: float, scale: float) -> Finish:
    """Return `finish` of FORMER_ARITHMETIC for shift + scale · tanh(scale · z)."""
    scale_squared, shift_array, scale_array = map(np.array, (scale**2, shift, scale))

    def finish(_u: FloatArray, s: FloatArray, states: FloatArray, derivatives: FloatArray) -> None:
        np.multiply(s, scale_array, states)
        np.multiply(states, states, derivatives)
        np.subtract(scale_squared, derivatives, derivatives)
        np.add(states, shift_array, states)

    return finish


ACTIVATIONS = {
    "sigmoid": Activation("σ", 0.5, 0.5, tanh, _finish_sigmoid),
    "tanh": Activation("tanh", 0.0, 1.0, tanh, _finish_tanh),
    "relu": Activation("ReLU", 0.0, 1.0, relu, _finish_relu),
}
