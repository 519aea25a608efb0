"""Exams agree with asking every example, one by one; shortcuts are never wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine import evaluation
from rnn_tui.engine.evaluation import MAX_EVAL_SAMPLE_SIZE, MIN_EVAL_SAMPLE_SIZE, Evaluator, Score
from rnn_tui.engine.losses import LOSSES, Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.trainer import Trainer
from tests.engine.makers import random_model, trainer_of
from tests.engine.truths import every_example

EXAMINED = [name for name in TASKS if TASKS[name](3).all_examples() is not None]
WIDE = [name for name in TASKS if TASKS[name](16).all_examples() is None]
LEARNT = ["addition", "subtraction", "delayed-xor"]  # by a small net in about 2,000 steps


def loss_for(name: str) -> Loss:
    return LOSSES["mean-squared-error" if TASKS[name].is_regression else "half-squared-error"]()


def examiner_of(name: str, bits: int, model: Model, hidden: int) -> Evaluator:
    return Evaluator(TASKS[name](bits), loss_for(name), model, hidden)


def fast_learner(name: str) -> Trainer:
    """Return a trainer whose net learns `name` with four bits in about 2,000 steps."""
    return trainer_of(name, 4, 0.03, optimizer=OPTIMIZERS["adam"])


def score_one_by_one(name: str, bits: int, model: Model, halfway: float = 0.0) -> Score:
    exact = total = right_bits = asked = 0
    for columns, said in every_example(name, bits):
        logits = model.forward(np.array(columns, dtype=float)[:, None]).logits[:, 0, 0]
        numeric = TASKS[name].is_regression
        right = [
            round(logit) == true if numeric else (logit > halfway) == bool(true)
            for logit, true in zip(logits.tolist(), said, strict=True)
            if true is not None
        ]
        exact, total = exact + all(right), total + 1
        right_bits, asked = right_bits + sum(right), asked + len(right)
    return Score(exact, total, right_bits, asked, exhaustive=True)


@pytest.mark.parametrize("name", EXAMINED)
@settings(max_examples=8, deadline=None)
@given(
    bits=st.integers(2, 4),
    seed=st.integers(0, 10**6),
    hidden=st.integers(1, 6),
    chunk=st.integers(16, 100),
)
def test_the_exam_of_any_net_is_that_of_all_examples_one_by_one(
    name: str, bits: int, seed: int, hidden: int, chunk: int
) -> None:
    model = random_model(seed, (TASKS[name](bits).inputs, hidden, 1), activation="tanh", biases=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "MAX_CHUNK_SEQUENCES", chunk)
        score = examiner_of(name, bits, model, hidden).evaluate(model)
    assert score == score_one_by_one(name, bits, model)
    assert score.bit_accuracy == score.n_correct_bits / score.n_bits


def test_a_linear_output_is_a_one_above_a_half() -> None:
    model, task = random_model(1, (2, 5, 1), activation="tanh", biases=1), TASKS["addition"](4)
    score = Evaluator(task, LOSSES["mean-squared-error"](), model, 5).evaluate(model)
    assert score == score_one_by_one("addition", 4, model, halfway=0.5)
    assert score != score_one_by_one("addition", 4, model, halfway=0.0)


@pytest.mark.parametrize("name", LEARNT)
def test_one_examiner_follows_a_net_from_bad_to_perfect(name: str) -> None:
    trainer = fast_learner(name)
    examiner = examiner_of(name, 4, trainer.model, 16)
    scores = []
    for _ in range(8):
        scores.append(examiner.evaluate(trainer.model))
        assert scores[-1] == score_one_by_one(name, 4, trainer.model)
        for _ in range(300):
            trainer.step()
    assert scores[0].n_correct < scores[-1].n_correct == scores[-1].n_sequences


@pytest.mark.parametrize("name", LEARNT)
def test_a_net_passes_if_its_exam_has_no_mistake(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "MAX_CHUNK_SEQUENCES", 16)
    trainer = fast_learner(name)
    examiner = examiner_of(name, 4, trainer.model, 16)
    passed = []
    for _ in range(300):
        score = examiner_of(name, 4, trainer.model, 16).evaluate(trainer.model)
        passes = examiner.perfect_score(trainer.model)
        assert passes == (score if score.n_correct == score.n_sequences else None)
        passed.append(passes is not None)
        for _ in range(8):
            trainer.step()
    assert set(passed) == {False, True}


def test_an_exam_by_papers_is_of_the_weights_of_its_beginning() -> None:
    trainer = trainer_of("addition", 8, 0.03, optimizer=OPTIMIZERS["adam"])
    model, other = trainer.model, random_model(0, (2, 16, 1))
    for _ in range(500):
        trainer.step()
    examiner = examiner_of("addition", 8, model, 16)
    expected = examiner.evaluate(model)
    examiner.start(other)
    examiner.step()

    examiner.start(model)
    model.parameters.vector[:] = other.parameters.vector
    papers, score = 0, None
    while score is None:
        score = examiner.step()
        examiner.perfect_score(other)
        papers += 1
    assert papers > 1
    assert score == expected != examiner.evaluate(other)


def test_an_exam_leaves_no_trace_in_the_net() -> None:
    model = random_model(0, (2, 5, 1))
    inputs = np.ones((8, 1024, 2))
    trace = model.forward(inputs)
    weights, logits = model.parameters.vector.copy(), trace.logits.copy()
    examiner = examiner_of("addition", 8, model, 5)
    examiner.evaluate(model)
    examiner.perfect_score(model)
    assert np.array_equal(model.parameters.vector, weights)
    assert np.array_equal(trace.logits, logits)


@pytest.mark.parametrize("name", WIDE)
def test_a_wide_task_is_examined_on_the_same_sample_each_time(name: str) -> None:
    """Random nets get about half of the bits: equal counts mean equal examples."""
    papers, features = [], TASKS[name](16).inputs
    for global_seed in (1, 2):
        np.random.seed(global_seed)
        examiner = examiner_of(name, 16, random_model(0, (features, 3, 1)), 3)
        papers.append([examiner.evaluate(random_model(it, (features, 3, 1))) for it in range(3)])
    assert papers[0] == papers[1]
    asked = {"counting-ones": 1, "echo": 15, "delayed-xor": 15}.get(name, 16)
    for score in papers[0]:
        assert (score.n_sequences, score.n_bits, score.exhaustive) == (
            MAX_EVAL_SAMPLE_SIZE,
            MAX_EVAL_SAMPLE_SIZE * asked,
            False,
        )


def test_the_sample_for_a_net_that_takes_long_is_smaller() -> None:
    model = random_model(0, (2, 3, 1))
    score = examiner_of("addition", 64, model, 512).evaluate(model)
    assert score.n_sequences == MIN_EVAL_SAMPLE_SIZE < MAX_EVAL_SAMPLE_SIZE
