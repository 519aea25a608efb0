"""Compares `backward` with central finite differences, weight by weight."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, nan
from sys import float_info

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

TOLERANCE = 1e-6  # correct gradients stay well below in float64, incorrect ones far above
EPSILON = 1e-5
STEP_RATIO, MAX_REFINEMENTS = 4, 6  # of ε, where the first differences do not agree with g
ZERO_OFFSET = 1e-3  # scale by which weights of exactly 0 are moved, where ReLU has its kink
ROUNDING_ULPS = 64  # of the loss, at most, for its rounding errors
MAX_RELATIVE_CHANGE = 0.01  # of the loss, by the smallest step
SAFETY_FACTOR = 4.0  # of the uncertainty, above which a difference is an error of g
NEGLIGIBLE_RATIO = 1e-3
ROUNDING_ERROR = 8 * float_info.epsilon / (EPSILON * TOLERANCE)


@np.errstate(all="ignore")
def gradient_check(
    model: Model,
    loss: Loss,
    batch: Batch,
    max_weights: int | None = None,
    names: Iterable[str] | None = None,
) -> dict[str, float]:
    """Return each parameter's largest error, max |g - ĝ|, relative to its largest |g|.

    ĝ = (L(w+ε) - L(w-ε)) / 2ε, ε = 1e-5, for each weight of each parameter in `names` (all by
    default), or for `max_weights` of them, evenly spaced. Where g differs from ĝ, ε is reduced,
    with Richardson extrapolation (Ridders 1982). Weights at which that does not converge, since the
    loss has a kink, as with ReLU, or the gradient explodes, are skipped; the error is NaN if all
    are. The largest |g| is taken as no smaller than the rounding errors of the other parameters'
    gradients and of the loss. Weights of exactly 0 are moved slightly during the check; all weights
    are restored.
    """

    def loss_at() -> float:
        return float(loss.compute(model.forward(batch.inputs).logits, batch).loss)

    def one_sided_differences(weights: FloatArray, index: int, step: float) -> tuple[float, float]:
        kept = weights[index]
        weights[index] = kept + step
        above = (loss_at() - current_loss) / step
        weights[index] = kept - step
        below = (current_loss - loss_at()) / step
        weights[index] = kept
        return above, below

    def refined_difference(weights: FloatArray, index: int) -> tuple[float, float]:
        """Return ĝ extrapolated to ε = 0 and its uncertainty, inf without convergence."""
        row: list[float] = []
        estimate, uncertainty, kink, previous_jump = nan, inf, 0.0, inf
        last_kink_level, loss_scale = 0, abs(current_loss)
        for level in range(MAX_REFINEMENTS + 1):
            step = EPSILON / STEP_RATIO**level
            above, below = one_sided_differences(weights, index, step)
            loss_scale = max(loss_scale, step * abs(above), step * abs(below))
            previous, row = row, [(above + below) / 2]
            for order, value in enumerate(previous, start=1):
                row.append(row[-1] + (row[-1] - value) / (STEP_RATIO ** (2 * order) - 1))
                error = max(abs(row[-1] - row[-2]), abs(row[-1] - value))
                if error < uncertainty:
                    estimate, uncertainty = row[-1], error
            jump = abs(above - below)
            if jump > previous_jump / 2:  # a fraction of 1 / STEP_RATIO where the loss is smooth
                kink = max(kink, jump)
                if jump > ROUNDING_ULPS * float_info.epsilon * loss_scale / step:
                    last_kink_level = level
            previous_jump = jump
        # A gradient that explodes changes the loss by much more than a finite difference can.
        explodes = largest_gradient * step > MAX_RELATIVE_CHANGE * loss_scale
        is_smooth = last_kink_level < MAX_REFINEMENTS - 2
        return estimate, max(uncertainty, kink) if is_smooth and not explodes else inf

    vector = model.parameters.vector
    before, zero = vector.copy(), vector == 0
    vector[zero] = ZERO_OFFSET * np.random.RandomState(0).standard_normal(int(zero.sum()))
    cache = model.forward(batch.inputs)
    loss_result = loss.compute(cache.logits, batch)
    current_loss = float(loss_result.loss)
    model.backward(cache, loss_result.gradient)
    largest_gradient = float(np.abs(model.gradient.vector).max())
    min_scale = max(
        NEGLIGIBLE_RATIO * largest_gradient,
        ROUNDING_ERROR * abs(current_loss),
    )
    worst = {}
    for name in names or model.parameters:
        weights, gradient = model.parameters[name].ravel(), model.gradient[name].ravel().copy()
        indices = np.unique(
            np.linspace(0, weights.size - 1, max_weights or weights.size).astype(int)
        )
        size = max(float(np.abs(gradient).max()), min_scale)
        errors = []
        for index in indices:
            numeric = sum(one_sided_differences(weights, index, EPSILON)) / 2
            error = abs(float(gradient[index]) - numeric)
            if not error <= TOLERANCE * size:
                numeric, uncertainty = refined_difference(weights, index)
                error = abs(float(gradient[index]) - numeric)
                if not error <= TOLERANCE * size and not error > SAFETY_FACTOR * uncertainty:
                    continue
            errors.append(error)
        error = max(errors, default=nan)
        worst[name] = error / size if size else error
    vector[:] = before
    return worst
