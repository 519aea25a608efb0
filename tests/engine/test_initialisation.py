"""First weights are the draws that their initialisation names, in its order."""

import numpy as np
import pytest

from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.models import Elman
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import same_state


def uniform(random: np.random.RandomState) -> dict[str, FloatArray]:
    into, out, around = random.rand(2, 5), random.rand(5, 1), random.rand(5, 5)
    return {
        "input_weight": 2 * into - 1,
        "output_weight": 2 * out - 1,
        "recurrent_weight": 2 * around - 1,
    }


def normal(random: np.random.RandomState) -> dict[str, FloatArray]:
    into, around, out = random.randn(2, 5), random.randn(5, 5), random.randn(5, 1)
    return {"input_weight": into, "recurrent_weight": around, "output_weight": out}


DRAWS = {"uniform": uniform, "normal": normal}


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", INITIALISATIONS)
def test_weights_are_drawn_in_order_and_biases_are_zero(name: str, bias: bool) -> None:
    model = Elman(2, 5, 1, bias=bias)
    model.parameters.vector[:] = np.nan
    random, plain = np.random.RandomState(7), np.random.RandomState(7)
    INITIALISATIONS[name].fill(model.parameters, random)
    drawn = DRAWS[name](plain)
    for parameter in model.parameters:
        expected = drawn.get(parameter, np.zeros_like(model.parameters[parameter]))
        assert np.array_equal(model.parameters[parameter], expected)
    assert same_state(random, plain)
