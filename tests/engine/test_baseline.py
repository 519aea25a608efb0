"""The chance line is what counting gives: the best that can be said from the present column."""

from collections import Counter
from collections.abc import Callable
from math import log

import numpy as np
import pytest

from rnn_tui.engine.evaluation import EVAL_SEED, MAX_EVAL_SAMPLE_SIZE, memoryless_baseline
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.tasks import TASKS
from tests.engine.truths import TRUTHS, columns_of, every_example

Example = tuple[list[tuple[int, ...]], list[int | None]]

# How far a guess is from the truth, added up over a sequence.
DISTANCES: dict[str, Callable[[float, float], float]] = {
    "half-squared-error": lambda y, p: abs(y - p),
    "mean-squared-error": lambda y, p: (y - p) ** 2,
    "cross-entropy": lambda y, p: -log(max(p if y else 1 - p, 1e-15)),
}


def counted(name: str, loss: str, examples: list[Example]) -> tuple[float, float]:
    """Return the baseline's error and bit accuracy, counted column by column."""
    looks = [
        ((0, 0) if name == "xor" else column, true)
        for columns, said in examples
        for column, true in zip(columns, said, strict=True)
        if true is not None
    ]
    total, seen = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for look, true in looks:
        total[look] += true
        seen[look] += 1
    guess = {look: total[look] / seen[look] for look in seen}
    error = sum(DISTANCES[loss](true, guess[look]) for look, true in looks)
    right = [
        round(guess[look]) == true
        if TASKS[name].is_regression
        else (guess[look] > 0.5) == (true == 1)
        for look, true in looks
    ]
    return error / len(examples), sum(right) / len(looks)


FITTING = [
    (name, loss)
    for name in TASKS
    for loss in LOSSES
    if LOSSES[loss].linear_output or not TASKS[name].is_regression
]


@pytest.mark.parametrize("bits", [2, 4])
@pytest.mark.parametrize(("name", "loss"), FITTING)
def test_the_baseline_without_memory_is_what_counting_gives(
    name: str, loss: str, bits: int
) -> None:
    task = TASKS[name](bits)
    if task.all_examples() is None:
        sample = task.fixed_sample(MAX_EVAL_SAMPLE_SIZE, EVAL_SEED)
        columns = [columns_of(sample, index) for index in range(MAX_EVAL_SAMPLE_SIZE)]
        examples = [(it, TRUTHS[name](it, 1)[0]) for it in columns]
    else:
        examples = every_example(name, bits)
    error, accuracy = counted(name, loss, examples)
    baseline = memoryless_baseline(task, LOSSES[loss]())
    assert baseline.metric == pytest.approx(error, rel=1e-9, abs=1e-9)
    assert baseline.bit_accuracy == pytest.approx(accuracy, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "bits", "loss", "error", "accuracy"),
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
def test_known_chance_lines(name: str, bits: int, loss: str, error: float, accuracy: float) -> None:
    baseline = memoryless_baseline(TASKS[name](bits), LOSSES[loss]())
    assert baseline.metric == pytest.approx(error, rel=1e-9)
    assert baseline.bit_accuracy == pytest.approx(accuracy, abs=5e-5)


@pytest.mark.parametrize("lag", [1, 3, 7])
def test_the_longer_an_echo_takes_the_fewer_steps_are_asked(lag: int) -> None:
    baseline = memoryless_baseline(TASKS["echo"](8, lag), LOSSES["half-squared-error"]())
    assert baseline.metric == pytest.approx((8 - lag) * 0.5, rel=1e-12)


@pytest.mark.parametrize("batch", [1, 5])
def test_a_reduced_loss_has_a_reduced_chance_line(batch: int) -> None:
    task = TASKS["addition"](6)
    nats = {
        it: memoryless_baseline(task, LOSSES["cross-entropy"](it), batch).metric for it in REDUCED
    }
    assert nats["step"] == pytest.approx(nats["result"] / 6, rel=1e-12)
    assert nats["sum"] == pytest.approx(nats["result"] * batch, rel=1e-12)
    plain = {memoryless_baseline(task, LOSSES["half-squared-error"](it), batch) for it in REDUCED}
    assert np.ptp([baseline.metric for baseline in plain]) < 1e-12


REDUCED = ("result", "step", "sum")
