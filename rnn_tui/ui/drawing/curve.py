"""The loss curve: fitted to a number of cells, with a row of marks where something was changed."""

from collections.abc import Sequence

import numpy as np

from rnn_tui.session.history import Curve
from rnn_tui.session.run import Applied

MARK = "▲"


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
    sums = np.concatenate([[0.0], np.cumsum(filled)])
    means: list[float] = ((sums[ends] - sums[starts]) / (ends - starts)).tolist()
    return means


def marks(curve: Curve, log: Sequence[Applied], width: int) -> str:
    """Return a row of `width` cells with a mark under each change, and words where they fit.

    The words stand to the right of their mark, or where there is no room to the left; the newest
    change has the first choice.
    """
    span = len(curve.mean) * curve.stride
    row = [" "] * width
    end = width
    for applied in reversed(log):
        place = (applied.step - curve.start) * width // span if span else 0
        column = min(place, width - 1)
        if column < 0:
            break
        words = f"{applied.step:,} {applied.short}"
        room_right, start = end - column - 2, column - len(words) - 1
        if column >= end:
            continue
        row[column] = MARK
        if len(words) <= room_right:
            row[column + 2 : column + 2 + len(words)] = words
            end = column - 1
        elif end == width and start >= 0:
            row[start : column - 1] = words
            end = start - 1
        else:
            end = column - 1
    return "".join(row)
