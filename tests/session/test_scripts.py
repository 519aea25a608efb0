"""Scripts of requests: their order, bookmarks, and temporary breakpoints."""

from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.run.conditions import parse_condition
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    Fork,
    NextBranch,
    PinExample,
    Restart,
    Resume,
    SeekTo,
    SetSpeed,
    Step,
)
from rnn_tui.session.script_requests import (
    ReturnToBookmark,
    RunScript,
    SaveBookmark,
    TrainUntil,
    Watch,
)
from rnn_tui.session.session import MAX_BRANCHES
from rnn_tui.session.snapshot import Snapshot, Status
from tests.support.driver import Driver, Start


def run_script(driver: Driver, *requests: Request) -> Snapshot:
    """Return the first snapshot in which a script of `requests` is complete."""
    serial = driver.worker.latest_snapshot().script.serial + 1
    driver.worker.send(RunScript(serial, requests))
    driver.sent += 1
    return driver.until(
        lambda now: now.script.serial == serial and now.requests_handled == driver.sent
    )


def test_each_request_is_handled_after_the_steps_of_the_one_before(start: Start) -> None:
    changes = (SetField("lr", 0.3), SetField("lr", 0.4))
    now = run_script(start(paused=True), Step(300), changes[0], Step(20), SeekTo(100), SeekTo(None))
    assert [(each.step, each.change) for each in now.log] == [(300, changes[0])]
    assert (now.step, now.status) == (320, Status.PAUSED)


def test_refused_request_is_skipped_and_listed(start: Start) -> None:
    driver = start(paused=True)
    now = run_script(driver, Step(5), PinExample("x"), Step(5), SetField("lr", -1.0), Step(5))
    assert now.step == 15
    assert [reason.partition(",")[0] for reason in now.script.refusals] == [
        "expected two numbers",
        "the learning rate must be above 0 and at most 1",
    ]


def test_watched_condition_pauses_or_not(start: Start) -> None:
    driver = start(paused=True)
    run_script(driver, TrainUntil(parse_condition("step=50")))
    now = driver.until(lambda now: now.status is Status.PAUSED and now.step > 0)
    assert now.step == 50
    run_script(driver, Watch(parse_condition("step=70")), Resume())
    now = driver.until_step(80)
    assert now.status is Status.RUNNING
    (watched,) = now.breakpoints
    assert (watched.condition.text, watched.hit_step) == ("step=70", 70)
    assert run_script(driver, Watch(None)).breakpoints == ()


def test_watched_condition_is_left_in_no_branch(start: Start) -> None:
    driver = start(paused=True)
    watch = Watch(parse_condition("exact"))
    assert len(run_script(driver, Step(5), watch, Fork(), Step(5)).breakpoints) == 1
    assert run_script(driver, Watch(None), NextBranch()).breakpoints == ()


def test_watched_condition_follows_to_another_branch(start: Start) -> None:
    driver = start(paused=True)
    watch = Watch(parse_condition("exact"))
    now = run_script(driver, Step(5), Fork(), watch, NextBranch())
    assert [each.condition.text for each in now.breakpoints] == ["exact"]
    assert run_script(driver, Watch(None), NextBranch()).breakpoints == ()
    past = Watch(parse_condition("step=7"))
    now = run_script(driver, Step(10), NextBranch(), past, NextBranch())
    assert (now.step, now.breakpoints) == (15, ())


def test_restart_keeps_the_watched_condition(start: Start) -> None:
    now = run_script(
        start(paused=True), Step(60), Watch(parse_condition("change")), Restart(paused=True)
    )
    assert [each.condition.text for each in now.breakpoints] == ["change"]


def test_bookmark_restores_run_schedule_example_and_speed(start: Start) -> None:
    schedule = [(40, parse_change("lr=0.2"))]
    driver = start(paused=True, schedule=schedule)
    run_script(driver, Step(30), PinExample("3+4"), SetSpeed(7), SaveBookmark(1))
    run_script(driver, PinExample("1+1"), SetField("optimizer", "adam"), Step(9), SetSpeed(50))
    now = run_script(driver, ReturnToBookmark(1))
    assert (now.step, now.speed, now.settings.optimizer) == (30, 7, "sgd")
    assert now.status is Status.PAUSED
    assert now.example
    assert (now.is_pinned, now.example.input_text) == (True, "3 + 4")
    assert (now.branch_number, now.summaries[-1].parent) == (2, 1)
    assert [each.step for each in run_script(driver, Step(20)).log] == [40]


def test_superseded_branches_have_no_summary(start: Start) -> None:
    driver = start(paused=True)
    run_script(driver, Step(5), Fork(), Step(5), SaveBookmark(1), Step(5), Restart(paused=True))
    now = run_script(driver, Step(3), ReturnToBookmark(1), Step(1))
    assert [(each.number, each.step) for each in now.summaries] == [(1, 5), (4, 11)]
    now = run_script(driver, NextBranch(), NextBranch())
    assert [each.number for each in now.summaries] == [1, now.branch_number, 4]


def test_branch_is_superseded_only_while_another_repeats_it(start: Start) -> None:
    driver = start(paused=True)
    run_script(driver, Step(5), SaveBookmark(1), Restart(paused=True), Step(3))
    now = run_script(driver, ReturnToBookmark(1))
    assert [(each.number, each.step) for each in now.summaries] == [(3, 5)]
    now = run_script(driver, ReturnToBookmark(1), Restart(paused=True), Step(2))
    assert [(each.number, each.step) for each in now.summaries] == [(1, 5), (5, 2)]


def test_bookmark_keeps_the_earlier_steps_of_a_branch_that_was_dropped(start: Start) -> None:
    driver = start(paused=True)
    run_script(driver, Step(40), SaveBookmark(1))
    for _ in range(MAX_BRANCHES + 1):
        run_script(driver, ReturnToBookmark(1), Step(1))
    now = run_script(driver, SeekTo(10))
    assert (now.step, now.status) == (10, Status.VIEWING)
