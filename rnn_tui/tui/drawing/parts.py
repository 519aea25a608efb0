"""Parts of a drawing by priority, for panes of any height, and the formats of their figures."""

from collections.abc import Sequence
from math import floor, isnan
from textwrap import wrap
from typing import NamedTuple, final

from textual.content import Content

ROUNDING_OFFSET = 1e-9  # so that a rounding error does not lower a percentage
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@final
class Part(NamedTuple):
    """Rows that are drawn together or not at all, those of the lowest `priority` first."""

    priority: int
    rows: Sequence[Content]


def fitting_rows(parts: Sequence[Part], height: int) -> list[Content]:
    """Return the rows of the parts that fit in `height` rows, in the order of `parts`."""
    left = height
    chosen = set()
    for index in sorted(range(len(parts)), key=lambda index: parts[index].priority):
        if len(parts[index].rows) <= left:
            left -= len(parts[index].rows)
            chosen.add(index)
    return [row for index, part in enumerate(parts) if index in chosen for row in part.rows]


def paragraph(text: str, width: int, style: str = "") -> list[Content]:
    """Return `text` wrapped to rows of `width` cells, but not at spaces within a figure."""
    for figure in (" %", " = "):
        text = text.replace(figure, figure.replace(" ", NO_BREAK_SPACE))
    lines = wrap(text, max(1, width), break_on_hyphens=False)
    return [Content.styled(line.replace(NO_BREAK_SPACE, " "), style) for line in lines]


def percent_digits(fraction: float) -> str:
    """Return a percentage in at most four digits, rounded down: only 1 is 100; a dash for NaN."""
    if isnan(fraction):
        return "—"
    if fraction <= 0 or fraction >= 1:
        return f"{100 * fraction:.0f}"
    return f"{floor(1000 * fraction + ROUNDING_OFFSET) / 10:.1f}"


def sparkline(values: Sequence[float], bars: str) -> str:
    """Return a bar for each of `values` from 0 to 1."""
    return "".join(bars[min(len(bars) - 1, int(value * len(bars)))] for value in values)
