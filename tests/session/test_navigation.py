"""To undo is never to have done it, and a fork is a run that took its path from the start."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.settings import Settings, UserError
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.journal_target import JournalTarget
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.run.changes import Schedule, SetField, parse_change
from rnn_tui.session import branches
from rnn_tui.session.branches import INACTIVE_KEYFRAMES, Branches
from rnn_tui.session.navigation import Navigator
from rnn_tui.session.requests import SeekBy, SeekTo, SeekToChange
from rnn_tui.session.start import NewRun, ReplayRun, ResumeRun
from tests.support.makers import COUNTING, SMALL, settings_with
from tests.support.plans import PLANS, Asked, Plan
from tests.support.recorded import (
    PAIRS,
    bits,
    change_at,
    journal_of,
    made_in,
    obey,
    repeated_elsewhere,
    small,
    straight,
)

pytestmark = pytest.mark.long


def opened(opening: NewRun | ResumeRun | ReplayRun) -> Navigator:
    return Navigator(opening.start(lambda _step, _last: True).branches, lambda *_: None)


def voyage_of(
    folder: Path, start: Settings = SMALL, schedule: Schedule = (), stem: str = "run"
) -> Navigator:
    return opened(NewRun(start, schedule, JournalTarget(folder, stem)))


def check_repeated(folder: Path) -> None:
    journals = sorted(folder.glob("*.jsonl"))
    verdicts = [f"identical through step {read_journal(path).last_step:,}" for path in journals]
    assert repeated_elsewhere(journals) == verdicts


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
def test_an_undone_change_was_never_made(task: str, optimizer: str, tmp_path: Path) -> None:
    count = 0

    @settings(max_examples=3, deadline=None)
    @given(PLANS, PLANS, st.integers(0, 300), st.integers(0, 9))
    def check(before: Plan, after: Plan, later: int, seed: int) -> None:
        nonlocal count
        count += 1
        start = small(task, optimizer, seed)
        voyage = voyage_of(tmp_path, start, (), f"run{count}")
        obey(voyage.current, before)
        voyage.current.advance(later)
        for _ in range(2):
            made = made_in(voyage.current.run)
            if made:
                voyage.undo()
                run = voyage.current.run
                assert bits(run) == bits(straight(start, made[:-1], made[-1][0]))
        obey(voyage.current, after)
        voyage.current.advance(400)
        run = voyage.current.run
        assert bits(run) == bits(straight(start, made_in(run), run.step))
        voyage.branches.close()

    check()
    check_repeated(tmp_path)


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
def test_a_fork_is_a_run_that_took_its_path_from_the_start(
    task: str, optimizer: str, tmp_path: Path
) -> None:
    count = 0

    @settings(max_examples=2, deadline=None)
    @given(PLANS, PLANS, st.floats(0, 1), st.floats(0, 1), st.integers(0, 9))
    def check(first: Plan, second: Plan, one: float, other: float, seed: int) -> None:
        nonlocal count
        count += 1
        start = small(task, optimizer, seed)
        voyage = voyage_of(tmp_path, start, (), f"run{count}")
        obey(voyage.current, first)
        voyage.current.advance(700)
        trunk = bits(voyage.current.run)
        for share in (one, other):  # a fork, and a fork of that
            parent = voyage.current
            step = int(share * parent.run.step)
            voyage.seek(SeekTo(step))
            voyage.fork()
            run = voyage.current.run
            made = [it for it in made_in(parent.run) if it[0] <= step]
            assert (voyage.current.fork_step, voyage.current.parent) == (step, parent.number)
            assert bits(run) == bits(straight(start, made, step))
            obey(voyage.current, second)
            voyage.current.advance(300)
            assert bits(run) == bits(straight(start, made_in(run), run.step))
            path = voyage.current.observer.path
            if path:
                assert read_journal(path).header.parent == (parent.observer.name, step)
        voyage.next_branch()
        assert bits(voyage.current.run) == trunk
        voyage.branches.close()

    check()
    check_repeated(tmp_path)


def test_an_undo_right_after_a_fork_and_a_fork_right_after_an_undo(tmp_path: Path) -> None:
    voyage = voyage_of(tmp_path)
    for step, spec in ((300, "lr=0.2"), (600, "optimizer=adam"), (600, "clip-norm=1")):
        change_at(voyage.current, step, spec)
    made = made_in(voyage.current.run)
    voyage.current.advance(500)
    voyage.fork()
    assert voyage.current.run.step == 1100
    assert voyage.undo() == "undone: step 600: clip norm inf → 1"
    assert bits(voyage.current.run) == bits(straight(SMALL, made[:2], 600))
    voyage.fork()
    assert voyage.undo().startswith("undone: step 600: optimizer sgd → adam")
    assert voyage.undo() == "undone: step 300: lr 0.1 → 0.2"
    assert bits(voyage.current.run) == bits(straight(SMALL, (), 300))
    with pytest.raises(UserError, match="nothing to undo"):
        voyage.undo()
    voyage.current.advance(1000)
    assert bits(voyage.current.run) == bits(straight(SMALL, (), 1300))
    voyage.branches.close()
    check_repeated(tmp_path)
    names = {path.stem for path in tmp_path.glob("*.jsonl")}
    assert names == {"run", *(f"run-{number}" for number in range(2, 7))}


def test_what_was_planned_is_still_done_after_a_fork_and_an_undo(tmp_path: Path) -> None:
    planned = [(1500, parse_change("lr=0.05")), (1800, parse_change("hidden-size=3"))]
    voyage = voyage_of(tmp_path, SMALL, planned)
    change_at(voyage.current, 1200, "lr=0.2")
    voyage.current.advance(100)
    voyage.fork()
    voyage.current.advance(700)
    changed = [(1200, parse_change("lr=0.2")), *planned]
    assert bits(voyage.current.run) == bits(straight(SMALL, changed, 2000))
    voyage.next_branch()
    assert voyage.current.run.step == 1300
    voyage.undo()
    voyage.current.advance(300)
    voyage.branches.close()
    path = voyage.current.observer.path
    assert path
    assert read_journal(path).header.schedule == tuple(planned)
    again = opened(ResumeRun(path, SMALL, JournalTarget.from_path(path)))
    again.current.advance(500)
    assert bits(again.current.run) == bits(straight(SMALL, planned, 2000))
    again.branches.close()
    check_repeated(tmp_path)


def test_the_change_that_halted_a_run_is_taken_back(tmp_path: Path) -> None:
    voyage = voyage_of(tmp_path, settings_with(length=5, hidden_size=6, optimizer="momentum"))
    change_at(voyage.current, 700, "lr=1e6")
    voyage.current.advance(2000)
    halted = voyage.current.run.step
    assert voyage.current.run.halt_reason
    change_at(voyage.current, halted, "lr=1e5")
    voyage.current.advance(2000)
    start, made = voyage.current.run.initial_settings, made_in(voyage.current.run)
    voyage.undo()
    assert voyage.current.run.halt_reason
    assert bits(voyage.current.run) == bits(straight(start, made[:1], halted))
    voyage.undo()
    assert not voyage.current.run.halt_reason
    voyage.current.advance(1000)
    assert bits(voyage.current.run) == bits(straight(start, (), 1700))
    voyage.branches.close()
    check_repeated(tmp_path)


def test_a_repeated_run_is_left_by_a_fork_that_is_written_down(tmp_path: Path) -> None:
    path = tmp_path / "first.jsonl"
    journal_of(path, SMALL, [Asked(300, SetField("lr", 0.2))], tail=2000)
    before = path.read_bytes()
    repeated = ReplayVerifier(read_journal(path), path.stem)
    voyage = opened(ReplayRun(SMALL, repeated, JournalTarget(tmp_path, "second")))
    voyage.current.advance(1500)
    with pytest.raises(UserError, match="f starts a branch"):
        voyage.current.apply(SetField("lr", 0.3))
    voyage.seek(SeekTo(800))
    voyage.fork()
    change_at(voyage.current, 800, "optimizer=adam")
    voyage.current.advance(400)
    run = voyage.current.run
    assert bits(run) == bits(straight(SMALL, made_in(run), 1200))
    voyage.branches.close()
    assert path.read_bytes() == before
    assert read_journal(tmp_path / "second.jsonl").header.parent == ("first", 800)
    check_repeated(tmp_path)


def test_many_forks_keep_but_so_many_in_memory_and_all_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 6
    monkeypatch.setattr(branches, "MAX_BRANCHES", most)
    voyage = voyage_of(tmp_path, COUNTING)
    for number in range(1, most + 5):
        change_at(voyage.current, 50 * number, f"lr={0.001 + number / 10_000:.4f}")
        voyage.current.advance(50)
        voyage.fork()
        assert len(voyage.branches.all) == min(most, number + 1)
        assert voyage.current in voyage.branches.all
    others = [it for it in voyage.branches.all if it is not voyage.current]
    assert all(len(it.keyframes._keyframes) <= INACTIVE_KEYFRAMES for it in others)
    run = voyage.current.run
    assert len(run.log) == most + 4
    assert bits(run) == bits(straight(COUNTING, made_in(run), run.step))
    voyage.branches.close()
    assert len(list(tmp_path.glob("*.jsonl"))) == most + 5
    check_repeated(tmp_path)


def test_it_goes_from_change_to_change_and_back_to_the_present(tmp_path: Path) -> None:
    voyage = voyage_of(tmp_path, replace(SMALL, seed=2))
    for step, spec in ((0, "lr=0.2"), (300, "hidden-size=4"), (700, "lr=0.05")):
        change_at(voyage.current, step, spec)
    voyage.current.advance(300)
    seen = []
    for wish in (
        SeekToChange(forward=False),
        SeekToChange(forward=False),
        SeekToChange(forward=False),
        SeekToChange(forward=False),
        SeekToChange(forward=True),
        SeekBy(150),
        SeekBy(-10_000),
        SeekBy(999),
        SeekBy(1),
    ):
        voyage.seek(wish)
        while voyage.rewind and voyage.is_seeking:
            voyage.rewind.advance(64)
        seen.append(voyage.viewed_run.step)
        run = voyage.current.run
        until = [it for it in made_in(run) if it[0] <= voyage.viewed_run.step]
        assert bits(voyage.viewed_run) == bits(
            straight(run.initial_settings, until, voyage.viewed_run.step)
        )
    assert seen == [700, 300, 0, 0, 300, 450, 0, 999, 1000]
    assert voyage.rewind is None
    voyage.branches.close()


def test_two_branches_are_each_left_where_they_were(tmp_path: Path) -> None:
    voyage = voyage_of(tmp_path)
    voyage.current.advance(1100)
    voyage.fork()
    for turn in range(6):
        change_at(voyage.current, voyage.current.run.step, f"lr=0.{turn + 2}")
        voyage.current.advance(450)
        left = voyage.current
        voyage.next_branch()
        assert voyage.current is not left
    voyage.branches.close()
    check_repeated(tmp_path)
    both: Branches = voyage.branches
    for branch in both.all:
        assert bits(branch.run) == bits(straight(SMALL, made_in(branch.run), branch.run.step))
