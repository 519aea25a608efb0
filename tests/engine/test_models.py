"""Every model's passes are exact and independent of each other."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.models.activations import ACTIVATIONS, MIN_LARGE_BATCH
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import Check, check_name, random_batch, random_model

SEEDS = st.integers(0, 2**32 - 1)
OFFSET = 1e-5  # of central differences

# A specification, and another value for each field that a model may use.
PLAIN = ModelSpec(1, 4, 1)
OTHER: dict[str, Any] = {
    "hidden_size": 5,
    "activation": "tanh",
    "biases": 2,
    "initial_state": "learned",
    "layers": 3,
    "lesion": 2,
}

SPECS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {},
        {"activation": "tanh", "biases": 2, "initial_state": "learned", "layers": 2},
        {"activation": "relu"},
    ]
)


class StateAccess(NamedTuple):
    """How to read a model's states, and how to run it from one of them.

    states       returns the states of a cache, (time, batch, hidden)
    logits_from  returns the logits from time step t on, (time - t, outputs), of a model whose state
                 after t is given as (hidden,)
    """

    states: Callable[[Any], FloatArray]
    logits_from: Callable[[Model, Any, int, FloatArray, FloatArray], FloatArray]


def sizes_of(kind: str) -> tuple[int, int, int]:
    """Return the inputs, hidden units and outputs with which a model is tested."""
    return (1, 1, 1) if MODELS[kind].max_inputs == 1 else (2, 4, 1)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch", [1, MIN_LARGE_BATCH])
@pytest.mark.parametrize("kind", MODELS)
def test_logits_are_those_of_the_forward_pass(kind: str, batch: int, activation: str) -> None:
    inputs, _, outputs = sizes = sizes_of(kind)
    model = random_model(0, sizes, kind=kind, activation=activation)
    sequences = random_batch(0, 5, batch, inputs, outputs).inputs
    expected = model.forward(sequences).logits.copy()
    assert np.array_equal(model.copy().logits(sequences), expected)


def gradient_of(model: Model, loss_name: str, batch: Batch) -> tuple[float, FloatArray]:
    """Return the loss and a copy of the gradient at `batch`."""
    cache, loss = model.forward(batch.inputs), LOSSES[loss_name]()
    result = loss.compute(cache.logits, batch)
    model.backward(cache, result.gradient)
    return result.loss, model.gradient.vector.copy()


def batch_for(kind: str, seed: int, time: int, count: int) -> Batch:
    inputs, _, outputs = sizes_of(kind)
    return random_batch(seed, time, count, inputs, outputs)


@settings(max_examples=8, deadline=None)
@given(spec=SPECS, seed=SEEDS, time=st.integers(1, 9), count=st.integers(1, 6))
def check_batch_gradient_is_the_mean_over_sequences(
    kind: str, spec: dict[str, Any], seed: int, time: int, count: int
) -> None:
    model = random_model(seed, sizes_of(kind), kind=kind, **spec)
    batch = batch_for(kind, seed, time, count)
    for loss in LOSSES:
        alone = [
            gradient_of(model, loss, Batch.uniform(batch.inputs[:, [i]], batch.targets[:, [i]]))
            for i in range(count)
        ]
        value, gradient = gradient_of(model, loss, batch)
        assert value == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-11)
        gradients = [gradient for _, gradient in alone]
        rounding = 1e-13 * max(1.0, float(np.abs(gradients).max()))
        np.testing.assert_allclose(gradient, np.mean(gradients, axis=0), rtol=1e-9, atol=rounding)


@settings(max_examples=8, deadline=None)
@given(
    spec=SPECS,
    seed=SEEDS,
    shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=4),
)
def check_passes_of_other_shapes_leave_a_cache_unchanged(
    kind: str, spec: dict[str, Any], seed: int, shapes: list[tuple[int, int]]
) -> None:
    model = random_model(seed, sizes_of(kind), kind=kind, **spec)
    batch = batch_for(kind, seed, 7, 3)
    expected = gradient_of(model, "cross-entropy", batch)

    cache, loss = model.forward(batch.inputs), LOSSES["cross-entropy"]()
    for time, count in shapes:
        gradient_of(model, "cross-entropy", batch_for(kind, seed, time, count))
    result = loss.compute(cache.logits, batch)
    model.backward(cache, result.gradient)
    assert result.loss == expected[0]
    assert np.array_equal(model.gradient.vector, expected[1])


@settings(max_examples=5, deadline=None)
@given(spec=SPECS)
def check_clone_has_the_same_layout_and_shares_nothing(kind: str, spec: dict[str, Any]) -> None:
    model, batch = random_model(1, sizes_of(kind), kind=kind, **spec), batch_for(kind, 2, 6, 3)
    expected = gradient_of(model, "cross-entropy", batch)
    weights = model.parameters.vector.copy()
    cache = model.forward(batch.inputs)
    logits = cache.logits.copy()

    clone = model.clone_architecture()
    assert clone.parameters.layout == model.parameters.layout
    assert not clone.parameters.vector.any()
    gradient_of(clone, "cross-entropy", batch)
    assert np.array_equal(cache.logits, logits)
    assert np.array_equal(model.gradient.vector, expected[1])

    clone.parameters.vector[:] = weights
    value, gradient = gradient_of(clone, "cross-entropy", batch)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
    clone.parameters.vector[:] = 0.0
    assert np.array_equal(model.parameters.vector, weights)


def check_spec_fields_are_the_fields_used(kind: str) -> None:
    model, inputs = MODELS[kind], batch_for(kind, 4, 5, 2).inputs[:, :, :1]
    other_fields = {"inputs", "outputs", "numerics"}
    assert OTHER.keys() == {field.name for field in fields(ModelSpec)} - other_fields

    def layout_and_logits(spec: ModelSpec) -> tuple[dict[str, tuple[int, ...]], list[float]]:
        made = model(spec)
        made.parameters.vector[:] = np.linspace(-1, 1, made.parameters.vector.size)
        return made.parameters.layout, made.forward(inputs).logits.ravel().tolist()

    plain = layout_and_logits(PLAIN)
    others = {name: layout_and_logits(replace(PLAIN, **{name: OTHER[name]})) for name in OTHER}
    assert {name for name, other in others.items() if other != plain} == model.spec_fields
    assert model.describe(PLAIN) == model.describe(replace(PLAIN, initial_state="learned"))
    hidden = [model.describe(replace(PLAIN, hidden_size=count)) for count in (4, 17)]
    assert ("17" in hidden[1]) == ("hidden_size" in model.spec_fields) == (hidden[0] != hidden[1])


def _linear_logits_from(
    model: Model, _cache: Any, step: int, state: FloatArray, inputs: FloatArray
) -> FloatArray:
    weights, logits = model.parameters, [state]
    for x in inputs[step + 1 :, 0]:
        logits.append(x * weights["input_weight"][0] + weights["recurrent_weight"][0] * logits[-1])
    return np.array(logits)


def _feed_forward_logits_from(
    model: Model, cache: Any, step: int, state: FloatArray, _inputs: FloatArray
) -> FloatArray:
    logits = state @ model.parameters["weight_2"] + model.parameters["bias_2"]
    return np.vstack([logits, cache.logits[step + 1 :, 0]])


def _recurrent_logits_from(
    model: Model, cache: Any, step: int, state: FloatArray, inputs: FloatArray
) -> FloatArray:
    weights = model.parameters
    logits = state @ weights["output_weight"] + weights["output_bias"]
    rest = model.clone_architecture()
    rest.parameters.vector[:] = weights.vector
    rest.parameters["initial_hidden"][:] = state
    if "initial_cell" in rest.parameters:
        rest.parameters["initial_cell"][:] = cache.cells[step, 0]
    return np.vstack([logits, rest.forward(inputs[step + 1 :]).logits[:, 0]])


STATE_ACCESS: dict[str, StateAccess] = {
    "elman": StateAccess(lambda cache: cache.hidden_states, _recurrent_logits_from),
    "gru": StateAccess(lambda cache: cache.states, _recurrent_logits_from),
    "lstm": StateAccess(lambda cache: cache.states, _recurrent_logits_from),
    "feed-forward": StateAccess(
        lambda cache: cache.layer_inputs[-1].reshape(*cache.shape, -1), _feed_forward_logits_from
    ),
    "linear": StateAccess(lambda cache: cache.states[1:], _linear_logits_from),
}


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 6))
def check_state_gradients_match_central_differences(kind: str, seed: int, time: int) -> None:
    model = random_model(seed, sizes_of(kind), kind=kind, biases=1, initial_state="learned")
    batch, loss = batch_for(kind, seed, time, 1), LOSSES["cross-entropy"]()
    cache, access = model.forward(batch.inputs), STATE_ACCESS[kind]
    states, plain_logits = access.states(cache).copy(), cache.logits.copy()
    model.backward(cache, loss.compute(cache.logits, batch).gradient)

    numeric = np.zeros_like(cache.state_gradients)
    for step, unit in np.ndindex(time, states.shape[2]):
        losses = []
        for offset in (OFFSET, -OFFSET):
            state = states[step, 0].copy()
            state[unit] += offset
            logits = plain_logits.copy()
            logits[step:, 0] = access.logits_from(model, cache, step, state, batch.inputs)
            losses.append(loss.compute(logits, batch).loss)
        numeric[step, 0, unit] = (losses[0] - losses[1]) / (2 * OFFSET)
    largest = float(np.abs(numeric).max())
    np.testing.assert_allclose(cache.state_gradients, numeric, rtol=0, atol=1e-6 * (1 + largest))


CHECKS: list[Check] = [
    check_batch_gradient_is_the_mean_over_sequences,
    check_passes_of_other_shapes_leave_a_cache_unchanged,
    check_clone_has_the_same_layout_and_shares_nothing,
    check_spec_fields_are_the_fields_used,
    check_state_gradients_match_central_differences,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("kind", MODELS)
def test_model(kind: str, check: Check) -> None:
    check(kind)


def test_linear_model_rejects_two_inputs() -> None:
    with pytest.raises(ValueError, match="one input and one output"):
        MODELS["linear"](ModelSpec(2, 4, 1))
