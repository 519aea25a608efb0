"""Requests on the cost surface, every kind of change, and gradient checks by the worker."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.run.changes import CHANGE_NAMES, SetWeights, parse_change
from rnn_tui.run.optimizer_race import CONTENDERS, PUBLISHED_START, run_race
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import CheckGradient, Pause, Race, Restart, Resume, Step
from rnn_tui.session.snapshot import Status
from tests.support.driver import Start
from tests.support.makers import COUNTING, EACH_CHANGE, settings_with, start_for

ENDLESS = replace(COUNTING, steps=10**9)


def test_race_leaves_the_run_unchanged_and_is_posted(start: Start) -> None:
    driver = start(ENDLESS, paused=True)
    before = driver.ask(Pause())
    assert before.cost_map is not None
    assert before.cost_map.race_results == ()
    raced = driver.ask(Race(PUBLISHED_START))
    assert raced.cost_map is not None
    assert (raced.step, raced.log) == (0, ())
    expected = run_race(raced.cost_map.cost_surface, PUBLISHED_START)
    assert [racer.title for racer in raced.cost_map.race_results] == [
        entry.title for entry in CONTENDERS
    ]
    for mine, theirs in zip(raced.cost_map.race_results, expected, strict=True):
        assert np.array_equal(mine.path, theirs.path)
        assert mine.end_reason == theirs.end_reason
    again = driver.ask(Race((0.5, 0.5)))
    assert again.cost_map is not None
    assert {tuple(racer.path[0]) for racer in again.cost_map.race_results} == {(0.5, 0.5)}


@pytest.mark.parametrize(
    "request_",
    [Step(3), SetWeights((1.0, 0.5)), parse_change("lr=0.1"), parse_change("batch-size=5")],
)
def test_race_is_kept_while_the_cost_surface_is_the_same(start: Start, request_: Request) -> None:
    driver = start(ENDLESS, paused=True)
    driver.ask(Race((0.5, 0.5)))
    later = driver.settled(request_)
    assert later.cost_map is not None
    assert len(later.cost_map.race_results) == len(CONTENDERS)


@pytest.mark.parametrize(
    "request_", [parse_change("dataset-size=21"), parse_change("length=6"), Restart(7)]
)
def test_race_on_another_cost_surface_is_dropped(start: Start, request_: Request) -> None:
    driver = start(ENDLESS, paused=True)
    driver.ask(Race((0.5, 0.5)))
    later = driver.ask(request_, Pause())
    assert later.cost_map is not None
    assert later.cost_map.race_results == ()


@pytest.mark.parametrize("spec", ["model=elman", "task=parity", "task=addition"])
def test_race_is_refused_without_a_cost_surface(start: Start, spec: str) -> None:
    driver = start(ENDLESS, paused=True)
    driver.ask(Race((0.5, 0.5)))
    later = driver.ask(parse_change(spec))
    assert later.cost_map is None
    refused = driver.ask(Race((0.5, 0.5)))
    assert refused.refused
    assert (
        refused.message
        == "optimizers race only on the cost surface of counting-ones and model linear"
    )
    assert (refused.status, refused.cost_map) == (Status.PAUSED, None)


@pytest.mark.parametrize("name", CHANGE_NAMES)
def test_every_change_is_applied_and_reported(start: Start, name: str) -> None:
    driver = start(replace(start_for(name), steps=10**9), paused=True)
    driver.settled(Step(5))
    changed = driver.ask(EACH_CHANGE[name])
    assert [applied.change for applied in changed.log] == [EACH_CHANGE[name]]
    assert changed.message == changed.log[0].message
    assert (changed.log[0].step, changed.status) == (5, Status.PAUSED)
    assert driver.settled(Step(5)).step == 10


def test_overflowing_weights_halt_and_train_on_from_new_weights(start: Start) -> None:
    start_ = replace(ENDLESS, optimizer="sgd", learning_rate=0.01)
    driver = start(start_, paused=True)
    halted = driver.settled(Resume())
    assert halted.status is Status.HALTED
    assert "halted: loss overflowed" in halted.message
    assert halted.cost_map is not None
    assert halted.cost_map.weight_path[-1].tolist() == [-1.5, 2.0]
    put = driver.ask(SetWeights((0.9, 1.0)))
    assert put.status is Status.RUNNING
    later = driver.until_step(halted.step + 50)
    assert later.cost_map is not None
    assert np.abs(later.cost_map.weight_path[-1] - 1.0).max() < 0.2


@pytest.mark.parametrize("task", ["xor", "counting-ones", "addition"])
def test_gradient_check_changes_nothing(start: Start, task: str) -> None:
    small = settings_with(length=4, hidden_size=3, steps=10**9)
    driver = start(parse_change(f"task={task}").apply_to(small), paused=True)
    assert driver.ask(CheckGradient()).message == ("step 0: no example yet for a gradient check")
    before = driver.settled(Step(3))
    checked = driver.ask(CheckGradient())
    assert checked.message.startswith("step 3: gradient correct: worst relative error ")
    assert (checked.step, checked.log, checked.metric) == (3, (), before.metric)
