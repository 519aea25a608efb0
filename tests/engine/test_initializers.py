"""Initial weights are drawn from the specified distribution in the specified order."""

from typing import Any

import numpy as np
import pytest

from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import Check, check_name, same_rng_state

Weights = dict[str, FloatArray]
SPECS = [
    ModelSpec(2, 5, 1),
    ModelSpec(2, 5, 1, biases=1),
    ModelSpec(2, 5, 1, biases=2, initial_state="learned"),
]


def uniform(random: np.random.RandomState, _model: Model) -> Weights:
    into, out, around = random.rand(2, 5), random.rand(5, 1), random.rand(5, 5)
    return {
        "input_weight": 2 * into - 1,
        "output_weight": 2 * out - 1,
        "recurrent_weight": 2 * around - 1,
    }


def normal(random: np.random.RandomState, _model: Model) -> Weights:
    into, around, out = random.randn(2, 5), random.randn(5, 5), random.randn(5, 1)
    return {"input_weight": into, "recurrent_weight": around, "output_weight": out}


def normal_everywhere(random: np.random.RandomState, model: Model) -> Weights:
    return {name: random.randn(*shape) for name, shape in model.parameters.layout.items()}


def glorot(random: np.random.RandomState, _model: Model) -> Weights:
    def matrix(before: int, after: int) -> FloatArray:
        limit = np.sqrt(6.0 / (before + after))
        drawn: FloatArray = random.uniform(-limit, limit, (before, after))
        return drawn

    into, around, out = matrix(2, 5), matrix(5, 5), matrix(5, 1)
    return {"input_weight": into, "recurrent_weight": around, "output_weight": out}


def glorot_second(random: np.random.RandomState, model: Model) -> Weights:
    glorot(random, model)
    return glorot(random, model)


DRAWS: dict[str, Any] = {
    "uniform": uniform,
    "normal": normal,
    "normal-everywhere": normal_everywhere,
    "glorot": glorot,
    "glorot-second-draw": glorot_second,
}


@pytest.mark.parametrize("spec", SPECS, ids=["no-bias", "one-bias", "two-biases"])
@pytest.mark.parametrize("name", DRAWS)
def test_weights_are_drawn_in_order_and_biases_are_zero(name: str, spec: ModelSpec) -> None:
    model = MODELS["elman"](spec)
    model.parameters.vector[:] = np.nan
    random, plain = np.random.RandomState(7), np.random.RandomState(7)
    INITIALIZERS[name].fill(model.parameters, random)
    drawn = DRAWS[name](plain, model)
    for parameter in model.parameters:
        expected = drawn.get(parameter, np.zeros_like(model.parameters[parameter]))
        np.testing.assert_array_equal(model.parameters[parameter], expected)
    assert same_rng_state(random, plain)


def check_random_initializers_depend_on_the_seed(kind: str) -> None:
    for name in DRAWS:
        _check_random_initializer(kind, name)


def _check_random_initializer(kind: str, name: str) -> None:
    assert INITIALIZERS[name].fits(MODELS[kind])
    models = []
    for seed in (3, 3, 4):
        model = MODELS[kind](ModelSpec(1, 5, 1, biases=1, initial_state="learned", layers=2))
        model.parameters.vector[:] = np.nan
        INITIALIZERS[name].fill(model.parameters, np.random.RandomState(seed))
        models.append(model)
    first, same, other = (model.parameters for model in models)
    assert np.array_equal(first.vector, same.vector)
    matrices = [matrix for matrix, shape in first.layout.items() if len(shape) == 2]
    assert all((first[matrix] != other[matrix]).all() for matrix in matrices)
    if name != "normal-everywhere":
        assert not any(first[vector].any() for vector in first if vector not in matrices)


CHECKS: list[Check] = [check_random_initializers_depend_on_the_seed]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("kind", MODELS)
def test_model(kind: str, check: Check) -> None:
    check(kind)


def test_every_other_initializer_fits_one_model_only() -> None:
    fitting = {
        name: [kind for kind in MODELS if INITIALIZERS[name].fits(MODELS[kind])]
        for name in INITIALIZERS.keys() - DRAWS.keys()
    }
    assert fitting == {"constant": ["linear"], "planted": ["elman"]}


def test_far_sets_the_weights_of_the_tutorial_for_every_seed() -> None:
    model, random = Linear(ModelSpec(1, 1, 1)), np.random.RandomState(5)
    INITIALIZERS["constant"].fill(model.parameters, random)
    assert model.parameters["input_weight"].tolist() == [[-1.5]]
    assert model.parameters["recurrent_weight"].tolist() == [[2.0]]
    assert same_rng_state(random, np.random.RandomState(5))
