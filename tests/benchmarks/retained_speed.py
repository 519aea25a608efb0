"""Training speed with the dashboard, relative to `rnn-tui train`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from time import sleep

from tests.benchmarks.report import Effort, Row, main, ratios, speeds
from tests.benchmarks.watching import unlimited
from tests.terminal.reading import step_shown, wait_for_step

WARM_UP = 1.0  # seconds
HEADLESS_STEPS = 40_000  # for each second of a round


def retained_speed(effort: Effort) -> Iterator[Row]:
    """Speed with and without the dashboard: taken in turns, default recipe, 120 × 40."""
    headless, drawn = [], []
    for _ in range(effort.rounds):
        headless.append(_headless(effort.seconds))
        drawn.append(_drawn(effort.seconds))
    yield speeds("rnn-tui train", headless)
    yield speeds("rnn-tui --speed max", drawn)
    yield ratios("dashboard / headless", drawn, headless)


def _headless(seconds: float) -> float:
    steps = str(int(HEADLESS_STEPS * seconds))
    command = [sys.executable, "-m", "rnn_tui", "train", "--json", "--steps", steps]
    done = subprocess.run([*command, "--every", steps], capture_output=True, check=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["steps_per_second"])


def _drawn(seconds: float) -> float:
    with unlimited() as terminal:
        wait_for_step(terminal, 1)
        sleep(WARM_UP)
        readings = []
        for wait in (0.0, seconds):
            sleep(wait)
            moment = wait_for_step(terminal, step_shown(terminal.text) + 1)
            readings.append((moment, step_shown(terminal.text)))
    (began, first), (ended, last) = readings
    return (last - first) / (ended - began)


if __name__ == "__main__":
    main(retained_speed)
