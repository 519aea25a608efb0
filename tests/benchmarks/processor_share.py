"""Processor time of the screen and of training (Linux only: reads /proc)."""

from collections.abc import Iterator
from time import perf_counter, sleep

from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import SIZES, unlimited
from tests.terminal.processes import threads
from tests.terminal.reading import wait_for_step

SECONDS = 10.0


def processor_share(effort: Effort) -> Iterator[Row]:
    """Share of one processor: default recipe, speed unlimited."""
    for size in SIZES:
        with unlimited(size=size) as terminal:
            wait_for_step(terminal, 5_000)
            screen, trainer = shares(terminal.process, max(3.0, SECONDS * effort.share))
        name = f"{size[0]} × {size[1]}"
        yield Row(f"{name}: screen", f"{100 * screen:.1f} %", f"trainer {100 * trainer:.1f} %")


def shares(process: int, seconds: float) -> tuple[float, float]:
    """Return the share of all threads but the busiest, which trains, and that of the busiest."""
    began, before = perf_counter(), threads(process)
    sleep(seconds)
    passed, after = perf_counter() - began, threads(process)
    spent = sorted(
        (after[thread].seconds - before[thread].seconds) / passed
        for thread in after.keys() & before.keys()
    )
    return sum(spent[:-1]), spent[-1]


if __name__ == "__main__":
    main(processor_share)
