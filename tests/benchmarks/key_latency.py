"""How long after a key its effect comes to the screen, while the net trains at full speed."""

import random
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from statistics import median, quantiles
from time import sleep

from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import unlimited, wait_for_step
from tests.terminal.terminal import Predicate

PRESSES = 60
PAUSES = 0.2, 0.5  # seconds
PROMPT = 0.0005  # seconds for which the painting thread may keep the reading one waiting


def _rate(rate: str) -> Predicate:
    return lambda text: f"L rate {rate} " in text


EFFECTS: tuple[tuple[str, Predicate], ...] = (
    ("+", _rate("0.2")),
    ("h", lambda text: "newest example" not in text),
    ("-", _rate("0.1")),
    ("h", lambda text: "newest example" in text),
)


def key_latency(effort: Effort) -> Iterator[Row]:
    """From key to screen: + - and h, at random moments, speed unlimited, 120 × 40."""
    sys.setswitchinterval(PROMPT)
    randomness = random.Random(0)
    latencies = []
    with unlimited() as terminal:
        wait_for_step(terminal, 10_000)
        for key, effect in islice(cycle(EFFECTS), max(4, int(PRESSES * effort.share))):
            sleep(randomness.uniform(*PAUSES))
            pressed = terminal.send(key)
            latencies.append(1000 * (terminal.wait_for(effect) - pressed))
    yield Row("median", f"{median(latencies):.1f} ms", f"of {len(latencies)} keys")
    yield Row("95th percentile", f"{quantiles(latencies, n=20, method='inclusive')[-1]:.1f} ms")
    yield Row("longest", f"{max(latencies):.1f} ms")


if __name__ == "__main__":
    main(key_latency)
