"""A race of optimizers on the cost surface of the counting task, from one start."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.gradient_transforms import ClipNorm, GradientTransform
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import SCALARS, FloatArray

PUBLISHED_START = (-1.5, 2.0)
CLIP_TO_UNIT_NORM = (ClipNorm(1.0),)


@final
@dataclass(frozen=True, slots=True)
class Contender:
    """An optimizer by its name, with a learning rate and gradient transforms."""

    title: str
    short_title: str
    optimizer: str
    learning_rate: float
    gradient_transforms: tuple[GradientTransform, ...] = ()


CONTENDERS = (
    Contender("Rprop .001", "Rprop", "rprop-tutorial", 0.001),
    Contender("SGD .01", "SGD", "sgd", 0.01),
    Contender("SGD .01 clip 1", "clip", "sgd", 0.01, CLIP_TO_UNIT_NORM),
    Contender("momentum .01 clip 1", "mom.", "momentum", 0.01, CLIP_TO_UNIT_NORM),
    Contender("Adam .05", "Adam", "adam", 0.05),
)


@final
@dataclass(frozen=True, slots=True, eq=False)
class RaceResult:
    """The `path` (n, 2) and `costs` (n,) at the start and after every step.

    `end_reason` is the reason why there are no more steps.
    """

    title: str
    short_title: str
    path: FloatArray
    costs: FloatArray
    end_reason: str


def run_race(
    cost_surface: CostSurface, start: tuple[float, float], steps: int = 500
) -> tuple[RaceResult, ...]:
    """Return the result of each contender from `start` = (w_x, w_rec), by full-batch gradients."""
    return tuple(_run_contender(entry, cost_surface, start, steps) for entry in CONTENDERS)


@np.errstate(all="ignore")
def _run_contender(
    contender: Contender, cost_surface: CostSurface, start: tuple[float, float], steps: int
) -> RaceResult:
    optimizer = OPTIMIZERS[contender.optimizer]
    weights = np.array(start, dtype=np.float64)
    state = optimizer.init_state(weights.size)
    path, costs = [weights.copy()], [float(cost_surface.cost(*start))]
    end_reason = f"took {steps:,} steps"
    for step in range(1, steps + 1):
        lookahead = optimizer.lookahead_step(state)
        if lookahead is not None:
            weights += lookahead
        gradient = np.array(cost_surface.gradient(*weights))
        for gradient_transform in contender.gradient_transforms:
            gradient_transform.apply(gradient, weights)
        weights -= optimizer.update(state, gradient, weights, SCALARS[contender.learning_rate])
        current_cost = float(cost_surface.cost(*weights))
        if not (np.isfinite(weights).all() and np.isfinite(current_cost)):
            end_reason = f"overflowed at step {step:,}"
            break
        path.append(weights.copy())
        costs.append(current_cost)
    return RaceResult(
        contender.title, contender.short_title, np.array(path), np.array(costs), end_reason
    )
