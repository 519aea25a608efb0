"""A journal is appended to by one process, and no written record is lost."""

import subprocess
import sys
from math import isfinite, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    BreakpointRecord,
    ChangeRecord,
    DigestRecord,
    Header,
    JournalError,
    Record,
    ResumeRecord,
    read_journal,
)
from rnn_tui.recording.recorder import next_digest_step
from rnn_tui.recording.resume import resume
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.breakpoints import ACTIONS
from rnn_tui.run.changes import SetField, SetWeights, parse_change
from rnn_tui.run.conditions import CONDITIONS, parse_condition
from rnn_tui.run.events import Event
from rnn_tui.session.start import NewRun
from tests.support.makers import SMALL
from tests.support.plans import SETTING_CHANGES
from tests.support.recorded import (
    change_at,
    end_recording,
    start_recording,
)
from tests.support.texts import CHARACTERS, TEXTS

HOUR, SPEED, MOST_BYTES = 3600, 40_000, 5_000_000

HOLD = """
import sys
from pathlib import Path
from rnn_tui.recording.journal import Journal
journal, _ = Journal.open_append(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def header(**others: object) -> Header:
    values = {
        "settings": SMALL,
        "environment": current_environment(),
        "started_at": "2025-01-01",
    } | others
    return Header(**values)  # type: ignore[arg-type]  # `others` are of the right types


CHANGED = st.builds(
    ChangeRecord, st.integers(0, 10**15), SETTING_CHANGES | st.just(SetWeights((1e-300, -0.0)))
)
NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
STEPS = st.integers(0, 10**15)
DIGESTS = st.builds(
    DigestRecord,
    STEPS,
    st.text("0123456789abcdef", min_size=32, max_size=32),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    st.none() | st.tuples(STEPS, STEPS, STEPS),
    st.none() | STEPS,
    bit_score=st.none() | st.tuples(STEPS, STEPS, st.booleans()),
    event=st.none() | st.builds(Event, STEPS, TEXTS, TEXTS),
)
RESUMED = st.builds(ResumeRecord, STEPS, st.just(current_environment()))
EXAMPLES = [parse_condition(kind.example) for kind in CONDITIONS.values()]
BREAKPOINTS = st.builds(
    BreakpointRecord, STEPS, st.sampled_from(ACTIONS), st.sampled_from(EXAMPLES), TEXTS
)
LINES = st.lists(CHANGED | DIGESTS | RESUMED | BREAKPOINTS, max_size=8)


def finite(line: Record) -> Record:
    """Return the line as it can be written: JSON has no number that is not finite."""
    if not isinstance(line, DigestRecord):
        return line
    numbers = (line.metric, line.weight_norm, line.optimizer_state_norm)
    loss, weights, memory = (number if isfinite(number) else nan for number in numbers)
    return line._replace(metric=loss, weight_norm=weights, optimizer_state_norm=memory)


@settings(max_examples=40, deadline=None)
@given(
    lines=LINES,
    at=st.lists(st.tuples(STEPS, SETTING_CHANGES), max_size=3),
    name=st.text(CHARACTERS, max_size=9),
)
def test_written_records_are_read_back(
    lines: list[Record],
    at: list[tuple[int, SetField]],
    name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("journal") / "run.jsonl"
    written = header(schedule=tuple(at), parent=(f"{name}\udcff", 7))
    journal = Journal.begin(path, written)
    lines = sorted(lines, key=lambda line: line.step)
    for line in lines:
        match line:
            case ChangeRecord():
                journal.write_change(line)
            case DigestRecord():
                journal.write_digest(line)
            case ResumeRecord():
                journal.write_resume(line)
            case BreakpointRecord():
                journal.write_breakpoint(line)
    journal.close()
    recording = read_journal(path)
    assert (recording.header, recording.error) == (written, "")
    assert repr(list(recording.records)) == repr([finite(line) for line in lines])
    assert path.read_bytes().isascii()


def test_open_append_rejects_journal_locked_by_another_process(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1200)
    for holder in ("the run itself", "another process"):
        with pytest.raises(JournalError, match="this run is still active in another process"):
            resume(path)
        if holder == "the run itself":
            end_recording(branch)
            other = subprocess.Popen(
                [sys.executable, "-c", HOLD, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert other.stdout
            assert other.stdout.readline() == b"held\n"
    other.communicate(timeout=20)
    resumed, _ = resume(path)
    assert resumed.run.step == 1200
    end_recording(resumed)


def test_create_journal_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"precious")
    (tmp_path / "run-2.jsonl").mkdir()
    branch = start_recording(path, SMALL)
    branch.advance(1000)
    end_recording(branch)
    assert branch.observer.path == tmp_path / "run-3.jsonl"
    assert path.read_bytes() == b"precious"
    assert not checkpoint_path(path).exists()


def test_untouched_run_has_no_journal(tmp_path: Path) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL, [(5, parse_change("lr=0.2"))])
    branch.advance(0)
    end_recording(branch)
    assert (branch.observer.name, branch.observer.path) == ("", None)
    assert list(tmp_path.iterdir()) == []


def test_fork_is_journalled_at_once_with_its_parent(tmp_path: Path) -> None:
    opening = NewRun(SMALL, (), JournalTarget(tmp_path, "run"))
    session = opening.start(lambda _step, _last: True).session
    change_at(session.current, 5, "lr=0.2")
    session.current.advance(5)
    session.fork()
    forked = tmp_path / "run-2.jsonl"
    first, second = read_journal(forked).records
    assert first == ChangeRecord(5, SetField("lr", 0.2))
    assert isinstance(second, DigestRecord)
    assert second.step == 10
    assert checkpoint_path(forked).exists()
    session.current.advance(1)
    session.undo()
    assert read_journal(tmp_path / "run-3.jsonl").last_step == 5
    session.current.advance(1)
    session.next_branch()
    session.close()
    moments = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.jsonl")}
    assert moments["run.jsonl"] == max(moments.values()), "the latest branch that was switched to"
    undone, _ = resume(tmp_path / "run-3.jsonl")
    assert (undone.run.step, undone.run.log) == (6, [])
    end_recording(undone)


def test_restart_and_fork_are_journalled_beside_the_first_run(tmp_path: Path) -> None:
    opening = NewRun(SMALL, (), JournalTarget(tmp_path, "run"))
    session = opening.start(lambda _step, _last: True).session
    session.current.advance(1000)
    session.restart(5)
    session.current.advance(100)
    session.fork()
    session.current.advance(1)
    session.close()
    found = {path.name: read_journal(path).header for path in tmp_path.glob("*.jsonl")}
    assert {name: (it.settings.seed, it.parent) for name, it in found.items()} == {
        "run.jsonl": (0, None),
        "run-2.jsonl": (5, None),
        "run-3.jsonl": (5, ("run-2", 100)),
    }


def test_digest_steps_do_not_depend_on_slicing(tmp_path: Path) -> None:
    for name, pace in (("fast", 5000), ("slow", 7)):
        branch = start_recording(tmp_path / f"{name}.jsonl", SMALL)
        while branch.run.step < 5000:
            branch.advance(min(pace, 5000 - branch.run.step))
        end_recording(branch)
    fast, slow = (read_journal(tmp_path / f"{name}.jsonl").records for name in ("fast", "slow"))
    assert fast == slow
    assert [line.step for line in fast] == [1000, 2000, 3000, 4000, 5000]


def test_journal_of_long_run_is_small(tmp_path: Path) -> None:
    step, count = 0, 0
    while step < HOUR * SPEED:
        following = next_digest_step(step)
        assert following > step
        assert following % 1000 == 0
        assert following - step <= max(1000, 2 * (step // 500))
        step, count = following, count + 1
    path = tmp_path / "run.jsonl"
    journal = Journal.begin(path, header())
    before = path.stat().st_size
    exact, bits = (10**5, 10**5, 10**12), (10**7, 10**7, False)
    longest = DigestRecord(10**12, "f" * 32, -1 / 3e-300, 1 / 3e300, 1 / 3, exact, 10**12, bits)
    journal.write_digest(longest)
    journal.close()
    assert count > 1000
    assert count * (path.stat().st_size - before) < MOST_BYTES
