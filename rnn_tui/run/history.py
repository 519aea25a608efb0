"""The loss history of a run of any length in bounded memory."""

from math import ceil
from sys import float_info
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.parameters import FloatArray

HistoryArrays = dict[str, FloatArray]

RECENT_STEPS = 1000  # kept one by one
MAX_BUCKETS = 1024
MAX_PENDING_STEPS = 256  # before they are added to a bucket
SMOOTHING_STEPS = 100


class Curve(NamedTuple):
    """Losses (n,) of the steps after `start`, one value for each `stride` steps.

    `n_valid` is the number of valid steps of each value, or None if there are no others. Where no
    step was valid, `mean`, `minimum` and `maximum` are NaN.
    """

    start: int
    stride: int
    mean: FloatArray
    minimum: FloatArray
    maximum: FloatArray
    n_valid: FloatArray | None = None

    def coarsened(self, stride: int, origin: int | None = None) -> "Curve":
        """Return the full buckets of `stride` steps, or this curve if its own are no shorter.

        Buckets start at multiples of `stride` after the step `origin`, by default `start`. Both
        strides are powers of two.
        """
        factor = stride // self.stride
        if factor <= 1:
            return self
        skipped = 0 if origin is None else (origin - self.start) % stride // self.stride
        n_buckets = max(0, len(self.mean) - skipped) // factor
        used, shape = slice(skipped, skipped + n_buckets * factor), (n_buckets, factor)
        n_valid = ~np.isnan(self.mean) * self.stride if self.n_valid is None else self.n_valid
        counts = n_valid[used].reshape(shape)
        with np.errstate(all="ignore"):
            sums = np.where(counts > 0, self.mean[used].reshape(shape) * counts, 0.0).sum(axis=1)
            mean = sums / counts.sum(axis=1)
        return Curve(
            self.start + skipped * self.stride,
            stride,
            mean,
            np.fmin.reduce(self.minimum[used].reshape(shape), axis=1),
            np.fmax.reduce(self.maximum[used].reshape(shape), axis=1),
            counts.sum(axis=1),
        )


EMPTY_CURVE = Curve(0, 1, np.empty(0), np.empty(0), np.empty(0))


@final
class MetricHistory:
    """One loss for each step after `start`, NaN for a step without a valid target.

    The full run is kept as minimum, maximum and mean of up to MAX_BUCKETS buckets of equal length,
    which are merged in pairs when they run out. Steps are added to them in fixed numbers, counted
    from the first, so that sums do not depend on how a run was sliced.
    """

    def __init__(self, start: int = 0) -> None:
        self.start = self.steps = start
        self.last = float("nan")
        self.best_mean_metric = float("inf")
        self._recent = self._smoothing_window = self._pending = np.empty(0)
        self._stride, self._bucketed_steps = 1, 0  # steps in one bucket, in all
        self._minimum, self._maximum = np.full((2, MAX_BUCKETS), np.nan)
        self._sum, self._count = np.zeros((2, MAX_BUCKETS))

    def to_arrays(self) -> HistoryArrays:
        """Return the whole state as copied arrays, by name; `from_arrays` reads them."""
        used = slice(ceil(self._bucketed_steps / self._stride))
        scalars = (self.start, self.steps, self.last, self.best_mean_metric, self._stride)
        return {
            "scalars": np.array(scalars, np.float64),
            "recent": self._recent.copy(),
            "smoothing_window": self._smoothing_window.copy(),
            "pending": self._pending.copy(),
            "buckets": np.stack([values[used] for values in self._bucket_arrays]),
        }

    @classmethod
    def from_arrays(cls, arrays: HistoryArrays) -> "MetricHistory":
        """Return the history of these arrays."""
        start, steps, now, best, stride = arrays["scalars"].tolist()
        history = cls(int(start))
        history.steps, history.last, history.best_mean_metric = int(steps), now, best
        history._recent = arrays["recent"].copy()
        history._smoothing_window = arrays["smoothing_window"].copy()
        history._pending = arrays["pending"].copy()
        history._stride = int(stride)
        history._bucketed_steps = history.steps - history.start - len(history._pending)
        for values, stored in zip(history._bucket_arrays, arrays["buckets"], strict=True):
            values[: len(stored)] = stored
        return history

    @staticmethod
    def is_valid(arrays: HistoryArrays, step: int) -> bool:
        """Return whether these can be the arrays of a history after `step`."""
        start, steps, _, _, stride = arrays["scalars"].tolist()
        n_pending, n_buckets = len(arrays["pending"]), arrays["buckets"].shape[1]
        ranks = {name: values.ndim for name, values in arrays.items()}
        return (
            ranks == {"scalars": 1, "recent": 1, "smoothing_window": 1, "pending": 1, "buckets": 2}
            and steps == step
            and n_pending < min(stride, MAX_PENDING_STEPS)
            and n_buckets == ceil((steps - start - n_pending) / stride) <= MAX_BUCKETS
        )

    @property
    def _bucket_arrays(self) -> tuple[FloatArray, ...]:
        return self._minimum, self._maximum, self._sum, self._count

    @property
    def mean_steps(self) -> int:
        """The number of steps of which `mean_metric` is the mean: fewer than 100 at first."""
        return len(self._smoothing_window)

    @property
    def mean_metric(self) -> float:
        """The mean loss of the last 100 valid steps; NaN before the first."""
        window = self._smoothing_window
        return float(_means(window[np.newaxis])[0]) if len(window) else float("nan")

    def restart_statistics(self) -> None:
        """Start the latest, mean and best values anew; the curve continues.

        For a change after which losses cannot be compared with those before it.
        """
        self.last, self.best_mean_metric = float("nan"), float("inf")
        self._smoothing_window = np.empty(0)

    def extend(self, losses: list[float]) -> int:
        """Append the losses of the steps just taken; return how many are valid."""
        self.steps += len(losses)
        values = np.array(losses)
        self._recent = np.concatenate([self._recent, values])[-RECENT_STEPS:]
        valid_values = values[values == values]
        if len(valid_values):
            self.last = float(valid_values[-1])
            window = np.concatenate([self._smoothing_window, valid_values])
            self._update_best(window)
            self._smoothing_window = window[-SMOOTHING_STEPS:].copy()
        self._pending = np.concatenate([self._pending, values])
        while len(self._pending) >= min(self._stride, MAX_PENDING_STEPS):
            self._fill_buckets()
        return len(valid_values)

    def recent(self) -> Curve:
        """Return the curve of the latest steps, one value each."""
        values = self._recent
        return Curve(self.steps - len(values), 1, values, values, values)

    def full_run(self) -> Curve:
        """Return the curve of all full buckets."""
        used = slice(self._bucketed_steps // self._stride)
        with np.errstate(invalid="ignore"):
            mean = self._sum[used] / self._count[used]
        buckets = (values[used].copy() for values in (self._minimum, self._maximum, self._count))
        return Curve(self.start, self._stride, mean, *buckets)

    def partial_bucket(self) -> Curve:
        """Return the steps after those of `full_run` as a curve of one bucket, or of none."""
        full, partial = divmod(self._bucketed_steps, self._stride)
        steps = partial + len(self._pending)
        if not steps:
            return EMPTY_CURVE
        pending = self._pending
        with np.errstate(invalid="ignore"):
            mean = (self._sum[full] + np.nansum(pending)) / (
                self._count[full] + np.count_nonzero(pending == pending)
            )
        minimum = np.fmin.reduce(pending, initial=self._minimum[full])
        maximum = np.fmax.reduce(pending, initial=self._maximum[full])
        return Curve(self.steps - steps, steps, *np.array([[mean], [minimum], [maximum]]))

    @np.errstate(over="ignore", invalid="ignore")
    def _update_best(self, window: FloatArray) -> None:
        """Update the lowest mean over any 100 consecutive steps of `window`."""
        if len(window) < SMOOTHING_STEPS:
            return
        # Of most, the mean is not the lowest even if differences of cumulative sums are rounded.
        sums = np.cumsum(window)
        sums[SMOOTHING_STEPS:] -= sums[:-SMOOTHING_STEPS].copy()
        sums = sums[SMOOTHING_STEPS - 1 :]
        error = 2 * len(window) * float_info.epsilon * np.abs(window).sum()
        starts = np.flatnonzero(~(sums > sums.min() + 2 * error))  # all, where the limit is NaN
        lowest = _means(window[starts[:, np.newaxis] + np.arange(SMOOTHING_STEPS)]).min()
        self.best_mean_metric = min(float(lowest), self.best_mean_metric)

    def _fill_buckets(self) -> None:
        unit, space = (
            min(self._stride, MAX_PENDING_STEPS),
            MAX_BUCKETS * self._stride - self._bucketed_steps,
        )
        steps = min(space, len(self._pending) // unit * unit)
        units, self._pending = self._pending[:steps].reshape(-1, unit), self._pending[steps:]
        bucket_indices = (self._bucketed_steps + unit * np.arange(len(units))) // self._stride
        np.fmin.at(self._minimum, bucket_indices, np.fmin.reduce(units, axis=1))
        np.fmax.at(self._maximum, bucket_indices, np.fmax.reduce(units, axis=1))
        valid = units == units
        np.add.at(self._sum, bucket_indices, np.where(valid, units, 0.0).sum(axis=1))
        np.add.at(self._count, bucket_indices, valid.sum(axis=1))
        self._bucketed_steps += steps
        if steps == space:
            self._merge_pairs()

    def _merge_pairs(self) -> None:
        half = MAX_BUCKETS // 2
        self._minimum[:half] = np.fmin(self._minimum[::2], self._minimum[1::2])
        self._maximum[:half] = np.fmax(self._maximum[::2], self._maximum[1::2])
        self._sum[:half] = self._sum[::2] + self._sum[1::2]
        self._count[:half] = self._count[::2] + self._count[1::2]
        self._minimum[half:] = self._maximum[half:] = np.nan
        self._sum[half:] = self._count[half:] = 0
        self._stride *= 2


@np.errstate(over="ignore")
def _means(windows: npt.ArrayLike) -> FloatArray:
    """Return the mean of each row, bit for bit the same for any number of rows.

    The order of summation depends on the memory layout, hence the C order; Python's `sum` rounds
    differently since version 3.12.
    """
    rows = np.array(windows, order="C")
    means: FloatArray = np.add.reduce(rows, axis=1) / rows.shape[1]
    return means
