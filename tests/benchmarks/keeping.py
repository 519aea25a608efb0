"""What it costs to write a run down, and how soon any of its steps is reached again."""

import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.recorder import Recorder, next_digest_step
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.run.branch import Branch
from rnn_tui.run.run import Run
from rnn_tui.session.navigation import Rewind
from tests.benchmarks.memory import resident
from tests.benchmarks.report import Effort, Row, main, ratios, speeds

SETTINGS = RECIPES[DEFAULT_RECIPE].settings
SLICE = 150  # steps at a time, about as the runner takes them
ROUND = 40_000  # steps of a round
PIECE = 2_000  # steps in which the two take turns
SOUGHT = 100_000  # steps of the run in which steps are looked for
LOOKS = 60
LONG_RUN = 10_000_000
HOUR = 3600
LINE = 250  # bytes of a digest, at the most


def recorded(folder: str, stem: str = "run") -> Branch:
    run = Run(SETTINGS)
    return Branch(run, Recorder(JournalTarget(Path(folder), stem), run))


def train(branch: Branch, steps: int) -> float:
    """Train so many steps and return the seconds that it took."""
    began = perf_counter()
    for _ in range(steps // SLICE):
        branch.advance(SLICE)
    return perf_counter() - began


def keeping(effort: Effort) -> Iterator[Row]:
    """Writing a run down: default recipe at full speed, journal, checkpoints and kept states."""
    bare, kept, again = [], [], []
    with TemporaryDirectory() as folder:
        for number in range(effort.rounds):
            without, branch = Run(SETTINGS), recorded(folder, f"round{number}")
            seconds = [0.0, 0.0]
            for _ in range(int(effort.share * ROUND) // PIECE):
                began = perf_counter()
                for _ in range(PIECE // SLICE):
                    without.advance(SLICE)
                seconds[0] += perf_counter() - began
                seconds[1] += train(branch, PIECE)
            branch.deactivate()
            branch.observer.close()
            bare.append(without.step / seconds[0])
            kept.append(branch.run.step / seconds[1])
            recording = read_journal(Path(folder) / f"round{number}.jsonl")
            repeated = Branch(Run(SETTINGS), ReplayVerifier(recording))
            again.append(branch.run.step / train(repeated, branch.run.step))
    yield speeds("training alone", bare)
    yield speeds("with journal and kept states", kept)
    yield ratios("kept / alone", kept, bare)
    yield speeds("replay", again)
    yield ratios("replay / training alone", again, bare)
    yield from looking_back(effort)


def looking_back(effort: Effort) -> Iterator[Row]:
    """Looking back: any step of a long run."""
    with TemporaryDirectory() as folder:
        branch = recorded(folder)
        steps = int(effort.share * SOUGHT)
        train(branch, steps)
        random = np.random.RandomState(0)
        waits = []
        for step in [1, steps - 1, *random.randint(1, steps, LOOKS).tolist()]:
            began = perf_counter()
            past = Rewind(branch, step)
            while not past.done:
                past.advance(past.slice_steps)
            past.run.inspector.example()
            waits.append(1000 * (perf_counter() - began))
        branch.deactivate()
        branch.observer.close()
    note = f"p95 {np.percentile(waits, 95):.0f}, longest {max(waits):.0f} ms"
    yield Row(f"a step of {steps:,} is reached in", f"{median(waits):.0f} ms", note)


def keeping_long(effort: Effort) -> Iterator[Row]:
    """Writing a long run down: memory and bytes on disk over ten million steps."""
    with TemporaryDirectory() as folder:
        branch = recorded(folder)
        seconds = train(branch, 10_000)
        before = resident(os.getpid())
        steps = int(effort.share * LONG_RUN)
        seconds = train(branch, steps)
        grown = resident(os.getpid()) - before
        branch.deactivate()
        size = (Path(folder) / "run.jsonl").stat().st_size
        checkpoint = (Path(folder) / "run.npz").stat().st_size
        branch.observer.close()
        began = perf_counter()
        past = Rewind(branch, branch.run.step // 2)
        while not past.done:
            past.advance(past.slice_steps)
        wait = perf_counter() - began
    yield Row(f"memory after {steps:,} steps", f"+{grown:.1f} MiB", f"{before:.1f} MiB before")
    yield Row("journal", f"{size / 1000:,.0f} KB", f"checkpoint {checkpoint / 1000:,.0f} KB")
    hour = HOUR * steps / seconds
    yield Row(f"journal of an hour, {hour:,.0f} steps", f"{_bytes(hour) / 1e6:.2f} MB")
    yield Row("its middle step is reached in", f"{wait:.2f} s")


def _bytes(steps: float) -> int:
    """Return how long the journal of so many steps is."""
    step = digests = 0
    while (step := next_digest_step(step)) <= steps:
        digests += 1
    return LINE * digests


if __name__ == "__main__":
    main(keeping, long=(keeping_long,))
