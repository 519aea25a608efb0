"""The loss curve: fitted to a number of cells, with a row of marks where something was changed."""

from collections.abc import Sequence
from typing import NamedTuple, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.history import Curve

CHANGE_MARK = "▲"
MIN_DRAWN_LOSS = 1e-30  # what is lower is drawn as this


def resample(curve: Curve, width: int) -> list[float]:
    """Return the curve's mean in `width` cells of equal time; empty where there is no curve.

    A cell in which nothing was learnt repeats the one before it.
    """
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or width < 1:
        return []
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = np.linspace(0, len(filled), width + 1)
    starts = edges[:-1].astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    bounds = np.stack([starts, ends], axis=1).ravel()
    sums = np.add.reduceat(np.append(filled, 0.0), bounds)[::2]  # no difference of large sums
    means: list[float] = (sums / (ends - starts)).tolist()
    return means


def log10(values: list[float]) -> list[float]:
    """Return the values' logarithms, to draw what goes through many powers of ten."""
    logs: list[float] = np.log10(np.maximum(values, MIN_DRAWN_LOSS)).tolist()
    return logs


def bar_rows(values: Sequence[float], rows: int, bars: str) -> str:
    """Draw values as `rows` lines of bars, the lowest value as the first of `bars`."""
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
    """Return the curve's mean in cells of equal time from step `first` to `last`, (cells,).

    It is NaN where there is no curve; a step in which nothing was learnt repeats the one before.
    """
    means = np.full(max(0, cells), np.nan)
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or not cells or last <= first:
        return means
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = (np.linspace(first, last, cells + 1) - curve.start) / curve.stride
    starts = np.floor(edges[:-1]).astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    there = (starts < len(filled)) & (ends > 0)
    starts, ends = np.clip(starts[there], 0, None), np.clip(ends[there], None, len(filled))
    bounds = np.stack([starts, ends], axis=1).ravel()
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.append(filled, 0.0), bounds)[::2]
    means[there] = sums / (ends - starts)
    return means


def change_marks(
    curve: Curve,
    log: Sequence[AppliedChange],
    width: int,
    viewed_step: int | None = None,
    glyph: str = "",
) -> str:
    """Return a row of `width` cells with a mark under each change, and words where they fit.

    The words stand to the right of their mark, or else to the left, and never over another mark;
    the newest change has the first choice. Before it comes the `moment` that is looked at, with a
    `glyph` of its own.
    """
    if width < 1:
        return ""
    span = len(curve.mean) * curve.stride
    marked = [Mark(it.step, CHANGE_MARK, f"{it.step:,} {it.short_text}") for it in log]
    if viewed_step is not None:
        same = [it for it in marked if it.step == viewed_step]
        marked.append(Mark(viewed_step, glyph, same[-1].text if same else f"{viewed_step:,}"))
    return mark_row([it._replace(step=it.step - curve.start) for it in marked], span, width)


@final
class Mark(NamedTuple):
    """A `glyph` after a step, and what stands beside it where there is room."""

    step: int
    glyph: str
    text: str


def mark_row(marked: Sequence[Mark], span: float, width: int) -> str:
    """Return a row of `width` cells, which are `span` steps, with marks and their words.

    The last of the marks has the first choice of room for its words.
    """
    places = [int(it.step * width // span) if span else 0 for it in marked]
    shown = [
        (min(place, width - 1), it) for place, it in zip(places, marked, strict=True) if place >= 0
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
