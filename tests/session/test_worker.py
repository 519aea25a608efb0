"""The worker thread handles requests between two steps, and posts snapshots."""

import threading
from contextlib import suppress
from dataclasses import replace
from math import inf
from time import sleep

import numpy as np
import pytest

from rnn_tui.engine.models import Model
from rnn_tui.run.changes import SetField
from rnn_tui.run.evaluation_tracker import EvaluationTracker
from rnn_tui.run.run import Run
from rnn_tui.session.requests import Pause, Resume, SetSpeed, Step, UnpinExample
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import MAX_SUSPENSION_SECONDS, TrainingWorker
from tests.support.driver import Start
from tests.support.makers import settings_with

SMALL = settings_with(length=4, hidden_size=5, steps=10**9)


def test_training_is_suspended_while_a_caller_draws() -> None:
    worker = TrainingWorker(NewRun(SMALL), inf)  # not started
    assert worker._not_suspended.is_set()
    with suppress(ZeroDivisionError), worker.suspend_training():
        with worker.suspend_training():
            assert not worker._not_suspended.is_set()
        assert not worker._not_suspended.is_set()
        raise ZeroDivisionError
    assert worker._not_suspended.is_set()


def test_suspended_training_waits_between_two_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = TrainingWorker(NewRun(SMALL), inf)  # not started
    waits = list[float]()
    monkeypatch.setattr(worker._not_suspended, "wait", waits.append)
    with worker.suspend_training():
        assert not worker._yield_and_check_wake()
    assert waits == [MAX_SUSPENSION_SECONDS]
    assert not worker._yield_and_check_wake()
    assert len(waits) == 1


def test_newest_snapshot_is_taken_and_then_another_is_wanted() -> None:
    worker = TrainingWorker(NewRun(SMALL), inf)  # not started: snapshots come from the test
    assert not worker._snapshot_wanted.is_set()
    first = worker.latest_snapshot()
    assert worker._snapshot_wanted.is_set()
    second, third = replace(first, step=2), replace(first, step=3)
    worker._post(second)
    worker._post(third)
    assert not worker._snapshot_wanted.is_set()
    assert worker.latest_snapshot() is worker.latest_snapshot() is third
    assert worker._snapshot_wanted.is_set()


def test_run_finishes_at_its_last_planned_step(start: Start) -> None:
    finished = start(replace(SMALL, steps=500)).settled()
    assert (finished.status, finished.step) == (Status.FINISHED, 500)


def test_paused_start_waits_for_a_request(start: Start) -> None:
    driver = start(paused=True)
    assert driver.settled(UnpinExample()).step == 0
    assert driver.ask(Resume()).status is Status.RUNNING
    driver.until_step(100)
    paused = driver.ask(Pause())
    assert paused.status is Status.PAUSED
    assert driver.ask(UnpinExample()).step == paused.step


def test_accuracy_comes_soon_after_a_pause_however_rare_evaluations_were(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rnn_tui.session.worker.EVAL_SHARE_UNLIMITED", 1e-12)
    driver = start()
    driver.until_step(1000)
    driver.ask(Pause())
    driver.until(lambda snapshot: snapshot.score_step == snapshot.step > 0)


def test_evaluation_time_does_not_include_the_time_of_other_threads(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate_chunk = EvaluationTracker.step_evaluation

    def interrupted(tracker: EvaluationTracker, model: Model, step: int) -> None:
        sleep(0.3)
        evaluate_chunk(tracker, model, step)

    monkeypatch.setattr(EvaluationTracker, "step_evaluation", interrupted)
    driver = start()
    driver.until(lambda snapshot: snapshot.score_step > 0)
    assert 0 < driver.worker._eval_seconds < 0.3


def test_speed_limits_the_steps(start: Start) -> None:
    """At one step in ten minutes only the first is taken, as is the first after a change."""
    driver = start(speed=1 / 600)
    driver.until_step(1)
    sleep(0.1)
    assert driver.ask().step == 1
    changed = driver.ask(SetSpeed(1 / 900))
    assert changed.speed == 1 / 900
    sleep(0.1)
    assert driver.ask().step <= 2
    assert driver.ask(SetSpeed(inf)).speed == inf
    driver.until_step(100)


def test_accuracy_of_a_paused_run_is_of_its_step(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(10))
    scored = driver.until(lambda snapshot: snapshot.score_step == 10)
    assert scored.score is not None
    assert scored.score.n_sequences == 64


def test_stop_ends_the_thread_and_returns_the_final_snapshot(start: Start) -> None:
    others = set(threading.enumerate())
    driver = start()
    seen = driver.until_step(50)
    last = driver.worker.stop()
    assert set(threading.enumerate()) == others
    assert last.step >= seen.step
    assert driver.worker.stop() is last


def test_worker_that_never_started_stops() -> None:
    assert TrainingWorker(NewRun(SMALL), inf).stop().status is Status.STARTING


@pytest.mark.parametrize("failing", ["__init__", "advance", "train"])
def test_error_in_the_thread_reaches_the_snapshot(
    start: Start, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a wire came loose")

    monkeypatch.setattr(Run, failing, fail)
    driver = start()
    failed = driver.until(lambda snapshot: snapshot.status is Status.FAILED)
    assert failed.failure.startswith("Traceback")
    assert failed.failure.rstrip().endswith("RuntimeError: a wire came loose")
    driver.worker.send(Pause())
    assert driver.worker.stop().status is Status.FAILED


def test_interactive_run_is_repeated_by_its_log(start: Start) -> None:
    schedule = [(40, SetField("lr", 0.3)), (700, SetField("hidden-size", 6))]
    driver = start(schedule=schedule)
    for request in (
        SetField("batch-size", 3),
        SetField("optimizer", "adam"),
        SetField("task", "subtraction"),
        Pause(),
        Step(17),
        SetField("lr", 0.05),
        SetSpeed(20_000),
        Resume(),
        SetField("optimizer", "sgd"),
    ):
        heard = driver.ask(request)
        if isinstance(request, Step):
            driver.settled()
        elif heard.status is Status.RUNNING:
            driver.until_step(heard.step + 90)
    driver.until(lambda snapshot: len(snapshot.log) == 7)
    driver.ask(Pause())
    last = driver.worker.stop()

    again = Run(last.initial_settings, [(applied.step, applied.change) for applied in last.log])
    again.advance(last.step)
    assert tuple(again.log) == last.log
    assert again.settings == last.settings
    for mine, theirs in (
        (again.history.recent(), last.recent),
        (again.history.full_run(), last.full_run),
    ):
        assert np.array_equal(mine.mean, theirs.mean, equal_nan=True)
    shown = again.inspector.example()
    assert shown is not None
    assert last.example is not None
    assert np.array_equal(shown.outputs, last.example.outputs)
