"""Every net's backward passes the check on every task, and a wrong one does not."""

from itertools import product
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.config.settings import INITIAL_STATES, Settings, UserError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import TOLERANCE, gradient_check
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import ACTIVATIONS, MODELS, Elman, ModelSpec
from rnn_tui.engine.models.base import ForwardCache
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from tests.engine.makers import random_batch, random_model

MOST = 8  # weights of a parameter that are checked


def fits(**named: Any) -> bool:
    try:
        Settings(recipe="", **named)
    except UserError:
        return False
    return True


FITTING = [
    names
    for names in product(TASKS, MODELS, LOSSES)
    if fits(**dict(zip(("task", "model", "loss"), names, strict=True)))
]
MADE = st.fixed_dictionaries(
    {
        "length": st.integers(3, 6),
        "lag": st.integers(1, 2),
        "hidden_size": st.integers(1, 5),
        "layers": st.integers(1, 3),
        "activation": st.sampled_from(list(ACTIVATIONS)),
        "biases": st.integers(0, 2),
        "initial_state": st.sampled_from(list(INITIAL_STATES)),
        "reduction": st.sampled_from(list(REDUCTIONS)),
        "batch_size": st.integers(1, 5),
    }
)


@pytest.mark.parametrize(("task", "model", "loss"), FITTING)
@settings(max_examples=6, deadline=None)
@given(made=MADE, seed=st.integers(0, 2**32 - 1))
def test_backward_is_the_derivative_of_forward(
    task: str, model: str, loss: str, made: dict[str, Any], seed: int
) -> None:
    wanted = Settings(recipe="", task=task, model=model, loss=loss, **made)
    random = np.random.RandomState(seed)
    net = MODELS[model].from_spec(wanted.model_spec)
    net.parameters.vector[:] = random.standard_normal(net.parameters.vector.size)
    batch, loss_made = wanted.make_task().sample(random, wanted.batch_size), wanted.make_loss()
    judgement = loss_made.compute(net.forward(batch.inputs).logits, batch)
    felt = np.abs(judgement.gradient).max()  # below 1e-8, 1 - ŷ has no digits left to compare
    assume(judgement.loss == 0 or felt > 1e-8)
    worst = gradient_check(net, loss_made, batch, MOST)
    assert set(worst) == set(net.parameters)
    kinked = made["activation"] == "relu" and "activation" in MODELS[model].spec_fields
    compared = [error for error in worst.values() if not (kinked and isnan(error))]
    assume(compared)
    assert max(compared) < TOLERANCE  # and not NaN
    assert not any(map(isnan, compared))


def test_all_of_the_tables_fit_somewhere() -> None:
    assert [set(names) for names in zip(*FITTING, strict=True)] == [
        set(TASKS),
        set(MODELS),
        set(LOSSES),
    ]


@pytest.mark.parametrize(
    "wrong", list(random_model(0, (1, 1, 1), biases=2, learned_initial_state=True).parameters)
)
def test_a_wrong_gradient_is_found_by_name(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right_backward = Elman.backward

    def backward(model: Elman, trace: ForwardCache, logit_gradient: FloatArray) -> None:
        right_backward(model, trace, logit_gradient)
        model.gradient[wrong].flat[0] += 1e-4

    monkeypatch.setattr(Elman, "backward", backward)
    model = random_model(3, (2, 4, 1), biases=2, learned_initial_state=True)
    worst = gradient_check(model, LOSSES["cross-entropy"](), random_batch(4, 5, 2, 2, 1))
    assert [name for name, error in worst.items() if not error < TOLERANCE] == [wrong]


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.999, 2.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_gradient_wrong_by_a_factor_is_found(
    activation: str, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right_backward = Elman.backward

    def backward(model: Elman, trace: ForwardCache, logit_gradient: FloatArray) -> None:
        right_backward(model, trace, logit_gradient)
        model.gradient.vector[:] *= factor

    monkeypatch.setattr(Elman, "backward", backward)
    model = random_model(5, (2, 4, 1), activation=activation, biases=1)
    worst = gradient_check(model, LOSSES["cross-entropy"](), random_batch(6, 5, 3, 2, 1))
    assert min(worst.values()) > TOLERANCE


def at_a_kink(input_weight: float) -> tuple[Elman, Batch]:
    """Return a net whose one unit turns on where its input weight crosses 0."""
    model = Elman(1, 1, 1, activation="relu")
    model.parameters["input_weight"][...] = input_weight
    model.parameters["output_weight"][...] = 0.7
    return model, Batch.uniform(np.ones((1, 1, 1)), np.ones((1, 1, 1)))


@pytest.mark.parametrize("input_weight", [1e-6, -1e-6, 9e-6, -9e-6])
def test_a_weight_at_a_kink_is_passed_over(input_weight: float) -> None:
    model, batch = at_a_kink(input_weight)
    worst = gradient_check(model, LOSSES["cross-entropy"](), batch)
    assert isnan(worst.pop("input_weight"))
    assert max(worst.values()) < TOLERANCE


@pytest.mark.parametrize("task", ["parity", "xor", "echo"])
@pytest.mark.parametrize("model", ["elman", "feed-forward"])
def test_rectified_units_whose_biases_are_zero_are_compared(task: str, model: str) -> None:
    lessons = TASKS[task](8).fixed_sample(1, seed=0)
    features = lessons.inputs.shape[2]
    made = ModelSpec(features, 16, 1, activation="relu", biases=1, learned_initial_state=True)
    net = MODELS[model].from_spec(made)
    INITIALIZERS["uniform"].fill(net.parameters, np.random.RandomState(0))
    worst = gradient_check(net, LOSSES["half-squared-error"](), lessons)
    assert set(worst) == set(net.parameters)
    assert all(error < TOLERANCE for error in worst.values())


@pytest.mark.parametrize("input_weight", [0.1, -0.1])
def test_a_weight_beside_a_kink_is_compared(input_weight: float) -> None:
    model, batch = at_a_kink(input_weight)
    assert max(gradient_check(model, LOSSES["cross-entropy"](), batch).values()) < TOLERANCE


@settings(max_examples=30, deadline=None)
@given(off=st.floats(1e-7, 1e-2), seed=st.integers(0, 2**32 - 1))
def test_a_strong_curve_is_not_taken_for_a_kink(off: float, seed: int) -> None:
    """Near its goal the counting net's slopes are small and its curves are not."""
    net = Linear()
    net.parameters.vector[:] = 1 + off, 1 - off / 2
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(seed), 20)
    worst = gradient_check(net, LOSSES["mean-squared-error"](), batch)
    assert max(worst.values()) < TOLERANCE
    assert not any(map(isnan, worst.values()))


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.999])
def test_a_wrong_gradient_of_a_strong_curve_is_found(
    factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    right_backward = Linear.backward

    def backward(model: Linear, trace: ForwardCache, logit_gradient: FloatArray) -> None:
        right_backward(model, trace, logit_gradient)
        model.gradient.vector[:] *= factor

    monkeypatch.setattr(Linear, "backward", backward)
    net = Linear()
    net.parameters.vector[:] = 1.001355547207059, 0.9996744737846419
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(1), 20)
    assert min(gradient_check(net, LOSSES["mean-squared-error"](), batch).values()) > TOLERANCE


def test_a_slight_kink_is_passed_over_too() -> None:
    """One unit of many turns on at this weight, and changes the slope by less than a hundredth."""
    model = Elman(1, 2, 1, activation="relu")
    model.parameters["input_weight"][...] = 1e-6, 1.0
    model.parameters["output_weight"][...] = [[3e-3], [1.0]]
    batch = Batch.uniform(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    worst = gradient_check(model, LOSSES["mean-squared-error"](), batch)
    assert not any(error > TOLERANCE for error in worst.values())


def test_a_gradient_of_zero_that_is_right_is_right() -> None:
    net = Linear()
    net.parameters.vector[:] = 1.0
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(0), 20)
    worst = gradient_check(net, LOSSES["mean-squared-error"](), batch)
    assert set(worst) == {"input_weight", "recurrent_weight"}
    assert max(worst.values()) < TOLERANCE


def test_the_check_leaves_the_weights_as_they_were() -> None:
    model = random_model(5, (2, 4, 1), biases=2, learned_initial_state=True)
    weights = model.parameters.vector.copy()
    gradient_check(model, LOSSES["cross-entropy"](), random_batch(6, 5, 2, 2, 1))
    assert np.array_equal(model.parameters.vector, weights)


def test_only_some_of_many_weights_are_compared_if_that_is_wanted() -> None:
    model = random_model(7, (2, 9, 1))
    batch, calls = random_batch(8, 5, 2, 2, 1), []
    counted = MODELS["elman"].from_spec(ModelSpec(2, 9, 1))
    counted.parameters.vector[:] = model.parameters.vector
    forward = counted.forward

    def count(inputs: FloatArray) -> Any:
        calls.append(1)
        return forward(inputs)

    counted.forward = count  # type: ignore[method-assign]  # the real one, counted
    gradient_check(counted, LOSSES["cross-entropy"](), batch, 3)
    assert len(calls) == 1 + 3 * 2 * len(model.parameters.layout)
