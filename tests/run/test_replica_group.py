"""Replicas have the numbers of their runs alone, bit for bit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import Schedule, SetField
from rnn_tui.run.replica_group import ReplicaGroup, ReplicaSummary
from rnn_tui.run.run import Run
from tests.support.makers import SMALL
from tests.support.plans import FLOATS, setting_changes

DEFAULT = RECIPES[DEFAULT_RECIPE].settings
CHANGES = setting_changes(
    ["lr", "lr", "optimizer", "batch-size", "clip-norm", "loss", "lesion", "task", "model"],
    {**FLOATS, "lr": (1e-4, 1e6)},
)
SCHEDULES = st.lists(st.tuples(st.integers(0, 300), CHANGES), max_size=3)


def assert_same_as_alone(group: ReplicaGroup, runs: Sequence[Run]) -> list[ReplicaSummary]:
    summaries = group.summaries()
    for index, (run, summary) in enumerate(zip(runs, summaries, strict=True)):
        assert summary.settings == run.settings
        assert (summary.step, summary.halt_reason) == (run.step, run.halt_reason)
        assert summary.first_exact_step == run.evaluation_tracker.first_exact_step
        assert summary.score == run.evaluation_tracker.score
        for mine, alone in (
            (summary.curve.mean, run.history.full_run().mean),
            (summary.mean_metric, run.history.mean_metric),
            (summary.best_mean_metric, run.history.best_mean_metric),
            (group.weights(index).vector, run.weights.vector),
        ):
            assert np.array_equal(mine, alone, equal_nan=True)
    return summaries


def advance_both(
    many: Sequence[Settings], steps: Sequence[int], schedule: Schedule = ()
) -> list[ReplicaSummary]:
    group, runs = ReplicaGroup(many, schedule), [Run(one, schedule) for one in many]
    for count in steps:
        group.advance(count)
        for run in runs:
            run.advance(count)
        summaries = assert_same_as_alone(group, runs)
    return summaries


@st.composite
def replicas(draw: st.DrawFn) -> list[Settings]:
    """Small runs that differ in the seed and the learning rate."""
    task, optimizer = draw(st.sampled_from(list(TASKS))), draw(st.sampled_from(list(OPTIMIZERS)))
    fitting = [name for name in MODELS if name != "linear" or len(TASKS[task].input_names) == 1]
    start = switched(SMALL, task, draw(st.sampled_from(fitting)), optimizer)
    losses = [start.loss] if TASKS[task].is_regression else list(LOSSES)
    start = replace(
        start, length=5, hidden_size=draw(st.integers(1, 6)), loss=draw(st.sampled_from(losses))
    )
    rates = draw(st.lists(st.sampled_from([0.01, 0.1, 3.0, 1e5]), min_size=1, max_size=4))
    return [replace(start, seed=seed, learning_rate=rate) for seed, rate in enumerate(rates)]


@settings(max_examples=25, deadline=None)
@given(
    many=replicas(),
    schedule=SCHEDULES,
    steps=st.lists(st.integers(1, 300), min_size=1, max_size=2),
)
def test_replicas_equal_their_runs_alone(
    many: list[Settings], schedule: Schedule, steps: list[int]
) -> None:
    advance_both(many, steps, schedule)


def test_first_exact_steps_equal_those_of_runs_alone() -> None:
    easy = replace(DEFAULT, task="xor", model="feed-forward", hidden_size=8, biases=1)
    easy = replace(easy, learning_rate=2.0, batch_size=4)
    summaries = advance_both([replace(easy, seed=seed) for seed in range(3)], [700, 300])
    exact_steps = [summary.first_exact_step for summary in summaries]
    assert any(step is not None for step in exact_steps)


def test_halted_replica_stops_while_others_continue() -> None:
    fields: dict[str, Any] = {"activation": "relu", "loss": "mean-squared-error"}
    many = [
        replace(DEFAULT, **fields, seed=seed, learning_rate=rate)
        for seed, rate in enumerate([1e-4, 1e6, 1e-4])
    ]
    summaries = advance_both(many, [100, 100])
    assert [summary.halt_reason is None for summary in summaries] == [True, False, True]
    assert [summary.step == 200 for summary in summaries] == [True, False, True]


def test_scheduled_changes_reach_every_replica() -> None:
    schedule = [(30, SetField("lr", 0.5)), (50, SetField("hidden-size", 7))]
    many = [replace(DEFAULT, seed=seed, hidden_size=5) for seed in range(3)]
    summaries = advance_both(many, [80], schedule)
    assert {summary.settings.hidden_size for summary in summaries} == {7}
    assert {summary.settings.learning_rate for summary in summaries} == {0.5}


def test_replicas_of_several_architectures_are_trained_side_by_side() -> None:
    many = [replace(DEFAULT, hidden_size=size, seed=seed) for size in (3, 5) for seed in (0, 1)]
    advance_both([*many, replace(DEFAULT, hidden_size=4)], [60])


@pytest.mark.parametrize("model", ["elman", "gru"])
def test_evaluation_of_replicas_equals_that_of_runs_alone(model: str) -> None:
    many = [replace(DEFAULT, model=model, length=4, seed=seed) for seed in range(2)]
    group, runs = ReplicaGroup(many), [Run(one) for one in many]
    group.advance(50)
    group.evaluate()
    for run in runs:
        run.advance(50)
        run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    summaries = assert_same_as_alone(group, runs)
    assert all(summary.score_step == 50 for summary in summaries)
