"""Killed at any moment a run goes on from its journal, and no change that it has said is lost."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread
from time import monotonic, sleep

import pytest

from rnn_tui.config.settings import format_float
from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.journal_format import ChangeRecord, ResumeRecord, read_journal
from rnn_tui.recording.resume import resume
from rnn_tui.run.changes import SetField
from tests.support.recorded import bits, end, made_in, straight
from tests.terminal.programs import COMMAND, run_to_end

pytestmark = pytest.mark.terminal

LIVES, RUNS = 25, 4  # each run is killed so often, and taken up again
MOST_SECONDS = 0.08  # that it lives on after its first change
LINES = ("--plain", "--paused", "--every", "1000000", "--speed", "max")
SAID = re.compile(r"step ([0-9,]+): lr \S+ -> (\S+)\n")
PATIENCE = 30.0  # seconds; only a program that hangs takes so long

Changes = list[tuple[int, str]]


def live(random: Random, *arguments: str) -> Changes:
    """Run `rnn-tui ARGUMENTS`, change its rate again and again, and kill it at some moment.

    Returns the steps and rates that it has said.
    """
    said: Changes = []
    victim = subprocess.Popen(
        [*COMMAND, *arguments, *LINES],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with victim:
        hearing = Thread(target=_hear, args=(victim, said))
        hearing.start()
        began, until = monotonic(), 0.0
        while not until or monotonic() < until:
            assert monotonic() - began < PATIENCE
            assert victim.poll() is None
            assert victim.stdin
            victim.stdin.write(f"lr {random.uniform(0.05, 0.3):.6f}\ns {random.randrange(1, 99)}\n")
            if said and not until:
                until = monotonic() + random.uniform(0, MOST_SECONDS)
            sleep(0.003 if said else 0.05)
        victim.kill()
        hearing.join()
        assert victim.stdin
        with suppress(BrokenPipeError):
            victim.stdin.close()
    assert said
    return said


def _hear(victim: "subprocess.Popen[str]", said: Changes) -> None:
    assert victim.stdout
    for line in victim.stdout:
        if found := SAID.fullmatch(line):  # and so not a line that was cut off
            said.append((int(found[1].replace(",", "")), found[2]))


def written(path: Path) -> Changes:
    changes = [line for line in read_journal(path).records if isinstance(line, ChangeRecord)]
    return [
        (it.step, format_float(it.change.value))
        for it in changes
        if isinstance(it.change, SetField)
    ]


def many_lives(path: Path, random: Random) -> Changes:
    """Let a run be killed and resumed; return all that it has said."""
    said: Changes = []
    for life in range(LIVES):
        before = read_journal(path).records if life else ()
        given = ("resume", str(path)) if life else ("--journal", str(path), "--steps", "1000000")
        said += live(random, *given)
        recording = read_journal(path)
        assert recording.truncated == bool(recording.error)
        assert recording.records[: len(before)] == before
        assert set(said) <= set(written(path))
        if random.random() < 0.2:
            checkpoint_path(path).unlink(missing_ok=True)
        elif random.random() < 0.2:
            branch, _ = resume(path)
            branch.advance(random.randrange(1500))
            end(branch)
    return said


def test_whenever_it_is_killed_it_goes_on_and_nothing_said_is_lost(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(RUNS)]
    with ThreadPoolExecutor(RUNS) as lives:
        all_said = list(lives.map(many_lives, paths, map(Random, range(RUNS))))
    for path, said in zip(paths, all_said, strict=True):
        assert len(said) >= LIVES
        branch, _ = resume(path)
        run = branch.run
        assert bits(run) == bits(straight(run.initial_settings, made_in(run), run.step))
        branch.advance(100)
        end(branch)
        recording = read_journal(path)
        assert sum(isinstance(line, ResumeRecord) for line in recording.records) >= LIVES
        assert not recording.error
        done = run_to_end("replay", str(path), "--headless")
        verdict = f"identical through step {recording.last_step:,}\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, verdict, "")
