"""How much the dashboard's memory grows over a long run (Linux only: it reads /proc)."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import unlimited
from tests.terminal.reading import wait_for_step

FEW, MANY = 200_000, 2_000_000  # steps
LONGEST = 600.0  # seconds


def memory(effort: Effort) -> Iterator[Row]:
    """Resident memory: speed unlimited, 120 × 40."""
    sizes = []
    with unlimited() as terminal:
        for steps in (int(FEW * effort.share), int(MANY * effort.share)):
            wait_for_step(terminal, steps, LONGEST)
            sizes.append(resident(terminal.process))
            yield Row(f"after {steps:,} steps", f"{sizes[-1]:.1f} MiB")
    yield Row("growth", f"{sizes[1] - sizes[0]:+.1f} MiB")


def resident(process: int) -> float:
    """Return how many MiB of memory `process` has."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise LookupError(f"no VmRSS of process {process}")


if __name__ == "__main__":
    main(memory)
