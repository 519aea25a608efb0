"""The error of every step of a run, however long, in a bounded space."""

from collections import deque
from typing import NamedTuple, final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from rnn_tui.engine.parameters import FloatArray

Saved = dict[str, FloatArray]

RECENT = 1000  # steps kept one by one
BUCKETS = 1024  # stretches of the whole run that are kept
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
    equal length, which are joined in pairs when they run out.
    """

    def __init__(self, start: int = 0) -> None:
        self.start = self.steps = start
        self.now = float("nan")
        self.best_hundred = float("inf")
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._smooth: deque[float] = deque(maxlen=SMOOTH)
        self._waiting = np.empty(0)
        self._stride, self._filled = 1, 0
        self._least, self._most = np.empty(BUCKETS), np.empty(BUCKETS)
        self._sum, self._count = np.empty(BUCKETS), np.empty(BUCKETS)

    def saved(self) -> Saved:
        """Return all of it as arrays, copied, by name."""
        used = slice(self._filled)
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
        history._stride, history._filled = int(stride), saved["stretches"].shape[1]
        for values, kept in zip(history._whole, saved["stretches"], strict=True):
            values[: history._filled] = kept
        return history

    @property
    def _whole(self) -> tuple[FloatArray, ...]:
        return self._least, self._most, self._sum, self._count

    @property
    def last_hundred(self) -> float:
        """The mean over the last 100 steps that learnt something; NaN before the first."""
        return sum(self._smooth) / len(self._smooth) if self._smooth else float("nan")

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
        while len(self._waiting) >= self._stride:
            self._fill()

    def recent(self) -> Curve:
        values = np.array(self._recent)
        return Curve(self.steps - len(values), 1, values, values, values)

    def whole(self) -> Curve:
        used = slice(self._filled)
        with np.errstate(invalid="ignore"):
            mean = self._sum[used] / self._count[used]
        return Curve(
            self.start, self._stride, mean, self._least[used].copy(), self._most[used].copy()
        )

    def _follow_best(self, learnt: list[float]) -> None:
        """Note the lowest mean over any 100 steps in a row."""
        window = [*self._smooth, *learnt]
        if len(window) >= SMOOTH:
            lowest = sliding_window_view(window, SMOOTH).mean(axis=1).min()
            self.best_hundred = min(float(lowest), self.best_hundred)

    def _fill(self) -> None:
        count = min(BUCKETS - self._filled, len(self._waiting) // self._stride)
        blocks = self._waiting[: count * self._stride].reshape(count, self._stride)
        self._waiting = self._waiting[count * self._stride :]
        new = slice(self._filled, self._filled + count)
        self._least[new] = np.fmin.reduce(blocks, axis=1)
        self._most[new] = np.fmax.reduce(blocks, axis=1)
        self._sum[new] = np.nansum(blocks, axis=1)
        self._count[new] = np.count_nonzero(blocks == blocks, axis=1)
        self._filled += count
        if self._filled == BUCKETS:
            self._join_pairs()

    def _join_pairs(self) -> None:
        half = BUCKETS // 2
        self._least[:half] = np.fmin(self._least[::2], self._least[1::2])
        self._most[:half] = np.fmax(self._most[::2], self._most[1::2])
        self._sum[:half] = self._sum[::2] + self._sum[1::2]
        self._count[:half] = self._count[::2] + self._count[1::2]
        self._filled = half
        self._stride *= 2
