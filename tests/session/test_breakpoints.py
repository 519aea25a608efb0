"""A session pauses at a breakpoint, says why, and resumes after it."""

from dataclasses import replace
from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import BreakpointRecord, read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.changes import SetField
from rnn_tui.run.conditions import parse_condition
from rnn_tui.session.commands import RUN_COMMANDS
from rnn_tui.session.requests import (
    EditBreakpoint,
    Fork,
    ListBreakpoints,
    NextBranch,
    Resume,
    SeekTo,
    Step,
    Undo,
)
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import NewRun, ReplayRun, ResumeRun
from tests.session.conftest import SMALL
from tests.support.driver import Start

COMMANDS = {command.name: command for command in RUN_COMMANDS}


def set_breakpoint(text: str) -> EditBreakpoint:
    return EditBreakpoint("set", parse_condition(text))


def test_run_pauses_at_exactly_the_step_and_resumes(start: Start) -> None:
    driver = start(paused=True)
    asked = driver.ask(set_breakpoint("step=1234"), set_breakpoint("loss>0"))
    assert asked.message == "breakpoint loss>0 is set: evaluated every 250 steps"
    first = driver.settled(Resume())
    assert (first.step, first.status, first.refused) == (250, Status.PAUSED, False)
    assert first.message.startswith("step 250: breakpoint loss>0: the mean L1 error of the last ")
    assert first.message.endswith("; space resumes")
    second = driver.settled(Resume())
    assert second.step == 1234
    assert second.message == (
        "step 1,234: breakpoint step=1234: the step is reached; space resumes"
    )
    assert [hit.step for hit in second.breakpoint_hits] == [250, 1234]
    assert [each.hit_step for each in second.breakpoints] == [1234, 250]
    assert driver.ask(Resume()).status is Status.RUNNING


def test_breakpoints_hit_at_one_step_are_in_one_message(start: Start) -> None:
    driver = start(paused=True)
    driver.ask(set_breakpoint("step=50"), set_breakpoint("step=50 and step=50.0"))
    driver.ask(set_breakpoint("loss>0 and step=250"), set_breakpoint("loss>0"))
    assert driver.settled(Step(70)).step == 50
    both = driver.settled(Step(270))
    assert both.step == 250
    assert both.message.startswith("step 250: breakpoint loss>0 and step=250: the mean ")
    assert "; breakpoint loss>0: the mean " in both.message


def test_breakpoint_at_the_last_planned_step_is_in_the_message(start: Start) -> None:
    driver = start(replace(SMALL, steps=20), paused=True)
    last = driver.settled(set_breakpoint("step=20"), Resume())
    assert (last.step, last.status) == (20, Status.FINISHED)
    assert last.message == "step 20: breakpoint step=20: the step is reached; space resumes"


def test_change_pauses_the_run(start: Start) -> None:
    driver = start()
    driver.ask(set_breakpoint("change"))
    changed = driver.settled(SetField("lr", 0.5))
    assert changed.status is Status.PAUSED
    assert changed.message == (
        f"step {changed.step:,}: breakpoint change: lr 0.1 → 0.5; space resumes"
    )
    undone = driver.settled(Undo())
    assert undone.breakpoint_hits == ()
    assert [each.condition.text for each in undone.breakpoints] == ["change"]


def test_every_branch_has_its_own_breakpoints(start: Start) -> None:
    driver = start(paused=True)
    driver.settled(Step(60), set_breakpoint("step=90"))
    driver.settled(SeekTo(30), Fork())
    forked = driver.settled(EditBreakpoint("deleted", parse_condition("step=90")))
    assert forked.breakpoints == ()
    assert driver.ask(ListBreakpoints()).message == (
        "no breakpoints: break CONDITION sets one, as in break loss<1 and exact"
    )
    assert len(driver.settled(NextBranch()).breakpoints) == 1
    assert driver.ask(ListBreakpoints()).message == "breakpoints: step=90"


def test_commands_make_requests_of_conditions() -> None:
    assert COMMANDS["break"].make_request() == ListBreakpoints()
    assert COMMANDS["break"].make_request("exact") == set_breakpoint("exact")
    condition = parse_condition("exact")
    assert COMMANDS["break-off"].make_request("exact") == EditBreakpoint("off", condition)
    assert COMMANDS["break-delete"].make_request("exact") == EditBreakpoint("deleted", condition)
    with pytest.raises(UserError, match="unknown condition 'x'"):
        COMMANDS["break-off"].make_request("x")


def test_replay_pauses_where_the_recorded_run_did(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    conditions = [parse_condition("step=70"), parse_condition("loss>0")]
    settings = replace(SMALL, steps=300)
    target = JournalTarget.from_path(path)
    driver = start(NewRun(settings, (), target, conditions), paused=True)
    hits = [driver.settled(Resume()).step for _ in range(3)]
    assert hits == [70, 250, 300]
    driver.worker.stop()
    contents = read_journal(path)
    recorded = [record for record in contents.records if isinstance(record, BreakpointRecord)]
    assert [(record.step, record.action) for record in recorded] == [
        (0, "set"),
        (0, "set"),
        (70, "hit"),
        (250, "hit"),
    ]
    replay = start(ReplayRun(settings, ReplayVerifier(contents, "run"), None), paused=True)
    assert [replay.settled(Resume()).step for _ in range(3)] == hits
    assert replay.worker.latest_snapshot().message == "identical through step 300"
    resumed = start(ResumeRun.open(path, [*conditions, parse_condition("step=310")]), paused=True)
    first = resumed.settled()
    assert [each.condition.text for each in first.breakpoints] == ["step=70", "loss>0", "step=310"]
    assert resumed.settled(Resume()).step == 310
