"""The gradient check accepts correct backward passes and reports incorrect ones."""

from itertools import product
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import TOLERANCE, gradient_check
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import ACTIVATIONS, INITIAL_STATES, MODELS, Elman, ModelSpec
from rnn_tui.engine.models.base import ForwardCache
from rnn_tui.engine.models.linear import Linear
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from tests.engine.makers import Check, check_name, random_batch, random_model

MAX_WEIGHTS = 8  # checked of each parameter


def is_valid(task: str, model: str, loss: str) -> bool:
    try:
        Settings(recipe="", task=task, model=model, loss=loss)
    except UserError:
        return False
    return True


OPTIONS = st.fixed_dictionaries(
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


@settings(max_examples=2, deadline=None)
@given(options=OPTIONS, seed=st.integers(0, 2**32 - 1))
def _check_combination(
    task: str, model: str, loss: str, options: dict[str, Any], seed: int
) -> None:
    run_settings = Settings(recipe="", task=task, model=model, loss=loss, **options)
    random = np.random.RandomState(seed)
    made_model = MODELS[model](run_settings.model_spec)
    made_model.parameters.vector[:] = random.standard_normal(made_model.parameters.vector.size)
    batch = run_settings.make_task().sample(random, run_settings.batch_size)
    made_loss = run_settings.make_loss()
    result = made_loss.compute(made_model.forward(batch.inputs).logits, batch)
    largest = np.abs(result.gradient).max()  # below 1e-8, 1 - ŷ has no digits left to compare
    assume(result.loss == 0 or largest > 1e-8)
    worst = gradient_check(made_model, made_loss, batch, MAX_WEIGHTS)
    assert set(worst) == set(made_model.parameters)
    has_kinks = options["activation"] == "relu" and "activation" in MODELS[model].spec_fields
    compared = [error for error in worst.values() if not (has_kinks and isnan(error))]
    assume(compared)
    assert max(compared) < TOLERANCE  # and not NaN
    assert not any(map(isnan, compared))


def check_backward_matches_finite_differences(kind: str) -> None:
    """Check a model with every task and loss it can be combined with."""
    combinations = [
        (task, loss) for task, loss in product(TASKS, LOSSES) if is_valid(task, kind, loss)
    ]
    assert {loss for _, loss in combinations} == set(LOSSES)
    for task, loss in combinations:
        _check_combination(task, kind, loss)


CHECKS: list[Check] = [check_backward_matches_finite_differences]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("kind", MODELS)
def test_model(kind: str, check: Check) -> None:
    check(kind)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_valid_for_some_model(task: str) -> None:
    assert any(is_valid(task, model, loss) for model, loss in product(MODELS, LOSSES))


@pytest.mark.parametrize(
    "parameter", list(random_model(0, (1, 1, 1), biases=2, initial_state="learned").parameters)
)
def test_incorrect_gradient_is_reported_by_parameter(
    parameter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_backward = Elman.backward

    def backward(model: Elman, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        correct_backward(model, cache, logit_gradient)
        model.gradient[parameter].flat[0] += 1e-4

    monkeypatch.setattr(Elman, "backward", backward)
    model = random_model(3, (2, 4, 1), biases=2, initial_state="learned")
    worst = gradient_check(model, LOSSES["cross-entropy"](), random_batch(4, 5, 2, 2, 1))
    assert [name for name, error in worst.items() if not error < TOLERANCE] == [parameter]


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.999, 2.0])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_incorrect_by_a_factor_is_reported(
    activation: str, factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_backward = Elman.backward

    def backward(model: Elman, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        correct_backward(model, cache, logit_gradient)
        model.gradient.vector[:] *= factor

    monkeypatch.setattr(Elman, "backward", backward)
    model = random_model(5, (2, 4, 1), activation=activation, biases=1)
    worst = gradient_check(model, LOSSES["cross-entropy"](), random_batch(6, 5, 3, 2, 1))
    assert min(worst.values()) > TOLERANCE


def model_near_kink(input_weight: float) -> tuple[Elman, Batch]:
    """Return a model whose single ReLU unit has its kink at an input weight of 0."""
    model = Elman(ModelSpec(1, 1, 1, activation="relu"))
    model.parameters["input_weight"][...] = input_weight
    model.parameters["output_weight"][...] = 0.7
    return model, Batch.uniform(np.ones((1, 1, 1)), np.ones((1, 1, 1)))


@pytest.mark.parametrize("input_weight", [1e-6, -1e-6, 9e-6, -9e-6])
def test_weight_near_a_kink_is_compared_with_smaller_steps(input_weight: float) -> None:
    model, batch = model_near_kink(input_weight)
    worst = gradient_check(model, LOSSES["cross-entropy"](), batch)
    assert max(worst.values()) < TOLERANCE


@pytest.mark.parametrize("input_weight", [1e-11, -1e-11])
def test_weight_at_a_kink_is_skipped(input_weight: float) -> None:
    model, batch = model_near_kink(input_weight)
    worst = gradient_check(model, LOSSES["cross-entropy"](), batch)
    assert isnan(worst.pop("input_weight"))
    assert max(worst.values()) < TOLERANCE


@pytest.mark.parametrize("task", ["parity", "xor", "echo"])
@pytest.mark.parametrize("model", ["elman", "feed-forward"])
def test_relu_units_with_zero_biases_are_compared(task: str, model: str) -> None:
    batch = TASKS[task](8).fixed_sample(1, seed=0)
    features = batch.inputs.shape[2]
    spec = ModelSpec(features, 16, 1, activation="relu", biases=1, initial_state="learned")
    made_model = MODELS[model](spec)
    INITIALIZERS["uniform"].fill(made_model.parameters, np.random.RandomState(0))
    worst = gradient_check(made_model, LOSSES["half-squared-error"](), batch)
    assert set(worst) == set(made_model.parameters)
    assert all(error < TOLERANCE for error in worst.values())


@pytest.mark.parametrize("input_weight", [0.1, -0.1])
def test_weight_away_from_a_kink_is_compared(input_weight: float) -> None:
    model, batch = model_near_kink(input_weight)
    assert max(gradient_check(model, LOSSES["cross-entropy"](), batch).values()) < TOLERANCE


@settings(max_examples=15, deadline=None)
@given(off=st.floats(1e-7, 1e-2), seed=st.integers(0, 2**32 - 1))
def test_strong_curvature_is_not_taken_for_a_kink(off: float, seed: int) -> None:
    """Near its minimum the linear model's cost has small slopes and a large curvature."""
    model = Linear(ModelSpec(1, 1, 1))
    model.parameters.vector[:] = 1 + off, 1 - off / 2
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(seed), 20)
    worst = gradient_check(model, LOSSES["mean-squared-error"](), batch)
    assert max(worst.values()) < TOLERANCE
    assert not any(map(isnan, worst.values()))


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.999])
def test_incorrect_gradient_is_reported_despite_strong_curvature(
    factor: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct_backward = Linear.backward

    def backward(model: Linear, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        correct_backward(model, cache, logit_gradient)
        model.gradient.vector[:] *= factor

    monkeypatch.setattr(Linear, "backward", backward)
    model = Linear(ModelSpec(1, 1, 1))
    model.parameters.vector[:] = 1.001355547207059, 0.9996744737846419
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(1), 20)
    assert min(gradient_check(model, LOSSES["mean-squared-error"](), batch).values()) > TOLERANCE


def test_slight_kink_is_skipped() -> None:
    """The kink of one unit of several changes the slope by less than a hundredth."""
    model = Elman(ModelSpec(1, 2, 1, activation="relu"))
    model.parameters["input_weight"][...] = 1e-6, 1.0
    model.parameters["output_weight"][...] = [[3e-3], [1.0]]
    batch = Batch.uniform(np.ones((1, 1, 1)), np.zeros((1, 1, 1)))
    worst = gradient_check(model, LOSSES["mean-squared-error"](), batch)
    assert not any(error > TOLERANCE for error in worst.values())


def test_correct_gradient_of_zero_is_accepted() -> None:
    model = Linear(ModelSpec(1, 1, 1))
    model.parameters.vector[:] = 1.0
    batch = TASKS["counting-ones"](10).sample(np.random.RandomState(0), 20)
    worst = gradient_check(model, LOSSES["mean-squared-error"](), batch)
    assert set(worst) == {"input_weight", "recurrent_weight"}
    assert max(worst.values()) < TOLERANCE


@pytest.mark.parametrize("length", [4, 64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", [kind for kind in MODELS if kind != "linear"])
def test_exploding_gradients_are_never_reported_as_incorrect(
    kind: str, activation: str, length: int
) -> None:
    for initializer in INITIALIZERS:
        check_exploding_gradients(kind, activation, initializer, length)


def check_exploding_gradients(kind: str, activation: str, initializer: str, length: int) -> None:
    kind_has_activation = "activation" in MODELS[kind].spec_fields
    if (
        not INITIALIZERS[initializer].fits(MODELS[kind])
        or INITIALIZERS[initializer].requirements
        or not (kind_has_activation or activation == "sigmoid")
    ):
        return
    task = TASKS["addition"](length)
    for hidden in (16, 40):
        model = MODELS[kind](ModelSpec(2, hidden, 1, activation=activation))
        INITIALIZERS[initializer].fill(model.parameters, np.random.RandomState(1))
        batch = task.sample(np.random.RandomState(2), 1)
        with np.errstate(all="ignore"):
            worst = gradient_check(model, LOSSES["half-squared-error"](), batch, 6)
        assert not any(error > TOLERANCE for error in worst.values()), worst


def test_gradient_check_restores_the_weights() -> None:
    model = random_model(5, (2, 4, 1), biases=2, initial_state="learned")
    weights = model.parameters.vector.copy()
    gradient_check(model, LOSSES["cross-entropy"](), random_batch(6, 5, 2, 2, 1))
    assert np.array_equal(model.parameters.vector, weights)


def test_max_weights_limits_the_compared_weights() -> None:
    model = random_model(7, (2, 9, 1))
    batch, calls = random_batch(8, 5, 2, 2, 1), []
    counted = MODELS["elman"](ModelSpec(2, 9, 1))
    counted.parameters.vector[:] = model.parameters.vector
    forward = counted.forward

    def count(inputs: FloatArray) -> Any:
        calls.append(1)
        return forward(inputs)

    counted.forward = count  # type: ignore[method-assign]  # the real one, counted
    gradient_check(counted, LOSSES["cross-entropy"](), batch, 3)
    assert len(calls) == 1 + 3 * 2 * len(model.parameters.layout)
