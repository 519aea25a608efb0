"""How fast 64 seeds of the default recipe are: on one core, on two, and by `rnn-tui train`.

Two cores of a virtual machine may give less than twice one: two commands side by side, each with
half of the runs, show how much.
"""

import subprocess
import sys
from collections.abc import Iterator
from subprocess import DEVNULL
from time import perf_counter

from tests.benchmarks.report import Effort, Row, main, ratios, spread

SEEDS = 64
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
    half = [*sweep, "--seeds", str(SEEDS // 2), "--jobs", "1"]
    for _ in range(effort.rounds):
        one.append(_run([*sweep, "--seeds", str(SEEDS), "--jobs", "1"]))
        side_by_side.append(_run(half, half))
        two.append(_run([*sweep, "--seeds", str(SEEDS), "--jobs", "2"]))
        train.append(SEEDS * _run(["train", *size]))
    for what, seconds in (("on one core", one), ("on two", two)):
        yield Row(
            f"{SEEDS} × {steps:,} steps {what}", f"{min(seconds):.1f} s", spread(seconds, "{:.1f}")
        )
    yield ratios("two cores / one", one, two)
    yield ratios("two commands of half the runs / one core", one, side_by_side)
    yield ratios("two cores / two commands", side_by_side, two)
    yield ratios(f"sweep on two cores / {SEEDS} × train", train, two)


def _run(*commands: list[str]) -> float:
    """Return the seconds that the commands take side by side."""
    started_at = perf_counter()
    running = [
        subprocess.Popen([*PROGRAM, *words], stdout=DEVNULL, stderr=DEVNULL) for words in commands
    ]
    for process in running:
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, process.args)
    return perf_counter() - started_at


if __name__ == "__main__":
    main(sweep_speed)
