"""The baseline without memory is the best prediction from a single time step, by counting."""

from collections import Counter
from collections.abc import Callable
from math import log

import numpy as np
import pytest

from rnn_tui.engine.evaluation import MAX_EVAL_SAMPLE_SIZE, memoryless_baseline
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.base import EVAL_SEED
from tests.engine.makers import Check, check_name
from tests.engine.task_references import all_scored_sequences, columns_of, expected_targets

Example = tuple[list[tuple[int, ...]], list[int | None]]

# The metric for a target y and a prediction p, summed over a sequence.
METRICS: dict[str, Callable[[float, float], float]] = {
    "half-squared-error": lambda y, p: abs(y - p),
    "mean-squared-error": lambda y, p: (y - p) ** 2,
    "cross-entropy": lambda y, p: -log(max(p if y else 1 - p, 1e-15)),
}


def count_baseline(name: str, loss: str, examples: list[Example]) -> tuple[float, float]:
    """Return the metric and bit accuracy of the mean target for each column."""
    scored = [
        (column if TASKS[name].uses_length else (0, 0), target)
        for columns, targets in examples
        for column, target in zip(columns, targets, strict=True)
        if target is not None
    ]
    sums, counts = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for column, target in scored:
        sums[column] += target
        counts[column] += 1
    means = {column: sums[column] / counts[column] for column in counts}
    metric = sum(METRICS[loss](target, means[column]) for column, target in scored)
    correct = [
        round(means[column]) == target
        if TASKS[name].is_regression
        else (means[column] > 0.5) == (target == 1)
        for column, target in scored
    ]
    return metric / len(examples), sum(correct) / len(scored)


def check_baseline_is_the_best_prediction_without_memory(name: str) -> None:
    if name == "flip-flop":  # whose sequences are not equally likely
        return
    for length in (2, 4):
        task = TASKS[name](length)
        if task.all_examples() is None:
            sample = task.fixed_sample(MAX_EVAL_SAMPLE_SIZE, EVAL_SEED)
            sequences = [columns_of(sample, index) for index in range(MAX_EVAL_SAMPLE_SIZE)]
            examples = [(columns, expected_targets(name, columns, 1)) for columns in sequences]
        else:
            examples = all_scored_sequences(name, length)
        for loss in LOSSES:
            if TASKS[name].is_regression and not LOSSES[loss].linear_output:
                continue
            metric, accuracy = count_baseline(name, loss, examples)
            baseline = memoryless_baseline(task, LOSSES[loss]())
            assert baseline.metric == pytest.approx(metric, rel=1e-9, abs=1e-9)
            assert baseline.bit_accuracy == pytest.approx(accuracy, rel=1e-12)


CHECKS: list[Check] = [check_baseline_is_the_best_prediction_without_memory]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", TASKS)
def test_task(name: str, check: Check) -> None:
    check(name)


@pytest.mark.parametrize(
    ("name", "length", "loss", "metric", "accuracy"),
    [
        ("addition", 8, "half-squared-error", 3.7428818739853895, 0.6245),
        ("xor", 8, "half-squared-error", 0.5, 0.5),
        ("xor", 8, "cross-entropy", log(2), 0.5),
        ("echo", 8, "half-squared-error", 7 * 0.5, 0.5),
        ("echo", 8, "cross-entropy", 7 * log(2), 0.5),
        ("delayed-xor", 8, "mean-squared-error", 7 * 0.25, 0.5),
        ("temporal-order", 8, "half-squared-error", 0.5 * 6 / 8, 0.625),
        ("counting-ones", 10, "mean-squared-error", 9 / 4, 126 / 512),
    ],
)
def test_known_baselines(name: str, length: int, loss: str, metric: float, accuracy: float) -> None:
    baseline = memoryless_baseline(TASKS[name](length), LOSSES[loss]())
    assert baseline.metric == pytest.approx(metric, rel=1e-9)
    assert baseline.bit_accuracy == pytest.approx(accuracy, abs=5e-5)


def test_baseline_of_comparison_counts_all_65536_pairs() -> None:
    less = [(1 - 2.0**-t) / 2 for t in range(8)]  # where the bits at t are equal
    mean = sum(less) / 8
    metric = sum(q * (1 - mean) + (1 - q) * mean for q in less) / 2
    baseline = memoryless_baseline(TASKS["comparison"](8), LOSSES["half-squared-error"]())
    assert baseline.metric == pytest.approx(metric, rel=1e-12)
    assert metric == pytest.approx(1.876, abs=5e-4)
    assert baseline.bit_accuracy == pytest.approx(1 / 2 + (1 - mean) / 2, rel=1e-12)


def test_baseline_of_flip_flop_is_its_expectation() -> None:
    event, states, quiet = 0.2, [0.0], 0.6  # states: the probability of 1 before each time step
    for _ in range(7):
        states.append(event + quiet * states[-1])
    mean = sum(states) / 8
    metric = quiet * sum(q * (1 - mean) + (1 - q) * mean for q in states)
    baseline = memoryless_baseline(TASKS["flip-flop"](8), LOSSES["half-squared-error"]())
    assert baseline.metric == pytest.approx(metric, rel=1e-12)
    assert metric == pytest.approx(2.173, abs=5e-4)
    assert baseline.bit_accuracy == pytest.approx(1 - quiet * mean, rel=1e-12)


@pytest.mark.parametrize("lag", [1, 3, 7])
def test_baseline_of_echo_counts_scored_time_steps_only(lag: int) -> None:
    baseline = memoryless_baseline(TASKS["echo"](8, lag), LOSSES["half-squared-error"]())
    assert baseline.metric == pytest.approx((8 - lag) * 0.5, rel=1e-12)


@pytest.mark.parametrize("batch", [1, 5])
def test_baseline_follows_the_reduction(batch: int) -> None:
    task = TASKS["addition"](6)
    nats = {
        reduction: memoryless_baseline(task, LOSSES["cross-entropy"](reduction), batch).metric
        for reduction in REDUCTIONS
    }
    assert nats["time-step-mean"] == pytest.approx(nats["sequence-mean"] / 6, rel=1e-12)
    assert nats["sum"] == pytest.approx(nats["sequence-mean"] * batch, rel=1e-12)
    l1_errors = [
        memoryless_baseline(task, LOSSES["half-squared-error"](reduction), batch).metric
        for reduction in REDUCTIONS
    ]
    assert np.ptp(l1_errors) < 1e-12
