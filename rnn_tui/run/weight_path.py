"""What the counting task's map shows: the cost everywhere, and where the net has been on it."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.counting import CountingOnes
from rnn_tui.run.optimizer_race import Racer

MOST_POINTS = 1024
MOST_SEQUENCES = 1024
SAMPLE, SAMPLE_SEED = 256, 20_150_927  # sequences of a surface where there are too many for all


@final
@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """`path` (n, 2) holds the run's weights (w_x, w_rec), oldest first, the last those of now."""

    cost: CostSurface
    path: FloatArray
    race: tuple[Racer, ...] = ()


def surface_of(task: Task, examples: Batch | None) -> CostSurface | None:
    """Return the cost of `examples`, or of all there are; None for another task than counting.

    Where these are more than MOST_SEQUENCES it is that of a sample.
    """
    if not isinstance(task, CountingOnes):
        return None
    batch = examples or task.everything()
    if batch is None or batch.inputs.shape[1] > MOST_SEQUENCES:
        batch = task.sample_of(SAMPLE, SAMPLE_SEED)
    return CostSurface(batch.inputs[:, :, 0], batch.targets[-1, :, 0])


@final
class Path:
    """The weights after every step of a run, thinned to at most MOST_POINTS points.

    Where there is no more room every second point is dropped, and from then on half as many kept;
    the newest is always there.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[float, float]] = []
        self._newest: tuple[float, float] | None = None
        self._stride, self._taken = 1, 0

    def append(self, wx: float, wrec: float) -> None:
        self._newest = wx, wrec
        if self._taken % self._stride == 0:
            if len(self._kept) == MOST_POINTS - 1:
                del self._kept[1::2]
                self._stride *= 2
            if self._taken % self._stride == 0:
                self._kept.append(self._newest)
        self._taken += 1

    def saved(self) -> FloatArray:
        """Return all of it as an array, copied: two numbers, the newest point, the kept ones."""
        newest = self._newest or (np.nan, np.nan)
        rows = [(float(self._stride), float(self._taken)), newest, *self._kept]
        return np.array(rows, np.float64)

    @classmethod
    def of(cls, saved: FloatArray) -> "Path":
        """Return the path that was `saved`."""
        path = cls()
        (stride, taken), newest, *kept = saved.tolist()
        path._stride, path._taken = int(stride), int(taken)
        path._newest = (newest[0], newest[1]) if taken else None
        path._kept = [(wx, wrec) for wx, wrec in kept]
        return path

    def points(self) -> FloatArray:
        """Return the points (n, 2), oldest first."""
        points = self._kept
        if self._newest is not None and (self._taken - 1) % self._stride:
            points = [*points, self._newest]
        return np.array(points, dtype=np.float64).reshape(-1, 2)
