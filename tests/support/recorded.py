"""Recorded runs for tests, their state bit for bit, and altered journals."""

import atexit
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, lru_cache
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.recording.journal_format import INITIAL_CHAIN_HASH, compute_chain_hash
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import Change, Schedule, SetField, parse_change
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest
from rnn_tui.session.start import start_run
from tests.support.makers import SMALL
from tests.support.plans import Plan, PlannedChange

# Each task with an optimizer, and each optimizer with a task, however many there are of either.
PAIRS = list(
    islice(zip(cycle(TASKS), cycle(OPTIMIZERS), strict=False), max(len(TASKS), len(OPTIMIZERS)))
)

REPLAY_SCRIPT = """
import rnn_tui.cli.main  # one thread of arithmetic, before numpy is loaded
import sys
from pathlib import Path
from rnn_tui.run.branch import Branch
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.run.run import Run
for name in sys.stdin:
    recording = read_journal(Path(name.rstrip()))
    replay = ReplayVerifier(recording)
    branch = Branch(Run(recording.header.settings), replay)
    while not replay.finished:
        branch.advance(1999)
    print(recording.error or replay.verdict, flush=True)
"""


def small(task: str, optimizer: str, seed: int = 0) -> Settings:
    """Return settings of a small model with `optimizer` and the defaults of `task`."""
    return replace(switched(SMALL, task, None, optimizer), length=5, hidden_size=5, seed=seed)


def start_recording(path: Path, start: Settings, schedule: Schedule = ()) -> Branch:
    """Start a run recorded in `path`."""
    return start_run(start, schedule, JournalTarget.from_path(path))


def apply_plan(branch: Branch, plan: Plan) -> None:
    """Take the steps and apply the changes of `plan`, except invalid ones."""
    for steps, change in plan:
        branch.advance(steps)
        with suppress(UserError):
            branch.apply(change)


def change_at(branch: Branch, step: int, spec: str) -> None:
    branch.advance(step - branch.run.step)
    assert branch.apply(parse_change(spec))


def end_recording(branch: Branch) -> None:
    """End the recording, with a last digest and a checkpoint."""
    branch.deactivate()
    branch.observer.close()


def record_plan(path: Path, start: Settings, plan: Plan, tail: int = 0) -> Run:
    """Record in `path` a run from `start` by `plan`, and `tail` more steps."""
    branch = start_recording(path, start)
    apply_plan(branch, plan)
    branch.advance(tail)
    end_recording(branch)
    return branch.run


def record_in_state_directory(state_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Record 1200 of 2500 steps, a change at 300, as the only saved run; return its journal."""
    monkeypatch.setenv("XDG_STATE_HOME", str(state_home))
    path = state_home / "rnn-tui" / "20250101-run.jsonl"
    path.parent.mkdir(parents=True)
    for suffix, data in _files_of_a_run().items():
        path.with_suffix(suffix).write_bytes(data)
    return path


@cache
def _files_of_a_run() -> dict[str, bytes]:
    """Record a run once for all tests of this process; return its files by their suffixes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.jsonl"
        start = replace(SMALL, steps=2500)
        record_plan(path, start, [PlannedChange(300, SetField("lr", 0.2))], tail=900)
        return {file.suffix: file.read_bytes() for file in path.parent.iterdir()}


def uninterrupted_run(start: Settings, changes: Schedule, steps: int) -> Run:
    """Return a run from `start` that was never interrupted."""
    run = Run(start, changes)
    run.advance(steps)
    return run


def changes_of(run: Run) -> list[tuple[int, Change]]:
    return [(applied.step, applied.change) for applied in run.log]


def exact_state(run: Run) -> dict[str, object]:
    """Return all that training and displays depend on, bit for bit."""
    state = run.state
    return {
        "digest": compute_digest(state.weights, state.optimizer_state, state.stream_state),
        "step": state.step,
        "settings_state": state.settings_state,
        "log": run.log,
        "rollback_point": (
            state.rollback_point.step,
            repr(state.rollback_point.mean_metric),
            state.rollback_point.weights.tobytes(),
        ),
        "rollback_optimizer_state": {
            name: array.tobytes() for name, array in state.rollback_point.optimizer_state.items()
        },
        "progress": (
            state.vanished_steps,
            state.halt_reason,
            state.last_step_valid,
            state.skipped_steps,
        ),
        "dataset": state.dataset and [array.tobytes() for array in state.dataset[:3]],
        "history": {name: array.tobytes() for name, array in state.history.items()},
        "weight_path": None if state.weight_path is None else state.weight_path.tobytes(),
        "first_exact": state.first_exact,
        "events": state.events,
    }


def replay_verdicts(paths: Sequence[Path]) -> list[str]:
    """Return the verdicts of another process on these journals."""
    process = _replay_process()
    assert process.stdin
    assert process.stdout
    verdicts = []
    for path in paths:
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        verdicts.append(process.stdout.readline().rstrip())
    return verdicts


@lru_cache
def _replay_process() -> subprocess.Popen[str]:
    """Start a process that replays each journal named on its standard input."""
    command = [sys.executable, "-c", REPLAY_SCRIPT]
    process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(process.communicate)
    return process


Line = dict[str, Any]


def journal_lines(path: Path) -> list[Line]:
    """Return the lines of a journal as objects, without their hashes."""
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    for line in lines:
        del line["check"]
    return lines


def write_journal(path: Path, lines: Sequence[Line | bytes]) -> None:
    """Write a journal of these lines, or of their texts up to the hash, with valid hashes."""
    check, whole_text = INITIAL_CHAIN_HASH, b""
    for line in lines:
        body = line if isinstance(line, bytes) else json.dumps(line)[:-1].encode()
        check = compute_chain_hash(check, body)
        whole_text += body + f', "check": "{check}"}}\n'.encode()
    path.write_bytes(whole_text)


def alter_journal(path: Path, change: Callable[[list[Line]], None]) -> None:
    """Change the lines of a journal, with valid hashes."""
    lines = journal_lines(path)
    change(lines)
    write_journal(path, lines)
