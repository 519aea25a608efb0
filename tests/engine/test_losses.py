"""Losses agree with their formulas, written out number by number."""

from collections.abc import Callable
from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES, REDUCTIONS

STEPS = 5
# One sequence's logits with its targets; all sequences of a test have five columns.
COLUMNS = st.tuples(st.floats(-15, 15), st.sampled_from([0.0, 1.0]))
SEQUENCES = st.lists(COLUMNS, min_size=STEPS, max_size=STEPS)
Sequences = list[list[tuple[float, float]]]


def squared(z: float, y: float) -> tuple[float, float]:
    p, q = 1 / (1 + exp(-z)), 1 / (1 + exp(z))
    return (y - p) ** 2 / 2, (p if y == 0 else -q) * p * q


def entropy(z: float, y: float) -> tuple[float, float]:
    p, q = 1 / (1 + exp(-z)), 1 / (1 + exp(z))
    return -log(p) if y else -log(q), p if y == 0 else -q


def linear(z: float, y: float) -> tuple[float, float]:
    return (y - z) ** 2, 2 * (z - y)


# The loss of one number and its slope, and what the net says with that logit.
FORMULAS = {"half-squared-error": squared, "cross-entropy": entropy, "mean-squared-error": linear}
SAID: dict[str, Callable[[float], float]] = {
    name: (lambda z: z) if LOSSES[name].linear_output else (lambda z: 1 / (1 + exp(-z)))
    for name in LOSSES
}
SHARES: dict[str, Callable[[int], float]] = {  # of one number in the loss, with so many sequences
    "result": lambda count: 1 / count,
    "step": lambda count: 1 / (count * STEPS),
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
@settings(max_examples=20, deadline=None)
@given(st.lists(SEQUENCES, min_size=1, max_size=4))
def test_value_error_and_gradient_follow_the_formula(
    name: str, reduction: str, sequences: Sequences
) -> None:
    logits, batch = arrays(sequences)
    loss, count = LOSSES[name](reduction), len(sequences)
    formula, share = FORMULAS[name], SHARES[reduction](count)
    for _ in range(2):  # the second time in the workspace of the first
        judgement = loss.compute(logits, batch)
        value = sum(formula(*column)[0] for sequence in sequences for column in sequence) * share
        assert judgement.loss == pytest.approx(value, rel=1e-9, abs=1e-15)
        for i, sequence in enumerate(sequences):
            slopes = [formula(*column)[1] * share for column in sequence]
            np.testing.assert_allclose(judgement.gradient[:, i, 0], slopes, rtol=1e-9, atol=1e-15)
            said = [SAID[name](z) for z, _ in sequence]
            np.testing.assert_allclose(judgement.outputs[:, i, 0], said, rtol=1e-9, atol=1e-15)
    distance = sum(abs(y - SAID[name](z)) for sequence in sequences for z, y in sequence) / count
    reported = judgement.loss if loss.metric_is_loss else distance
    assert judgement.metric == pytest.approx(reported, rel=1e-9, abs=1e-12)


def test_only_the_tutorials_adding_loss_is_reported_by_another_figure() -> None:
    assert [name for name, loss in LOSSES.items() if not loss.metric_is_loss] == [
        "half-squared-error"
    ]


@every_loss
@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=9))
def test_logits_and_outputs_undo_each_other(name: str, values: list[float]) -> None:
    loss, logits = LOSSES[name](), np.array(values)
    outputs = loss.outputs(logits)
    np.testing.assert_allclose(outputs, [SAID[name](z) for z in values], rtol=1e-9)
    np.testing.assert_allclose(loss.logits(outputs), logits, rtol=1e-6, atol=1e-9)
    assert np.array_equal(logits, values)
    assert float(loss.outputs(np.array(loss.threshold))) == 0.5


@pytest.mark.parametrize("name", [name for name, loss in LOSSES.items() if not loss.linear_output])
def test_a_certain_output_has_a_logit_that_leads_back(name: str) -> None:
    certain, loss = np.array([0.0, 1.0]), LOSSES[name]()
    assert np.isfinite(loss.logits(certain)).all()
    np.testing.assert_allclose(loss.outputs(loss.logits(certain)), certain, atol=1e-14)


@pytest.mark.parametrize(("name", "worst"), [("half-squared-error", 0.5), ("cross-entropy", 1000)])
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("logit", [-1000.0, 1000.0])
def test_enormous_logits_do_not_overflow(
    name: str, worst: float, target: float, logit: float
) -> None:
    logits, batch = arrays([[(logit, target)] * STEPS])
    judgement = LOSSES[name]().compute(logits, batch)
    right = (logit > 0) == (target > 0)
    assert judgement.loss == pytest.approx(0 if right else STEPS * worst)
    assert judgement.metric == pytest.approx(
        0 if right else STEPS * (1 if name == "half-squared-error" else worst)
    )
    assert np.isfinite(judgement.gradient).all()


@every_loss
@every_reduction
@settings(max_examples=15, deadline=None)
@given(
    learnt=st.lists(SEQUENCES, min_size=1, max_size=3),
    shown=st.lists(SEQUENCES, min_size=1, max_size=3),
)
def test_a_sequence_of_weight_zero_counts_for_nothing(
    name: str, reduction: str, learnt: Sequences, shown: Sequences
) -> None:
    logits, batch = arrays(learnt + shown)
    weights = np.zeros_like(batch.targets)
    weights[:, : len(learnt)] = 1 / len(learnt)
    weighted = batch._replace(loss_weights=weights, n_valid=len(learnt))
    judgement = LOSSES[name](reduction).compute(logits, weighted)
    without = LOSSES[name](reduction).compute(*arrays(learnt))
    assert judgement.loss == pytest.approx(without.loss, rel=1e-12)
    assert judgement.metric == pytest.approx(without.metric, rel=1e-12)
    assert np.array_equal(judgement.gradient[:, : len(learnt)], without.gradient)
    assert not judgement.gradient[:, len(learnt) :].any()
