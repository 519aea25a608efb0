"""Every net is exact about its states, and none of its passes disturbs another."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS, Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray
from tests.engine.makers import random_batch, random_model

SEEDS = st.integers(0, 2**32 - 1)
SIZES = {kind: (1, 1, 1) if kind == "linear" else (2, 4, 1) for kind in MODELS}
STEP = 1e-5

# An architecture that differs from the one before it in one field, for every field that may matter.
PLAIN = ModelSpec(1, 4, 1)
OTHER: dict[str, Any] = {
    "hidden_size": 5,
    "activation": "tanh",
    "biases": 2,
    "learned_initial_state": True,
    "layers": 3,
}

every_kind = pytest.mark.parametrize("kind", MODELS)
bare_or_rich = pytest.mark.parametrize(
    "made",
    [
        {},
        {"activation": "tanh", "biases": 2, "learned_initial_state": True, "layers": 2},
        {"activation": "relu"},
    ],
    ids=["bare", "rich", "relu"],
)


def gradient_of(model: Model, loss_name: str, batch: Batch) -> tuple[float, FloatArray]:
    """Return the loss and a copy of the gradient at `batch`."""
    trace, loss = model.forward(batch.inputs), LOSSES[loss_name]()
    judgement = loss.compute(trace.logits, batch)
    model.backward(trace, judgement.gradient)
    return judgement.loss, model.gradient.vector.copy()


def batch_for(kind: str, seed: int, time: int, count: int) -> Batch:
    inputs, _, outputs = SIZES[kind]
    return random_batch(seed, time, count, inputs, outputs)


@every_kind
@bare_or_rich
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 9), count=st.integers(1, 6))
def test_a_batch_is_the_mean_of_its_sequences(
    kind: str, made: dict[str, Any], seed: int, time: int, count: int
) -> None:
    model = random_model(seed, SIZES[kind], kind=kind, **made)
    batch = batch_for(kind, seed, time, count)
    for loss in LOSSES:
        alone = [
            gradient_of(model, loss, Batch.uniform(batch.inputs[:, [i]], batch.targets[:, [i]]))
            for i in range(count)
        ]
        value, gradient = gradient_of(model, loss, batch)
        assert value == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-11)
        each = [gradient for _, gradient in alone]
        rounding = 1e-13 * max(1.0, float(np.abs(each).max()))
        np.testing.assert_allclose(gradient, np.mean(each, axis=0), rtol=1e-9, atol=rounding)


@every_kind
@bare_or_rich
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=4))
def test_a_pass_between_forward_and_backward_changes_nothing(
    kind: str, made: dict[str, Any], seed: int, shapes: list[tuple[int, int]]
) -> None:
    model = random_model(seed, SIZES[kind], kind=kind, **made)
    batch = batch_for(kind, seed, 7, 3)
    expected = gradient_of(model, "cross-entropy", batch)

    trace, loss = model.forward(batch.inputs), LOSSES["cross-entropy"]()
    for time, count in shapes:
        gradient_of(model, "cross-entropy", batch_for(kind, seed, time, count))
    judgement = loss.compute(trace.logits, batch)
    model.backward(trace, judgement.gradient)
    assert judgement.loss == expected[0]
    assert np.array_equal(model.gradient.vector, expected[1])


@every_kind
@bare_or_rich
def test_a_replica_is_alike_and_shares_nothing(kind: str, made: dict[str, Any]) -> None:
    model, batch = random_model(1, SIZES[kind], kind=kind, **made), batch_for(kind, 2, 6, 3)
    expected = gradient_of(model, "cross-entropy", batch)
    weights = model.parameters.vector.copy()
    trace = model.forward(batch.inputs)
    logits = trace.logits.copy()

    replica = model.clone_architecture()
    assert replica.parameters.layout == model.parameters.layout
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


@every_kind
def test_a_net_uses_what_it_says_and_ignores_the_rest(kind: str) -> None:
    model, inputs = MODELS[kind], batch_for(kind, 4, 5, 2).inputs[:, :, :1]
    assert OTHER.keys() == {it.name for it in fields(ModelSpec)} - {"inputs", "outputs"}

    def made_as(architecture: ModelSpec) -> tuple[dict[str, tuple[int, ...]], list[float]]:
        net = model.from_spec(architecture)
        net.parameters.vector[:] = np.linspace(-1, 1, net.parameters.vector.size)
        return net.parameters.layout, net.forward(inputs).logits.ravel().tolist()

    plain = made_as(PLAIN)
    assert {name for name in OTHER if made_as(replace(PLAIN, **{name: OTHER[name]})) != plain} == (
        model.spec_fields
    )
    assert model.describe(PLAIN) == model.describe(replace(PLAIN, learned_initial_state=True))
    hidden = [model.describe(replace(PLAIN, hidden_size=count)) for count in (4, 17)]
    assert ("17" in hidden[1]) == ("hidden_size" in model.spec_fields) == (hidden[0] != hidden[1])


def states_of(kind: str, trace: Any) -> FloatArray:
    """Return the states after each step, (time, batch, hidden)."""
    states: FloatArray = {
        "elman": lambda: trace.states_in_time,
        "gru": lambda: trace.states,
        "lstm": lambda: trace.states,
        "feed-forward": lambda: trace.layer_inputs[-1].reshape(*trace.shape, -1),
        "linear": lambda: trace.states[1:],
    }[kind]()
    return states.copy()


def logits_from(
    kind: str, model: Model, trace: Any, step: int, state: FloatArray, inputs: FloatArray
) -> FloatArray:
    """Return the logits from `step` on of a net whose state after it is `state` (hidden,)."""
    weights = model.parameters
    if kind == "linear":
        said = [state]
        for x in inputs[step + 1 :, 0]:
            said.append(x * weights["input_weight"][0] + weights["recurrent_weight"][0] * said[-1])
        return np.array(said)
    if kind == "feed-forward":
        here = state @ weights["weight_2"] + weights["bias_2"]
        return np.vstack([here, trace.logits[step + 1 :, 0]])
    here = state @ weights["output_weight"] + weights["output_bias"]
    later = model.clone_architecture()
    later.parameters.vector[:] = weights.vector
    later.parameters["start_state"][:] = state
    if kind == "lstm":
        later.parameters["start_cell"][:] = trace.cells[step, 0]
    return np.vstack([here, later.forward(inputs[step + 1 :]).logits[:, 0]])


@every_kind
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 6))
def test_state_gradients_agree_with_central_differences(kind: str, seed: int, time: int) -> None:
    model = random_model(seed, SIZES[kind], kind=kind, biases=1, learned_initial_state=True)
    batch, loss = batch_for(kind, seed, time, 1), LOSSES["cross-entropy"]()
    trace = model.forward(batch.inputs)
    states, said = states_of(kind, trace), trace.logits.copy()
    model.backward(trace, loss.compute(trace.logits, batch).gradient)

    numeric = np.zeros_like(trace.state_gradients)
    for step, unit in np.ndindex(time, states.shape[2]):
        sides = []
        for offset in (STEP, -STEP):
            state = states[step, 0].copy()
            state[unit] += offset
            logits = said.copy()
            logits[step:, 0] = logits_from(kind, model, trace, step, state, batch.inputs)
            sides.append(loss.compute(logits, batch).loss)
        numeric[step, 0, unit] = (sides[0] - sides[1]) / (2 * STEP)
    largest = float(np.abs(numeric).max())
    np.testing.assert_allclose(trace.state_gradients, numeric, rtol=0, atol=1e-6 * (1 + largest))


def test_the_two_weight_net_refuses_what_it_cannot_take() -> None:
    with pytest.raises(ValueError, match="one input and one output"):
        MODELS["linear"].from_spec(ModelSpec(2, 4, 1))
