"""Scores of a run, and the first step at which every sequence is correct."""

import math

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.engine.evaluation import Evaluator
from rnn_tui.run.changes import parse_change
from rnn_tui.run.run import Run
from tests.support.makers import settings_with, state_of

FAST = settings_with(length=4, optimizer="adam", learning_rate=0.03)


def test_first_exact_step_is_found_by_early_exit_checks() -> None:
    run, passed = Run(FAST), []
    for step in range(
        EXACT_CHECK_INTERVAL_STEPS, 15 * EXACT_CHECK_INTERVAL_STEPS, EXACT_CHECK_INTERVAL_STEPS
    ):
        run.advance(EXACT_CHECK_INTERVAL_STEPS)
        score = Evaluator(run.task, run.settings.make_loss(), run.trainer.model, 16).evaluate(
            run.trainer.model
        )
        if score.n_correct == score.n_sequences:
            passed.append(step)
        assert run.evaluation_tracker.first_exact_step == (passed[0] if passed else None)
    assert passed
    assert passed[0] > EXACT_CHECK_INTERVAL_STEPS


def test_step_is_evaluated_once() -> None:
    run = Run(FAST)
    tracker, model = run.evaluation_tracker, run.trainer.model
    score = tracker.evaluate(model, 0)
    model.parameters.vector[:] = 0.0
    assert tracker.evaluate(model, 0) is tracker.score is score
    assert tracker.evaluate(model, 1) != score
    assert tracker.score_step == 1


def test_chunked_evaluation_refers_to_the_step_of_its_start() -> None:
    run, plain = Run(settings_with()), Run(settings_with())
    for each in (run, plain):
        each.advance(300)
    expected = plain.evaluation_tracker.evaluate(plain.trainer.model, 300)
    tracker, n_chunks = run.evaluation_tracker, 0
    progress = []
    while tracker.score is None:
        progress.append(tracker.progress)
        tracker.step_evaluation(run.trainer.model, run.step)
        run.advance(10)
        n_chunks += 1
    assert n_chunks > 1
    assert progress == [None, *(chunk / n_chunks for chunk in range(1, n_chunks))]
    assert tracker.progress is None
    assert (tracker.score, tracker.score_step) == (expected, 300)

    tracker.step_evaluation(run.trainer.model, run.step)
    run.advance(10)
    plain.advance(run.step - plain.step)
    later = plain.evaluation_tracker.evaluate(plain.trainer.model, plain.step)
    assert tracker.evaluate(run.trainer.model, run.step) == later
    assert state_of(run) == state_of(plain)


def test_score_is_never_replaced_by_an_earlier_one() -> None:
    run = Run(settings_with())
    tracker, model = run.evaluation_tracker, run.trainer.model
    tracker.step_evaluation(model, 0)
    run.advance(7250)  # by then every sum is right
    first = tracker.first_exact_step
    assert first
    assert tracker.score_step == first
    assert tracker.score
    whole = tracker.score.n_sequences
    while tracker.score_step == first:
        assert tracker.score.n_correct == whole
        tracker.step_evaluation(model, run.step)
    assert tracker.score_step == run.step


def test_score_is_forgotten_when_weights_are_set() -> None:
    run = Run(RECIPES["counting-ones"].settings)
    run.advance(250)
    tracker = run.evaluation_tracker
    assert tracker.evaluate(run.trainer.model, run.step).is_exact
    assert (tracker.known_exact_step, tracker.first_exact_step) == (250, 250)
    run.apply(parse_change("weights=-1,3"))
    assert (tracker.score, tracker.known_exact_step) == (None, None)
    assert math.isnan(run.history.mean_metric)
    assert tracker.evaluate(run.trainer.model, run.step).n_correct < 1024


def test_exact_step_known_by_an_evaluation_is_never_replaced_by_a_later_one() -> None:
    run = Run(RECIPES["counting-ones"].settings)
    run.advance(200)
    assert run.evaluation_tracker.evaluate(run.trainer.model, run.step).is_exact
    run.advance(200)
    assert (run.evaluation_tracker.known_exact_step, run.evaluation_tracker.first_exact_step) == (
        200,
        250,
    )


def test_trained_model_is_checked_when_it_is_given_longer_sequences() -> None:
    run = Run(RECIPES["binary-addition"].settings)
    run.advance(7000)
    run.apply(parse_change("length=16"))
    assert run.evaluation_tracker.first_exact_step == 7000
    run.apply(parse_change("task=subtraction"))
    assert run.evaluation_tracker.first_exact_step is None
