"""The band of the losses of siblings: their quantiles over equal numbers of steps."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.history import Curve

LOW, MEDIAN, HIGH = QUANTILES = (0.1, 0.5, 0.9)  # of a band
MAX_BAND_BUCKETS = 512


@final
class LossBand(NamedTuple):
    """The QUANTILES of the losses of siblings, (3, n), over buckets of `stride` steps.

    A sibling that has diverged counts as infinite.
    """

    start: int
    stride: int
    quantiles: FloatArray

    def curves(self) -> tuple[Curve, ...]:
        """Return the quantiles as curves, the lowest first."""
        rows = self.quantiles.astype(np.float64)
        return tuple(Curve(self.start, self.stride, row, row, row) for row in rows)


def loss_band(curves: Sequence[Curve], is_halted: Sequence[bool]) -> LossBand | None:
    """Return the band of the losses of siblings, of which some have halted; None without losses.

    All curves are brought to one stride, so that quantiles are of means over equally many steps.
    """
    longest = max(curves, key=lambda curve: curve.start + len(curve.mean) * curve.stride)
    stride = max(curve.stride for curve in curves)
    while len(longest.mean) * longest.stride > MAX_BAND_BUCKETS * stride:
        stride *= 2
    n_buckets = len(longest.coarsened(stride).mean)
    if not n_buckets:
        return None
    losses = np.full((len(curves), n_buckets), np.nan)
    for row, curve, halted in zip(losses, curves, is_halted, strict=True):
        means = curve.coarsened(stride).mean if curve.start == longest.start else np.empty(0)
        row[: len(means)] = means[:n_buckets]
        if halted:
            row[len(means) :] = inf
    quantiles = quantiles_of(losses)
    return LossBand(longest.start, stride, quantiles.astype(np.float32))


def quantiles_of(values: FloatArray) -> FloatArray:
    """Return the QUANTILES of each column of `values` (n, columns), (3, columns), as numpy does.

    NaN does not count, but infinity does; a column without values is NaN.
    """
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=0) - 1, 0)
    places = np.multiply.outer(QUANTILES, last)
    below = np.floor(places).astype(int)
    low, high = (np.take_along_axis(ordered, np.minimum(i, last), 0) for i in (below, below + 1))
    fraction = places - below
    with np.errstate(invalid="ignore"):
        between = low * (1 - fraction) + high * fraction
    result: FloatArray = np.where((fraction == 0) | (low == high), low, between)
    return result
