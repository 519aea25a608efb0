"""How long after a key its effect comes to the screen, over a quick link and over slow ones."""

import random
import sys
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from statistics import median, quantiles
from time import perf_counter, sleep

from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import KEYS, MARKS, show_view, unlimited
from tests.terminal.reading import step_shown
from tests.terminal.terminal import Predicate

LINKS = {"no limit": 0.0, "64 KB/s": 64e3, "8 KB/s": 8e3}  # bytes a second
PRESSES = 60
PAUSES = 0.2, 0.5  # seconds
PROMPT = 0.0005  # seconds for which the painting thread may keep the reading one waiting


def _shows(mark: str, text: str) -> bool:
    return mark in text


def _rate(rate: str) -> Predicate:
    return lambda text: f"L lr {rate} " in text


Effects = tuple[tuple[str, Predicate], ...]

EFFECTS: Effects = (
    ("+", _rate("0.2")),
    ("h", lambda text: "newest, predicted" not in text),
    ("-", _rate("0.1")),
    ("h", lambda text: "newest, predicted" in text),
    (":", lambda text: "esc cancels" in text),
    ("\x1b", lambda text: "? help" in text),
)
IN_EVERY_VIEW = EFFECTS[0], EFFECTS[2], *EFFECTS[4:]


VIEW_KEYS: Effects = tuple(
    (KEYS[view], partial(_shows, MARKS[view]))
    for view in ("inside", "train", "compare", "map", "train")
)


def key_latency(effort: Effort) -> Iterator[Row]:
    """From key to screen: + - h : and escape, at random moments, speed unlimited, 120 × 40."""
    sys.setswitchinterval(PROMPT)
    presses = max(8, int(PRESSES * effort.share))
    unhindered = 0.0
    for name, rate in LINKS.items():
        latencies, speed = _measure(rate, presses)
        unhindered = unhindered or speed
        spread = quantiles(latencies, n=20, method="inclusive")
        yield Row(f"{name}: median", f"{median(latencies):.1f} ms", f"of {presses} keys")
        yield Row(f"{name}: 95th percentile", f"{spread[-1]:.1f} ms")
        yield Row(f"{name}: longest", f"{max(latencies):.1f} ms")
        kept = "" if rate == 0 else f"× {speed / unhindered:.2f} of no limit"
        yield Row(f"{name}: trains meanwhile", f"{speed:,.0f} steps/s", kept)


def view_latency(effort: Effort) -> Iterator[Row]:
    """From key to screen in each view: + - : and escape, and the keys of views, as above."""
    sys.setswitchinterval(PROMPT)
    presses = max(8, int(PRESSES * effort.share))
    for view in KEYS:
        latencies, _ = _measure(0.0, presses, view, IN_EVERY_VIEW)
        spread = quantiles(latencies, n=20, method="inclusive")
        longest = f"longest {max(latencies):.1f} ms, of {presses} keys"
        yield Row(f"{view}: median", f"{median(latencies):.1f} ms")
        yield Row(f"{view}: 95th percentile", f"{spread[-1]:.1f} ms", longest)
    latencies, _ = _measure(0.0, presses, "train", VIEW_KEYS)
    for index, (view, _) in enumerate(VIEW_KEYS):
        of_view = latencies[index :: len(VIEW_KEYS)]
        yield Row(f"key {view}: median", f"{median(of_view):.1f} ms", f"longest {max(of_view):.1f}")


def _measure(
    rate: float, presses: int, view: str = "train", effects: Effects = EFFECTS
) -> tuple[list[float], float]:
    """Return the latencies in milliseconds, and how many steps a second were taken meanwhile."""
    randomness = random.Random(0)
    latencies = []
    with unlimited(rate=rate) as terminal:
        show_view(terminal, view, 10_000)
        began, first = perf_counter(), step_shown(terminal.text)
        for key, effect in islice(cycle(effects), presses):
            sleep(randomness.uniform(*PAUSES))
            pressed = terminal.send(key)
            latencies.append(1000 * (terminal.wait_for(effect) - pressed))
        speed = (step_shown(terminal.text) - first) / (perf_counter() - began)
    return latencies, speed


if __name__ == "__main__":
    main(key_latency, view_latency)
