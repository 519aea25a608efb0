"""The Elman model's passes agree with automatic differentiation."""

from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import ACTIVATIONS, MODELS, Elman, ModelSpec, elman
from rnn_tui.engine.models.activations import FORMER_NUMERICS, MIN_LARGE_BATCH, NUMERICS
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import random_batch, random_model
from tests.support.reference import load

LOSS_NAMES = {"half_squared_error": "half-squared-error", "binary_cross_entropy": "cross-entropy"}
SEEDS = st.integers(0, 2**32 - 1)


def case_name(case: dict[str, Any]) -> str:
    return "-".join(str(case[key]) for key in ("activation", "loss", "hidden", "steps", "batch"))


def assert_close(actual: FloatArray, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("case", load("gradients")["cases"], ids=case_name)
def test_passes_match_automatic_differentiation(case: dict[str, Any]) -> None:
    model = Elman(ModelSpec(2, case["hidden"], 1, case["activation"], int(case["bias"])))
    assert set(model.parameters) == set(case["parameters"]) == set(case["gradients"])
    for name, values in case["parameters"].items():
        model.parameters[name][...] = values
    batch = Batch.uniform(np.array(case["inputs"]), np.array(case["targets"]))

    cache = model.forward(batch.inputs)
    result = LOSSES[LOSS_NAMES[case["loss"]]]().compute(cache.logits, batch)
    model.backward(cache, result.gradient)

    assert result.loss == pytest.approx(case["loss_value"], rel=1e-12)
    assert_close(result.outputs, case["outputs"])
    assert_close(cache.state_gradients, case["state_gradients"])
    for name, values in case["gradients"].items():
        assert_close(model.gradient[name], values)


FUNCTIONS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
}

COUNTS = st.integers(1, 4) | st.just(MIN_LARGE_BATCH)  # of sequences


@pytest.mark.parametrize("learned_initial_state", [False, True])
@pytest.mark.parametrize("biases", [0, 1, 2])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 6), count=COUNTS, hidden=st.integers(1, 5))
def test_logits_match_a_plain_program(
    activation: str,
    biases: int,
    learned_initial_state: bool,
    seed: int,
    time: int,
    count: int,
    hidden: int,
) -> None:
    sizes = (2, hidden, 1)
    model = random_model(
        seed,
        sizes,
        activation=activation,
        biases=biases,
        initial_state="learned" if learned_initial_state else "zero",
    )
    weights, inputs = model.parameters, random_batch(seed, time, count, 2, 1).inputs
    logits = model.forward(inputs).logits

    names = ["hidden_bias", "input_bias"][:biases]
    assert set(weights) == {
        *("input_weight", "recurrent_weight", "output_weight", *names),
        *["output_bias"] * (biases > 0),
        *["initial_hidden"] * learned_initial_state,
    }
    state = np.zeros((count, hidden)) + (weights["initial_hidden"] if learned_initial_state else 0)
    for step in range(time):
        sums = inputs[step] @ weights["input_weight"] + state @ weights["recurrent_weight"]
        state = FUNCTIONS[activation](sum((weights[name] for name in names), sums))
        expected = state @ weights["output_weight"] + (weights["output_bias"] if biases else 0)
        np.testing.assert_allclose(logits[step], expected, rtol=1e-9, atol=1e-12)


SLOPES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda z: exp(-abs(z)) / (1 + exp(-abs(z))) ** 2,
    "tanh": lambda z: 4 * exp(-2 * abs(z)) / (1 + exp(-2 * abs(z))) ** 2,
    "relu": lambda z: float(z > 0),
}


@pytest.mark.parametrize("kind", ["elman", "feed-forward"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@given(z=st.floats(-350, 350) | st.floats(-20, 20), count=COUNTS)
def test_slope_is_exact_to_12_digits(activation: str, kind: str, z: float, count: int) -> None:
    model = MODELS[kind](ModelSpec(1, 1, 1, activation=activation))
    model.parameters.vector[0], model.parameters.vector[-1] = z, 1.0
    cache = model.forward(np.ones((1, count, 1)))
    model.backward(cache, np.eye(1, count)[:, :, np.newaxis])
    slope = model.gradient.vector[0]
    assert slope == pytest.approx(SLOPES[activation](z), rel=1e-12, abs=0.0)
    if activation == "sigmoid":
        assert cache.logits[0, 0, 0] == pytest.approx(1 / (1 + exp(-z)), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("count", [1, MIN_LARGE_BATCH])
@pytest.mark.parametrize(("activation", "limit"), [("sigmoid", 0.0), ("tanh", -1.0), ("relu", 0.0)])
@np.errstate(over="ignore")
def test_slope_that_underflows_is_0(activation: str, limit: float, count: int) -> None:
    model = Elman(ModelSpec(1, 2, 1, activation=activation))
    model.parameters["input_weight"][...] = -1e4, -1e4
    cache = model.forward(np.ones((1, count, 1)))
    assert not cache.derivatives.any()
    assert set(cache.hidden_states.flat) == {limit}


@pytest.mark.parametrize("lesion", [0, 2])
@pytest.mark.parametrize("biases", [0, 2])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_large_batch_has_the_gradients_of_its_sequences(
    activation: str, biases: int, lesion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elman, "MAX_BLOCK_VALUES", 200)  # of products, 3 time steps
    model = random_model(
        1, (2, 5, 3), activation=activation, biases=biases, initial_state="learned", lesion=lesion
    )
    batch = random_batch(2, 6, MIN_LARGE_BATCH, 2, 3)
    cache, logit_gradient = model.forward(batch.inputs), batch.targets
    model.backward(cache, logit_gradient)
    gradient, total = model.gradient.vector.copy(), np.zeros(model.gradient.vector.size)
    for index in range(MIN_LARGE_BATCH):
        one = slice(index, index + 1)
        alone = model.forward(batch.inputs[:, one])
        model.backward(alone, np.ascontiguousarray(logit_gradient[:, one]))
        total += model.gradient.vector
        assert_close(cache.logits[:, one], alone.logits)
        assert_close(cache.hidden_states[:, one], alone.hidden_states)
        assert_close(cache.state_gradients[:, one], alone.state_gradients)
        assert_close(model.unit_slopes(cache)[:, one], model.unit_slopes(alone))
    assert_close(gradient, total)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_padding_of_rows_does_not_change_numbers(
    activation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch, results = random_batch(3, 4, elman.MIN_PADDED_BATCH, 2, 1), []
    for min_padded_batch in (elman.MIN_PADDED_BATCH, elman.MIN_PADDED_BATCH + 1):
        monkeypatch.setattr(elman, "MIN_PADDED_BATCH", min_padded_batch)
        model = random_model(1, (2, 5, 1), activation=activation, initial_state="learned")
        for _ in range(2):  # the second time, the padding has numbers of the first
            cache = model.forward(batch.inputs)
            model.backward(cache, batch.targets)
        gradients = model.gradient.vector, cache.state_gradients
        results.append((*gradients, cache.logits, cache.hidden_states, model.unit_slopes(cache)))
    for padded, unpadded in zip(*results, strict=True):
        np.testing.assert_array_equal(padded, unpadded)


@pytest.mark.parametrize("kind", ["elman", "feed-forward"])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_former_numerics_computes_slopes_from_values(activation: str, kind: str) -> None:
    inputs = random_batch(1, 6, 4, 2, 1).inputs
    slopes = []
    for numerics in (FORMER_NUMERICS, NUMERICS):
        model = MODELS[kind](ModelSpec(2, 5, 1, activation=activation, numerics=numerics))
        model.parameters.vector[:] = np.linspace(-2, 3, model.parameters.vector.size)
        slopes.append(model.unit_slopes(cache := model.forward(inputs)))
    assert_close(slopes[0], slopes[1])
    assert not np.array_equal(slopes[0], slopes[1])
    values = model.forward(inputs).hidden_states
    former = values * (1 - values) if activation == "sigmoid" else 1 - values * values
    assert np.abs(slopes[0] - former).max() < 1e-15
    assert cache.hidden_states.shape == former.shape


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_two_biases_are_equivalent_to_their_sum(activation: str) -> None:
    one = random_model(1, (2, 5, 1), activation=activation, biases=1)
    two = random_model(2, (2, 5, 1), activation=activation, biases=2)
    for name in one.parameters:
        two.parameters[name][...] = one.parameters[name]
    two.parameters["hidden_bias"][...] -= two.parameters["input_bias"]
    batch, loss = random_batch(3, 6, 4, 2, 1), LOSSES["cross-entropy"]()
    for model in (one, two):
        cache = model.forward(batch.inputs)
        model.backward(cache, loss.compute(cache.logits, batch).gradient)
    for name in one.parameters:
        assert_close(two.gradient[name], one.gradient[name])
    assert_close(two.gradient["input_bias"], one.gradient["hidden_bias"])
