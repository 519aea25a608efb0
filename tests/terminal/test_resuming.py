"""However a run has ended, `resume` continues it and its journal replays identically."""

import os
import signal
from pathlib import Path

import pytest

from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.journal_format import (
    ChangeRecord,
    DigestRecord,
    JournalContents,
    ResumeRecord,
    read_journal,
)
from rnn_tui.recording.resume import resume
from tests.support.variants import variants
from tests.terminal.processes import wait_for_end
from tests.terminal.programs import run_to_end
from tests.terminal.reading import wait_for_start, wait_for_step
from tests.terminal.terminal import Terminal

pytestmark = pytest.mark.terminal

ENDLESS = ("--length", "4", "--speed", "2000", "--steps", "100000000")
EXITS = ("q", "SIGTERM", "SIGHUP", "closed", "SIGKILL")


@pytest.mark.parametrize("way", variants(EXITS, short=["q", "closed"]))
def test_run_is_recorded_however_it_ends(way: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    before = recorded_until_its_end(path, way)
    branch, _ = resume(path)
    branch.observer.close()
    assert branch.run.step == before.last_step
    assert [applied.change.spec for applied in branch.run.log] == ["lr=0.2"]
    if way != "SIGKILL":
        assert isinstance(before.records[-1], DigestRecord)
        assert checkpoint_path(path).exists()


def recorded_until_its_end(path: Path, way: str) -> JournalContents:
    """Record a run in `path`, end it in a `way` after a change, and return its journal."""
    with Terminal(*ENDLESS, "--journal", str(path)) as terminal:
        wait_for_start(terminal)
        wait_for_step(terminal, 1200)
        terminal.send("+")
        terminal.wait_for("lr 0.1 → 0.2")
        end(terminal, way)
    contents = read_journal(path)
    assert not contents.error
    return contents


@pytest.mark.parametrize("way", variants(["q", "SIGKILL"], short=["SIGKILL"]))
def test_resumed_run_continues_and_replays_identically(way: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    before = recorded_until_its_end(path, way)
    paused = ("--paused", "--speed", "2000")
    with Terminal("resume", str(path), *paused, columns=120, rows=40) as terminal:
        terminal.wait_for(f"paused at step {before.last_step:,}")
        terminal.wait_for("lr 0.1 → 0.2")
        terminal.send("o")
        terminal.wait_for("optimizer sgd → momentum")
        terminal.send(" ")
        wait_for_step(terminal, before.last_step + 1100)
        terminal.send("q")
        assert terminal.wait() == 0
    after = read_journal(path)
    assert after.records[: len(before.records)] == before.records
    assert isinstance(after.records[len(before.records)], ResumeRecord)
    assert [line.change.spec for line in after.records if isinstance(line, ChangeRecord)] == [
        "lr=0.2",
        "optimizer=momentum",
    ]
    done = run_to_end("replay", str(path), "--headless")
    assert (done.returncode, done.stdout) == (0, f"identical through step {after.last_step:,}\n")


def end(terminal: Terminal, way: str) -> None:
    if way == "q":
        terminal.send("q")
        assert terminal.wait() == 0
    elif way == "closed":
        terminal.close()
        wait_for_end(terminal.process)
    else:
        os.kill(terminal.process, getattr(signal, way))
        terminal.wait()


def test_replay_shows_its_verdict_and_allows_a_fork(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    changes = ("--at", "500:lr=0.5", "--at", "1500:optimizer=adam")
    options = ("--length", "4", "--steps", "2500", "--every", "2500")
    run_to_end("train", *options, "--journal", str(path), *changes)
    written = path.read_bytes()
    with Terminal("replay", str(path), "--speed", "max", columns=120, rows=40) as terminal:
        terminal.wait_for("identical through step 2,500")
        terminal.send("+")
        terminal.wait_for("f forks a branch")
        terminal.send("f+")
        terminal.wait_for("lr 0.01 → 0.02")
        terminal.send("q")
        assert terminal.wait() == 0
        assert "identical through step 2,500" in terminal.left_behind
    assert path.read_bytes() == written


def test_resume_rejects_a_run_of_another_process(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Terminal(*ENDLESS, "--journal", str(path)) as terminal:
        wait_for_step(terminal, 100)
        done = run_to_end("resume", str(path), "--plain")
        assert done.returncode != 0
        assert "this run is still active in another process" in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
