"""The siblings of a session: what they are siblings of, the question, and opening one."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import DigestRecord, read_journal
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.session import siblings
from rnn_tui.session.commands import RUN_COMMANDS_BY_NAME
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import (
    DEFAULT_SIBLINGS,
    MAX_SIBLINGS,
    ApplyToSiblings,
    Fork,
    NextBranch,
    OpenSibling,
    Restart,
    Resume,
    SeekTo,
    Step,
    TrainSiblings,
    Undo,
)
from rnn_tui.session.siblings import SiblingsView
from rnn_tui.session.siblings_plan import SiblingsUpdate
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from tests.support.driver import Driver, Start
from tests.support.makers import settings_with, state_of
from tests.support.siblings import InlineProcess

SMALL = settings_with(length=3, hidden_size=4, steps=10**9)
LR = SetField("lr", 0.5)


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "SiblingsProcess", InlineProcess)
    monkeypatch.setattr(siblings, "FOLLOW_INTERVAL_SECONDS", 0.01)


@pytest.fixture
def driver(start: Start) -> Driver:
    """A run at step 100 with three siblings."""
    driver = start(SMALL, paused=True)
    driver.settled(TrainSiblings(3), Step(100))
    update_at(driver, 100)
    return driver


def view_of(snapshot: Snapshot) -> SiblingsView:
    assert snapshot.siblings
    return snapshot.siblings


def update_at(driver: Driver, step: int) -> SiblingsUpdate:
    """Wait until the siblings are at `step`."""

    def has_come(snapshot: Snapshot) -> bool:
        update = view_of(snapshot).update
        return update is not None and update.step == step

    update = view_of(driver.until(has_come)).update
    assert update
    return update


def test_siblings_have_the_lowest_other_seeds_and_follow_the_run(start: Start) -> None:
    driver = start(replace(SMALL, seed=1), paused=True)
    driver.settled(TrainSiblings(3), Step(30))
    assert view_of(driver.worker.latest_snapshot()).seeds == (0, 2, 3)
    update = update_at(driver, 30)
    assert [state.seed for state in update.states] == [0, 2, 3]
    driver.settled(Step(20))
    update_at(driver, 50)


def test_worker_starts_with_siblings() -> None:
    worker = TrainingWorker(NewRun(SMALL), 100.0, n_siblings=2)
    driver = Driver(worker)
    driver.until(lambda snapshot: snapshot.siblings is not None)
    assert worker.stop().siblings is not None


def test_siblings_have_the_changes_made_before_they_start(start: Start) -> None:
    driver = start(SMALL, paused=True)
    driver.settled(Step(10))
    driver.settled(LR, TrainSiblings(1), Step(10))
    update = update_at(driver, 20)
    assert update.plan.schedule == ((10, LR),)
    assert update.settings.learning_rate == 0.5


def test_siblings_have_the_scheduled_changes(start: Start) -> None:
    driver = start(SMALL, schedule=[(5, SetField("lr", 0.1)), (40, LR)], paused=True)
    driver.settled(TrainSiblings(1), Step(60))
    view = view_of(driver.worker.latest_snapshot())
    assert (update_at(driver, 60).n_applied, view.is_waiting) == (1, False)


def test_siblings_wait_at_a_change_until_it_is_decided(driver: Driver) -> None:
    driver.settled(LR, Step(50))
    update_at(driver, 100)
    waiting = view_of(driver.ask())
    assert (waiting.is_waiting, waiting.missing) == (True, ((100, LR),))
    decided = view_of(driver.ask(ApplyToSiblings(True)))
    assert (decided.is_waiting, decided.missing) == (False, ())
    assert update_at(driver, 150).settings.learning_rate == 0.5
    driver.settled(SetField("lr", 0.25), Step(10))
    assert update_at(driver, 160).settings.learning_rate == 0.25


def test_siblings_without_a_change_say_so(driver: Driver) -> None:
    driver.settled(LR, ApplyToSiblings(False), Step(50))
    assert update_at(driver, 150).settings.learning_rate == 0.1
    view = view_of(driver.ask())
    assert (view.is_waiting, view.missing, view.extra) == (False, ((100, LR),), ())
    driver.ask(ApplyToSiblings(True))
    assert update_at(driver, 150).settings.learning_rate == 0.5


def test_order_of_requests_sent_at_once_counts(start: Start) -> None:
    driver = start(SMALL, paused=True)
    driver.settled(Step(10))
    later = SetField("lr", 0.25)
    requests = (TrainSiblings(1), ApplyToSiblings(True), LR, ApplyToSiblings(False), later)
    assert view_of(driver.ask(*requests)).missing == ((10, later),)
    restarted = driver.ask(Restart(paused=True), LR)
    assert view_of(restarted).missing == ((0, LR),)


def test_undone_change_is_undone_in_the_siblings(driver: Driver) -> None:
    driver.settled(ApplyToSiblings(True), LR, Step(50))
    update_at(driver, 150)
    driver.settled(Undo(), Step(20))
    update = update_at(driver, 120)
    assert update.plan.schedule == ()


def test_siblings_continue_in_a_fork_and_start_anew_after_a_restart(driver: Driver) -> None:
    driver.settled(SeekTo(60), Fork())
    assert view_of(driver.ask()).update is not None
    update_at(driver, 100)
    driver.settled(SetField("hidden-size", 6), Restart(paused=True))
    update = update_at(driver, 0)
    assert update.plan.settings.hidden_size == 6
    assert not view_of(driver.ask()).is_waiting


def test_siblings_start_in_the_default_number(start: Start) -> None:
    driver = start(SMALL, paused=True)
    assert len(view_of(driver.ask(TrainSiblings())).seeds) == DEFAULT_SIBLINGS
    assert driver.ask(TrainSiblings()).siblings is None


def test_siblings_start_again_in_the_number_before(driver: Driver) -> None:
    assert driver.ask(TrainSiblings()).siblings is None
    assert len(view_of(driver.ask(TrainSiblings())).seeds) == 3


@pytest.mark.parametrize("count", [-1, MAX_SIBLINGS + 1])
def test_number_of_siblings_is_limited(count: int) -> None:
    with pytest.raises(UserError, match="the number of siblings must be from 0"):
        TrainSiblings(count)


def test_siblings_stop(driver: Driver) -> None:
    assert driver.ask(TrainSiblings(0)).siblings is None
    assert driver.ask(ApplyToSiblings(True)).refused
    assert driver.ask(TrainSiblings(0)).message == "there are no siblings; N trains some"
    assert driver.ask(OpenSibling(1)).message == "there are no siblings; N trains some"


@pytest.mark.parametrize("seed", [1, 3])
def test_opened_sibling_is_its_run_bit_for_bit(driver: Driver, seed: int) -> None:
    driver.settled(ApplyToSiblings(True), LR, Step(70))
    update_at(driver, 170)
    opened = driver.ask(OpenSibling(seed))
    assert (opened.status, opened.branch_number, opened.step) == (Status.PAUSED, 2, 170)
    assert view_of(opened).run_seed == seed
    alone = Run(replace(SMALL, seed=seed), [(100, LR)])
    alone.advance(170)
    run = driver.worker._controller.run
    assert state_of(run) == state_of(alone)
    assert len(driver.worker._controller.session.current.keyframes.entries) >= 1
    driver.settled(NextBranch())
    returned = view_of(driver.ask())
    assert returned.update is not None  # they did not start anew
    assert returned.run_seed is None


@pytest.mark.parametrize(
    ("applies", "opposite"),
    [(True, "siblings-without-changes"), (False, "siblings-with-changes")],
)
def test_message_names_the_key_of_the_opposite_command(
    driver: Driver, applies: bool, opposite: str
) -> None:
    message = driver.ask(ApplyToSiblings(applies)).message
    assert f"; {RUN_COMMANDS_BY_NAME[opposite].keys} " in message


def test_diverged_sibling_opens_as_it_halted(start: Start) -> None:
    driver = start(replace(SMALL, learning_rate=1000.0, seed=0), paused=True)
    driver.settled(TrainSiblings(3), Step(1000))
    update = update_at(driver, driver.ask().step)
    (halted, *_) = (state for state in update.states if state.halt_reason)
    opened = driver.ask(OpenSibling(halted.seed))
    assert (opened.status, opened.step) == (Status.HALTED, halted.step)
    assert opened.message.endswith(halted.halt_reason or "")


def test_open_rejects_a_seed_without_a_sibling(driver: Driver) -> None:
    refused = driver.ask(OpenSibling(9))
    assert refused.refused
    assert refused.message == "no sibling has seed 9; choose from 1 to 3"


def test_opened_sibling_is_recorded_and_a_cancelled_one_is_not(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = start(NewRun(SMALL, journal_target=JournalTarget(tmp_path, "run")), paused=True)
    driver.settled(TrainSiblings(1), Step(1500))
    update_at(driver, 1500)
    session = driver.worker._controller.session
    with monkeypatch.context() as patch:
        patch.setattr(session, "on_progress", _cancel)
        assert driver.ask(OpenSibling(1)).message == "cancelled"
    assert len(list(tmp_path.glob("*.jsonl"))) == 1
    driver.ask(OpenSibling(1))
    driver.worker.stop()
    (path,) = (path for path in tmp_path.glob("*.jsonl") if path.stem != "run")
    journal = read_journal(path)
    assert (journal.header.settings.seed, journal.last_step) == (1, 1500)


def _cancel(_message: str, _seconds: float) -> None:
    raise UserError("cancelled")


def test_siblings_leave_no_trace_in_the_run(start: Start, tmp_path: Path) -> None:
    def digests(name: str, *requests: Request) -> list[str]:
        target = JournalTarget(tmp_path, name)
        driver = start(NewRun(replace(SMALL, steps=1200), journal_target=target), paused=True)
        driver.settled(*requests, Resume())
        driver.worker.stop()
        records = read_journal(tmp_path / f"{name}.jsonl").records
        return [record.digest for record in records if isinstance(record, DigestRecord)]

    with_siblings = digests("with", TrainSiblings(2))
    assert len(with_siblings) == 2
    assert with_siblings == digests("without")


def test_end_of_the_process_is_reported_once_and_another_can_be_started(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_at(driver, 100)
    monkeypatch.setattr(InlineProcess, "has_ended", True)
    ended = driver.until(lambda snapshot: bool(view_of(snapshot).end_reason))
    assert ended.message == "the process of the siblings ended by SIGKILL; N starts another"
    assert ended.refused
    monkeypatch.setattr(InlineProcess, "has_ended", False)
    driver.settled(TrainSiblings(), Step(1))
    assert len(update_at(driver, 101).states) == 3


def test_process_that_cannot_be_started_is_reported(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_on_news: Callable[[], None]) -> None:
        raise OSError("no memory")

    monkeypatch.setattr(siblings, "SiblingsProcess", fail)
    driver = start(SMALL, paused=True)
    refused = driver.ask(TrainSiblings(4))
    assert refused.message == "the siblings cannot be trained: no memory"
    assert refused.siblings is None
    worker = TrainingWorker(NewRun(SMALL), 100.0, n_siblings=2)
    assert Driver(worker).until(lambda snapshot: snapshot.refused).message == refused.message
    worker.stop()
