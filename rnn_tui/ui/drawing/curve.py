"""The loss curve: fitted to a number of cells, with a row of marks where something was changed."""

from collections.abc import Sequence

import numpy as np

from rnn_tui.session.history import Curve
from rnn_tui.session.run import Applied

MARK = "▲"
LEAST = 1e-30  # what is lower is drawn as this


def fit(curve: Curve, width: int) -> list[float]:
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


def powers(values: list[float]) -> list[float]:
    """Return the values' logarithms, to draw what goes through many powers of ten."""
    logs: list[float] = np.log10(np.maximum(values, LEAST)).tolist()
    return logs


def heights(values: Sequence[float], rows: int, bars: str) -> str:
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


def marks(curve: Curve, log: Sequence[Applied], width: int) -> str:
    """Return a row of `width` cells with a mark under each change, and words where they fit.

    The words stand to the right of their mark, or else to the left, and never over another mark;
    the newest change has the first choice.
    """
    if width < 1:
        return ""
    span = len(curve.mean) * curve.stride
    places = [(applied.step - curve.start) * width // span if span else 0 for applied in log]
    shown = [
        (min(place, width - 1), f"{applied.step:,} {applied.short}")
        for place, applied in zip(places, log, strict=True)
        if place >= 0
    ]
    row = [" "] * width
    for column, _ in shown:
        row[column] = MARK
    for column, words in reversed(shown):
        for start in (column + 2, column - 1 - len(words)):
            room = slice(start, start + len(words))
            around = row[max(0, start - 1) : room.stop + 1]
            if start >= 0 and room.stop <= width and not "".join(around).strip():
                row[room] = words
                break
    return "".join(row)
