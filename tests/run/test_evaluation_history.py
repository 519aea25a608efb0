"""The evaluations of a run are kept by step, at most a fixed number of them."""

from dataclasses import replace
from itertools import pairwise

from rnn_tui.engine.evaluation import Score
from rnn_tui.run.changes import SetField
from rnn_tui.run.evaluation_history import MAX_EVALUATIONS, EvaluationHistory
from rnn_tui.run.run import Run
from tests.support.makers import SMALL


def score_of(n_correct: int) -> Score:
    return Score(n_correct, 1000, 4 * n_correct, 5000, exhaustive=True)


def test_evaluations_are_in_the_order_of_steps_with_the_latest_of_each() -> None:
    history = EvaluationHistory()
    for step, n_correct in ((5, 1), (9, 2), (7, 3), (9, 4), (2, 5)):
        history.add(step, score_of(n_correct))
    assert [(step, score.n_correct) for step, score in history.evaluations] == [
        *((2, 5), (5, 1), (7, 3), (9, 4))
    ]


def test_evaluations_are_thinned_evenly() -> None:
    history = EvaluationHistory()
    for step in range(3 * MAX_EVALUATIONS):
        history.add(step, score_of(1))
        assert history.evaluations[-1].step == step
    steps = [step for step, _ in history.evaluations]
    assert len(steps) == MAX_EVALUATIONS
    assert steps[0] == 0
    assert max(later - step for step, later in pairwise(steps)) <= 6


def test_run_keeps_its_evaluations_in_its_state() -> None:
    run = Run(replace(SMALL, initializer="planted", hidden_size=3, biases=1))
    run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    run.advance(3)
    run.apply(SetField("lesion", 2))
    run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    restored = Run.from_state(run.state, run.initial_settings, run.log)
    first, second = restored.evaluation_history.evaluations
    assert (first.step, second.step) == (0, 3)
    assert first.score.is_exact
    assert second.score.bit_accuracy < 1
    restored.advance(3)
    restored.evaluation_tracker.evaluate(restored.trainer.model, restored.step)
    assert len(restored.evaluation_history.evaluations) == 3
    assert len(run.evaluation_history.evaluations) == 2
