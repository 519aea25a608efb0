"""The gated nets agree with torch.nn, and their passes never disturb each other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.gradient_check import EPSILON, NEGLIGIBLE_RATIO, TOLERANCE, gradient_check
from rnn_tui.engine.losses import LOSSES, Loss
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
every_start = pytest.mark.parametrize("learned_initial_state", [False, True])


def case_name(case: dict[str, Any]) -> str:
    return "-".join(str(case[key]) for key in ("model", "bias", "learned_start", "steps", "batch"))


def random_net(
    kind: str, seed: int, sizes: tuple[int, int, int], bias: bool, learned_initial_state: bool
) -> GRU | LSTM:
    """Return a net with (inputs, hidden, outputs) of `sizes` and normal weights."""
    net = KINDS[kind](*sizes, bias=bias, learned_initial_state=learned_initial_state)
    vector = net.parameters.vector
    vector[:] = np.random.RandomState(seed).standard_normal(vector.size)
    return net


def gradient_of(net: GRU | LSTM, batch: Batch) -> tuple[float, FloatArray]:
    """Return the cross-entropy and a copy of its gradient at `batch`."""
    trace = net.forward(batch.inputs)
    judgement = LOSSES["cross-entropy"]().compute(trace.logits, batch)
    net.backward(trace, judgement.gradient)
    return judgement.loss, net.gradient.vector.copy()


def assume_measurable(net: GRU | LSTM, loss: Loss, batch: Batch) -> None:
    """Pass over a net so saturated that its gradient is lost in the rounding of its loss.

    Rounding puts central differences wrong by ε L / STEP, and the least that a parameter is
    measured by is LOST times the net's largest |g|.
    """
    trace = net.forward(batch.inputs)
    judgement = loss.compute(trace.logits, batch)
    net.backward(trace, judgement.gradient)
    rounding = float(np.finfo(float).eps) * judgement.loss / EPSILON
    assume(rounding < TOLERANCE * NEGLIGIBLE_RATIO * np.abs(net.gradient.vector).max())


def assert_close(actual: FloatArray, expected: Any) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("case", load("gated")["cases"], ids=case_name)
def test_passes_agree_with_torch(case: dict[str, Any]) -> None:
    batch = Batch.uniform(np.array(case["inputs"]), np.array(case["targets"]))
    sizes = batch.inputs.shape[2], case["hidden"], batch.targets.shape[2]
    net = KINDS[case["model"]](
        *sizes, bias=case["bias"], learned_initial_state=case["learned_start"]
    )
    assert set(net.parameters) == set(case["parameters"]) == set(case["gradients"])
    for name, values in case["parameters"].items():
        net.parameters[name][...] = values

    trace = net.forward(batch.inputs)
    judgement = LOSSES["cross-entropy"]().compute(trace.logits, batch)
    net.backward(trace, judgement.gradient)

    assert judgement.loss == pytest.approx(case["loss_value"], rel=1e-12)
    assert_close(trace.logits, case["logits"])
    assert_close(trace.states, case["states"])
    assert_close(trace.state_gradients, case["state_gradients"])
    for name, values in case["gradients"].items():
        assert_close(net.gradient[name], values)


@pytest.mark.parametrize("loss", LOSSES)
@every_start
@with_and_without_bias
@every_kind
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS, sizes=SIZES, time=st.integers(1, 6), count=st.integers(1, 4))
def test_backward_is_the_derivative_of_forward(
    kind: str,
    bias: bool,
    learned_initial_state: bool,
    loss: str,
    seed: int,
    sizes: tuple[int, int, int],
    time: int,
    count: int,
) -> None:
    net = random_net(kind, seed, sizes, bias, learned_initial_state)
    batch = random_batch(seed, time, count, sizes[0], sizes[2])
    assume_measurable(net, LOSSES[loss](), batch)
    worst = gradient_check(net, LOSSES[loss](), batch)
    assert set(worst) == set(net.parameters)
    assert max(worst.values()) < TOLERANCE


@every_start
@with_and_without_bias
@every_kind
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, time=st.integers(1, 9), count=st.integers(1, 6), hidden=st.integers(1, 8))
def test_a_batch_is_the_mean_of_its_sequences(
    kind: str,
    bias: bool,
    learned_initial_state: bool,
    seed: int,
    time: int,
    count: int,
    hidden: int,
) -> None:
    net = random_net(kind, seed, (2, hidden, 1), bias, learned_initial_state)
    batch = random_batch(seed, time, count, 2, 1)
    alone = [
        gradient_of(net, Batch.uniform(batch.inputs[:, [i]], batch.targets[:, [i]]))
        for i in range(count)
    ]
    value, gradient = gradient_of(net, batch)
    assert value == pytest.approx(np.mean([value for value, _ in alone]), rel=1e-12)
    mean = np.mean([gradient for _, gradient in alone], axis=0)
    np.testing.assert_allclose(gradient, mean, rtol=1e-9, atol=1e-13)


@every_kind
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, shapes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), max_size=4))
def test_a_pass_between_forward_and_backward_changes_nothing(
    kind: str, seed: int, shapes: list[tuple[int, int]]
) -> None:
    net = random_net(kind, seed, (2, 5, 1), bias=True, learned_initial_state=True)
    batch = random_batch(seed, 7, 3, 2, 1)
    expected = gradient_of(net, batch)

    inputs = batch.inputs.copy()
    trace = net.forward(inputs)
    inputs[...] = np.nan
    for time, count in shapes:
        gradient_of(net, random_batch(seed, time, count, 2, 1))
    judgement = LOSSES["cross-entropy"]().compute(trace.logits, batch)
    net.backward(trace, judgement.gradient)
    assert judgement.loss == expected[0]
    assert np.array_equal(net.gradient.vector, expected[1])


@every_start
@with_and_without_bias
@every_kind
def test_a_replica_is_alike_and_shares_nothing(
    kind: str, bias: bool, learned_initial_state: bool
) -> None:
    net = random_net(kind, 1, (2, 5, 1), bias, learned_initial_state)
    batch = random_batch(2, 6, 3, 2, 1)
    expected = gradient_of(net, batch)
    weights = net.parameters.vector.copy()
    logits = net.forward(batch.inputs).logits
    before = logits.copy()

    replica = net.clone_architecture()
    assert replica.parameters.layout == net.parameters.layout
    assert not replica.parameters.vector.any()
    gradient_of(replica, batch)
    assert np.array_equal(logits, before)
    assert np.array_equal(net.gradient.vector, expected[1])

    replica.parameters.vector[:] = weights
    value, gradient = gradient_of(replica, batch)
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])
    replica.parameters.vector[:] = 0.0
    assert np.array_equal(net.parameters.vector, weights)


@with_and_without_bias
@every_kind
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, sizes=SIZES, time=st.integers(1, 8))
def test_a_state_gradient_is_that_of_a_net_started_there(
    kind: str, bias: bool, seed: int, sizes: tuple[int, int, int], time: int
) -> None:
    net = random_net(kind, seed, sizes, bias, learned_initial_state=True)
    batch = random_batch(seed, time, 1, sizes[0], sizes[2])
    trace = net.forward(batch.inputs)
    logit_gradient = LOSSES["cross-entropy"]().compute(trace.logits, batch).gradient
    net.backward(trace, logit_gradient)

    here = logit_gradient @ net.parameters["output_weight"].T
    assert_close(trace.state_gradients[-1], here[-1])
    for t in range(time - 1):
        later = net.clone_architecture()
        later.parameters.vector[:] = net.parameters.vector
        later.parameters["start_state"][:] = trace.states[t, 0]
        if isinstance(trace, LSTMCache):
            later.parameters["start_cell"][:] = trace.cells[t, 0]
        rest = later.forward(batch.inputs[t + 1 :])
        assert_close(rest.logits, trace.logits[t + 1 :])
        later.backward(rest, logit_gradient[t + 1 :])
        assert_close(trace.state_gradients[t, 0], here[t, 0] + later.gradient["start_state"])


@every_kind
def test_huge_weights_saturate_and_never_overflow(kind: str) -> None:
    net = random_net(kind, 3, (2, 5, 1), bias=True, learned_initial_state=True)
    net.parameters.vector[:] *= 1e6
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trace = net.forward(random_batch(4, 6, 3, 2, 1).inputs)
        net.backward(trace, np.ones_like(trace.logits))
    assert np.isfinite(net.gradient.vector).all()


@every_kind
def test_a_workspace_is_made_once_for_a_shape(kind: str) -> None:
    net = random_net(kind, 5, (2, 5, 1), bias=True, learned_initial_state=True)
    inputs = random_batch(6, 6, 3, 2, 1).inputs
    trace = net.forward(inputs)
    assert net.forward(inputs[:, :2]) is not trace
    assert net.forward(inputs) is trace
