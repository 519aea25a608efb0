"""Exams agree with asking every pair, one by one; shortcuts are never wrong."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine import evaluation
from rnn_tui.engine.evaluation import EXAM_SIZE, Examiner, Score, without_memory
from rnn_tui.engine.models import Model
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import Trainer
from tests.engine.makers import random_model, trainer_of


def all_pairs(name: str, bits: int) -> Iterator[tuple[list[tuple[int, int]], list[int]]]:
    """Yield the columns (a's bit, b's bit) and the result's bits of every allowed pair."""
    for a in range(1 << (bits - 1)):
        for b in range(1 << (bits - 1)):
            if name == "subtraction" and a < b:
                continue
            result = a + b if name == "addition" else a - b
            yield (
                [(a >> t & 1, b >> t & 1) for t in range(bits)],
                [result >> t & 1 for t in range(bits)],
            )


def fast_learner(name: str) -> Trainer:
    """Return a trainer whose net learns `name` with four bits in about 2,000 steps."""
    return trainer_of(name, 4, 0.03, optimizer=OPTIMIZERS["adam"])


def score_one_by_one(name: str, bits: int, model: Model) -> Score:
    exact = total = right_bits = 0
    for columns, truth in all_pairs(name, bits):
        logits = model.forward(np.array(columns, dtype=float)[:, None]).logits[:, 0, 0]
        right = [(logit > 0) == bool(bit) for logit, bit in zip(logits, truth, strict=True)]
        exact, total, right_bits = exact + all(right), total + 1, right_bits + sum(right)
    return Score(exact, total, right_bits, total * bits, exhaustive=True)


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=15, deadline=None)
@given(
    bits=st.integers(2, 5),
    seed=st.integers(0, 10**6),
    hidden=st.integers(1, 6),
    chunk=st.integers(16, 100),
)
def test_the_exam_of_any_net_is_that_of_all_pairs_one_by_one(
    name: str, bits: int, seed: int, hidden: int, chunk: int
) -> None:
    model = random_model(seed, (2, hidden, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "CHUNK", chunk)
        score = Examiner(TASKS[name](bits), model, hidden).examine(model)
    assert score == score_one_by_one(name, bits, model)
    assert score.bit_accuracy == score.right_bits / score.bits


@pytest.mark.parametrize("name", TASKS)
def test_one_examiner_follows_a_net_from_bad_to_perfect(name: str) -> None:
    trainer = fast_learner(name)
    examiner = Examiner(TASKS[name](4), trainer.model, 16)
    scores = []
    for _ in range(8):
        scores.append(examiner.examine(trainer.model))
        assert scores[-1] == score_one_by_one(name, 4, trainer.model)
        for _ in range(300):
            trainer.step()
    assert scores[0].exact < scores[-1].exact == scores[-1].total


@pytest.mark.parametrize("name", TASKS)
def test_a_net_passes_if_its_exam_has_no_mistake(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "CHUNK", 16)
    trainer = fast_learner(name)
    examiner = Examiner(TASKS[name](4), trainer.model, 16)
    passed = []
    for _ in range(300):
        score = Examiner(TASKS[name](4), trainer.model, 16).examine(trainer.model)
        passes = examiner.passes(trainer.model)
        assert passes == (score if score.exact == score.total else None)
        passed.append(passes is not None)
        for _ in range(8):
            trainer.step()
    assert set(passed) == {False, True}


def test_an_exam_by_papers_is_of_the_weights_of_its_beginning() -> None:
    trainer = trainer_of("addition", 8, 0.03, optimizer=OPTIMIZERS["adam"])
    model, other = trainer.model, random_model(0, (2, 16, 1))
    for _ in range(500):
        trainer.step()
    examiner = Examiner(TASKS["addition"](8), model, 16)
    expected = examiner.examine(model)
    examiner.begin(other)
    examiner.proceed()

    examiner.begin(model)
    model.parameters.vector[:] = other.parameters.vector
    papers, score = 0, None
    while score is None:
        score = examiner.proceed()
        examiner.passes(other)
        papers += 1
    assert papers > 1
    assert score == expected != examiner.examine(other)


def test_an_exam_leaves_no_trace_in_the_net() -> None:
    model = random_model(0, (2, 5, 1))
    inputs = np.ones((8, 1024, 2))
    trace = model.forward(inputs)
    weights, logits = model.parameters.vector.copy(), trace.logits.copy()
    examiner = Examiner(TASKS["addition"](8), model, 5)
    examiner.examine(model)
    examiner.passes(model)
    assert np.array_equal(model.parameters.vector, weights)
    assert np.array_equal(trace.logits, logits)


@pytest.mark.parametrize("name", TASKS)
def test_a_wide_task_is_examined_on_the_same_sample_each_time(name: str) -> None:
    """Random nets get about half of the bits: equal counts mean equal pairs."""
    papers = []
    for global_seed in (1, 2):
        np.random.seed(global_seed)
        examiner = Examiner(TASKS[name](12), random_model(0, (2, 3, 1)), 3)
        papers.append([examiner.examine(random_model(seed, (2, 3, 1))) for seed in range(4)])
    assert papers[0] == papers[1]
    for score in papers[0]:
        assert (score.total, score.bits, score.exhaustive) == (EXAM_SIZE, EXAM_SIZE * 12, False)


def memoryless(name: str, bits: int) -> tuple[float, float]:
    """Return the baseline's error and bit accuracy, counted column by column."""
    ones: Counter[tuple[int, int]] = Counter()
    seen: Counter[tuple[int, int]] = Counter()
    pairs = list(all_pairs(name, bits))
    for columns, truth in pairs:
        for column, bit in zip(columns, truth, strict=True):
            seen[column] += 1
            ones[column] += bit
    error, right = 0.0, 0
    for column, count in seen.items():
        mean = ones[column] / count
        error += ones[column] * (1 - mean) + (count - ones[column]) * mean
        right += max(ones[column], count - ones[column])
    return error / len(pairs), right / (len(pairs) * bits)


@pytest.mark.parametrize("bits", [2, 5, 8])
@pytest.mark.parametrize("name", TASKS)
def test_the_baseline_without_memory_is_what_counting_gives(name: str, bits: int) -> None:
    error, accuracy = memoryless(name, bits)
    baseline = without_memory(TASKS[name](bits))
    assert baseline.error == pytest.approx(error, rel=1e-12)
    assert baseline.bit_accuracy == pytest.approx(accuracy, rel=1e-12)


def test_the_baseline_of_eight_bit_addition_is_known() -> None:
    baseline = without_memory(TASKS["addition"](8))
    assert baseline.error == pytest.approx(3.7428818739853895, rel=1e-12)
    assert baseline.bit_accuracy == pytest.approx(0.6245, abs=5e-5)
