"""The worker thread records, resumes, replays and rewinds runs."""

import errno
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from rnn_tui.recording import checkpoint
from rnn_tui.recording.journal_format import ChangeRecord, read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run import keyframes
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.session.requests import (
    Fork,
    NextBranch,
    PinExample,
    PlanSteps,
    Restart,
    Resume,
    SeekBy,
    SeekTo,
    Step,
    Undo,
)
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun, ReplayRun, ResumeRun
from rnn_tui.text.report import summary_lines
from tests.support.driver import Start
from tests.support.makers import settings_with

SMALL = settings_with(length=4, hidden_size=5, steps=400)
SMALL_FOR_EVER = replace(SMALL, steps=10**9)


@pytest.fixture
def journal_target(tmp_path: Path) -> JournalTarget:
    return JournalTarget(tmp_path, "run")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def test_finished_run_is_finished_when_resumed(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(SMALL, journal_target=journal_target))
    assert driver.settled().status is Status.FINISHED
    driver.worker.stop()
    again = start(ResumeRun.open(path))
    finished = again.settled()
    assert (finished.status, finished.step) == (Status.FINISHED, 400)
    again.ask(Resume())
    again.until_step(450)


def test_resumed_run_has_its_pinned_example_and_planned_steps(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(SMALL, journal_target=journal_target), paused=True)
    driver.settled(PinExample("3+4"), PlanSteps(500), Step(300))
    driver.worker.stop()
    again = start(ResumeRun.open(path))
    finished = again.settled()
    assert (finished.step, finished.is_pinned) == (500, True)
    assert finished.example is not None
    assert finished.example.target_text == "7"
    restarted = again.ask(Restart(paused=True))
    assert (restarted.planned_steps, restarted.is_pinned) == (500, True)


def test_planned_steps_are_resumed_without_a_checkpoint(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(SMALL, journal_target=journal_target), paused=True)
    driver.settled(Step(300), PlanSteps(500), SeekTo(200), PlanSteps(450), Fork())
    driver.worker.stop()
    for recorded in (path, path.with_stem("run-2")):
        checkpoint.checkpoint_path(recorded).unlink()
        assert read_journal(recorded).planned_steps == 450
        again = start(ResumeRun.open(recorded))
        assert again.settled().step == 450
        replay = ReplayVerifier(read_journal(recorded))
        start(ReplayRun(SMALL, replay, None)).settled()
        assert not replay.mismatch


def test_halted_run_is_halted_when_resumed(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(replace(SMALL, steps=10**6), journal_target=journal_target))
    driver.until_step(50)
    driver.ask(SetField("lr", 1e6))
    halted = driver.until(lambda snapshot: snapshot.status is Status.HALTED)
    driver.worker.stop()
    again = start(ResumeRun.open(path))
    same = again.until(lambda snapshot: snapshot.status is Status.HALTED)
    assert (same.step, same.log) == (halted.step, halted.log)
    again.ask(Undo())
    back = again.until(lambda snapshot: snapshot.step > halted.step)
    assert back.log == ()
    assert back.status is Status.RUNNING


def test_scheduled_changes_apply_after_resuming(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    later = SetField("lr", 0.5)
    driver = start(NewRun(SMALL, [(300, later)], journal_target), paused=True)
    driver.settled(Step(200))
    driver.ask(Fork())
    driver.settled(Step(50))
    driver.worker.stop()
    for journal, at in ((path, 200), (path.with_name("run-2.jsonl"), 250)):
        again = start(ResumeRun.open(journal), paused=True)
        assert again.settled().step == at
        whole = again.settled(Resume())
        assert whole.step == 400
        assert [(applied.step, applied.change) for applied in whole.log] == [(300, later)]
        again.worker.stop()


def test_unwritable_journal_does_not_stop_training(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    driver = start(NewRun(SMALL, journal_target=JournalTarget(tmp_path / "file", "run")))
    finished = driver.settled()
    assert finished.step == 400
    assert finished.journal_path == ""
    driver.ask(SetField("lr", 0.5))
    rows = summary_lines(driver.worker.stop())
    assert "rnn-tui replay" not in "\n".join(rows)
    assert "--at 400:lr=0.5" in rows[-1]


def test_replay_refuses_changes_until_forked(
    start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(SMALL, [(100, SetField("lr", 0.5))], journal_target))
    whole = driver.settled()
    driver.worker.stop()
    replay = start(ReplayRun(SMALL, ReplayVerifier(read_journal(path), "run"), journal_target))
    assert "f forks a branch" in replay.ask(SetField("lr", 0.1)).message
    again = replay.settled()
    assert (again.step, again.metric, again.log) == (400, whole.metric, whole.log)
    assert again.message == "identical through step 400"
    replay.ask(SeekTo(50), Fork(), SetField("lr", 0.1))
    replay.settled(Step(50))
    replay.worker.stop()
    forked = read_journal(path.with_name("run-2.jsonl"))
    assert forked.header.parent == ("run", 50)
    assert forked.last_step == 100
    assert not any(isinstance(line, ChangeRecord) for line in forked.records), (
        "0.1 is its rate already"
    )


def test_seek_interrupts_training_and_shows_the_exact_state(start: Start) -> None:
    driver = start(SMALL_FOR_EVER)
    driver.until_step(3000)
    driver.ask(SeekTo(1234))
    then = driver.until(lambda snapshot: snapshot.score_step == snapshot.step == 1234)
    straight = Run(SMALL_FOR_EVER)
    straight.advance(1234)
    shown = straight.inspector.example()
    assert shown is not None
    assert then.example is not None
    assert (then.step, then.metric) == (1234, straight.history.last)
    assert then.example.gradient_norms.tolist() == shown.gradient_norms.tolist()
    assert then.example.outputs.tolist() == shown.outputs.tolist()
    assert then.score == straight.evaluation_tracker.evaluate(straight.trainer.model, 1234)
    assert then.latest_step >= 3000
    assert driver.ask(SeekBy(-2000)).step == 0
    beyond = driver.ask(SeekTo(10**9))
    assert (beyond.status, beyond.step) == (Status.VIEWING, 0)
    assert beyond.message.endswith(
        f"the run has steps 0 to {beyond.latest_step:,}, not 1,000,000,000"
    )
    assert driver.ask(SeekTo(None)).status is Status.RUNNING
    driver.until_step(then.latest_step + 100)


def test_branches_keep_their_state(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(100))
    driver.ask(Fork(), SetField("lr", 0.5))
    forked = driver.settled(Step(100))
    assert driver.ask(NextBranch()).step == 100
    again = driver.ask(NextBranch())
    assert (again.step, again.metric, again.log) == (200, forked.metric, forked.log)
    driver.ask(Restart(seed=3))
    assert [strand.parent for strand in driver.ask().summaries] == [0, 1, 0]


def test_branch_without_a_step_or_a_change_leaves_no_trace(
    start: Start, journal_target: JournalTarget
) -> None:
    driver = start(NewRun(SMALL, journal_target=journal_target), paused=True)
    driver.ask(SetField("lr", 0.5), SetField("lr", 0.7), Undo(), Undo())
    driver.settled(Step(100))
    first = driver.ask().branch_number
    driver.ask(Fork(), Fork(), NextBranch(), Fork(), SetField("lr", 0.5))
    forked = driver.ask(Fork())
    assert [(summary.parent, summary.fork_step) for summary in forked.summaries] == [
        (0, 0),
        (first, 100),
        (forked.summaries[1].number, 100),
    ]
    driver.ask(NextBranch())
    driver.worker.stop()
    assert len(list(journal_target.folder.glob("*.jsonl"))) == 2


def test_requests_while_viewing_an_earlier_step_do_not_start_training(start: Start) -> None:
    driver = start(SMALL)
    assert driver.settled().status is Status.FINISHED
    assert driver.ask(SeekBy(-100)).status is Status.VIEWING
    assert driver.ask(PinExample()).is_pinned
    back = driver.ask(Resume())
    assert (back.status, back.step, back.is_pinned) == (Status.FINISHED, 400, True)
    assert "branch" not in back.message
    driver.ask(Resume())
    driver.until_step(500)
    only_branch = driver.ask(NextBranch())
    assert only_branch.status is Status.RUNNING
    assert only_branch.message == "only one branch: f forks another"


@pytest.mark.parametrize("checkpoint", ["kept", "lost"])
def test_resumed_run_has_keyframes_all_along(
    checkpoint: str,
    start: Start,
    journal_target: JournalTarget,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keyframes, "MIN_KEYFRAME_INTERVAL_SECONDS", 0.0)  # one a slice
    driver = start(NewRun(replace(SMALL, steps=2_000), journal_target=journal_target))
    driver.settled()
    driver.worker.stop()
    if checkpoint == "lost":
        path.with_suffix(".npz").unlink()
    again = start(ResumeRun.open(path), paused=True)
    again.until(lambda snapshot: snapshot.baseline is not None)
    line = again.worker._controller.session.current.keyframes
    ways = [step - line.latest_before(step).step for step in range(250, 2_001, 250)]
    assert max(ways) < 1_500  # a slice is at most twice as long as the one before


@pytest.mark.parametrize("speed", [inf, 0.0], ids=["running", "paused"])
def test_inactive_branch_is_evaluated_at_its_step(
    speed: float, start: Start, journal_target: JournalTarget, path: Path
) -> None:
    driver = start(NewRun(SMALL_FOR_EVER, journal_target=journal_target))
    driver.until_step(700)
    left = driver.ask(Fork())
    if speed:
        driver.ask(Resume())
    first = driver.until(
        lambda snapshot: snapshot.summaries[0].score_step == snapshot.summaries[0].step
    ).summaries[0]
    straight = Run(SMALL_FOR_EVER)
    straight.advance(left.step)
    assert first.step == left.step
    assert first.score == straight.evaluation_tracker.evaluate(straight.trainer.model, left.step)
    branch = driver.worker._controller.session.branches[0]
    assert branch.run.evaluation_tracker._evaluator is None
    if speed:  # the current one is not forgotten for it
        driver.until(lambda snapshot: snapshot.score_step > left.step)
    driver.worker.stop()
    assert checkpoint.load(path.with_suffix(".npz"), SMALL_FOR_EVER).keyframes.entries[1:]


def test_journal_warning_is_kept_to_the_end(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    driver = start(NewRun(SMALL, journal_target=JournalTarget(tmp_path / "file", "run")))
    finished = driver.settled()
    assert finished.message.startswith("all 400 planned steps")
    assert finished.warning.startswith("recording stopped: ")
    assert finished.warning in summary_lines(driver.worker.stop())


def test_warnings_of_all_branches_are_shown_once(
    start: Start, journal_target: JournalTarget, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("rnn_tui.recording.journal.flock", flock)
    driver = start(NewRun(SMALL_FOR_EVER, journal_target=journal_target), paused=True)
    driver.settled(Step(1000))
    driver.ask(Fork())
    unlocked = "the journal is not locked: No locks available"
    assert driver.settled(Step(1000)).warning == unlocked
    forked = path.with_name("run-2.jsonl")
    forked.unlink()
    gone = driver.settled(Step(1000))
    assert gone.warning == f"{unlocked}; recording stopped: {forked} was deleted or moved"
    assert gone.journal_path == ""
