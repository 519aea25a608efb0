"""Whether ten million steps leave the dashboard as light as it was (some minutes; Linux only)."""

from collections.abc import Iterator

from tests.benchmarks.memory import resident
from tests.benchmarks.processor_share import shares
from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import unlimited
from tests.terminal.reading import step_shown, wait_for_step
from tests.terminal.terminal import Terminal

STEPS = 10_000_000
BEGIN = 2_000_000  # steps: about the first minute
WINDOW = 10.0  # seconds in which the cost of drawing is measured
LONGEST = 3600.0  # seconds
MOST = 10.0  # MiB


def long_run(effort: Effort) -> Iterator[Row]:
    """A long run: speed unlimited, 120 × 40."""
    measured = []
    with unlimited() as terminal:
        for steps in (int(BEGIN * effort.share), int(STEPS * effort.share)):
            wait_for_step(terminal, steps, LONGEST)
            measured.append(_measure(terminal))
            memory, share, traffic = measured[-1]
            name = f"after {step_shown(terminal.text):,} steps"
            yield Row(f"{name}: memory", f"{memory:.1f} MiB")
            yield Row(f"{name}: drawing", f"{100 * share:.1f} %", f"{traffic:,.0f} B/s")
    growth = measured[1][0] - measured[0][0]
    yield Row("memory grows by", f"{growth:+.1f} MiB", f"at most {MOST:g} MiB is wanted")
    yield Row("drawing, end / start", f"× {measured[1][1] / measured[0][1]:.2f}")


def _measure(terminal: Terminal) -> tuple[float, float, float]:
    """Return memory in MiB, the screen's share of a processor, and bytes a second."""
    written = len(terminal.written)
    share, _ = shares(terminal.process, WINDOW)
    return resident(terminal.process), share, (len(terminal.written) - written) / WINDOW


if __name__ == "__main__":
    main(long_run)
