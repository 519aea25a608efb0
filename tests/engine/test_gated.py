"""The gated models agree with torch.nn, and their passes are independent of each other."""

from math import exp, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import EPSILON, NEGLIGIBLE_RATIO, TOLERANCE, gradient_check
from rnn_tui.engine.losses import LOSSES, Loss
from rnn_tui.engine.models.activations import FORMER_NUMERICS, NUMERICS
from rnn_tui.engine.models.base import ModelSpec
from rnn_tui.engine.models.gru import GRU
from rnn_tui.engine.models.lstm import LSTM, LSTMCache
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import random_batch
from tests.support.reference import load

KINDS: dict[str, type[GRU] | type[LSTM]] = {"gru": GRU, "lstm": LSTM}
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 2))

every_kind = pytest.mark.parametrize("kind", KINDS)
with_and_without_bias = pytest.mark.parametrize("bias", [False, True])
with_and_without_initial_state = pytest.mark.parametrize("learned_initial_state", [False, True])


def case_name(case: dict[str, Any]) -> str:
    return "-".join(str(case[key]) for key in ("model", "bias", "learned_start", "steps", "batch"))


def random_gated(
    kind: str, seed: int, sizes: tuple[int, int, int], bias: bool, learned_initial_state: bool
) -> GRU | LSTM:
    """Return a model with (inputs, hidden, outputs) of `sizes` and normally distributed weights."""
    initial_state = "learned" if learned_initial_state else "zero"
    model = KINDS[kind](ModelSpec(*sizes, biases=int(bias), initial_state=initial_state))
    vector = model.parameters.vector
    vector[:] = np.random.RandomState(seed).standard_normal(vector.size)
    return model


def gradient_of(model: GRU | LSTM, batch: Batch) -> tuple[float, FloatArray]:
    """Return the cross-entropy and a copy of its gradient at `batch`."""
    cache = model.forward(batch.inputs)
    result = LOSSES["cross-entropy"]().compute(cache.logits, batch)
    model.backward(cache, result.gradient)
    return result.loss, model.gradient.vector.copy()


def assume_measurable(model: GRU | LSTM, loss: Loss, batch: Batch) -> None:
    """Skip a model so saturated that its gradient is lost in the rounding of its loss.

    Rounding errors of central differences are ε L / EPSILON, and errors are relative to no less
    than NEGLIGIBLE_RATIO times the largest |g|.
    """
    cache = model.forward(batch.inputs)
    result = loss.compute(cache.logits, batch)
    model.backward(cache, result.gradient)
    rounding = float(np.finfo(float).eps) * result.loss / EPSILON
    assume(rounding < TOLERANCE * NEGLIGIBLE_RATIO * np.abs(model.gradient.vector).max())


def assert_close(actual: FloatArray, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("case", load("gated")["cases"], ids=case_name)
def test_passes_match_torch(case: dict[str, Any]) -> None:
    batch = Batch.uniform(np.array(case["inputs"]), np.array(case["targets"]))
    sizes = batch.inputs.shape[2], case["hidden"], batch.targets.shape[2]
    initial_state = "learned" if case["learned_start"] else "zero"
    model = KINDS[case["model"]](
        ModelSpec(*sizes, biases=int(case["bias"]), initial_state=initial_state)
    )
    assert set(model.parameters) == set(case["parameters"]) == set(case["gradients"])
    for name, values in case["parameters"].items():
        model.parameters[name][...] = values

    cache = model.forward(batch.inputs)
    result = LOSSES["cross-entropy"]().compute(cache.logits, batch)
    model.backward(cache, result.gradient)

    assert result.loss == pytest.approx(case["loss_value"], rel=1e-12)
    assert_close(cache.logits, case["logits"])
    assert_close(cache.states, case["states"])
    assert_close(cache.state_gradients, case["state_gradients"])
    for name, values in case["gradients"].items():
        assert_close(model.gradient[name], values)


@pytest.mark.parametrize("loss", LOSSES)
@with_and_without_initial_state
@with_and_without_bias
@every_kind
@settings(max_examples=3, deadline=None)
@given(seed=SEEDS, sizes=SIZES, time=st.integers(1, 6), count=st.integers(1, 4))
def test_backward_matches_finite_differences(
    kind: str,
    bias: bool,
    learned_initial_state: bool,
    loss: str,
    seed: int,
    sizes: tuple[int, int, int],
    time: int,
    count: int,
) -> None:
    model = random_gated(kind, seed, sizes, bias, learned_initial_state)
    batch = random_batch(seed, time, count, sizes[0], sizes[2])
    assume_measurable(model, LOSSES[loss](), batch)
    worst = gradient_check(model, LOSSES[loss](), batch)
    assert set(worst) == set(model.parameters)
    assert max(worst.values()) < TOLERANCE


@with_and_without_initial_state
@with_and_without_bias
@every_kind
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 9), count=st.integers(1, 6), hidden=st.integers(1, 8))
def test_batch_gradient_is_the_mean_over_sequences(
    kind: str,
    bias: bool,
    learned_initial_state: bool,
    seed: int,
    time: int,
    count: int,
    hidden: int,
) -> None:
    model = random_gated(kind, seed, (2, hidden, 1), bias, learned_initial_state)
    batch = random_batch(seed, time, count, 2, 1)
    alone = [
        gradient_of(model, Batch.uniform(batch.inputs[:, [i]], batch.targets[:, [i]]))
        for i in range(count)
    ]
    value, gradient = gradient_of(model, batch)
    assert value == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-12)
    mean = np.mean([gradient for _, gradient in alone], axis=0)
    np.testing.assert_allclose(gradient, mean, rtol=1e-9, atol=1e-13)


@every_kind
@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=4))
def test_passes_of_other_shapes_leave_a_cache_unchanged(
    kind: str, seed: int, shapes: list[tuple[int, int]]
) -> None:
    model = random_gated(kind, seed, (2, 5, 1), bias=True, learned_initial_state=True)
    batch = random_batch(seed, 7, 3, 2, 1)
    expected = gradient_of(model, batch)

    inputs = batch.inputs.copy()
    cache = model.forward(inputs)
    inputs[...] = np.nan
    for time, count in shapes:
        gradient_of(model, random_batch(seed, time, count, 2, 1))
    result = LOSSES["cross-entropy"]().compute(cache.logits, batch)
    model.backward(cache, result.gradient)
    assert result.loss == expected[0]
    assert np.array_equal(model.gradient.vector, expected[1])


@with_and_without_initial_state
@with_and_without_bias
@every_kind
def test_clone_has_the_same_layout_and_shares_nothing(
    kind: str, bias: bool, learned_initial_state: bool
) -> None:
    model = random_gated(kind, 1, (2, 5, 1), bias, learned_initial_state)
    batch = random_batch(2, 6, 3, 2, 1)
    expected = gradient_of(model, batch)
    weights = model.parameters.vector.copy()
    logits = model.forward(batch.inputs).logits
    before = logits.copy()

    clone = model.clone_architecture()
    assert clone.parameters.layout == model.parameters.layout
    assert not clone.parameters.vector.any()
    gradient_of(clone, batch)
    assert np.array_equal(logits, before)
    assert np.array_equal(model.gradient.vector, expected[1])

    clone.parameters.vector[:] = weights
    value, gradient = gradient_of(clone, batch)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
    clone.parameters.vector[:] = 0.0
    assert np.array_equal(model.parameters.vector, weights)


@with_and_without_bias
@every_kind
@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, sizes=SIZES, time=st.integers(1, 8))
def test_state_gradient_equals_that_of_a_model_started_there(
    kind: str, bias: bool, seed: int, sizes: tuple[int, int, int], time: int
) -> None:
    model = random_gated(kind, seed, sizes, bias, learned_initial_state=True)
    batch = random_batch(seed, time, 1, sizes[0], sizes[2])
    cache = model.forward(batch.inputs)
    logit_gradient = LOSSES["cross-entropy"]().compute(cache.logits, batch).gradient
    model.backward(cache, logit_gradient)

    here = logit_gradient @ model.parameters["output_weight"].T
    assert_close(cache.state_gradients[-1], here[-1])
    for t in range(time - 1):
        rest_model = model.clone_architecture()
        rest_model.parameters.vector[:] = model.parameters.vector
        rest_model.parameters["initial_hidden"][:] = cache.states[t, 0]
        if isinstance(cache, LSTMCache):
            rest_model.parameters["initial_cell"][:] = cache.cells[t, 0]
        rest = rest_model.forward(batch.inputs[t + 1 :])
        assert_close(rest.logits, cache.logits[t + 1 :])
        rest_model.backward(rest, logit_gradient[t + 1 :])
        later = rest_model.gradient["initial_hidden"]
        assert_close(cache.state_gradients[t, 0], here[t, 0] + later)


@every_kind
def test_huge_weights_have_finite_gradients(kind: str) -> None:
    model = random_gated(kind, 3, (2, 5, 1), bias=True, learned_initial_state=True)
    model.parameters.vector[:] *= 1e6
    with np.errstate(over="ignore", invalid="raise", divide="raise"):
        cache = model.forward(random_batch(4, 6, 3, 2, 1).inputs)
        model.backward(cache, np.ones_like(cache.logits))
    assert np.isfinite(model.gradient.vector).all()


@every_kind
def test_one_cache_per_shape(kind: str) -> None:
    model = random_gated(kind, 5, (2, 5, 1), bias=True, learned_initial_state=True)
    inputs = random_batch(6, 6, 3, 2, 1).inputs
    cache = model.forward(inputs)
    assert model.forward(inputs[:, :2]) is not cache
    assert model.forward(inputs) is cache


def sigmoid(z: float) -> float:
    return exp(-max(-z, 0.0)) / (1 + exp(-abs(z)))


def sigmoid_slope(z: float) -> float:
    return sigmoid(z) * sigmoid(-z)


def tanh_slope(z: float) -> float:
    return 4 * sigmoid_slope(2 * z)


def gru_bias_gradient(a: list[float], _initial_cell: float) -> list[float]:
    """Return ∂h/∂b for h_0 = 0 and a candidate bias of 0.7, with the preactivations `a`."""
    a_n = a[2] + 0.7 * sigmoid(a[0])
    kept = sigmoid(-a[1]) * tanh_slope(a_n)
    return [0.7 * kept * sigmoid_slope(a[0]), -tanh(a_n) * sigmoid_slope(a[1]), kept]


def lstm_bias_gradient(a: list[float], initial_cell: float) -> list[float]:
    """Return ∂h/∂b for h_0 = 0 and c_0 = `initial_cell`, with the preactivations `a`."""
    cell = initial_cell * sigmoid(a[1]) + sigmoid(a[0]) * tanh(a[2])
    kept = sigmoid(a[3]) * tanh_slope(cell)
    return [
        kept * tanh(a[2]) * sigmoid_slope(a[0]),
        kept * initial_cell * sigmoid_slope(a[1]),
        kept * sigmoid(a[0]) * tanh_slope(a[2]),
        tanh(cell) * sigmoid_slope(a[3]),
    ]


BIAS_GRADIENTS = {"gru": gru_bias_gradient, "lstm": lstm_bias_gradient}


@every_kind
@pytest.mark.parametrize("initial_cell", [0.4, 7.0])
@pytest.mark.parametrize("z", [sign * z for z in (2.0, 6.0, 12.0, 20.0, 300.0) for sign in (-1, 1)])
def test_slope_of_a_gate_is_exact_to_12_digits(kind: str, z: float, initial_cell: float) -> None:
    for gate in range(KINDS[kind].n_gates):
        preactivations = [0.3, -0.5, 0.6, 0.2][: KINDS[kind].n_gates]
        preactivations[gate] = z
        model = KINDS[kind](ModelSpec(1, 1, 1, biases=1, initial_state="learned"))
        model.parameters["output_weight"][...] = 1.0
        model.parameters["hidden_bias"][:] = preactivations
        for name, value in (("candidate_bias", 0.7), ("initial_cell", initial_cell)):
            if name in model.parameters:
                model.parameters[name][:] = value
        cache = model.forward(np.zeros((1, 1, 1)))
        model.backward(cache, np.ones((1, 1, 1)))
        expected = BIAS_GRADIENTS[kind](preactivations, initial_cell)
        np.testing.assert_allclose(model.gradient["hidden_bias"], expected, 1e-12, atol=1e-290)


@every_kind
def test_former_numerics_computes_slopes_from_values(kind: str) -> None:
    inputs, gradients = random_batch(4, 6, 3, 2, 1).inputs, []
    for numerics in (FORMER_NUMERICS, NUMERICS):
        model = KINDS[kind](ModelSpec(2, 5, 1, biases=1, numerics=numerics))
        model.parameters.vector[:] = np.linspace(-12, 9, model.parameters.vector.size)
        cache = model.forward(inputs)
        model.backward(cache, np.ones_like(cache.logits))
        gradients.append(model.gradient.vector)
    former, exact = gradients
    np.testing.assert_allclose(former, exact, rtol=1e-6, atol=1e-12)
    assert not np.array_equal(former, exact)
