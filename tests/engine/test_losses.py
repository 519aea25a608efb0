"""Losses agree with their formulas, written out number by number."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import LOSSES

# One sequence's logits with its targets; all sequences of a test have five columns.
COLUMNS = st.tuples(st.floats(-15, 15), st.sampled_from([0.0, 1.0]))
SEQUENCES = st.lists(COLUMNS, min_size=5, max_size=5)
Sequences = list[list[tuple[float, float]]]


def squared(z: float, y: float) -> tuple[float, float]:
    p, q = 1 / (1 + exp(-z)), 1 / (1 + exp(z))
    return (y - p) ** 2 / 2, (p if y == 0 else -q) * p * q


def entropy(z: float, y: float) -> tuple[float, float]:
    p, q = 1 / (1 + exp(-z)), 1 / (1 + exp(z))
    return -log(p) if y else -log(q), p if y == 0 else -q


FORMULAS = {"half-squared-error": squared, "cross-entropy": entropy}


def arrays(sequences: Sequences) -> tuple[np.ndarray, Batch]:
    """Return the logits and a batch of the targets, each (5, batch, 1)."""
    columns = np.array(sequences).transpose(1, 0, 2)
    logits, targets = columns[:, :, :1].copy(), columns[:, :, 1:].copy()
    return logits, Batch.even(np.zeros((*targets.shape[:2], 2)), targets)


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=50, deadline=None)
@given(st.lists(SEQUENCES, min_size=1, max_size=4))
def test_value_error_and_gradient_follow_the_formula(name: str, sequences: Sequences) -> None:
    logits, batch = arrays(sequences)
    judgement, count = LOSSES[name]().judge(logits, batch), len(sequences)
    formula = FORMULAS[name]
    everything = [column for sequence in sequences for column in sequence]
    probability = [1 / (1 + exp(-z)) for z, _ in everything]
    error = sum(abs(y - p) for p, (_, y) in zip(probability, everything, strict=True))

    assert judgement.loss == pytest.approx(sum(formula(*c)[0] for c in everything) / count)
    assert judgement.error == pytest.approx(error / count)
    for i, sequence in enumerate(sequences):
        slopes = [formula(*column)[1] / count for column in sequence]
        np.testing.assert_allclose(judgement.gradient[:, i, 0], slopes, rtol=1e-9, atol=1e-15)
        said = [1 / (1 + exp(-z)) for z, _ in sequence]
        np.testing.assert_allclose(judgement.outputs[:, i, 0], said, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("name", "worst"), [("half-squared-error", 0.5), ("cross-entropy", 1000)])
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("logit", [-1000.0, 1000.0])
def test_enormous_logits_do_not_overflow(
    name: str, worst: float, target: float, logit: float
) -> None:
    logits, batch = arrays([[(logit, target)] * 5])
    judgement = LOSSES[name]().judge(logits, batch)
    right = (logit > 0) == (target > 0)
    assert judgement.loss == pytest.approx(0 if right else 5 * worst)
    assert judgement.error == (0 if right else 5)
    assert np.isfinite(judgement.gradient).all()


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=25, deadline=None)
@given(
    learnt=st.lists(SEQUENCES, min_size=1, max_size=3),
    shown=st.lists(SEQUENCES, min_size=1, max_size=3),
)
def test_a_sequence_of_weight_zero_counts_for_nothing(
    name: str, learnt: Sequences, shown: Sequences
) -> None:
    logits, batch = arrays(learnt + shown)
    weights = np.zeros_like(batch.targets)
    weights[:, : len(learnt)] = 1 / len(learnt)
    judgement = LOSSES[name]().judge(logits, batch._replace(weights=weights, learnt=len(learnt)))
    without = LOSSES[name]().judge(*arrays(learnt))
    assert judgement.loss == pytest.approx(without.loss, rel=1e-12)
    assert judgement.error == pytest.approx(without.error, rel=1e-12)
    assert np.array_equal(judgement.gradient[:, : len(learnt)], without.gradient)
    assert not judgement.gradient[:, len(learnt) :].any()
