"""How fast 64 runs of the default recipe are: on one core, on two, and by `rnn-tui train`.

Two cores of a virtual machine may give less than twice one: two commands side by side, each with
half of the runs, show how much.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from statistics import median
from subprocess import DEVNULL
from tempfile import TemporaryFile
from time import perf_counter

from tests.benchmarks.report import Effort, Row, main, ratios, spread

N_RUNS = 64
PROGRAM = [sys.executable, "-m", "rnn_tui"]


def sweep_speed(effort: Effort) -> Iterator[Row]:
    """A sweep of 64 runs: wall time, with the start of the program and its processes."""
    steps = int(10_000 * effort.share)
    size = ["--steps", str(steps), "--no-journal"]
    one: list[float] = []
    two: list[float] = []
    side_by_side: list[float] = []
    train: list[float] = []
    sweep = ["sweep", "--headless", *size]
    runs = ["--seeds", str(N_RUNS)]
    halves = [
        [*sweep, "--jobs", "1", "--seeds", seeds]
        for seeds in (f"0-{N_RUNS // 2 - 1}", f"{N_RUNS // 2}-{N_RUNS - 1}")
    ]
    for _ in range(effort.rounds):
        one.append(_run([*sweep, *runs, "--jobs", "1"]))
        side_by_side.append(_run(*halves))
        two.append(_run([*sweep, *runs, "--jobs", "2"]))
        train.append(N_RUNS * _run(["train", *size]))
    for what, seconds in (("on one core", one), ("on two", two)):
        yield Row(
            f"{N_RUNS} × {steps:,} steps {what}",
            f"{median(seconds):.1f} s",
            spread(seconds, "{:.1f}"),
        )
    yield _speedup("two cores over one", two, one)
    yield _speedup("two commands of half the runs over one core", side_by_side, one)
    yield _speedup("two cores over two commands", two, side_by_side)
    yield _speedup(f"sweep on two cores over {N_RUNS} × train", two, train)


def _speedup(what: str, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    """Return how many times as fast as `theirs` the seconds of `ours` are."""
    return ratios(what, theirs, ours)


def _run(*commands: list[str]) -> float:
    """Return the seconds that the commands take side by side; exits with the errors of one."""
    with TemporaryFile("w+", encoding="utf-8") as errors:
        started_at = perf_counter()
        running = [
            subprocess.Popen([*PROGRAM, *words], stdout=DEVNULL, stderr=errors)
            for words in commands
        ]
        failed = [words for words, process in zip(commands, running, strict=True) if process.wait()]
        seconds = perf_counter() - started_at
        if failed:
            errors.seek(0)
            sys.exit(f"{' '.join(failed[0])} failed:\n{errors.read()}")
    return seconds


if __name__ == "__main__":
    main(sweep_speed)
