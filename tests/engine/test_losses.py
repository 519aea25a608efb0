"""Losses and their gradients agree with scalar formulas."""

from collections.abc import Callable, Iterator
from dataclasses import astuple
from math import exp, log1p

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES, REDUCTIONS, logistic

TIME_STEPS = 5
# A sequence is a list of logits with their targets.
PAIRS = st.tuples(st.floats(-15, 15) | st.floats(-1000, 1000), st.sampled_from([0.0, 1.0]))
SEQUENCES = st.lists(PAIRS, min_size=TIME_STEPS, max_size=TIME_STEPS)
Sequences = list[list[tuple[float, float]]]


@pytest.fixture(autouse=True, scope="module")
def ignore_overflow() -> Iterator[None]:
    """As in training: exp of a logit above 709 overflows."""
    with np.errstate(over="ignore"):
        yield


def sigmoid(z: float) -> float:
    tail = exp(-abs(z)) / (1 + exp(-abs(z)))
    return tail if z < 0 else 1 / (1 + exp(-z))


def squared(z: float, y: float) -> tuple[float, float]:
    p, q = sigmoid(z), sigmoid(-z)
    error = p if y == 0 else -q
    return error**2 / 2, error * p * q


def entropy(z: float, y: float) -> tuple[float, float]:
    wrong_sign = z if y == 0 else -z
    loss = max(wrong_sign, 0.0) + log1p(exp(-abs(z)))
    return loss, sigmoid(z) if y == 0 else -sigmoid(-z)


def linear(z: float, y: float) -> tuple[float, float]:
    return (y - z) ** 2, 2 * (z - y)


# The loss of one logit and its derivative, and the output.
FORMULAS = {"half-squared-error": squared, "cross-entropy": entropy, "mean-squared-error": linear}
OUTPUTS: dict[str, Callable[[float], float]] = {
    name: (lambda z: z) if LOSSES[name].linear_output else sigmoid for name in LOSSES
}
LOSS_WEIGHTS: dict[str, Callable[[int], float]] = {  # of one logit, by the number of sequences
    "sequence-mean": lambda count: 1 / count,
    "time-step-mean": lambda count: 1 / (count * TIME_STEPS),
    "sum": lambda _count: 1.0,
}

every_loss = pytest.mark.parametrize("name", LOSSES)
every_reduction = pytest.mark.parametrize("reduction", REDUCTIONS)


def arrays(sequences: Sequences) -> tuple[np.ndarray, Batch]:
    """Return the logits and a batch of the targets, each (5, batch, 1)."""
    columns = np.array(sequences).transpose(1, 0, 2)
    logits, targets = columns[:, :, :1].copy(), columns[:, :, 1:].copy()
    return logits, Batch.uniform(np.zeros((*targets.shape[:2], 2)), targets)


@every_loss
@every_reduction
@settings(max_examples=8, deadline=None)
@given(st.lists(SEQUENCES, min_size=1, max_size=4))
def test_loss_metric_and_gradient_match_the_formula(
    name: str, reduction: str, sequences: Sequences
) -> None:
    logits, batch = arrays(sequences)
    loss, count = LOSSES[name](reduction), len(sequences)
    formula, loss_weight = FORMULAS[name], LOSS_WEIGHTS[reduction](count)
    for _ in range(2):  # the second reuses the workspace
        result = loss.compute(logits, batch)
        value = sum(formula(*pair)[0] for sequence in sequences for pair in sequence) * loss_weight
        assert result.loss == pytest.approx(value, rel=1e-9, abs=1e-15)
        assert type(result.loss) is type(result.metric) is float
        for i, sequence in enumerate(sequences):
            gradient = [formula(*pair)[1] * loss_weight for pair in sequence]
            np.testing.assert_allclose(result.gradient[:, i, 0], gradient, rtol=1e-11, atol=1e-300)
            outputs = [OUTPUTS[name](z) for z, _ in sequence]
            np.testing.assert_allclose(result.outputs[:, i, 0], outputs, rtol=1e-12, atol=1e-300)
    l1_error = sum(abs(y - OUTPUTS[name](z)) for sequence in sequences for z, y in sequence) / count
    metric = result.loss if loss.metric_is_loss else l1_error
    assert result.metric == pytest.approx(metric, rel=1e-9, abs=1e-12)


@given(st.lists(st.floats(-700, 700) | st.floats(-12, 12), min_size=1, max_size=9))
def test_logistic_is_exact_in_both_tails(values: list[float]) -> None:
    logits = np.array(values)
    outputs = np.empty_like(logits)
    logistic(logits, outputs)
    np.testing.assert_allclose(outputs, [sigmoid(z) for z in values], rtol=1e-12)


def test_only_half_squared_error_has_another_metric() -> None:
    assert [name for name, loss in LOSSES.items() if not loss.metric_is_loss] == [
        "half-squared-error"
    ]


@every_loss
@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=9))
def test_logits_inverts_outputs(name: str, values: list[float]) -> None:
    loss, logits = LOSSES[name](), np.array(values)
    outputs = loss.outputs(logits)
    np.testing.assert_allclose(outputs, [OUTPUTS[name](z) for z in values], rtol=1e-9)
    np.testing.assert_allclose(loss.logits(outputs), logits, rtol=1e-6, atol=1e-9)
    assert np.array_equal(logits, values)
    assert float(loss.outputs(np.array(loss.threshold))) == 0.5


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if not loss.linear_output])
def test_outputs_of_0_and_1_have_finite_logits(name: str) -> None:
    saturated, loss = np.array([0.0, 1.0]), LOSSES[name]()
    assert np.isfinite(loss.logits(saturated)).all()
    np.testing.assert_allclose(loss.outputs(loss.logits(saturated)), saturated, atol=1e-14)


@pytest.mark.parametrize(("name", "worst"), [("half-squared-error", 0.5), ("cross-entropy", 1000)])
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("logit", [-1000.0, 1000.0])
def test_huge_logits_do_not_overflow(name: str, worst: float, target: float, logit: float) -> None:
    logits, batch = arrays([[(logit, target)] * TIME_STEPS])
    result = LOSSES[name]().compute(logits, batch)
    is_correct = (logit > 0) == (target > 0)
    assert result.loss == pytest.approx(0 if is_correct else TIME_STEPS * worst)
    assert result.metric == pytest.approx(
        0 if is_correct else TIME_STEPS * (1 if name == "half-squared-error" else worst)
    )
    assert np.isfinite(result.gradient).all()


@every_loss
@every_reduction
@settings(max_examples=8, deadline=None)
@given(
    valid=st.lists(SEQUENCES, min_size=1, max_size=3),
    skipped=st.lists(SEQUENCES, min_size=1, max_size=3),
)
def test_sequences_of_weight_0_do_not_count(
    name: str, reduction: str, valid: Sequences, skipped: Sequences
) -> None:
    logits, batch = arrays(valid + skipped)
    loss_weights = np.zeros_like(batch.targets)
    loss_weights[:, : len(valid)] = 1 / len(valid)
    weighted = batch._replace(loss_weights=loss_weights, n_valid=len(valid))
    result = LOSSES[name](reduction).compute(logits, weighted)
    without = LOSSES[name](reduction).compute(*arrays(valid))
    assert result.loss == pytest.approx(without.loss, rel=1e-12)
    assert result.metric == pytest.approx(without.metric, rel=1e-12)
    assert np.array_equal(result.gradient[:, : len(valid)], without.gradient)
    assert not result.gradient[:, len(valid) :].any()


# Around ±10, where another form begins, and what a diverging replica has.
TAIL_LOGITS = st.sampled_from([10.0, np.nextafter(10, 11), 10.00001, -10.0, -10.00001, np.inf])
ANY_LOGITS = st.floats(-15, 15) | TAIL_LOGITS | st.sampled_from([np.nan, 0.0, -800.0])
STACKS = st.lists(
    st.lists(ANY_LOGITS, min_size=TIME_STEPS, max_size=TIME_STEPS), min_size=2, max_size=4
)


@every_loss
@given(stacked=STACKS)
@settings(max_examples=100)
def test_replica_in_a_stack_has_the_numbers_of_its_model_alone(
    name: str, stacked: list[list[float]]
) -> None:
    logits = np.array(stacked)[:, :, np.newaxis, np.newaxis]
    batch = Batch.uniform(logits[0], np.ones_like(logits[0]))
    batches = Batch._make(np.stack([values] * len(logits)) for values in batch)
    with np.errstate(all="ignore"):
        together = LOSSES[name]().compute(logits.copy(), batches)
        for replica, own in enumerate(logits):
            alone = LOSSES[name]().compute(own.copy(), batch)
            of_stack = together.of_replica(replica)
            for values, expected in zip(astuple(of_stack), astuple(alone), strict=True):
                np.testing.assert_array_equal(values, expected)
