"""The data of the cost map of a two-weight model: cost surface and path of the weights."""

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
SAMPLE_SEQUENCES, SAMPLE_SEED = 256, 20_150_927  # where there are too many for all


@final
@dataclass(frozen=True, slots=True, eq=False)
class CostMapData:
    """`weight_path` (n, 2) has the weights (w_x, w_rec) of the run, oldest first."""

    cost_surface: CostSurface
    weight_path: FloatArray
    race_results: tuple[RaceResult, ...] = ()


def cost_surface_for(task: Task, dataset: Batch | None) -> CostSurface | None:
    """Return the cost surface of `dataset`, or of all sequences; None for a task without one.

    Where there are more than MAX_SURFACE_SEQUENCES, it is that of a fixed sample.
    """
    if not task.has_cost_surface:
        return None
    batch = dataset or task.all_examples()
    if batch is None or batch.inputs.shape[1] > MAX_SURFACE_SEQUENCES:
        batch = task.fixed_sample(SAMPLE_SEQUENCES, SAMPLE_SEED)
    return CostSurface(batch.inputs[:, :, 0], batch.targets[-1, :, 0])


@final
class WeightPath:
    """The two weights after every step of a run, thinned to at most MAX_PATH_POINTS points.

    When the list is full, every second point is dropped and the stride doubled; the newest point is
    always included.
    """

    def __init__(self) -> None:
        self._points: list[tuple[float, float]] = []
        self._newest: tuple[float, float] | None = None
        self._stride, self._n_appended = 1, 0

    def append(self, wx: float, wrec: float) -> None:
        """Add the weights of the next step."""
        self._newest = wx, wrec
        if self._n_appended % self._stride == 0:
            if len(self._points) == MAX_PATH_POINTS - 1:
                del self._points[1::2]
                self._stride *= 2
            if self._n_appended % self._stride == 0:
                self._points.append(self._newest)
        self._n_appended += 1

    def to_array(self) -> FloatArray:
        """Return the state (n + 2, 2): stride and number of appended points, the newest, all."""
        newest = self._newest or (np.nan, np.nan)
        rows = [(float(self._stride), float(self._n_appended)), newest, *self._points]
        return np.array(rows, np.float64)

    @classmethod
    def from_array(cls, array: FloatArray) -> "WeightPath":
        """Return the path of an array by `to_array`."""
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
