"""The worker thread does what is asked of it between two steps, and tells how it stands."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from time import monotonic, sleep

import numpy as np
import pytest

from rnn_tui.session.changes import (
    Hold,
    Pause,
    Release,
    Request,
    Restart,
    Resume,
    SetBatch,
    SetHidden,
    SetLearningRate,
    SetOptimizer,
    SetSpeed,
    SetTask,
    Step,
)
from rnn_tui.session.run import Run, Schedule
from rnn_tui.session.runner import Runner
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.settings import Settings
from tests.session.makers import settings_with

PATIENCE = 20  # seconds; only a runner that hangs takes so long
SMALL = settings_with(bits=4, hidden=5, steps=10**9)
SETTLED = (Status.PAUSED, Status.FINISHED, Status.HALTED, Status.FAILED)

Start = Callable[..., "Driver"]


class Driver:
    """Sends requests to a runner and waits until they have been heard."""

    def __init__(self, runner: Runner) -> None:
        self.runner, self.sent = runner, 0
        runner.start()

    def ask(self, *requests: Request) -> Snapshot:
        """Send `requests` and return the first snapshot after all of them were heard."""
        for request in requests:
            self.runner.send(request)
        self.sent += len(requests)
        return self.until(
            lambda snapshot: snapshot.heard == self.sent or snapshot.status is Status.FAILED
        )

    def until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        deadline = monotonic() + PATIENCE
        while not condition(snapshot := self.runner.look()):
            assert monotonic() < deadline, snapshot
            sleep(0.001)
        return snapshot

    def until_step(self, step: int) -> Snapshot:
        return self.until(lambda snapshot: snapshot.step >= step)

    def settled(self, *requests: Request) -> Snapshot:
        """Send `requests` and return how the run stands once it does not go on by itself."""
        self.ask(*requests)
        return self.until(lambda snapshot: snapshot.status in SETTLED)


@pytest.fixture
def start() -> Iterator[Start]:
    runners, others = [], set(threading.enumerate())

    def start(
        settings: Settings = SMALL,
        speed: float = inf,
        *,
        schedule: Schedule = (),
        paused: bool = False,
    ) -> Driver:
        runners.append(Runner(settings, speed, schedule=schedule, paused=paused))
        return Driver(runners[-1])

    yield start
    for runner in runners:
        runner.stop()
    assert set(threading.enumerate()) <= others


def test_a_run_goes_to_its_planned_end(start: Start) -> None:
    finished = start(replace(SMALL, steps=500)).settled()
    assert (finished.status, finished.step) == (Status.FINISHED, 500)


def test_a_paused_start_waits_for_a_request(start: Start) -> None:
    driver = start(paused=True)
    assert driver.settled(Release()).step == 0
    assert driver.ask(Resume()).status is Status.RUNNING
    driver.until_step(100)
    paused = driver.ask(Pause())
    assert paused.status is Status.PAUSED
    assert driver.ask(Release()).step == paused.step


@pytest.mark.parametrize("count", [1, 7, 300])
def test_a_step_request_takes_exactly_so_many(start: Start, count: int) -> None:
    driver = start(paused=True)
    for times in (1, 2):
        assert driver.settled(Step(count)).step == times * count


def test_resume_after_the_planned_end_goes_on(start: Start) -> None:
    driver = start(replace(SMALL, steps=50))
    driver.settled()
    driver.ask(Resume())
    driver.until_step(500)


def test_steps_asked_for_in_one_breath_are_all_taken(start: Start) -> None:
    driver = start(paused=True)
    for _ in range(20):
        driver.runner.send(Step())
    driver.runner.send(Step(100))
    assert driver.settled().step == 120


def test_steps_by_hand_do_not_wait_for_the_pace(start: Start) -> None:
    driver = start(paused=True)
    driver.ask(SetSpeed(1))
    began = monotonic()
    assert driver.settled(Step(100)).step == 100
    assert monotonic() - began < 50  # at a step a second it would take 100


def test_resume_after_a_single_step_still_ends_where_planned(start: Start) -> None:
    driver = start(replace(SMALL, steps=500), paused=True)
    driver.settled(Step(3))
    driver.ask(SetSpeed(20_000), Resume())
    finished = driver.until_step(500)
    assert (finished.status, finished.step) == (Status.FINISHED, 500)


def test_a_diverged_run_halts_until_something_is_changed(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(20))
    halted = driver.settled(SetLearningRate(1e6), Resume())
    assert halted.status is Status.HALTED
    assert "halted" in halted.notice
    assert driver.ask(Resume()).status is Status.HALTED
    assert driver.ask(SetLearningRate(0.1), Resume()).status is Status.RUNNING
    driver.until_step(halted.step + 100)


def test_a_restart_begins_again_and_runs(start: Start) -> None:
    driver = start(replace(SMALL, steps=400), paused=True)
    driver.settled(Step(3))
    driver.settled(SetLearningRate(1e6), Resume())
    finished = driver.settled(SetLearningRate(0.1), Restart(5))
    assert (finished.status, finished.step, finished.start.seed) == (Status.FINISHED, 400, 5)
    assert finished.log == ()


def test_a_refused_request_is_answered_with_the_reason(start: Start) -> None:
    driver = start(paused=True)
    for request in (SetHidden(0), SetTask("chess"), Hold((1000, 1)), Restart(-1)):
        refused = driver.ask(request)
        assert refused.notice.startswith("not done: ")
        assert (refused.settings, refused.step, refused.held) == (SMALL, 0, False)


def test_a_scheduled_change_that_became_impossible_is_refused_and_the_run_goes_on(
    start: Start,
) -> None:
    wide = replace(SMALL, bits=64, hidden=16)
    driver = start(wide, schedule=[(5, SetBatch(4096))], paused=True)
    driver.ask(SetHidden(17))
    refused = driver.settled(Step(10))
    assert (refused.status, refused.step) == (Status.PAUSED, 10), refused.failure
    assert refused.notice.startswith("not done: ")
    assert refused.settings.batch == 1


def test_a_held_pair_is_shown_until_it_is_released(start: Start) -> None:
    driver = start(paused=True)
    held = driver.ask(Hold((5, 6)))
    assert held.held
    assert held.example is not None
    assert (held.example.a, held.example.b) == (5, 6)
    assert not driver.ask(Release()).held


def test_no_more_steps_are_taken_than_the_speed_allows(start: Start) -> None:
    began = monotonic()
    driver = start(speed=300)
    reached = driver.until_step(60)
    assert reached.step <= 300 * (monotonic() - began) + 2
    since = monotonic()
    changed = driver.ask(SetSpeed(50))
    assert changed.speed == 50
    later = driver.until_step(changed.step + 10)
    assert later.step - changed.step <= 50 * (monotonic() - since) + 2


def test_a_score_is_given_for_the_step_that_is_shown_when_paused(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(10))
    scored = driver.until(lambda snapshot: snapshot.score_step == 10)
    assert scored.score is not None
    assert scored.score.total == 64


def test_stop_ends_the_thread_and_returns_how_the_run_stands(start: Start) -> None:
    others = set(threading.enumerate())
    driver = start()
    seen = driver.until_step(50)
    last = driver.runner.stop()
    assert set(threading.enumerate()) == others
    assert last.step >= seen.step
    assert driver.runner.stop() is last


def test_a_runner_that_never_started_stops() -> None:
    assert Runner(SMALL, inf).stop().status is Status.STARTING


@pytest.mark.parametrize("failing", ["__init__", "advance", "_take"])
def test_an_error_in_the_thread_reaches_the_snapshot(
    start: Start, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a wire came loose")

    monkeypatch.setattr(Run, failing, fail)
    driver = start()
    failed = driver.until(lambda snapshot: snapshot.status is Status.FAILED)
    assert failed.failure.startswith("Traceback")
    assert failed.failure.rstrip().endswith("RuntimeError: a wire came loose")
    driver.runner.send(Pause())
    assert driver.runner.stop().status is Status.FAILED


def test_a_run_on_the_keyboard_is_repeated_by_its_log(start: Start) -> None:
    schedule = [(40, SetLearningRate(0.3)), (700, SetHidden(6))]
    driver = start(schedule=schedule)
    for request in (
        SetBatch(3),
        SetOptimizer("adam"),
        SetTask("subtraction"),
        Pause(),
        Step(17),
        SetLearningRate(0.05),
        SetSpeed(20_000),
        Resume(),
        SetOptimizer("sgd"),
    ):
        heard = driver.ask(request)
        if isinstance(request, Step):
            driver.settled()
        elif heard.status is Status.RUNNING:
            driver.until_step(heard.step + 90)
    driver.until(lambda snapshot: len(snapshot.log) == 7)
    driver.ask(Pause())
    last = driver.runner.stop()

    again = Run(last.start, [(applied.step, applied.change) for applied in last.log])
    again.advance(last.step)
    assert tuple(again.log) == last.log
    assert again.settings == last.settings
    for mine, theirs in (
        (again.history.recent(), last.recent),
        (again.history.whole(), last.whole),
    ):
        assert np.array_equal(mine.mean, theirs.mean, equal_nan=True)
    shown = again.viewer.example()
    assert shown is not None
    assert last.example is not None
    assert np.array_equal(shown.outputs, last.example.outputs)
