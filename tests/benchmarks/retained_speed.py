"""Training speed with the dashboard, relative to `rnn-tui train`."""

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.report import Effort, Row, main, ratios, speeds
from tests.benchmarks.watching import KEYS, show_view, steps_per_second, unlimited

HEADLESS_STEPS = 40_000  # for each second of a round


def retained_speed(effort: Effort) -> Iterator[Row]:
    """Speed with and without the dashboard: taken in turns, default recipe, 120 × 40."""
    headless: list[float] = []
    drawn: dict[str, list[float]] = {view: [] for view in KEYS}
    for _ in range(effort.rounds):
        headless.append(_headless(effort.seconds))
        for view, measured in drawn.items():
            measured.append(_drawn(view, effort.seconds))
    yield speeds("rnn-tui train", headless)
    for view, measured in drawn.items():
        yield speeds(f"view {view}", measured)
        yield ratios(f"view {view} / headless", measured, headless)


def _headless(seconds: float) -> float:
    steps = str(int(HEADLESS_STEPS * seconds))
    command = [sys.executable, "-m", "rnn_tui", "train", "--json", "--steps", steps]
    done = subprocess.run([*command, "--every", steps], capture_output=True, check=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["steps_per_second"])


def _drawn(view: str, seconds: float) -> float:
    with unlimited() as terminal:
        show_view(terminal, view, 1)
        return steps_per_second(terminal, seconds)


if __name__ == "__main__":
    main(retained_speed)
