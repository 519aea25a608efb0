"""How fast 64 seeds of the default recipe are: on one core, on two, and by `rnn-tui train`."""

import subprocess
import sys
from collections.abc import Iterator
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
    train: list[float] = []
    for _ in range(effort.rounds):
        for jobs, seconds in (("1", one), ("2", two)):
            seconds.append(
                _run("sweep", "--seeds", str(SEEDS), "--headless", "--jobs", jobs, *size)
            )
        train.append(SEEDS * _run("train", *size))
    for what, seconds in (("on one core", one), ("on two", two)):
        yield Row(
            f"{SEEDS} × {steps:,} steps {what}", f"{min(seconds):.1f} s", spread(seconds, "{:.1f}")
        )
    yield ratios("two cores / one", one, two)
    yield ratios(f"sweep on two cores / {SEEDS} × train", train, two)


def _run(*words: str) -> float:
    """Return the seconds that a command takes."""
    started_at = perf_counter()
    subprocess.run([*PROGRAM, *words], capture_output=True, check=True)
    return perf_counter() - started_at


if __name__ == "__main__":
    main(sweep_speed)
