"""Long operations report progress often enough, however long a step takes."""

from collections.abc import Callable
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.recording import resume as resuming
from rnn_tui.recording.resume import CANCEL_CHECK_SECONDS, Cancelled, resume
from rnn_tui.run import keyframes
from rnn_tui.run import step_budget as stride
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.run.step_budget import StepBudget
from rnn_tui.session import navigation
from rnn_tui.session.session import Session
from tests.support.makers import SMALL, unrecorded_session
from tests.support.plans import PlannedChange
from tests.support.recorded import record_plan

STEP = 0.46  # seconds for one step of a large net


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every step of a run one of `STEP` seconds, by the clock that strides go by."""
    now, advance = 0.0, Run.advance

    def slowly(run: Run, count: int, is_interrupted: Callable[[], bool] = lambda: False) -> bool:
        nonlocal now
        before = run.step
        interrupted = advance(run, count, is_interrupted)
        now += STEP * (run.step - before)
        return interrupted

    monkeypatch.setattr(Run, "advance", slowly)
    for module in (stride, resuming):
        monkeypatch.setattr(module, "perf_counter", lambda: now)
    # Keyframes, taken by the real clock, would shorten a seek on a busy machine.
    for module in (keyframes, navigation):
        monkeypatch.setattr(module, "MIN_KEYFRAME_INTERVAL_SECONDS", inf)


@settings(deadline=None)
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=40), st.floats(1e-3, 0.1))
def test_budget_at_most_doubles_and_fits_the_seconds(costs: list[float], seconds: float) -> None:
    striding, before, fitting = StepBudget(seconds), 1, 1.0
    assert striding.steps == 1
    for cost in costs:
        striding.record(striding.steps, striding.steps * cost)
        fitting = seconds / cost
        assert 1 <= striding.steps <= 2 * before
        assert striding.steps <= max(1, fitting + 1)
        before = striding.steps
    for _ in range(20):
        striding.record(striding.steps, striding.steps * costs[-1])
    assert striding.steps == max(1, min(round(fitting), 2**20 * before))


def test_zero_seconds_leave_the_budget_unchanged() -> None:
    striding = StepBudget(0.004)
    striding.record(1, 0.0)
    assert striding.steps == 1


def session_of_30_steps(ticks: list[str]) -> Session:
    session = unrecorded_session(Run(SMALL))
    session.current.advance(20)
    session.current.apply(SetField("lr", 0.2))
    session.current.advance(10)
    session.on_progress = lambda message, _seconds: ticks.append(message)
    return session


@pytest.mark.usefixtures("large")
def test_slow_undo_and_seek_report_every_step() -> None:
    ticks: list[str] = []
    session = session_of_30_steps(ticks)
    session.undo()
    assert len(ticks) == session.current.run.step == 20
    session.seek(13)
    session.seek_now()
    assert len(ticks) == 20 + 13


@pytest.mark.usefixtures("large")
def test_slow_resume_can_be_cancelled_at_every_step(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [PlannedChange(20, SetField("lr", 0.2))], tail=5)
    path.with_suffix(".npz").unlink()
    trained_steps: list[int] = []

    def until_seven(step: int, last: int) -> bool:
        trained_steps.append(step)
        assert last == 25
        return step < 7

    assert CANCEL_CHECK_SECONDS < STEP
    with pytest.raises(Cancelled):
        resume(path, until_seven)
    assert trained_steps == list(range(1, 8))
