"""What the counting task's map shows: the cost everywhere, and where the net has been on it."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.run.optimizer_race import RaceResult

MAX_PATH_POINTS = 1024
MAX_SURFACE_SEQUENCES = 1024
SAMPLE_SEQUENCES, SAMPLE_SEED = (
    256,
    20_150_927,
)  # sequences of a surface where there are too many for all


@final
@dataclass(frozen=True, slots=True, eq=False)
class CostMapData:
    """`path` (n, 2) holds the run's weights (w_x, w_rec), oldest first, the last those of now."""

    cost_surface: CostSurface
    weight_path: FloatArray
    race_results: tuple[RaceResult, ...] = ()


def cost_surface_for(task: Task, dataset: Batch | None) -> CostSurface | None:
    """Return the cost of `examples`, or of all there are; None for a task without a cost surface.

    Where these are more than MOST_SEQUENCES it is that of a sample.
    """
    if not task.has_cost_surface:
        return None
    batch = dataset or task.all_examples()
    if batch is None or batch.inputs.shape[1] > MAX_SURFACE_SEQUENCES:
        batch = task.fixed_sample(SAMPLE_SEQUENCES, SAMPLE_SEED)
    return CostSurface(batch.inputs[:, :, 0], batch.targets[-1, :, 0])


@final
class WeightPath:
    """The weights after every step of a run, thinned to at most MOST_POINTS points.

    Where there is no more room every second point is dropped, and from then on half as many kept;
    the newest is always there.
    """

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._newest: tuple[float, float] | None = None
        self._stride, self._n_appended = 1, 0

    def append(self, wx: float, wrec: float) -> None:
        self._newest = wx, wrec
        if self._n_appended % self._stride == 0:
            if len(self._points) == MAX_PATH_POINTS - 1:
                del self._points[1::2]
                self._stride *= 2
            if self._n_appended % self._stride == 0:
                self._points.append(self._newest)
        self._n_appended += 1

    def to_array(self) -> FloatArray:
        """Return all of it as an array, copied: two numbers, the newest point, the kept ones."""
        newest = self._newest or (np.nan, np.nan)
        rows = [(float(self._stride), float(self._n_appended)), newest, *self._points]
        return np.array(rows, np.float64)

    @classmethod
    def from_array(cls, array: FloatArray) -> "WeightPath":
        """Return the path that was `saved`."""
        weight_path = cls()
        (stride, n_appended), newest, *points = array.tolist()
        weight_path._stride, weight_path._n_appended = int(stride), int(n_appended)
        weight_path._newest = (newest[0], newest[1]) if n_appended else None
        weight_path._points = [(wx, wrec) for wx, wrec in points]
        return weight_path

    def points(self) -> FloatArray:
        """Return the points (n, 2), oldest first."""
        points = self._points
        if self._newest is not None and (self._n_appended - 1) % self._stride:
            points = [*points, self._newest]
        return np.array(points, dtype=np.float64).reshape(-1, 2)
