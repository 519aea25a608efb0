"""A run that is killed resumes from its journal, and no printed change is lost."""

import re
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from threading import Thread
from time import monotonic, sleep

import pytest

from rnn_tui.config.parsing import format_float
from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.journal_format import ChangeRecord, ResumeRecord, read_journal
from rnn_tui.recording.resume import resume
from rnn_tui.run.changes import SetField
from tests.support.recorded import changes_of, end_recording, exact_state, uninterrupted_run
from tests.support.variants import variants
from tests.terminal.programs import Program, run_to_end

pytestmark = pytest.mark.terminal

RUNS = 4  # at once
MAX_SECONDS = 0.08  # from its first change to its end
NEW_RUN = ("--length", "4", "--steps", "1000000")
OPTIONS = ("--plain", "--paused", "--every", "1000000", "--speed", "max")
CHANGE = re.compile(r"step ([0-9,]+): lr \S+ -> (\S+)\n")

Changes = list[tuple[int, str]]


def live(random: Random, *arguments: str) -> Changes:
    """Run `rnn-tui ARGUMENTS`, change its rate again and again, and kill it at a random moment.

    Returns the steps and rates that it has printed.
    """
    printed: Changes = []
    with Program(*arguments, *OPTIONS) as victim:
        reader = Thread(target=_read, args=(victim, printed))
        reader.start()
        until = 0.0
        while not until or monotonic() < until:
            assert victim.poll() is None
            victim.stdin.write(f"lr {random.uniform(0.05, 0.3):.6f}\ns {random.randrange(1, 99)}\n")
            if printed and not until:
                until = monotonic() + random.uniform(0, MAX_SECONDS)
            sleep(0.003 if printed else 0.01)
        victim.send_signal(signal.SIGKILL)
        reader.join()
    assert printed
    return printed


def _read(victim: Program, printed: Changes) -> None:
    for line in victim.stdout:
        if found := CHANGE.fullmatch(line):  # and so not a line that was cut off
            printed.append((int(found[1].replace(",", "")), found[2]))


def written(path: Path) -> Changes:
    records = read_journal(path).records
    changes = [record for record in records if isinstance(record, ChangeRecord)]
    return [
        (record.step, format_float(record.change.value))
        for record in changes
        if isinstance(record.change, SetField)
    ]


def many_lives(lives: int, path: Path, random: Random) -> Changes:
    """Kill and resume a run `lives` times; return all changes that it has printed."""
    printed: Changes = []
    for life in range(lives):
        before = read_journal(path).records if life else ()
        given = ("resume", str(path)) if life else ("--journal", str(path), *NEW_RUN)
        printed += live(random, *given)
        recording = read_journal(path)
        assert recording.truncated == bool(recording.error)
        assert recording.records[: len(before)] == before
        assert set(printed) <= set(written(path))
        if random.random() < 0.2:
            checkpoint_path(path).unlink(missing_ok=True)
        elif random.random() < 0.2:
            branch, _ = resume(path)
            branch.advance(random.randrange(1500))
            end_recording(branch)
    return printed


@pytest.mark.parametrize("lives", variants([6, 9], short=[6]))
def test_run_killed_at_any_moment_resumes_with_every_printed_change(
    lives: int, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(RUNS)]
    with ThreadPoolExecutor(RUNS) as pool:
        all_printed = list(pool.map(partial(many_lives, lives), paths, map(Random, range(RUNS))))
    for path, printed in zip(paths, all_printed, strict=True):
        assert len(printed) >= lives
        branch, _ = resume(path)
        run = branch.run
        assert exact_state(run) == exact_state(
            uninterrupted_run(run.initial_settings, changes_of(run), run.step)
        )
        branch.advance(100)
        end_recording(branch)
        recording = read_journal(path)
        assert sum(isinstance(line, ResumeRecord) for line in recording.records) >= lives
        assert not recording.error
        done = run_to_end("replay", str(path), "--headless")
        verdict = f"identical through step {recording.last_step:,}\n"
        assert (done.returncode, done.stdout, done.stderr) == (0, verdict, "")
