"""Undo equals a run without the change, and a fork a run with its changes from the start."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.changes import Schedule, SetField, parse_change
from rnn_tui.session import session as session_module
from rnn_tui.session.session import INACTIVE_KEYFRAMES, Session
from rnn_tui.session.start import NewRun, ReplayRun, ResumeRun
from tests.support.makers import COUNTING, SMALL, settings_with
from tests.support.plans import PLANS, Plan, PlannedChange
from tests.support.recorded import (
    PAIRS,
    apply_plan,
    change_at,
    changes_of,
    exact_state,
    record_plan,
    replay_verdicts,
    small,
    uninterrupted_run,
)

pytestmark = pytest.mark.long


def started(session_start: NewRun | ResumeRun | ReplayRun) -> Session:
    return session_start.start(lambda _step, _last: True).session


def new_session(
    folder: Path, start: Settings = SMALL, schedule: Schedule = (), stem: str = "run"
) -> Session:
    return started(NewRun(start, schedule, JournalTarget(folder, stem)))


def check_repeated(folder: Path) -> None:
    journals = sorted(folder.glob("*.jsonl"))
    verdicts = [f"identical through step {read_journal(path).last_step:,}" for path in journals]
    assert replay_verdicts(journals) == verdicts


@pytest.mark.parametrize(("task", "optimizer"), PAIRS[::2])
def test_undo_equals_a_run_without_the_change(task: str, optimizer: str, tmp_path: Path) -> None:
    count = 0

    @seed(PAIRS.index((task, optimizer)))
    @settings(max_examples=3, deadline=None)
    @given(PLANS, PLANS, st.integers(0, 300), st.integers(0, 9))
    def check(before: Plan, after: Plan, later: int, seed: int) -> None:
        nonlocal count
        count += 1
        start = small(task, optimizer, seed)
        session = new_session(tmp_path, start, (), f"run{count}")
        apply_plan(session.current, before)
        session.current.advance(later)
        for _ in range(2):
            made = changes_of(session.current.run)
            if made:
                session.undo()
                run = session.current.run
                assert exact_state(run) == exact_state(
                    uninterrupted_run(start, made[:-1], made[-1][0])
                )
        apply_plan(session.current, after)
        session.current.advance(400)
        run = session.current.run
        assert exact_state(run) == exact_state(uninterrupted_run(start, changes_of(run), run.step))
        session.close()

    check()
    check_repeated(tmp_path)


@pytest.mark.parametrize(("task", "optimizer"), PAIRS[1::2])
def test_fork_equals_a_run_with_its_changes_from_the_start(
    task: str, optimizer: str, tmp_path: Path
) -> None:
    count = 0

    @seed(PAIRS.index((task, optimizer)))
    @settings(max_examples=2, deadline=None)
    @given(PLANS, PLANS, st.floats(0, 1), st.floats(0, 1), st.integers(0, 9))
    def check(first: Plan, second: Plan, one: float, other: float, seed: int) -> None:
        nonlocal count
        count += 1
        start = small(task, optimizer, seed)
        session = new_session(tmp_path, start, (), f"run{count}")
        apply_plan(session.current, first)
        session.current.advance(700)
        trunk = exact_state(session.current.run)
        for share in (one, other):  # a fork, and a fork of that
            parent = session.current
            step = int(share * parent.run.step)
            session.seek(step)
            session.fork()
            run = session.current.run
            made = [made for made in changes_of(parent.run) if made[0] <= step]
            assert (session.current.fork_step, session.current.parent) == (step, parent.number)
            assert exact_state(run) == exact_state(uninterrupted_run(start, made, step))
            apply_plan(session.current, second)
            session.current.advance(300)
            assert exact_state(run) == exact_state(
                uninterrupted_run(start, changes_of(run), run.step)
            )
            path = session.current.observer.path
            if path:
                assert read_journal(path).header.parent == (parent.observer.name, step)
        session.next_branch()
        assert exact_state(session.current.run) == trunk
        session.close()

    check()
    check_repeated(tmp_path)


def test_undo_after_fork_and_fork_after_undo(tmp_path: Path) -> None:
    session = new_session(tmp_path)
    for step, spec in ((300, "lr=0.2"), (600, "optimizer=adam"), (600, "clip-norm=1")):
        change_at(session.current, step, spec)
    made = changes_of(session.current.run)
    session.current.advance(500)
    session.fork()
    assert session.current.run.step == 1100
    assert session.undo() == "undone: clip norm inf → 1"
    assert exact_state(session.current.run) == exact_state(uninterrupted_run(SMALL, made[:2], 600))
    session.fork()
    assert session.undo().startswith("undone: optimizer sgd → adam")
    assert session.undo() == "undone: lr 0.1 → 0.2"
    assert exact_state(session.current.run) == exact_state(uninterrupted_run(SMALL, (), 300))
    with pytest.raises(UserError, match="nothing to undo"):
        session.undo()
    session.current.advance(1000)
    assert exact_state(session.current.run) == exact_state(uninterrupted_run(SMALL, (), 1300))
    session.close()
    check_repeated(tmp_path)
    names = {path.stem for path in tmp_path.glob("*.jsonl")}
    assert names == {"run", "run-2"}  # the other branches had no step of their own


def test_scheduled_changes_apply_after_fork_and_undo(tmp_path: Path) -> None:
    planned = [(1500, parse_change("lr=0.05")), (1800, parse_change("hidden-size=3"))]
    session = new_session(tmp_path, SMALL, planned)
    change_at(session.current, 1200, "lr=0.2")
    session.current.advance(100)
    session.fork()
    session.current.advance(700)
    changed = [(1200, parse_change("lr=0.2")), *planned]
    assert exact_state(session.current.run) == exact_state(uninterrupted_run(SMALL, changed, 2000))
    session.next_branch()
    assert session.current.run.step == 1300
    session.undo()
    session.current.advance(300)
    session.close()
    path = session.current.observer.path
    assert path
    assert read_journal(path).header.schedule == tuple(planned)
    again = started(ResumeRun.open(path))
    again.current.advance(500)
    assert exact_state(again.current.run) == exact_state(uninterrupted_run(SMALL, planned, 2000))
    again.close()
    check_repeated(tmp_path)


def test_undo_of_the_change_that_halted_the_run(tmp_path: Path) -> None:
    session = new_session(tmp_path, settings_with(length=5, hidden_size=6, optimizer="momentum"))
    change_at(session.current, 700, "lr=1e6")
    session.current.advance(2000)
    halted = session.current.run.step
    assert session.current.run.halt_reason
    change_at(session.current, halted, "lr=1e5")
    session.current.advance(2000)
    start, made = session.current.run.initial_settings, changes_of(session.current.run)
    session.undo()
    assert session.current.run.halt_reason
    assert exact_state(session.current.run) == exact_state(
        uninterrupted_run(start, made[:1], halted)
    )
    session.undo()
    assert not session.current.run.halt_reason
    session.current.advance(1000)
    assert exact_state(session.current.run) == exact_state(uninterrupted_run(start, (), 1700))
    session.close()
    check_repeated(tmp_path)


def test_fork_of_a_replay_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "first.jsonl"
    record_plan(path, SMALL, [PlannedChange(300, SetField("lr", 0.2))], tail=2000)
    before = path.read_bytes()
    repeated = ReplayVerifier(read_journal(path), path.stem)
    session = started(ReplayRun(SMALL, repeated, JournalTarget(tmp_path, "second")))
    session.current.advance(1500)
    with pytest.raises(UserError, match="f forks a branch"):
        session.current.apply(SetField("lr", 0.3))
    session.seek(800)
    session.fork()
    change_at(session.current, 800, "optimizer=adam")
    session.current.advance(400)
    run = session.current.run
    assert exact_state(run) == exact_state(uninterrupted_run(SMALL, changes_of(run), 1200))
    session.close()
    assert path.read_bytes() == before
    assert read_journal(tmp_path / "second.jsonl").header.parent == ("first", 800)
    check_repeated(tmp_path)


def test_number_of_branches_in_memory_is_limited_and_all_are_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 6
    monkeypatch.setattr(session_module, "MAX_BRANCHES", most)
    session = new_session(tmp_path, COUNTING)
    for number in range(1, most + 5):
        change_at(session.current, 50 * number, f"lr={0.001 + number / 10_000:.4f}")
        session.current.advance(50)
        session.fork()
        assert len(session.branches) == min(most, number + 1)
        assert session.current in session.branches
    others = [branch for branch in session.branches if branch is not session.current]
    assert all(len(branch.keyframes._keyframes) <= INACTIVE_KEYFRAMES for branch in others)
    run = session.current.run
    assert len(run.log) == most + 4
    assert exact_state(run) == exact_state(uninterrupted_run(COUNTING, changes_of(run), run.step))
    session.close()
    assert len(list(tmp_path.glob("*.jsonl"))) == most + 5
    check_repeated(tmp_path)


def test_seek_from_change_to_change_and_back_to_the_latest_step(tmp_path: Path) -> None:
    session = new_session(tmp_path, replace(SMALL, seed=2))
    for step, spec in ((0, "lr=0.2"), (300, "hidden-size=4"), (700, "lr=0.05")):
        change_at(session.current, step, spec)
    session.current.advance(300)
    seen = []
    sought: list[Callable[[], int]] = [
        *[lambda: session.next_change_step(forward=False)] * 4,
        lambda: session.next_change_step(forward=True),
        lambda: session.viewed_step + 150,
        lambda: session.viewed_step - 10_000,
        lambda: session.viewed_step + 999,
        lambda: session.viewed_step + 1,
    ]
    for target_step in sought:
        session.seek(target_step())
        while session.rewind and session.is_seeking:
            session.rewind.advance(64)
        seen.append(session.viewed.step)
        run = session.current.run
        until = [made for made in changes_of(run) if made[0] <= session.viewed.step]
        assert exact_state(session.viewed) == exact_state(
            uninterrupted_run(run.initial_settings, until, session.viewed.step)
        )
    assert seen == [700, 300, 0, 0, 300, 450, 0, 999, 1000]
    assert session.rewind is None
    session.close()


def test_branches_keep_their_state_when_switching_between_them(tmp_path: Path) -> None:
    session = new_session(tmp_path)
    session.current.advance(1100)
    session.fork()
    for turn in range(6):
        change_at(session.current, session.current.run.step, f"lr=0.{turn + 2}")
        session.current.advance(450)
        left = session.current
        session.next_branch()
        assert session.current is not left
    session.close()
    check_repeated(tmp_path)
    for branch in session.branches:
        assert exact_state(branch.run) == exact_state(
            uninterrupted_run(SMALL, changes_of(branch.run), branch.run.step)
        )
