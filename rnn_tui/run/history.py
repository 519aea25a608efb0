"""The error of every step of a run, however long, in a bounded space."""

from collections import deque
from math import ceil
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from rnn_tui.engine.parameters import FloatArray

Saved = dict[str, FloatArray]

RECENT = 1000  # steps kept one by one
BUCKETS = 1024  # stretches of the whole run that are kept
UNIT = 256  # steps that are waited for, at the most, before they go into a stretch
SMOOTH = 100  # steps in a smoothed value


class Curve(NamedTuple):
    """Errors over the steps from `start` on, one value for each `stride` steps, (n,).

    Where nothing was learnt `mean`, `least` and `most` are NaN.
    """

    start: int
    stride: int
    mean: FloatArray
    least: FloatArray
    most: FloatArray


EMPTY_CURVE = Curve(0, 1, np.empty(0), np.empty(0), np.empty(0))


@final
class History:
    """Takes one error a step (NaN for a step that learnt nothing), forgets no minimum or mean.

    It begins with the step after `start`. The whole of it is kept as up to BUCKETS stretches of
    equal length, which are joined in pairs when they run out. Steps go into them so many at a time,
    counted from the first, so that sums do not depend on how a run was cut into pieces.
    """

    def __init__(self, start: int = 0) -> None:
        self.start = self.steps = start
        self.now = float("nan")
        self.best_hundred = float("inf")
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._smooth: deque[float] = deque(maxlen=SMOOTH)
        self._waiting = np.empty(0)
        self._stride, self._taken = 1, 0  # steps in a stretch, and in all stretches
        self._least, self._most = np.full((2, BUCKETS), np.nan)
        self._sum, self._count = np.zeros((2, BUCKETS))

    def saved(self) -> Saved:
        """Return all of it as arrays, copied, by name."""
        used = slice(ceil(self._taken / self._stride))
        numbers = (self.start, self.steps, self.now, self.best_hundred, self._stride)
        return {
            "numbers": np.array(numbers, np.float64),
            "recent": np.array(self._recent),
            "smooth": np.array(self._smooth),
            "waiting": self._waiting.copy(),
            "stretches": np.stack([it[used] for it in self._whole]),
        }

    @classmethod
    def of(cls, saved: Saved) -> "History":
        """Return the history that was `saved`."""
        start, steps, now, best, stride = saved["numbers"].tolist()
        history = cls(int(start))
        history.steps, history.now, history.best_hundred = int(steps), now, best
        history._recent.extend(saved["recent"].tolist())
        history._smooth.extend(saved["smooth"].tolist())
        history._waiting = saved["waiting"].copy()
        history._stride = int(stride)
        history._taken = history.steps - history.start - len(history._waiting)
        for values, kept in zip(history._whole, saved["stretches"], strict=True):
            values[: len(kept)] = kept
        return history

    @staticmethod
    def is_one(saved: Saved, step: int) -> bool:
        """Return whether that was `saved` after `step`."""
        start, steps, _, _, stride = saved["numbers"].tolist()
        waiting, stretches = len(saved["waiting"]), saved["stretches"].shape[1]
        ranks = {name: values.ndim for name, values in saved.items()}
        return (
            ranks == {"numbers": 1, "recent": 1, "smooth": 1, "waiting": 1, "stretches": 2}
            and steps == step
            and waiting < min(stride, UNIT)
            and stretches == ceil((steps - start - waiting) / stride) <= BUCKETS
        )

    @property
    def _whole(self) -> tuple[FloatArray, ...]:
        return self._least, self._most, self._sum, self._count

    @property
    def last_hundred(self) -> float:
        """The mean over the last 100 steps that learnt something; NaN before the first."""
        return float(_means([self._smooth])[0]) if self._smooth else float("nan")

    def extend(self, errors: list[float]) -> None:
        """Append the errors of the steps just taken."""
        self.steps += len(errors)
        self._recent.extend(errors)
        learnt = [error for error in errors if error == error]
        if learnt:
            self.now = learnt[-1]
            self._follow_best(learnt)
            self._smooth.extend(learnt)
        self._waiting = np.concatenate([self._waiting, errors])
        while len(self._waiting) >= min(self._stride, UNIT):
            self._fill()

    def recent(self) -> Curve:
        values = np.array(self._recent)
        return Curve(self.steps - len(values), 1, values, values, values)

    def whole(self) -> Curve:
        """Return all stretches that are full."""
        used = slice(self._taken // self._stride)
        with np.errstate(invalid="ignore"):
            mean = self._sum[used] / self._count[used]
        return Curve(
            self.start, self._stride, mean, self._least[used].copy(), self._most[used].copy()
        )

    def rest(self) -> Curve:
        """Return the steps after those of the `whole`, as one stretch, if there are any."""
        full, begun = divmod(self._taken, self._stride)
        steps = begun + len(self._waiting)
        if not steps:
            return EMPTY_CURVE
        waiting = self._waiting
        with np.errstate(invalid="ignore"):
            mean = (self._sum[full] + np.nansum(waiting)) / (
                self._count[full] + np.count_nonzero(waiting == waiting)
            )
        least = np.fmin.reduce(waiting, initial=self._least[full])
        most = np.fmax.reduce(waiting, initial=self._most[full])
        return Curve(self.steps - steps, steps, *np.array([[mean], [least], [most]]))

    def _follow_best(self, learnt: list[float]) -> None:
        """Note the lowest mean over any 100 steps in a row."""
        window = [*self._smooth, *learnt]
        if len(window) >= SMOOTH:
            lowest = _means(sliding_window_view(window, SMOOTH)).min()
            self.best_hundred = min(float(lowest), self.best_hundred)

    def _fill(self) -> None:
        unit, space = min(self._stride, UNIT), BUCKETS * self._stride - self._taken
        steps = min(space, len(self._waiting) // unit * unit)
        units, self._waiting = self._waiting[:steps].reshape(-1, unit), self._waiting[steps:]
        into = (self._taken + unit * np.arange(len(units))) // self._stride
        np.fmin.at(self._least, into, np.fmin.reduce(units, axis=1))
        np.fmax.at(self._most, into, np.fmax.reduce(units, axis=1))
        np.add.at(self._sum, into, np.nansum(units, axis=1))
        np.add.at(self._count, into, np.count_nonzero(units == units, axis=1))
        self._taken += steps
        if steps == space:
            self._join_pairs()

    def _join_pairs(self) -> None:
        half = BUCKETS // 2
        self._least[:half] = np.fmin(self._least[::2], self._least[1::2])
        self._most[:half] = np.fmax(self._most[::2], self._most[1::2])
        self._sum[:half] = self._sum[::2] + self._sum[1::2]
        self._count[:half] = self._count[::2] + self._count[1::2]
        self._least[half:] = self._most[half:] = np.nan
        self._sum[half:] = self._count[half:] = 0
        self._stride *= 2


def _means(windows: npt.ArrayLike) -> FloatArray:
    """Return the mean of each row, with the same bits however many rows there are.

    One row is added up in one order only where its values lie side by side. Python's own sum
    rounds otherwise from version 3.12 on.
    """
    rows = np.array(windows, order="C")
    means: FloatArray = np.add.reduce(rows, axis=1) / rows.shape[1]
    return means
