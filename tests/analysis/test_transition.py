"""The transition of a model agrees with its forward pass, and its Jacobian with differences."""

import numpy as np
import pytest

from rnn_tui.analysis.transition import TRANSITIONS, transition_of
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from tests.engine.makers import random_batch, random_model

RECURRENT = [name for name, kind in MODELS.items() if kind in TRANSITIONS]
SPECS = [
    {"kind": "elman", "activation": "sigmoid"},
    {"kind": "elman", "activation": "tanh", "biases": 2, "initial_state": "learned"},
    {"kind": "elman", "activation": "relu", "biases": 1},
    *(
        {"kind": kind, **fields}
        for kind in ("gru", "lstm")
        for fields in ({}, {"biases": 1, "initial_state": "learned"})
    ),
    *({"kind": kind, "initial_state": "learned", "lesion": 2} for kind in ("elman", "gru", "lstm")),
]


def model_of(spec: dict[str, str | int]) -> Model:
    return random_model(3, (2, 4, 1), **spec)  # type: ignore[arg-type]  # any of the fields


@pytest.mark.parametrize("spec", SPECS)
def test_trajectory_equals_forward_pass(spec: dict[str, str | int]) -> None:
    model, batch = model_of(spec), random_batch(1, 6, 5, 2, 1)
    cache, transition = model.forward(batch.inputs), transition_of(model)
    states = transition.trajectory(batch.inputs)
    np.testing.assert_allclose(states[1:, :, :4], cache.hidden_states, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(transition.logits(states[-1]), cache.logits[-1], rtol=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_jacobian_equals_central_differences(spec: dict[str, str | int]) -> None:
    transition = transition_of(model_of(spec))
    random = np.random.RandomState(2)
    states = random.standard_normal((3, transition.size))
    inputs = random_batch(1, 1, 3, 2, 1).inputs[0]
    jacobians = transition.jacobians(states, inputs)
    for element, shift in enumerate(1e-6 * np.eye(transition.size)):
        difference = transition.step(states + shift, inputs) - transition.step(
            states - shift, inputs
        )
        np.testing.assert_allclose(jacobians[:, element], difference / 2e-6, atol=1e-8)
    mean = transition.mean_jacobian(states, inputs)
    np.testing.assert_allclose(mean, jacobians.mean(axis=0), atol=1e-14)


def test_linear_model_has_its_weight_as_jacobian() -> None:
    model = MODELS["linear"](ModelSpec(1, 1, 1))
    model.parameters.vector[:] = 0.5, -0.75
    transition, inputs = transition_of(model), np.ones((4, 1, 1))
    states = transition.trajectory(inputs)
    np.testing.assert_allclose(states[1:], model.forward(inputs).hidden_states)
    assert transition.jacobians(states[0], inputs[0]).tolist() == [[[-0.75]]]


def test_transition_keeps_weights_of_its_time() -> None:
    model = random_model(0, (2, 4, 1))
    transition, states = transition_of(model), np.zeros((1, 4))
    before = transition.step(states, np.ones((1, 2)))
    model.parameters.vector[:] = 0.0
    assert np.array_equal(transition.step(states, np.ones((1, 2))), before)


def test_transition_rejects_model_without_state() -> None:
    with pytest.raises(ValueError, match="no recurrent state"):
        transition_of(random_model(0, (2, 4, 1), kind="feed-forward"))


def test_every_recurrent_model_has_a_transition() -> None:
    assert set(MODELS) - set(RECURRENT) == {"feed-forward"}
