from itertools import cycle

import numpy as np
import pytest

from rnn_tui.analysis.accuracy import wilson_interval
from rnn_tui.analysis.length import LengthResult, accuracy_at_length, length_evaluation
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Model
from rnn_tui.engine.planted import PLANTED_GAIN
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.base import EVAL_SEED
from tests.analysis.trained import Trained, train
from tests.engine.makers import random_model
from tests.support.reference import load

REFERENCE = {row["seed"]: row for row in load("length")["rows"]}
REFERENCE_PAIRS = {16: 16_384, 32: 16_384, 64: 16_384, 1000: 2000}
FEW_PAIRS = {16: 50}


def assert_matches(result: LengthResult, expected: dict[str, object]) -> None:
    """Compare with a row of the reference values; all random pairs of these are drawn."""
    assert {f"carry{each.carry}_{each.order}": each.longest for each in result.ripples} == expected[
        "ripple"
    ]
    assert result.longest == expected["worst_of_eight"]
    for part in result.samples:
        row = {
            "exact": part.n_correct,
            "of": part.n,
            "bits": pytest.approx(part.n_correct_outputs / part.n_outputs, abs=1e-12),
        }
        assert row == expected[f"random_{part.length}"]


@pytest.mark.parametrize("step", [10_000, 20_000])
def test_ripples_and_random_pairs_of_the_default_recipe(trained: Trained, step: int) -> None:
    pairs = {columns: REFERENCE_PAIRS[columns] for columns in (16, 32)}
    result = length_evaluation(trained.model(step), trained.task, trained.loss, pairs)
    assert_matches(result, REFERENCE[0][str(step)])


@pytest.mark.long
@pytest.mark.parametrize(
    ("seed", "step"), list(zip(REFERENCE, cycle((10_000, 20_000)), strict=False))
)
def test_ripples_and_random_pairs_of_other_seeds(seed: int, step: int) -> None:
    trained = train(seed, range(step, step + 1))
    result = length_evaluation(trained.model(step), trained.task, trained.loss, REFERENCE_PAIRS)
    assert_matches(result, REFERENCE[seed][str(step)])


def test_failing_ripple_is_named(trained: Trained) -> None:
    result = length_evaluation(trained.model(20_000), trained.task, trained.loss, FEW_PAIRS)
    assert result.counterexample == (2**31 - 1, 1, 30)
    model = trained.model(20_000)
    batch = TASKS["addition"](40).batch_from_inputs(
        TASKS["addition"](40).parse_input("2147483647+1")
    )
    incorrect = (model.forward(batch.inputs).logits > 0) != (batch.targets > 0.5)
    assert int(np.argmax(incorrect[:, 0, 0])) == 30


def test_counterexamples_fail_first_at_the_named_bit(trained: Trained) -> None:
    """With the engine's own forward pass, of a model that adds most pairs incorrectly."""
    model, task = trained.model(4000), TASKS["addition"](60)
    result = length_evaluation(model, task, trained.loss, {40: 300}, max_columns=40)
    examples = [part.counterexample for part in result.samples]
    examples += [ripple.counterexample for ripple in result.ripples]
    found = [example for example in examples if example is not None]
    assert len(found) > 4
    for a, b, bit in found:
        batch = task.batch_from_inputs(task.parse_input(f"{a}+{b}"))
        incorrect = (model.forward(batch.inputs).logits > 0) != (batch.targets > 0.5)
        assert int(np.argmax(incorrect[:, 0, 0])) == bit


def test_random_pairs_have_a_wilson_interval(trained: Trained) -> None:
    result = length_evaluation(trained.model(10_000), trained.task, trained.loss, {16: 2000})
    (pairs,) = result.samples
    assert (pairs.n, pairs.n_correct, pairs.counterexample) == (2000, 2000, None)
    assert pairs.interval == pytest.approx((0.99808, 1.0), abs=5e-6)


def test_planted_adder_is_correct_at_all_lengths(planted: Model, trained: Trained) -> None:
    result = length_evaluation(planted, trained.task, trained.loss)
    assert (result.longest, result.counterexample) == (1000, None)
    assert [(part.length, part.n) for part in result.samples] == [
        (16, 1024),
        (32, 1024),
        (64, 1024),
        (1000, 1024),
    ]
    assert all(part.n_correct == part.n for part in result.samples)


@pytest.mark.parametrize("name", ["subtraction", "twos-complement"])
def test_ripples_of_a_borrow(name: str, planted: Model) -> None:
    """a - b = NOT (NOT a + b), so the planted adder subtracts with a and the output negated."""
    input_weight, hidden_bias, output_weight, output_bias = (
        planted.parameters[name]
        for name in ("input_weight", "hidden_bias", "output_weight", "output_bias")
    )
    input_weight[0] *= -1
    hidden_bias += PLANTED_GAIN
    output_weight *= -1
    output_bias *= -1
    result = length_evaluation(planted, TASKS[name](8), HalfSquaredError(), {64: 500})
    assert (result.longest, result.samples[0].n_correct) == (1000, 500)
    assert {ripple.order for ripple in result.ripples} == {"11", "00", "alternating", "mixed"}


def test_large_models_have_fewer_random_pairs(trained: Trained) -> None:
    model = random_model(0, (2, 64, 1))
    result = length_evaluation(model, trained.task, trained.loss, max_columns=2)
    assert [part.n for part in result.samples] == [1024, 1024, 1024, 118]


def test_tasks_that_are_not_arithmetic_are_rejected(trained: Trained) -> None:
    with pytest.raises(ValueError, match="need an arithmetic task"):
        length_evaluation(trained.model(0), TASKS["parity"](8), trained.loss)


def test_models_without_a_recurrent_state_are_rejected(trained: Trained) -> None:
    model = random_model(0, (2, 4, 1), kind="feed-forward")
    with pytest.raises(ValueError, match="no recurrent state"):
        length_evaluation(model, trained.task, trained.loss, FEW_PAIRS)


def test_random_pairs_of_a_task_that_skips_negative_differences_have_none() -> None:
    loss, model = HalfSquaredError(), random_model(0, (2, 4, 1))
    for columns in range(8, 28):
        pairs = {columns: 1}
        (part,) = length_evaluation(model, TASKS["subtraction"](8), loss, pairs, 1).samples
        assert part.counterexample is not None
        assert part.counterexample.a >= part.counterexample.b


def test_accuracy_at_length_equals_the_engines_evaluation(trained: Trained) -> None:
    model, loss = trained.model(6000), trained.loss
    at_length = accuracy_at_length(model, trained.task, loss, 24, 300)
    batch = TASKS["addition"](24).fixed_sample(300, EVAL_SEED)
    correct = (model.forward(batch.inputs).logits > 0) == (batch.targets > 0.5)
    n_correct = int(correct.all(axis=(0, 2)).sum())
    assert 0 < n_correct < 300
    assert (at_length.n, at_length.n_correct) == (300, n_correct)
    assert (at_length.n_outputs, at_length.n_correct_outputs) == (24 * 300, int(correct.sum()))
    assert at_length.interval == wilson_interval(n_correct, 300)


def test_accuracy_at_length_counts_scored_outputs_only() -> None:
    model = random_model(0, (1, 4, 1))
    at_length = accuracy_at_length(model, TASKS["echo"](8, lag=3), HalfSquaredError(), 20, 10)
    assert (at_length.n, at_length.n_outputs) == (10, 17 * 10)


def test_task_of_one_time_step_has_no_other_length() -> None:
    with pytest.raises(ValueError, match="one time step"):
        accuracy_at_length(random_model(0, (2, 4, 1)), TASKS["xor"](), HalfSquaredError(), 8)
