import numpy as np
import pytest

from rnn_tui.analysis.accuracy import (
    Z_95,
    Group,
    by_chain_length,
    by_position,
    by_position_and_state,
    by_required_state,
    chain_lengths,
    wilson_interval,
)
from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Model
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained
from tests.engine.makers import random_model


@pytest.mark.parametrize(
    ("n_correct", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (27, 32, 0.6825, 0.9314),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval(n_correct: int, n: int, low: float, high: float) -> None:
    """The first four rows as in Newcombe 1998, table I, method 3."""
    assert wilson_interval(n_correct, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("n_correct", "n"), [(0, 7), (3, 10), (10, 10)])
def test_wilson_interval_ends_where_the_score_test_rejects(n_correct: int, n: int) -> None:
    for end in wilson_interval(n_correct, n):
        difference = abs(n_correct / n - end)
        assert end in (0, 1) or difference == pytest.approx(Z_95 * (end * (1 - end) / n) ** 0.5)


def test_wilson_interval_of_only_correct_results_ends_at_1() -> None:
    assert wilson_interval(2000, 2000) == pytest.approx((0.99808, 1.0), abs=5e-6)


def test_group_has_the_interval_of_its_fraction() -> None:
    group = Group(3, 81, 263)
    assert (group.accuracy, group.interval) == (81 / 263, wilson_interval(81, 263))


def test_chain_length_counts_the_carries_that_end_at_a_time_step() -> None:
    states = np.array([[0, 1, 1, 0, 2, 1, 1]]).T
    assert chain_lengths(states)[:, 0].tolist() == [0, 1, 2, 0, 1, 2, 3]


def test_net_without_recurrent_weights_fails_where_a_carry_comes_in(
    planted: Model, trained: Trained
) -> None:
    planted.parameters["recurrent_weight"][...] = 0.0
    examples = trained.examples
    correct = examples.run(planted, trained.loss).correct
    without, carry = by_required_state(examples, correct)
    assert (without.value, without.accuracy, carry.value, carry.accuracy) == (0, 1, 1, 0)
    assert without.n + carry.n == 131_072
    assert [group.accuracy for group in by_chain_length(examples, correct)] == [1, *[0] * 7]
    first, second, *_ = by_position(examples, correct)
    assert (first.accuracy, second.accuracy) == (1, 0.75)
    by_carry = by_position_and_state(examples, correct)
    assert [group.value for group in by_carry[0]] == list(range(8))
    assert [group.value for group in by_carry[1]] == list(range(1, 8))  # no carry comes in at bit 0
    assert sum(group.n for groups in by_carry.values() for group in groups) == 131_072


def test_groups_add_up_to_the_bit_accuracy(trained: Trained) -> None:
    correct = trained.forward(4000).correct
    for groups in (
        by_position(trained.examples, correct),
        by_required_state(trained.examples, correct),
        by_chain_length(trained.examples, correct),
    ):
        assert sum(group.n_correct for group in groups) == correct.sum()


def test_outputs_that_are_not_scored_are_left_out() -> None:
    examples = EvaluationSet.from_task(TASKS["echo"](8, lag=3))
    correct = examples.run(random_model(0, (1, 4, 1)), HalfSquaredError()).correct
    assert [group.value for group in by_position(examples, correct)] == [3, 4, 5, 6, 7]
