"""The loss curve, resampled to the width of a pane, and a row with a mark for each change."""

from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.history import Curve

CHANGE_MARK = "▲"
MIN_DRAWN_LOSS = 1e-30  # lower losses are drawn as this


def resample(curve: Curve, width: int) -> list[float]:
    """Return the curve's mean in `width` cells of equally many steps; empty without a curve.

    Cells without a finite loss are interpolated.
    """
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or width < 1:
        return []
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = np.linspace(0, len(filled), width + 1)
    starts = edges[:-1].astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    bounds = np.stack([starts, ends], axis=1).ravel()
    sums = np.add.reduceat(np.append(filled, 0.0), bounds)[
        ::2
    ]  # instead of a difference of large cumulative sums
    means: list[float] = (sums / (ends - starts)).tolist()
    return means


def log10(values: list[float]) -> list[float]:
    """Return log10 of the values, of at least `MIN_DRAWN_LOSS`."""
    logs: list[float] = np.log10(np.maximum(values, MIN_DRAWN_LOSS)).tolist()
    return logs


def bar_rows(values: Sequence[float], rows: int, bars: str) -> str:
    """Draw a bar chart of `rows` lines, the lowest value as the first of `bars`."""
    if not values or rows < 1:
        return ""
    data = np.array(values)
    extent = float(data.max() - data.min()) or 1.0
    levels = ((data - data.min()) / extent * (len(bars) * rows - 1)).astype(int)
    cells = " " + bars
    lines = (
        "".join(cells[level] for level in np.clip(levels + 1 - len(bars) * row, 0, len(bars)))
        for row in reversed(range(rows))
    )
    return "\n".join(lines)


def resample_range(curve: Curve, first: float, last: float, cells: int) -> FloatArray:
    """Return the curve's mean in cells of equally many steps from `first` to `last`, (cells,).

    It is NaN outside the curve; steps without a finite loss are interpolated.
    """
    means = np.full(max(0, cells), np.nan)
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or not cells or last <= first:
        return means
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = (np.linspace(first, last, cells + 1) - curve.start) / curve.stride
    starts = np.floor(edges[:-1]).astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    covered = (starts < len(filled)) & (ends > 0)
    starts, ends = np.clip(starts[covered], 0, None), np.clip(ends[covered], None, len(filled))
    bounds = np.stack([starts, ends], axis=1).ravel()
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.append(filled, 0.0), bounds)[::2]
    means[covered] = sums / (ends - starts)
    return means


def column_of(step: float, span: float, width: int) -> int:
    """Return the column of a step in `width` columns of equally many of `span` steps.

    It is that of the step's cell in `resample_range`.
    """
    return int(step * width // span) if span else 0


def change_marks(
    curve: Curve,
    log: Sequence[AppliedChange],
    width: int,
    viewed_step: int | None = None,
    glyph: str = "",
) -> str:
    """Return a row of `width` cells with a mark for each change, and its text where that fits.

    A text is on the right of its mark or else on the left, and never over another mark; the newest
    change is placed first. The viewed step, placed before it, is marked with `glyph`.
    """
    if width < 1:
        return ""
    span = len(curve.mean) * curve.stride
    marks = [
        Mark(change.step, CHANGE_MARK, f"{change.step:,} {change.short_text}") for change in log
    ]
    if viewed_step is not None:
        same = [mark for mark in marks if mark.step == viewed_step]
        marks.append(Mark(viewed_step, glyph, same[-1].text if same else f"{viewed_step:,}"))
    return mark_row([mark._replace(step=mark.step - curve.start) for mark in marks], span, width)


@final
class Mark(NamedTuple):
    """A `glyph` at a step, and a text beside it where that fits."""

    step: int
    glyph: str
    text: str


def mark_row(marks: Sequence[Mark], span: float, width: int) -> str:
    """Return a row of `width` cells over `span` steps with marks, the last placed first."""
    columns = [column_of(mark.step, span, width) for mark in marks]
    shown = [
        (min(column, width - 1), mark)
        for column, mark in zip(columns, marks, strict=True)
        if column >= 0
    ]
    cells = [" "] * width
    for column, mark in shown:
        cells[column] = mark.glyph
    for column, mark in reversed(shown):
        if cells[column] != mark.glyph:
            continue
        for start in (column + 2, column - 1 - len(mark.text)):
            room = slice(start, start + len(mark.text))
            around = cells[max(0, start - 1) : room.stop + 1]
            if start >= 0 and room.stop <= width and not "".join(around).strip():
                cells[room] = mark.text
                break
    return "".join(cells)
