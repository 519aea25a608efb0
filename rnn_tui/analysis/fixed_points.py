"""Fixed points of a recurrent model under a constant input (Sussillo & Barak 2013).

For each input x, Newton's method on F_x(s) - s = 0 from many starts; the eigenvalues of the
Jacobian ∂F_x/∂s at a fixed point give its kind. A memory is kept for any time where one input
leaves several attractors with different outputs; without, a state returns to the attractor as
exp(-t/τ).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan, log, nan
from typing import Literal, final

import numpy as np

from rnn_tui.analysis.transition import Transition
from rnn_tui.engine.parameters import FloatArray

Kind = Literal["stable", "saddle", "unstable"]

N_STARTS, START_NOISE, SEED = 256, 0.1, 20_150_714
MAX_ITERATIONS = 40
MAX_SPEED = 1e-12  # ½ ‖F(s) - s‖² of a fixed point
MERGE_DISTANCE = 1e-3
MAX_SETTLING_STEPS = 200
MAX_SETTLED_SPEED, SETTLED_DISTANCE = 1e-4, 0.1  # of states near the same stable point
STEP_TOLERANCE = 1e-6  # length of the step at which Newton's method has converged
REGULARIZATION = 1e-9  # relative, where ∂F/∂s - I is singular, as on a line of fixed points


@final
@dataclass(frozen=True, slots=True, eq=False)
class FixedPoint:
    """A state with F(s) = s under one input.

    state        (size,)
    logits       the model's, (outputs,)
    eigenvalues  of the Jacobian, (size,) complex, largest magnitude first
    """

    state: FloatArray
    logits: FloatArray
    eigenvalues: np.typing.NDArray[np.complex128]

    @property
    def spectral_radius(self) -> float:
        """ρ, the largest magnitude of an eigenvalue."""
        return float(abs(self.eigenvalues[0]))

    @property
    def n_unstable(self) -> int:
        """The number of directions in which the state leaves the point, |λ| > 1."""
        return int((abs(self.eigenvalues) > 1).sum())

    @property
    def kind(self) -> Kind:
        if not self.n_unstable:
            return "stable"
        return "unstable" if self.n_unstable == len(self.eigenvalues) else "saddle"

    @property
    def memory_time(self) -> float:
        """τ = -1/ln ρ, the time steps in which a deviation from a stable point falls to 1/e.

        0 for ρ = 0, inf for ρ = 1, NaN for points that are not stable.
        """
        rho = self.spectral_radius
        if rho in (0, 1):
            return 0.0 if rho == 0 else inf
        return -1 / log(rho) if rho < 1 else nan


def starts_near(states: FloatArray, count: int = N_STARTS) -> FloatArray:
    """Return `count` of `states` (n, size), drawn with a fixed seed, with noise, (count, size).

    Every fourth is a random point between two of them, where the saddle between two attractors is
    that no state comes near.
    """
    random = np.random.RandomState(SEED)
    chosen, others = states[random.randint(0, len(states), size=(2, count))]
    fractions = random.uniform(size=(count, 1)) * (np.arange(count)[:, np.newaxis] % 4 == 0)
    noise = START_NOISE * random.standard_normal(chosen.shape)
    return np.asarray(chosen + fractions * (others - chosen) + noise)


@np.errstate(all="ignore")
def find_fixed_points(
    transition: Transition,
    inputs: FloatArray,
    starts: FloatArray,
    settling: FloatArray | None = None,
) -> list[FixedPoint]:
    """Return the fixed points under constant `inputs` (features,), by their first logit.

    Newton's method runs from each of `starts` (n, size), and from where the states `settling`
    (m, size) settle, which is near stable points; points that none of these leads to are missed.
    """
    if settling is not None and len(settling):
        starts = np.concatenate([starts, _settled(transition, inputs, settling)])
    states = _newton(transition, inputs, starts)
    points = _merge(states[(np.abs(states) <= transition.max_fixed).all(axis=1)])
    if not len(points):
        return []
    jacobians = transition.jacobians(points, _repeat(inputs, points))
    spectra = np.linalg.eigvals(jacobians).astype(np.complex128)
    found = [
        FixedPoint(state, logits, eigenvalues[np.argsort(-abs(eigenvalues), kind="stable")])
        for state, logits, eigenvalues in zip(
            points, transition.logits(points), spectra, strict=True
        )
    ]
    return sorted(found, key=lambda point: float(point.logits[0]))


def _settled(transition: Transition, inputs: FloatArray, states: FloatArray) -> FloatArray:
    """Return a state for each place where `states` (n, size) settle, (m, size)."""
    repeated = _repeat(inputs, states)
    speeds = np.full(len(states), inf)
    for _ in range(MAX_SETTLING_STEPS):
        before, states = states, transition.step(states, repeated)
        speeds = 0.5 * np.square(states - before).sum(axis=1)
        if (speeds < MAX_SPEED).all():
            break
    return _merge(states[speeds < MAX_SETTLED_SPEED], SETTLED_DISTANCE)


def _newton(transition: Transition, inputs: FloatArray, starts: FloatArray) -> FloatArray:
    """Return the states (n, size) to which Newton's method converges from `starts`."""
    states, active = starts.copy(), np.arange(len(starts))
    converged = np.zeros(len(starts), dtype=np.bool_)
    identity = np.eye(transition.size)
    for _ in range(MAX_ITERATIONS):
        if not len(active):
            break
        current = states[active]
        at_current = _repeat(inputs, current)
        residuals = transition.step(current, at_current) - current
        matrices = (transition.jacobians(current, at_current) - identity).swapaxes(1, 2)
        try:
            steps = np.linalg.solve(matrices, residuals[:, :, np.newaxis])[:, :, 0]
        except np.linalg.LinAlgError:
            scales = np.maximum(np.abs(matrices).max(axis=(1, 2), keepdims=True), 1.0)
            matrices -= REGULARIZATION * scales * identity
            steps = np.linalg.solve(matrices, residuals[:, :, np.newaxis])[:, :, 0]
        states[active] -= steps
        lengths = np.linalg.norm(steps, axis=1)
        speeds = 0.5 * np.square(residuals).sum(axis=1)
        is_fixed = (speeds < MAX_SPEED) & (lengths < STEP_TOLERANCE)
        converged[active] = is_fixed
        active = active[~is_fixed & np.isfinite(lengths)]
    return states[converged]


def _repeat(inputs: FloatArray, states: FloatArray) -> FloatArray:
    return np.tile(inputs, (len(states), 1))


def _merge(states: FloatArray, distance: float = MERGE_DISTANCE) -> FloatArray:
    """Return one of `states` (n, size) for each group within `distance`, (m, size)."""
    points = []
    while len(states):
        points.append(states[0])
        states = states[np.linalg.norm(states - states[0], axis=1) >= distance]
    return np.array(points).reshape(-1, states.shape[1])


@final
@dataclass(frozen=True, slots=True)
class Retention:
    """How long a model keeps a state of its task under inputs that leave the state unchanged.

    time_steps  inf for ever, as every such input has attractors with different outputs; otherwise
                the shortest memory time of an input without them; NaN if no attractor was found
    by_symbol   the same for each of the inputs
    """

    time_steps: float
    by_symbol: Mapping[int, float]

    @property
    def verdict(self) -> Literal["for ever", "limited", "not", "unknown"]:
        """Whether the state is kept for ever, for a number of time steps, or for less than one."""
        if self.time_steps == inf:
            return "for ever"
        if isnan(self.time_steps):
            return "unknown"
        return "limited" if self.time_steps >= 1 else "not"


def retention(
    points_by_symbol: Mapping[int, Sequence[FixedPoint]], threshold: float
) -> Retention | None:
    """Return how long a state is kept, from the fixed points under each holding symbol.

    Outputs are bits by `threshold` of the logits. None where the task has no such inputs, as with
    the carry of times-three.
    """
    by_symbol = {
        symbol: _retention_time([point for point in points if point.kind == "stable"], threshold)
        for symbol, points in points_by_symbol.items()
    }
    known = [time_steps for time_steps in by_symbol.values() if not isnan(time_steps)]
    return Retention(min(known, default=nan), by_symbol) if by_symbol else None


def _retention_time(attractors: Sequence[FixedPoint], threshold: float) -> float:
    bits = {bool(point.logits[0] > threshold) for point in attractors}
    if len(bits) == 2:
        return inf
    return max((point.memory_time for point in attractors), default=nan)
