"""How long after its start the dashboard is there to be read."""

from collections.abc import Iterator
from statistics import median

from tests.benchmarks.report import Effort, Row, main, spread
from tests.benchmarks.watching import dashboard


def first_paint(effort: Effort) -> Iterator[Row]:
    """From start to screen: files warm, default recipe, 120 × 40."""
    panes, examples = [], []
    for _ in range(effort.rounds + 1):
        with dashboard() as terminal:
            panes.append(terminal.wait_for("─ bits ─") - terminal.started)
            examples.append(terminal.wait_for("conf") - terminal.started)
    for what, seconds in (("the panes", panes[1:]), ("the first example", examples[1:])):
        yield Row(what, f"{median(seconds):.2f} s", spread(seconds, "{:.2f}"))


if __name__ == "__main__":
    main(first_paint)
