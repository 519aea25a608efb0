"""Requests to a session: steps, changes, branches and examples, in the order they are sent."""

from dataclasses import replace

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField, SetWeights
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    AdjustLearningRate,
    AdjustSpeed,
    Fork,
    HoldTraining,
    NextBranch,
    Pause,
    PinExample,
    PinNewest,
    PlanSteps,
    Race,
    Restart,
    Resume,
    SeekTo,
    SetSpeed,
    StartRecipe,
    Step,
    SwitchToNext,
    TogglePause,
    TogglePin,
    Undo,
    UnpinExample,
)
from rnn_tui.session.snapshot import Status
from tests.session.conftest import SMALL
from tests.support.driver import Start


@pytest.mark.parametrize("count", [1, 7, 300])
def test_step_request_takes_exactly_count_steps(start: Start, count: int) -> None:
    driver = start(paused=True)
    for times in (1, 2):
        assert driver.settled(Step(count)).step == times * count


def test_resume_after_the_last_planned_step_trains_on(start: Start) -> None:
    driver = start(replace(SMALL, steps=50))
    driver.settled()
    driver.ask(Resume())
    driver.until_step(500)


def test_planned_steps_extend_a_run_and_its_branches(start: Start) -> None:
    driver = start(replace(SMALL, steps=50), paused=True)
    assert driver.ask(PlanSteps(80)).planned_steps == 80
    assert driver.settled(Resume()).step == 80
    assert driver.ask(PlanSteps(80)).message == "steps must be above 80, the step of the run"
    extended = driver.settled(PlanSteps(120))  # resumes the finished run
    assert (extended.step, extended.status) == (120, Status.FINISHED)
    assert driver.settled(SeekTo(100), Fork(), Resume()).step == 120
    assert driver.settled(Restart()).step == 120


def test_planned_steps_of_a_running_run_move_its_end(start: Start) -> None:
    driver = start()
    end = driver.ask(HoldTraining(True)).step + 500
    assert driver.ask(PlanSteps(end)).planned_steps == end
    driver.ask(HoldTraining(False))
    assert driver.until(lambda snapshot: snapshot.status is Status.FINISHED).step == end


def test_recipe_starts_on_a_new_branch_with_its_own_settings_and_speed(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(20), SetField("lr", 0.5))
    started = driver.ask(StartRecipe("counting-ones", paused=True))
    recipe = RECIPES["counting-ones"]
    assert (started.settings, started.speed) == (recipe.settings, recipe.speed)
    assert (started.step, started.branch_number, started.planned_steps) == (0, 2, 500)
    assert driver.ask(NextBranch()).settings.learning_rate == 0.5


def test_held_training_resumes_only_if_it_was_running(start: Start) -> None:
    driver = start()
    driver.until_step(100)
    held = driver.ask(HoldTraining(True))
    assert held.status is Status.PAUSED
    assert driver.ask(UnpinExample()).step == held.step
    driver.ask(HoldTraining(False))
    driver.until_step(held.step + 100)
    paused = driver.ask(HoldTraining(True), Pause(), HoldTraining(False))
    assert driver.ask(UnpinExample()).step == paused.step


def test_steps_requested_at_once_are_all_taken(start: Start) -> None:
    driver = start(paused=True)
    for _ in range(20):
        driver.worker.send(Step())
    driver.worker.send(Step(100))
    driver.sent += 21
    assert driver.settled().step == 120


def test_requests_sent_at_once_with_steps_are_handled_in_order(start: Start) -> None:
    driver = start(paused=True)
    rates = [SetField("lr", 0.1 * rate) for rate in (2, 3, 4)]
    requests = (Step(), rates[0], Step(), Step(), rates[1], rates[2], Step())
    for request in requests:
        driver.worker.send(request)
    driver.sent += len(requests)
    log = driver.settled(UnpinExample()).log
    assert [(applied.step, applied.change) for applied in log] == [
        (1, rates[0]),
        (3, rates[1]),
        (3, rates[2]),
    ]


@pytest.mark.parametrize(
    ("request_", "field", "value"),
    [
        (AdjustLearningRate(up=True), "learning_rate", 0.2),
        (AdjustLearningRate(up=False), "learning_rate", 0.05),
        (SwitchToNext("optimizer"), "optimizer", list(OPTIMIZERS)[1]),
        (SwitchToNext("optimizer", forward=False), "optimizer", list(OPTIMIZERS)[-1]),
        (SwitchToNext("task"), "task", list(TASKS)[1]),
        (SwitchToNext("model"), "model", list(MODELS)[1]),
    ],
)
def test_relative_request_is_resolved_against_the_run_when_it_is_handled(
    start: Start, request_: Request, field: str, value: object
) -> None:
    driver = start(paused=True)
    changed = driver.ask(request_, Undo(), request_)
    assert getattr(changed.settings, field) == value
    assert [applied.step for applied in changed.log] == [0]


def test_toggles_and_speed_are_resolved_when_they_are_handled(start: Start) -> None:
    driver = start(speed=500.0, paused=True)
    assert driver.ask(AdjustSpeed(up=True), AdjustSpeed(up=True)).speed == 2000
    assert driver.ask(AdjustSpeed(up=False), SetSpeed(5), AdjustSpeed(up=False)).speed == 2
    assert driver.settled(Step(), TogglePin(), PinNewest(), TogglePin()).is_pinned is False
    assert driver.ask(TogglePause()).status is Status.RUNNING
    assert driver.ask(TogglePause(), TogglePause(), TogglePause()).status is Status.PAUSED
    assert driver.ask(SeekTo(0), TogglePause()).status is Status.PAUSED


def test_step_requests_are_not_limited_by_the_speed(start: Start) -> None:
    driver = start(paused=True)
    driver.ask(SetSpeed(0.1))
    assert driver.settled(Step(100)).step == 100  # else it would take 1,000 seconds


def test_resume_after_a_step_request_stops_at_the_last_planned_step(start: Start) -> None:
    driver = start(replace(SMALL, steps=500), paused=True)
    driver.settled(Step(3))
    driver.ask(SetSpeed(20_000), Resume())
    finished = driver.until_step(500)
    assert (finished.status, finished.step) == (Status.FINISHED, 500)


def test_diverged_run_halts_until_a_change(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(20))
    halted = driver.settled(SetField("lr", 1e6), Resume())
    assert halted.status is Status.HALTED
    assert "halted" in halted.message
    assert f"weights of step {halted.weights_step} restored" in halted.message
    evaluated = driver.until(lambda snapshot: snapshot.score_step == snapshot.weights_step)
    assert evaluated.score_step < halted.step
    still_halted = driver.ask(Resume())
    assert (still_halted.status, still_halted.refused) == (Status.HALTED, True)
    assert driver.ask(SetField("lr", 0.1), Resume()).status is Status.RUNNING
    driver.until_step(halted.step + 100)


def test_restart_trains_from_step_0(start: Start) -> None:
    driver = start(replace(SMALL, steps=400), paused=True)
    driver.settled(Step(3))
    driver.settled(SetField("lr", 1e6), Resume())
    finished = driver.settled(SetField("lr", 0.1), Restart(5))
    assert (finished.status, finished.step, finished.initial_settings.seed) == (
        Status.FINISHED,
        400,
        5,
    )
    assert finished.log == ()


def test_refused_request_changes_nothing_and_gives_the_reason(start: Start) -> None:
    driver = start(paused=True)
    for request in (
        SetField("hidden-size", 0),
        SetField("task", "chess"),
        PinExample("1000+1"),
        SetField("momentum", 0.5),
        SetWeights((1.0, 2.0)),
        Race((0.0, 0.0)),
        Restart(-1),
    ):
        refused = driver.ask(request)
        assert refused.refused
        assert refused.message
        assert (refused.settings, refused.step, refused.is_pinned) == (SMALL, 0, False)


def test_impossible_scheduled_change_is_refused_and_training_continues(
    start: Start,
) -> None:
    wide = replace(SMALL, length=64, hidden_size=16)
    driver = start(wide, schedule=[(5, SetField("batch-size", 4096))], paused=True)
    driver.ask(SetField("hidden-size", 17))
    refused = driver.settled(Step(10))
    assert (refused.status, refused.step) == (Status.PAUSED, 10), refused.failure
    assert refused.refused
    assert refused.message.startswith("scheduled change rejected: ")
    assert refused.settings.batch_size == 1


def test_refusal_ends_with_the_next_request_that_is_carried_out(start: Start) -> None:
    driver = start(paused=True)
    refused = driver.ask(Undo())
    assert (refused.refused, refused.message) == (True, "nothing to undo")
    assert driver.ask(Undo()).refused
    changed = driver.ask(AdjustLearningRate(up=True))
    assert (changed.refused, changed.message) == (False, "step 0: lr 0.1 → 0.2")


def test_pinned_example_is_shown_until_unpinned(start: Start) -> None:
    driver = start(paused=True)
    held = driver.ask(PinExample("5+6"))
    assert held.is_pinned
    assert held.example is not None
    assert held.example.input_text == "5 + 6"
    assert not driver.ask(UnpinExample()).is_pinned


def test_pinned_example_stays_in_every_branch_and_task(start: Start) -> None:
    driver = start(paused=True)
    driver.ask(PinExample("5+6"))
    driver.settled(Step(10), AdjustLearningRate(up=True), Step(10))
    for requests in (
        [Restart(paused=True)],
        [NextBranch()],
        [SeekTo(5), Fork()],
        [NextBranch()],
        [NextBranch()],
        [AdjustLearningRate(up=True), Undo()],
        [SetField("task", "echo"), SetField("task", "addition")],
        [SeekTo(0)],
    ):
        snapshot = driver.ask(*requests)
        assert snapshot.example is not None
        assert (snapshot.is_pinned, snapshot.example.input_text) == (True, "5 + 6")


def test_race_results_stay_on_an_equal_cost_surface(start: Start) -> None:
    driver = start(replace(RECIPES["counting-ones"].settings, steps=10**9), paused=True)
    driver.settled(Step(20))
    raced = driver.ask(Race((1.0, 1.0)))
    assert raced.cost_map
    results = raced.cost_map.race_results
    assert results
    for requests in (
        [SeekTo(5)],
        [Fork()],
        [Restart(paused=True)],
        [NextBranch()],
    ):
        cost_map = driver.ask(*requests).cost_map
        assert cost_map
        assert cost_map.race_results is results
    other = driver.ask(Restart(seed=7, paused=True)).cost_map
    assert other
    assert other.race_results == ()
