"""An Elman net's passes agree with automatic differentiation, and never disturb each other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import UNITS, Elman
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import random_batch, random_model
from tests.reference import load

LOSS_NAMES = {"half_squared_error": "half-squared-error", "binary_cross_entropy": "cross-entropy"}
SEEDS = st.integers(0, 2**32 - 1)


def case_name(case: dict[str, Any]) -> str:
    return "-".join(str(case[key]) for key in ("activation", "loss", "hidden", "steps", "batch"))


def assert_close(actual: FloatArray, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-15)


def gradient_of(model: Model, loss_name: str, batch: Batch) -> tuple[float, FloatArray]:
    """Return the loss and a copy of the gradient at `batch`."""
    trace, loss = model.forward(batch.inputs), LOSSES[loss_name]()
    judgement = loss.judge(trace.logits, batch)
    model.backward(trace, judgement.gradient)
    return judgement.loss, model.gradient.vector.copy()


@pytest.mark.parametrize("case", load("gradients")["cases"], ids=case_name)
def test_passes_agree_with_automatic_differentiation(case: dict[str, Any]) -> None:
    model = Elman(2, case["hidden"], 1, units=case["activation"], bias=case["bias"])
    assert set(model.parameters) == set(case["parameters"]) == set(case["gradients"])
    for name, values in case["parameters"].items():
        model.parameters[name][...] = values
    batch = Batch.even(np.array(case["inputs"]), np.array(case["targets"]))

    trace = model.forward(batch.inputs)
    judgement = LOSSES[LOSS_NAMES[case["loss"]]]().judge(trace.logits, batch)
    model.backward(trace, judgement.gradient)

    assert judgement.loss == pytest.approx(case["loss_value"], rel=1e-12)
    assert_close(judgement.outputs, case["outputs"])
    assert_close(trace.state_gradients, case["state_gradients"])
    for name, values in case["gradients"].items():
        assert_close(model.gradient[name], values)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("units", UNITS)
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 9), count=st.integers(1, 6), hidden=st.integers(1, 8))
def test_a_batch_is_the_mean_of_its_sequences(
    units: str, bias: bool, loss: str, seed: int, time: int, count: int, hidden: int
) -> None:
    model = random_model(seed, (2, hidden, 1), units=units, bias=bias)
    batch = random_batch(seed, time, count, 2, 1)
    alone = [
        gradient_of(model, loss, Batch.even(batch.inputs[:, [i]], batch.targets[:, [i]]))
        for i in range(count)
    ]
    value, gradient = gradient_of(model, loss, batch)
    assert value == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-12)
    mean = np.mean([gradient for _, gradient in alone], axis=0)
    np.testing.assert_allclose(gradient, mean, rtol=1e-9, atol=1e-13)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=4))
def test_a_pass_between_forward_and_backward_changes_nothing(
    seed: int, shapes: list[tuple[int, int]]
) -> None:
    model = random_model(seed, (2, 5, 1), bias=True)
    batch = random_batch(seed, 7, 3, 2, 1)
    expected = gradient_of(model, "cross-entropy", batch)

    trace, loss = model.forward(batch.inputs), LOSSES["cross-entropy"]()
    for time, count in shapes:
        gradient_of(model, "cross-entropy", random_batch(seed, time, count, 2, 1))
    judgement = loss.judge(trace.logits, batch)
    model.backward(trace, judgement.gradient)
    assert judgement.loss == expected[0]
    assert np.array_equal(model.gradient.vector, expected[1])


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("units", UNITS)
def test_a_replica_is_alike_and_shares_nothing(units: str, bias: bool) -> None:
    model = random_model(1, (2, 5, 1), units=units, bias=bias)
    batch = random_batch(2, 6, 3, 2, 1)
    expected = gradient_of(model, "cross-entropy", batch)
    weights = model.parameters.vector.copy()
    trace = model.forward(batch.inputs)
    logits = trace.logits.copy()

    replica = model.replica()
    assert not replica.parameters.vector.any()
    gradient_of(replica, "cross-entropy", batch)
    assert np.array_equal(trace.logits, logits)
    assert np.array_equal(model.gradient.vector, expected[1])

    replica.parameters.vector[:] = weights
    value, gradient = gradient_of(replica, "cross-entropy", batch)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
    replica.parameters.vector[:] = 0.0
    assert np.array_equal(model.parameters.vector, weights)
