"""Breakpoints are hit at the same steps however a run is cut, forked, replayed or resumed."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import BreakpointRecord, Record, read_journal
from rnn_tui.recording.recorder import Recorder
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.resume import resume
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import parse_change
from rnn_tui.run.conditions import CONDITIONS, parse_condition
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.session.session import Session
from rnn_tui.session.start import start_run
from tests.support.makers import settings_with
from tests.support.recorded import end_recording, exact_state, start_recording

START = settings_with(hidden_size=8)
SCHEDULE = [(1100, parse_change("lr=0.8"))]
LAST_STEP = 4050
# The step at which each condition is hit in the run from START, and why.
HITS = {
    "exact": (3250, "all 16,384 sequences are correct"),
    "loss<1": (3000, r"the mean L1 error of the last 100 steps is 0\.\d+"),
    "accuracy>=0.5": (3000, r"the accuracy is 0\.9004 over 512 sequences"),
    "plateau": (1000, r"mean L1 error 3\.98 of the last 500 steps, 3\.74 without memory"),
    "plateau-end": (2000, "end of a plateau: 1,000 steps at the loss of a model without memory"),
    "memory-used": (4000, "carry used: the swap test is correct in 100 % of 206 pairs"),
    "saturated": (3000, r"learning rate 0\.8: 50 % of hidden state outputs are saturated"),
    "lr>0.1": (1250, r"the learning rate is 0\.8"),
    "change and lr>=0.8": (1100, r"lr .*; the learning rate is 0\.8"),
    "optimizer=sgd": (250, "the optimizer is sgd"),
    "step=1234": (1234, "the step is reached"),
    "change": (1100, r"lr 0\.1 → 0\.8"),
    "loss<2 and accuracy>=0.5": (3000, "the mean L1 .*; the accuracy .*"),
    "change and plateau": (1100, "lr .*; mean L1 error .*"),
}
# A smaller run, and breakpoints that are hit in it.
SMALL_START = settings_with(length=3, hidden_size=6, learning_rate=2.0)
SMALL_SCHEDULE = [(1030, parse_change("lr=3"))]
SMALL_LAST_STEP = 1500
SMALL_TEXTS = ("loss<1", "loss<0.6 and exact", "accuracy>=0.5", "step=1234", "change", "exact")
Hits = list[tuple[int, str]]


def hits_of(run: Run) -> Hits:
    return [(hit.step, hit.condition.text) for hit in run.breakpoints.hits]


def set_all(run: Run, texts: Sequence[str] = tuple(HITS)) -> Run:
    for text in texts:
        run.breakpoints.edit(run, "set", parse_condition(text))
    return run


def advance_to(run: Run, step: int) -> None:
    """Train to `step`, past breakpoints."""
    while run.step < step:
        run.advance(step - run.step)


@cache
def reference() -> Run:
    """Return a run in which every condition was hit."""
    run = set_all(Run(START, SCHEDULE))
    advance_to(run, LAST_STEP)
    return run


def test_every_condition_has_a_hit() -> None:
    named = {term.name for text in HITS for term in parse_condition(text).terms}
    assert named == set(CONDITIONS)


@pytest.mark.parametrize("text", HITS)
def test_breakpoint_is_hit_at_its_step_with_the_figures(text: str) -> None:
    step, reason = HITS[text]
    first = next(hit for hit in reference().breakpoints.hits if hit.condition.text == text)
    assert first.step == step
    assert re.fullmatch(reason, first.text)
    assert first.message == f"step {step:,}: breakpoint {text}: {first.text}"


def test_breakpoints_change_no_number() -> None:
    plain = Run(START, SCHEDULE)
    advance_to(plain, LAST_STEP)
    assert exact_state(plain) == exact_state(reference())


def test_advance_ends_at_the_hit() -> None:
    run = set_all(Run(START), ["step=30", "loss>0"])
    run.advance(40)
    assert run.step == 30
    run.advance(400)
    assert run.step == 250
    assert hits_of(run) == [(30, "step=30"), (250, "loss>0")]


def test_breakpoint_is_not_hit_again_while_its_condition_holds() -> None:
    run = set_all(Run(START), ["loss>0"])
    advance_to(run, 1000)
    assert hits_of(run) == [(250, "loss>0")]
    run.breakpoints.edit(run, "off", parse_condition("loss>0"))
    run.breakpoints.edit(run, "set", parse_condition("loss>0"))
    run.advance(300)
    assert hits_of(run)[1:] == [(1250, "loss>0")]


@cache
def small_reference() -> Run:
    """Return the small run, uninterrupted."""
    run = set_all(Run(SMALL_START, SMALL_SCHEDULE), SMALL_TEXTS)
    advance_to(run, SMALL_LAST_STEP)
    return run


def test_every_breakpoint_of_the_small_run_is_hit() -> None:
    assert {text for _, text in hits_of(small_reference())} == set(SMALL_TEXTS)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=20))
@example([1, 49, 51, 699])
def test_breakpoints_are_hit_at_the_same_steps_however_the_run_is_cut(cuts: list[int]) -> None:
    run, n_cuts = set_all(Run(SMALL_START, SMALL_SCHEDULE), SMALL_TEXTS), 0
    while run.step < SMALL_LAST_STEP:
        run.advance(min(cuts[n_cuts % len(cuts)], SMALL_LAST_STEP - run.step))
        n_cuts += 1
    assert run.breakpoints.log == small_reference().breakpoints.log
    assert run.events.events == small_reference().events.events


@settings(max_examples=5, deadline=None)
@given(st.integers(1, SMALL_LAST_STEP - 1), st.booleans(), st.booleans())
@example(1000, True, True)
@example(1000, False, False)
def test_breakpoints_are_hit_at_the_same_steps_replayed_and_resumed(
    tmp_path_factory: pytest.TempPathFactory, cut: int, with_another: bool, killed: bool
) -> None:
    path = tmp_path_factory.mktemp("runs") / "run.jsonl"
    branch = start_recording(path, SMALL_START, SMALL_SCHEDULE)
    expected = set_all(Run(SMALL_START, SMALL_SCHEDULE), SMALL_TEXTS)
    for text in SMALL_TEXTS:
        branch.edit_breakpoint("set", parse_condition(text))
    while branch.run.step < cut:
        branch.advance(cut - branch.run.step)
    advance_to(expected, cut)
    if with_another:
        branch.edit_breakpoint("set", parse_condition("loss<1.5"))
        set_all(expected, ["loss<1.5"])
    if killed and branch.observer.path:  # else there is no journal yet
        branch.observer.close()
    else:
        end_recording(branch)
    resumed, _ = resume(path)
    while resumed.run.step < SMALL_LAST_STEP:
        resumed.advance(SMALL_LAST_STEP - resumed.run.step)
    end_recording(resumed)
    advance_to(expected, SMALL_LAST_STEP)
    assert resumed.run.events.events == expected.events.events
    assert resumed.run.breakpoints.log == expected.breakpoints.log
    recording, run = read_journal(path), Run(SMALL_START)
    replay = ReplayVerifier(recording)
    replayed = Branch(run, replay)
    while not replay.finished:
        replayed.advance(777)
    assert replay.verdict == f"identical through step {SMALL_LAST_STEP:,}"
    assert run.breakpoints.log == resumed.run.breakpoints.log == recording.breakpoint_log


@pytest.mark.parametrize(
    ("altered_step", "mismatch"),
    [(25, "25: breakpoint step=20 is not"), (None, "20: breakpoint step=20 is")],
)
def test_replay_reports_a_breakpoint_that_is_hit_at_another_step(
    tmp_path: Path, altered_step: int | None, mismatch: str
) -> None:
    branch = start_recording(tmp_path / "run.jsonl", START)
    branch.advance(10)
    branch.edit_breakpoint("set", parse_condition("step=20"))
    branch.advance(100)
    end_recording(branch)
    contents = read_journal(tmp_path / "run.jsonl")
    records: list[Record] = []
    for record in contents.records:
        if isinstance(record, BreakpointRecord) and record.action == "hit":
            records += [record._replace(step=altered_step)] if altered_step else []
        else:
            records.append(record)
    replay = ReplayVerifier(replace(contents, records=tuple(records)))
    replayed = Branch(Run(START), replay)
    while not replay.finished:
        replayed.advance(100)
    assert re.fullmatch(f"differs first at step {mismatch} hit", replay.verdict)


def test_viewer_of_a_replay_may_edit_breakpoints(tmp_path: Path) -> None:
    branch = start_recording(tmp_path / "run.jsonl", START)
    branch.edit_breakpoint("set", parse_condition("step=20"))
    branch.advance(10)
    branch.advance(100)
    branch.advance(100)
    end_recording(branch)
    replay = ReplayVerifier(read_journal(tmp_path / "run.jsonl"))
    replayed = Branch(Run(START), replay)
    replayed.edit_breakpoint("set", parse_condition("step=15"))
    replayed.edit_breakpoint("off", parse_condition("step=20"))
    while not replay.finished:
        replayed.advance(100)
    assert replay.verdict == f"identical through step {branch.run.step}"
    assert hits_of(replayed.run) == [(15, "step=15")]


@pytest.mark.parametrize("set_step", [0, 600])
@pytest.mark.parametrize("fork_step", [520, 700, 1020, 1249])
def test_fork_is_stopped_where_a_run_from_the_start_is(fork_step: int, set_step: int) -> None:
    texts = ["loss<1", "loss>0.5", "accuracy>=0.5", "step=1234", "exact"]
    session = session_of(Run(SMALL_START))
    run = session.current.run
    advance_to(run, set_step)
    set_all(run, texts)
    while run.step < 1250:
        session.current.advance(1250 - run.step)
    session.seek(fork_step)
    session.fork()
    forked = session.current.run
    assert forked is not run
    assert forked.step == fork_step
    advance_to(forked, SMALL_LAST_STEP)
    expected = Run(SMALL_START)
    advance_to(expected, min(set_step, fork_step))
    set_all(expected, texts)
    advance_to(expected, SMALL_LAST_STEP)
    assert hits_of(forked) == hits_of(expected)


def test_journal_of_a_fork_has_its_breakpoints(tmp_path: Path) -> None:
    target = JournalTarget.from_path(tmp_path / "run.jsonl")
    session = Session(
        start_run(SMALL_START, SMALL_SCHEDULE, target, [parse_condition("accuracy>=0.5")]),
        lambda run, origin: Recorder(target, run, origin, schedule=run.pending_changes),
    )
    while session.current.run.step < 1100:
        session.current.advance(1100 - session.current.run.step)
    session.current.edit_breakpoint("off", parse_condition("accuracy>=0.5"))
    session.current.edit_breakpoint("set", parse_condition("exact"))
    session.seek(1040)
    session.fork()
    forked = session.current.run
    advance_to(forked, SMALL_LAST_STEP)
    session.close()
    contents = read_journal(tmp_path / "run-2.jsonl")
    assert [(each.step, each.action, each.condition.text) for each in contents.breakpoint_log] == [
        (0, "set", "accuracy>=0.5"),
        (1000, "hit", "accuracy>=0.5"),
        (1040, "off", "accuracy>=0.5"),
        (1040, "set", "exact"),
        (1250, "hit", "exact"),
    ]
    run, replay = Run(SMALL_START), ReplayVerifier(contents)
    replayed = Branch(run, replay)
    while not replay.finished:
        replayed.advance(500)
    assert replay.verdict == f"identical through step {SMALL_LAST_STEP:,}"
    assert run.breakpoints.log == forked.breakpoints.log
    resumed, _ = resume(tmp_path / "run-2.jsonl")
    resumed.observer.close()
    assert resumed.run.breakpoints.log == forked.breakpoints.log


def session_of(run: Run) -> Session:
    return Session(Branch(run, RunObserver()), lambda _run, _origin: RunObserver())


def test_undone_change_is_no_hit_of_the_fork() -> None:
    session = session_of(Run(START))
    set_all(session.current.run, ["change"])
    session.current.advance(10)
    session.apply(parse_change("lr=0.5"))
    assert hits_of(session.current.run) == [(10, "change")]
    session.undo()
    assert hits_of(session.current.run) == []
    assert list(session.current.run.breakpoints.by_text) == ["change"]


def test_restarted_run_has_the_breakpoints() -> None:
    session = session_of(Run(START))
    set_all(session.current.run, ["step=5", "exact", "loss<1"])
    session.current.advance(10)
    session.current.edit_breakpoint("off", parse_condition("exact"))
    session.current.edit_breakpoint("deleted", parse_condition("loss<1"))
    session.restart()
    entries = session.current.run.breakpoints.by_text.values()
    assert [(each.condition.text, each.enabled) for each in entries] == [
        ("step=5", True),
        ("exact", False),
    ]
    session.current.advance(10)
    assert hits_of(session.current.run) == [(5, "step=5")]


@pytest.mark.parametrize(
    ("action", "text", "reason"),
    [
        ("set", "exact", "breakpoint exact is already set"),
        ("set", "step=10", "step=10 cannot be hit after step 10"),
        ("off", "loss<1", "no breakpoint loss<1 is set"),
        ("deleted", "loss<1", "no breakpoint loss<1 is set"),
    ],
)
def test_edit_that_is_impossible_is_explained(action: str, text: str, reason: str) -> None:
    run = set_all(Run(START), ["exact"])
    run.advance(10)
    with pytest.raises(UserError, match=f"^{reason}$"):
        run.breakpoints.edit(run, action, parse_condition(text))
    assert len(run.breakpoints.log) == 1
