"""Activation functions, each with forms in which it is computed.

    h = shift + scale · s   with   s = function(u),   u = factor · z

Factor, shift and scale are folded into the weights once per training step, so that the loop over
time steps computes only u and s; afterwards dh/dz (and h, where it is not s) are computed from u
for all time steps at once, without cancellation.

As σ(z) = ½ + ½ tanh(½ z), the sigmoid of a small batch is one call of numpy's tanh per time step.
That of a large batch is 1 / (1 + e) with e = exp(-z), three calls that together take less time than
tanh and exp.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from sys import float_info
from typing import final

import numpy as np

from rnn_tui.engine.parameters import SCALARS, FloatArray

# Versions of the numerics. Derivatives are computed from u, or as in journals of the former from
# the values, by 1 - tanh² and 1 - σ, of which saturation leaves few digits, with one form for all
# batches.
NUMERICS, FORMER_NUMERICS = 2, 1
MAX_EXPONENT = 709.0  # above, exp overflows
MIN_LARGE_BATCH = 32  # from about 24 sequences, large forms take less time


def relu(u: FloatArray, out: FloatArray) -> None:
    """Write max(0, u) to `out`."""
    np.maximum(u, SCALARS[0.0], out=out)


def logistic_by_exp(u: FloatArray, out: FloatArray) -> None:
    """Write σ(-u) = 1 / (1 + e) to `out`, another array, and replace u by e = exp(u)."""
    np.exp(u, u)
    np.add(u, SCALARS[1.0], out)
    np.divide(SCALARS[1.0], out, out)


def logistic_slope(e: FloatArray, states: FloatArray) -> None:
    """Replace e by e h², which is dh/dz of h = 1 / (1 + e), with a relative error of 1e-15."""
    if not e.item(e.argmax()) < inf:  # h is 0 where e is infinite
        np.minimum(e, SCALARS[float_info.max], out=e)
    np.multiply(e, states, e)
    np.multiply(e, states, e)


def logistic_pair(values: FloatArray, complements: FloatArray) -> None:
    """Replace z in `values` by σ(z), and write 1 - σ(z) = σ(-z) to `complements`.

    Both have a relative error of 1e-15; for z above MAX_EXPONENT, σ(-z) is 1e-308.
    """
    np.minimum(values, SCALARS[MAX_EXPONENT], out=values)
    logistic_by_exp(values, complements)
    np.multiply(values, complements, values)


def tanh_slope(u: FloatArray, scale_squared: FloatArray, out: FloatArray) -> None:
    """Write scale² (1 - tanh²(u)) = scale² / cosh²(u) to `out`, with a relative error of 1e-15."""
    np.cosh(u, out)
    np.multiply(out, out, out)
    np.divide(scale_squared, out, out)


@final
@dataclass(frozen=True, slots=True)
class Form:
    """A form of an activation function, with the numbers of the formula above.

    make_function  returns the function that writes s to another array, `function(u, out)`, and may
                   replace u by what `finish` needs; a call, since reading np.tanh for the table
                   would load numpy, which the program imports lazily
    finish         writes h and replaces u by dh/dz: `finish(u, s, states)`, all of one shape
    in_place       s is h: finish is called with the same array for s and states
    """

    make_function: Callable[[], Callable[[FloatArray, FloatArray], object]]
    finish: Callable[[FloatArray, FloatArray, FloatArray], object]
    factor: float = 1.0
    shift: float = 0.0
    scale: float = 1.0
    in_place: bool = False


@final
@dataclass(frozen=True, slots=True)
class Activation:
    """An activation function h(z), with its `symbol` on the screen.

    `small` and `large` are its forms for batches below and from MIN_LARGE_BATCH; `former` is that
    of FORMER_NUMERICS. `slope` is the formula of dh/dz, with {h} for the name of the state.
    """

    symbol: str
    slope: str
    small: Form
    large: Form
    former: Form

    def form(self, numerics: int, batch: int) -> Form:
        """Return the form for batches of `batch` sequences."""
        if numerics == FORMER_NUMERICS:
            return self.former
        return self.small if batch < MIN_LARGE_BATCH else self.large

    def apply(
        self, preactivation: FloatArray, numerics: int = NUMERICS
    ) -> tuple[FloatArray, FloatArray]:
        """Return h and dh/dz for z of any shape."""
        form = self.form(numerics, MIN_LARGE_BATCH)
        u, states = preactivation * SCALARS[form.factor], np.empty_like(preactivation)
        form.make_function()(u, states)
        form.finish(u, states, states)
        return states, u


def _finish_small_sigmoid(u: FloatArray, _s: FloatArray, states: FloatArray) -> None:
    np.multiply(u, SCALARS[-2.0], u)
    logistic_by_exp(u, states)
    logistic_slope(u, states)


def _finish_large_sigmoid(e: FloatArray, _s: FloatArray, states: FloatArray) -> None:
    logistic_slope(e, states)


def _finish_tanh_in_place(u: FloatArray, _s: FloatArray, _states: FloatArray) -> None:
    tanh_slope(u, SCALARS[1.0], u)


def _finish_tanh(u: FloatArray, s: FloatArray, states: FloatArray) -> None:
    tanh_slope(u, SCALARS[1.0], u)
    states[...] = s


def _finish_relu_in_place(u: FloatArray, _s: FloatArray, _states: FloatArray) -> None:
    np.greater(u, SCALARS[0.0], u)


def _finish_relu(u: FloatArray, s: FloatArray, states: FloatArray) -> None:
    np.greater(u, SCALARS[0.0], u)
    states[...] = s


def _finish_former_sigmoid(u: FloatArray, s: FloatArray, states: FloatArray) -> None:
    np.multiply(s, SCALARS[0.5], states)
    np.multiply(states, states, u)
    np.subtract(SCALARS[0.25], u, u)
    np.add(states, SCALARS[0.5], states)


def _finish_former_tanh(u: FloatArray, s: FloatArray, states: FloatArray) -> None:
    states[...] = s
    np.multiply(s, s, u)
    np.subtract(SCALARS[1.0], u, u)


_RELU = Form(lambda: relu, _finish_relu)

ACTIVATIONS = {
    "sigmoid": Activation(
        "σ",
        "{h} (1 − {h})",
        Form(lambda: np.tanh, _finish_small_sigmoid, factor=0.5, shift=0.5, scale=0.5),
        Form(lambda: logistic_by_exp, _finish_large_sigmoid, factor=-1.0, in_place=True),
        Form(lambda: np.tanh, _finish_former_sigmoid, factor=0.5, shift=0.5, scale=0.5),
    ),
    "tanh": Activation(
        "tanh",
        "1 − {h}²",
        Form(lambda: np.tanh, _finish_tanh),
        Form(lambda: np.tanh, _finish_tanh_in_place, in_place=True),
        Form(lambda: np.tanh, _finish_former_tanh),
    ),
    "relu": Activation(
        "ReLU",
        "1 if {h} > 0 else 0",
        _RELU,
        Form(lambda: relu, _finish_relu_in_place, in_place=True),
        _RELU,
    ),
}
