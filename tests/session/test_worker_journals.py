"""The worker thread writes runs down, goes on with them, repeats them and goes back into them."""

from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from rnn_tui.recording import checkpoint
from rnn_tui.recording.journal_format import Changed, read
from rnn_tui.recording.journal_target import Shelf
from rnn_tui.recording.replay import Replay
from rnn_tui.run.changes import (
    Fork,
    Hold,
    Look,
    LookBy,
    NextBranch,
    Restart,
    Resume,
    Set,
    Step,
    Undo,
)
from rnn_tui.run.run import Run
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import New, Repeated, Resumed
from rnn_tui.text.report import summary_rows
from tests.support.driver import Start
from tests.support.makers import settings_with

SMALL = settings_with(bits=4, hidden=5, steps=400)
SMALL_FOR_EVER = replace(SMALL, steps=10**9)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, "run")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def resumed(path: Path) -> Resumed:
    return Resumed(path, read(path).header.settings, Shelf.at(path))


def test_a_run_that_was_finished_stands_finished_when_it_is_taken_up(
    start: Start, shelf: Shelf, path: Path
) -> None:
    driver = start(New(SMALL, shelf=shelf))
    assert driver.settled().status is Status.FINISHED
    driver.runner.stop()
    again = start(resumed(path))
    finished = again.settled()
    assert (finished.status, finished.step) == (Status.FINISHED, 400)
    again.ask(Resume())
    again.until_step(450)


def test_a_run_that_had_halted_is_halted_when_it_is_taken_up(
    start: Start, shelf: Shelf, path: Path
) -> None:
    driver = start(New(replace(SMALL, steps=10**6), shelf=shelf))
    driver.until_step(50)
    driver.ask(Set("lr", 1e6))
    halted = driver.until(lambda snapshot: snapshot.status is Status.HALTED)
    driver.runner.stop()
    again = start(resumed(path))
    same = again.until(lambda snapshot: snapshot.status is Status.HALTED)
    assert (same.step, same.log) == (halted.step, halted.log)
    again.ask(Undo())
    back = again.until(lambda snapshot: snapshot.step > halted.step)
    assert back.log == ()
    assert back.status is Status.RUNNING


def test_what_is_still_to_come_of_a_schedule_comes_after_it_is_taken_up(
    start: Start, shelf: Shelf, path: Path
) -> None:
    later = Set("lr", 0.5)
    driver = start(New(SMALL, [(300, later)], shelf), paused=True)
    driver.settled(Step(200))
    driver.ask(Fork())
    driver.settled(Step(50))
    driver.runner.stop()
    for journal, at in ((path, 200), (path.with_name("run-2.jsonl"), 250)):
        again = start(resumed(journal), paused=True)
        assert again.settled().step == at
        whole = again.settled(Resume())
        assert whole.step == 400
        assert [(it.step, it.change) for it in whole.log] == [(300, later)]
        again.runner.stop()


def test_a_journal_that_cannot_be_written_is_told_of_and_stops_nothing(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    driver = start(New(SMALL, shelf=Shelf(tmp_path / "file", "run")))
    finished = driver.settled()
    assert finished.step == 400
    assert finished.journal == ""
    driver.ask(Set("lr", 0.5))
    rows = summary_rows(driver.runner.stop())
    assert "rnn-tui replay" not in "\n".join(rows)
    assert "--at 400:lr=0.5" in rows[-1]


def test_a_replay_makes_the_changes_itself_and_refuses_others_until_it_is_forked(
    start: Start, shelf: Shelf, path: Path
) -> None:
    driver = start(New(SMALL, [(100, Set("lr", 0.5))], shelf))
    whole = driver.settled()
    driver.runner.stop()
    replay = start(Repeated(SMALL, Replay(read(path), "run"), shelf))
    assert "f starts a branch" in replay.ask(Set("lr", 0.1)).notice
    again = replay.settled()
    assert (again.step, again.now, again.log) == (400, whole.now, whole.log)
    assert again.notice == "identical through step 400"
    replay.ask(Look(50), Fork(), Set("lr", 0.1))
    replay.settled(Step(50))
    replay.runner.stop()
    forked = read(path.with_name("run-2.jsonl"))
    assert forked.header.parent == ("run", 50)
    assert forked.steps == 100
    assert not any(isinstance(line, Changed) for line in forked.lines), "0.1 is its rate already"


def test_a_look_back_holds_training_up_and_what_is_shown_is_what_was(start: Start) -> None:
    driver = start(SMALL_FOR_EVER)
    driver.until_step(3000)
    driver.ask(Look(1234))
    then = driver.until(lambda snapshot: snapshot.score_step == snapshot.step == 1234)
    straight = Run(SMALL_FOR_EVER)
    straight.advance(1234)
    shown = straight.viewer.example()
    assert shown is not None
    assert then.example is not None
    assert (then.step, then.now) == (1234, straight.history.now)
    assert then.example.felt.tolist() == shown.felt.tolist()
    assert then.example.outputs.tolist() == shown.outputs.tolist()
    assert then.score == straight.scorekeeper.examine(straight.trainer.model, 1234)
    assert then.present >= 3000
    assert driver.ask(LookBy(-2000)).step == 0
    beyond = driver.ask(Look(10**9))
    assert (beyond.status, beyond.step) == (Status.PAST, 0)
    assert beyond.notice.endswith(f"the run has steps 0 to {beyond.present:,}, not 1,000,000,000")
    assert driver.ask(Look(None)).status is Status.RUNNING
    driver.until_step(then.present + 100)


def test_branches_are_left_as_they_are_and_found_again(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(100))
    driver.ask(Fork(), Set("lr", 0.5))
    forked = driver.settled(Step(100))
    assert driver.ask(NextBranch()).step == 100
    again = driver.ask(NextBranch())
    assert (again.step, again.now, again.log) == (200, forked.now, forked.log)
    driver.ask(Restart(seed=3))
    assert [strand.parent for strand in driver.ask().strands] == [0, 1, 0]
    for _ in range(15):
        last = driver.ask(Fork())
    assert len(last.strands) == 18
    assert last.branch == 18


def test_what_has_to_do_with_the_past_alone_starts_nothing(start: Start) -> None:
    driver = start(SMALL)
    assert driver.settled().status is Status.FINISHED
    assert driver.ask(LookBy(-100)).status is Status.PAST
    assert driver.ask(Hold()).held
    back = driver.ask(Resume())
    assert (back.status, back.step, back.held) == (Status.FINISHED, 400, True)
    assert "branch" not in back.notice
    driver.ask(Resume())
    driver.until_step(500)
    alone = driver.ask(NextBranch())
    assert alone.status is Status.RUNNING
    assert alone.notice == "the only branch: f begins another"


@pytest.mark.parametrize("checkpoint", ["kept", "lost"])
def test_all_of_a_run_that_was_taken_up_is_in_reach(
    checkpoint: str, start: Start, shelf: Shelf, path: Path
) -> None:
    driver = start(New(replace(SMALL, steps=20_000), shelf=shelf))
    driver.settled()
    driver.runner.stop()
    if checkpoint == "lost":
        path.with_suffix(".npz").unlink()
    again = start(resumed(path), paused=True)
    again.until(lambda snapshot: snapshot.baseline is not None)
    line = again.runner._helm.voyage.current.timeline
    ways = [step - line.before(step).step for step in range(1000, 20_001, 1000)]
    assert max(ways) < 10_000


@pytest.mark.parametrize("speed", [inf, 0.0], ids=["going on", "standing"])
def test_a_branch_that_was_left_is_examined_where_it_was_left(
    speed: float, start: Start, shelf: Shelf, path: Path
) -> None:
    driver = start(New(SMALL_FOR_EVER, shelf=shelf))
    driver.until_step(700)
    left = driver.ask(Fork())
    if speed:
        driver.ask(Resume())
    first = driver.until(
        lambda snapshot: snapshot.strands[0].score_step == snapshot.strands[0].step
    ).strands[0]
    straight = Run(SMALL_FOR_EVER)
    straight.advance(left.step)
    assert first.step == left.step
    assert first.score == straight.scorekeeper.examine(straight.trainer.model, left.step)
    branch = driver.runner._helm.voyage.branches.all[0]
    assert branch.run.scorekeeper._examiner is None
    if speed:  # the current one is not forgotten for it
        driver.until(lambda snapshot: snapshot.score_step > left.step)
    driver.runner.stop()
    assert checkpoint.load(path.with_suffix(".npz"), SMALL_FOR_EVER).timeline.later


def test_what_cannot_be_written_is_said_to_the_end(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "ascii")
    driver = start(New(SMALL, shelf=Shelf(tmp_path / "file", "run")))
    finished = driver.settled()
    assert finished.notice.startswith("all 400 planned steps")
    assert finished.trouble.startswith("not journalled any more: ")
    assert finished.trouble in summary_rows(driver.runner.stop())
