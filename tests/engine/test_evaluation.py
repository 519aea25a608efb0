"""Evaluations agree with evaluating every example one by one."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor

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
from tests.engine.makers import Check, check_name, make_trainer, random_model
from tests.engine.task_references import all_scored_sequences, columns_of, expected_targets

LEARNED = ["addition", "subtraction", "delayed-xor"]  # by a small model in about 2,000 steps


def loss_for(name: str) -> Loss:
    return LOSSES["mean-squared-error" if TASKS[name].is_regression else "half-squared-error"]()


def make_evaluator(name: str, length: int, model: Model, hidden: int) -> Evaluator:
    return Evaluator(TASKS[name](length), loss_for(name), model, hidden)


def fast_learner(name: str) -> Trainer:
    """Return a trainer that solves the task with four bits in about 2,000 steps."""
    return make_trainer(name, 4, 0.03, optimizer=OPTIMIZERS["adam"])


def score_one_by_one(name: str, length: int, model: Model, threshold: float = 0.0) -> Score:
    n_correct = n_sequences = n_correct_bits = n_bits = 0
    for columns, targets in all_scored_sequences(name, length):
        logits = model.forward(np.array(columns, dtype=float)[:, None]).logits[:, 0, 0]
        correct = [
            round(logit) == target
            if TASKS[name].is_regression
            else (logit > threshold) == bool(target)
            for logit, target in zip(logits.tolist(), targets, strict=True)
            if target is not None
        ]
        n_correct, n_sequences = n_correct + all(correct), n_sequences + 1
        n_correct_bits, n_bits = n_correct_bits + sum(correct), n_bits + len(correct)
    return Score(n_correct, n_sequences, n_correct_bits, n_bits, exhaustive=True)


@settings(max_examples=4, deadline=None)
@given(
    length=st.integers(2, 4),
    seed=st.integers(0, 10**6),
    hidden=st.integers(1, 6),
    chunk=st.integers(16, 100),
)
def check_score_equals_evaluating_one_by_one(
    name: str, length: int, seed: int, hidden: int, chunk: int
) -> None:
    if TASKS[name](length).all_examples() is None:
        return
    model = random_model(seed, (TASKS[name](length).inputs, hidden, 1), activation="tanh", biases=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "MAX_CHUNK_SEQUENCES", chunk)
        score = make_evaluator(name, length, model, hidden).evaluate(model)
    assert score == score_one_by_one(name, length, model)
    assert score.bit_accuracy == score.n_correct_bits / score.n_bits


def test_linear_outputs_are_thresholded_at_one_half() -> None:
    model, task = random_model(1, (2, 5, 1), activation="tanh", biases=1), TASKS["addition"](4)
    score = Evaluator(task, LOSSES["mean-squared-error"](), model, 5).evaluate(model)
    assert score == score_one_by_one("addition", 4, model, threshold=0.5)
    assert score != score_one_by_one("addition", 4, model, threshold=0.0)


@pytest.mark.parametrize("name", LEARNED)
def test_one_evaluator_scores_a_model_during_training(name: str) -> None:
    trainer = fast_learner(name)
    evaluator = make_evaluator(name, 4, trainer.model, 16)
    scores = []
    for _ in range(8):
        scores.append(evaluator.evaluate(trainer.model))
        assert scores[-1] == score_one_by_one(name, 4, trainer.model)
        for _ in range(300):
            trainer.step()
    assert scores[0].n_correct < scores[-1].n_correct == scores[-1].n_sequences


@pytest.mark.parametrize("name", LEARNED)
def test_perfect_score_is_none_until_every_sequence_is_correct(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "MAX_CHUNK_SEQUENCES", 16)
    trainer = fast_learner(name)
    evaluator = make_evaluator(name, 4, trainer.model, 16)
    is_exact = []
    for _ in range(300):
        score = make_evaluator(name, 4, trainer.model, 16).evaluate(trainer.model)
        perfect = evaluator.exact_score(trainer.model)
        assert perfect == (score if score.n_correct == score.n_sequences else None)
        is_exact.append(perfect is not None)
        for _ in range(8):
            trainer.step()
    assert set(is_exact) == {False, True}


def test_chunked_evaluation_uses_the_weights_at_its_start() -> None:
    trainer = make_trainer("addition", 8, 0.03, optimizer=OPTIMIZERS["adam"])
    model, other = trainer.model, random_model(0, (2, 16, 1))
    for _ in range(500):
        trainer.step()
    evaluator = make_evaluator("addition", 8, model, 16)
    expected = evaluator.evaluate(model)
    evaluator.start(other)
    evaluator.step()

    evaluator.start(model)
    model.parameters.vector[:] = other.parameters.vector
    n_chunks, score = 0, None
    while score is None:
        score = evaluator.step()
        evaluator.exact_score(other)
        n_chunks += 1
    assert n_chunks > 1
    assert score == expected != evaluator.evaluate(other)


def test_evaluation_changes_nothing_in_the_model() -> None:
    model = random_model(0, (2, 5, 1))
    inputs = np.ones((8, 1024, 2))
    cache = model.forward(inputs)
    weights, logits = model.parameters.vector.copy(), cache.logits.copy()
    evaluator = make_evaluator("addition", 8, model, 5)
    evaluator.evaluate(model)
    evaluator.exact_score(model)
    assert np.array_equal(model.parameters.vector, weights)
    assert np.array_equal(cache.logits, logits)


def check_sample_is_the_same_each_time(name: str) -> None:
    """Random models get about half of the bits: equal counts mean equal examples."""
    task = TASKS[name](16)
    if task.all_examples() is not None:
        return
    scores, features = [], task.inputs
    for global_seed in (1, 2):
        np.random.seed(global_seed)
        evaluator = make_evaluator(name, 16, random_model(0, (features, 3, 1)), 3)
        models = [random_model(seed, (features, 3, 1)) for seed in range(3)]
        scores.append([evaluator.evaluate(model) for model in models])
    assert scores[0] == scores[1]
    sequence = columns_of(task.fixed_sample(1, 0), 0)
    n_scored = sum(target is not None for target in expected_targets(name, sequence, 1))
    for score in scores[0]:
        assert (score.n_sequences, score.n_bits, score.exhaustive) == (
            MAX_EVAL_SAMPLE_SIZE,
            MAX_EVAL_SAMPLE_SIZE * n_scored,
            False,
        )


CHECKS: list[Check] = [
    check_score_equals_evaluating_one_by_one,
    check_sample_is_the_same_each_time,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", TASKS)
def test_task(name: str, check: Check) -> None:
    check(name)


def test_the_sample_for_a_large_model_is_smaller() -> None:
    model = random_model(0, (2, 3, 1))
    score = make_evaluator("addition", 64, model, 512).evaluate(model)
    assert score.n_sequences == MIN_EVAL_SAMPLE_SIZE < MAX_EVAL_SAMPLE_SIZE


@pytest.mark.parametrize("name", TASKS)
def test_nan_is_never_correct_and_a_tie_is_0(name: str) -> None:
    task, targets = TASKS[name](4), np.array([0.0, 1.0])
    assert not task.is_correct(np.full(2, np.nan), 0.5, targets).any()
    if not task.is_regression:
        assert task.is_correct(np.full(2, 0.5), 0.5, targets).tolist() == [True, False]


def test_evaluators_share_their_examples_until_the_last_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    others = weakref.WeakValueDictionary[object, object]()  # than those of runs of other tests
    monkeypatch.setattr(evaluation, "_examples", others)

    def evaluator(length: int) -> Evaluator:
        return make_evaluator("addition", length, random_model(0, (2, 3, 1)), 3)

    one, other = evaluator(5), evaluator(5)
    assert one._examples is other._examples
    assert evaluator(6)._examples is not one._examples
    dropped = weakref.ref(one._examples)
    del one, other
    gc.collect()
    assert dropped() is None


def test_evaluations_in_turn_each_have_their_own_weights() -> None:
    models = [random_model(seed, (2, 3, 1)) for seed in range(3)]
    evaluators = [make_evaluator("addition", 6, model, 3) for model in models]
    expected = [
        evaluator.evaluate(model) for evaluator, model in zip(evaluators, models, strict=True)
    ]
    for evaluator, model in zip(evaluators, models, strict=True):
        evaluator.start(model)
    scores: list[Score | None] = [None]
    while None in scores:
        scores = [evaluator.step() for evaluator in evaluators]
        evaluators[0].exact_score(models[2])
    assert scores == expected
    assert len(set(expected)) == len(expected)


def test_threads_evaluate_with_models_of_their_own() -> None:
    model = random_model(1, (2, 3, 1))
    here = evaluation.ScratchModels()
    with ThreadPoolExecutor(1) as executor:
        other = executor.submit(here.like, model).result()
    assert here.like(model) is not other
