"""A race: how far optimizers get on the counting task's cost from one start, in as many steps."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.gradient_transforms import ClipNorm, Transformation
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray

PUBLISHED_START = (-1.5, 2.0)
CLIPPED = (ClipNorm(1.0),)


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """Who takes part: an optimizer by its name, its rate, and what it does to the gradient."""

    title: str
    brief: str
    optimizer: str
    rate: float
    transformations: tuple[Transformation, ...] = ()


ENTRIES = (
    Entry("Rprop .001", "Rprop", "rprop-tutorial", 0.001),
    Entry("SGD .01", "SGD", "sgd", 0.01),
    Entry("SGD .01 clip 1", "clip", "sgd", 0.01, CLIPPED),
    Entry("momentum .01 clip 1", "mom.", "momentum", 0.01, CLIPPED),
    Entry("Adam .05", "Adam", "adam", 0.05),
)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Racer:
    """`path` (n, 2) and `costs` (n,): at the start and after every step that could be taken.

    `end` says why there are no more of them.
    """

    title: str
    brief: str
    path: FloatArray
    costs: FloatArray
    end: str


def race(cost: CostSurface, start: tuple[float, float], steps: int = 500) -> tuple[Racer, ...]:
    """Return how each entry fares from `start` = (w_x, w_rec), on the whole batch's gradient."""
    return tuple(_run(entry, cost, start, steps) for entry in ENTRIES)


@np.errstate(all="ignore")
def _run(entry: Entry, cost: CostSurface, start: tuple[float, float], steps: int) -> Racer:
    optimizer = OPTIMIZERS[entry.optimizer]
    weights = np.array(start, dtype=np.float64)
    state = optimizer.init(weights.size)
    path, costs = [weights.copy()], [float(cost.cost(*start))]
    end = f"took {steps:,} steps"
    for step in range(1, steps + 1):
        ahead = optimizer.anticipate(state)
        if ahead is not None:
            weights += ahead
        gradient = np.array(cost.gradient(*weights))
        for transformation in entry.transformations:
            transformation.apply(gradient, weights)
        weights += optimizer.update(state, gradient, weights, entry.rate)
        now = float(cost.cost(*weights))
        if not (np.isfinite(weights).all() and np.isfinite(now)):
            end = f"overflowed at step {step:,}"
            break
        path.append(weights.copy())
        costs.append(now)
    return Racer(entry.title, entry.brief, np.array(path), np.array(costs), end)
