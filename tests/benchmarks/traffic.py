"""Output of the dashboard in bytes and updates a second, for each part of the screen."""

from collections.abc import Iterator
from time import perf_counter, sleep

from tests.benchmarks.attribution import Attribution
from tests.benchmarks.report import Effort, Row, main
from tests.benchmarks.watching import KEYS, SIZES, dashboard, show_view, unlimited
from tests.terminal.reading import wait_for_step

FIRST_STEP = 5_000  # every pane has data by then
SECONDS = 15.0
PAUSED_SECONDS = 3.0
STILL_SECONDS = 4.0  # after a pause: analyses of the last step come later than its numbers


def traffic(effort: Effort) -> Iterator[Row]:
    """Bytes a second: default recipe, speed unlimited, 256 colours."""
    for size in SIZES:
        name = f"{size[0]} × {size[1]}"
        with dashboard("--paused", size=size) as terminal:
            terminal.wait_for("? help")
            terminal.wait_until_still()
            yield Row(f"{name}: first screen", f"{len(terminal.written):,} B")
        yield from _at_work(name, size, max(3.0, SECONDS * effort.share))
    for view in KEYS:
        yield from _in_view(view, max(3.0, SECONDS * effort.share))


def _in_view(view: str, seconds: float) -> Iterator[Row]:
    with unlimited() as terminal:
        show_view(terminal, view, FIRST_STEP)
        before = len(terminal.written)
        sleep(seconds)
        written = len(terminal.written) - before
        terminal.send(" ")
        terminal.wait_for("paused at step")
        terminal.wait_until_still(STILL_SECONDS, 60)
        quiet = len(terminal.written)
        sleep(PAUSED_SECONDS)
        quiet = len(terminal.written) - quiet
    paused = f"paused {quiet / PAUSED_SECONDS:,.0f} B/s"
    yield Row(f"view {view}, 120 × 40", f"{written / seconds:,.0f} B/s", paused)


def _at_work(name: str, size: tuple[int, int], seconds: float) -> Iterator[Row]:
    with unlimited(size=size) as terminal:
        wait_for_step(terminal, FIRST_STEP)
        sleep(1)
        began, before = perf_counter(), len(terminal.written)
        sleep(seconds)
        ended, written = perf_counter(), terminal.written
        terminal.send(" ")
        terminal.wait_for("paused at step")
        terminal.wait_until_still(STILL_SECONDS, 60)
        quiet = len(terminal.written)
        sleep(PAUSED_SECONDS)
        quiet = len(terminal.written) - quiet
    counted = Attribution(*size)
    counted.follow(written[:before])
    counted.begin()
    counted.count(written[before:])
    passed = ended - began
    yield Row(f"{name}: in all", f"{(len(written) - before) / passed:,.0f} B/s")
    for part, count in counted.bytes_of.most_common():
        updates = counted.updates_of[part] / passed
        yield Row(f"  {part}", f"{count / passed:,.0f} B/s", f"{updates:.1f} updates/s")
    frames = counted.updates_of["frames"] / passed
    yield Row("  frames, each followed by a question", f"{frames:.1f} /s")
    yield Row(f"{name}: paused", f"{quiet / PAUSED_SECONDS:,.0f} B/s")


if __name__ == "__main__":
    main(traffic)
