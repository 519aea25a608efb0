"""A lesion clamps the output of one hidden unit to 0, forward and backward."""

import numpy as np
import pytest

from rnn_tui.engine.gradient_check import TOLERANCE, gradient_check
from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import ACTIVATIONS, MODELS, Model, ModelSpec
from rnn_tui.engine.models.elman import Elman
from rnn_tui.engine.planted import CARRY_UNIT
from tests.engine.makers import random_batch, random_model

UNIT, INDEX = 3, 2  # the same unit, counted from 1 and from 0
KINDS = [
    (kind, activation)
    for kind, model in MODELS.items()
    for activation in ACTIVATIONS
    if "lesion" in model.spec_fields
    and (activation == "sigmoid" or "activation" in model.spec_fields)
]


def lesioned_model(kind: str, activation: str, initial_state: str, lesion: int = UNIT) -> Model:
    return random_model(
        1,
        (2, 4, 1),
        kind=kind,
        activation=activation,
        biases=1,
        initial_state=initial_state,
        lesion=lesion,
    )


@pytest.mark.parametrize("initial_state", ["zero", "learned"])
@pytest.mark.parametrize(("kind", "activation"), KINDS)
def test_gradient_of_a_lesioned_model_is_that_of_finite_differences(
    kind: str, activation: str, initial_state: str
) -> None:
    model, batch = lesioned_model(kind, activation, initial_state), random_batch(2, 6, 5, 2, 1)
    errors = gradient_check(model, HalfSquaredError(), batch)
    assert max(error for error in errors.values() if error == error) < TOLERANCE
    cache = model.forward(batch.inputs)
    model.backward(cache, HalfSquaredError().compute(cache.logits, batch).gradient)
    assert not cache.state_gradients[:, :, INDEX].any()
    assert cache.state_gradients[:, :, :INDEX].all()
    assert not model.gradient["output_weight"][INDEX].any()
    assert not model.gradient["recurrent_weight"][INDEX].any()
    assert not model.gradient["input_weight"][:, INDEX].any()


@pytest.mark.parametrize("initial_state", ["zero", "learned"])
@pytest.mark.parametrize(("kind", "activation"), KINDS)
def test_no_weight_of_a_lesioned_unit_has_an_effect(
    kind: str, activation: str, initial_state: str
) -> None:
    model, inputs = lesioned_model(kind, activation, initial_state), random_batch(2, 6, 5, 2, 1)[0]
    states = model.forward(inputs).hidden_states.copy()
    assert not states[:, :, INDEX].any()
    assert states[:, :, INDEX + 1].all() or activation == "relu"
    for name in ("output_weight", "recurrent_weight"):
        model.parameters[name][INDEX] += 1.0
    model.parameters["input_weight"][:, INDEX] += 1.0
    assert np.array_equal(model.forward(inputs).hidden_states, states)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_lesioned_elman_states_are_those_of_clamping_in_each_time_step(activation: str) -> None:
    model, inputs = lesioned_model("elman", activation, "learned"), random_batch(2, 6, 5, 2, 1)[0]
    weights, apply = model.parameters, ACTIVATIONS[activation].apply
    states = np.tile(weights["initial_hidden"], (5, 1))
    states[:, INDEX] = 0.0
    for at_t, expected in zip(inputs, model.forward(inputs).hidden_states, strict=True):
        sums = at_t @ weights["input_weight"] + states @ weights["recurrent_weight"]
        states = apply(sums + weights["hidden_bias"])[0]
        states[:, INDEX] = 0.0
        np.testing.assert_allclose(expected, states, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("kind", "activation"), KINDS)
def test_model_without_its_lesion_is_as_before(kind: str, activation: str) -> None:
    model, inputs = lesioned_model(kind, activation, "learned", 0), random_batch(2, 6, 5, 2, 1)[0]
    before = model.forward(inputs).logits.copy()
    model.set_lesion(UNIT)
    assert not np.array_equal(model.forward(inputs).logits, before)
    assert np.array_equal(model.copy().forward(inputs).logits, model.forward(inputs).logits)
    model.set_lesion(0)
    assert np.array_equal(model.forward(inputs).logits, before)


def test_lesion_of_the_planted_carry_unit_is_a_sum_without_carries() -> None:
    model = Elman(ModelSpec(2, 3, 1, biases=1, lesion=CARRY_UNIT + 1))
    INITIALIZERS["planted"].fill(model.parameters, np.random.RandomState(0))
    inputs = random_batch(0, 8, 50, 2, 1).inputs
    outputs = HalfSquaredError().outputs(model.forward(inputs).logits)[:, :, 0]
    # Without the carry unit the output is [a+b >= 1/2], as h1 - h2 + h3 lacks h2 and any carry.
    np.testing.assert_allclose(outputs, inputs.any(axis=2), atol=1e-4)
