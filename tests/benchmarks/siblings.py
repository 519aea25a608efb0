"""Training speed of the watched run beside its siblings, relative to that without any."""

from collections.abc import Iterator
from time import sleep

from tests.benchmarks.report import Effort, Row, main, ratios, speeds
from tests.benchmarks.watching import SETTLE_SECONDS, steps_per_second, unlimited

N_SIBLINGS = 32


def sibling_speed(effort: Effort) -> Iterator[Row]:
    """Speed with and without 32 siblings: taken in turns, default recipe, 120 × 40."""
    alone: list[float] = []
    beside: list[float] = []
    for _ in range(effort.rounds):
        alone.append(_speed(0, effort.seconds))
        beside.append(_speed(N_SIBLINGS, effort.seconds))
    yield speeds("the dashboard alone", alone)
    yield speeds(f"with {N_SIBLINGS} siblings", beside)
    yield ratios("with siblings / alone", beside, alone)


def _speed(n_siblings: int, seconds: float) -> float:
    with unlimited("--seeds", str(n_siblings)) as terminal:
        if n_siblings:
            terminal.wait_for(f" of {n_siblings} exact by step ", 60)
        sleep(SETTLE_SECONDS)
        return steps_per_second(terminal, seconds)


if __name__ == "__main__":
    main(sibling_speed)
