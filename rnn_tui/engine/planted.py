"""An adder with three hidden units whose weights can be read."""

from __future__ import annotations

import numpy as np

from rnn_tui.engine.models import ModelSpec
from rnn_tui.engine.parameters import FloatArray

PLANTED_SPEC = ModelSpec(inputs=2, hidden_size=3, outputs=1, activation="sigmoid", biases=1)
PLANTED_GAIN = 20.0
CARRY_UNIT = 1  # index of the hidden unit that is the carry


def planted_adder(gain: float = PLANTED_GAIN) -> dict[str, FloatArray]:
    """Return the parameters of an Elman model of `PLANTED_SPEC` that adds, by name.

    With the carry c, the units are h₁ = [a+b+c ≥ ½], h₂ = [a+b+c ≥ 1½], the next carry, and
    h₃ = [a+b+c ≥ 2½]; the output is h₁ - h₂ + h₃. All weights are ±`gain`, in which the steps
    become sigmoids; from a gain of 20, outputs are within 4.6e-5 of the bits.
    """
    recurrent_weight = np.zeros((3, 3))
    recurrent_weight[CARRY_UNIT] = gain
    return {
        "input_weight": np.full((2, 3), gain),
        "recurrent_weight": recurrent_weight,
        "output_weight": gain * np.array([[1.0], [-1.0], [1.0]]),
        "hidden_bias": gain * np.array([-0.5, -1.5, -2.5]),
        "output_bias": np.array([-0.5 * gain]),
    }
