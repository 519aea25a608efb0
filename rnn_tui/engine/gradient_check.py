"""Compares `backward` with central finite differences, weight by weight."""

from __future__ import annotations

from collections.abc import Iterable
from math import nan
from sys import float_info

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

TOLERANCE = 1e-6  # correct gradients stay well below in float64, incorrect ones far above
EPSILON = 1e-5
ZERO_OFFSET = 1e-3  # scale by which weights of exactly 0 are moved, where ReLU has its kink
NEGLIGIBLE_RATIO = 1e-3
ROUNDING_ERROR = 8 * float_info.epsilon / (EPSILON * TOLERANCE)


def gradient_check(
    model: Model,
    loss: Loss,
    batch: Batch,
    max_weights: int | None = None,
    names: Iterable[str] | None = None,
) -> dict[str, float]:
    """Return each parameter's largest error, max |g - ĝ|, relative to its largest |g|.

    ĝ = (L(w+ε) - L(w-ε)) / 2ε, ε = 1e-5, for each weight of each parameter in `names` (all by
    default), or for `max_weights` of them, evenly spaced. Weights near a kink of the loss, as of
    ReLU, are skipped; the error is NaN if all are. The largest |g| is taken as no smaller than the
    rounding errors of the other parameters' gradients and of the loss. Weights of exactly 0 are
    moved slightly during the check; all weights are restored.
    """

    def loss_at() -> float:
        return loss.compute(model.forward(batch.inputs).logits, batch).loss

    def one_sided_differences(weights: FloatArray, index: int, step: float) -> tuple[float, float]:
        kept = weights[index]
        weights[index] = kept + step
        above = (loss_at() - current_loss) / step
        weights[index] = kept - step
        below = (current_loss - loss_at()) / step
        weights[index] = kept
        return above, below

    vector = model.parameters.vector
    before, zero = vector.copy(), vector == 0
    vector[zero] = ZERO_OFFSET * np.random.RandomState(0).standard_normal(int(zero.sum()))
    cache = model.forward(batch.inputs)
    loss_result = loss.compute(cache.logits, batch)
    current_loss = loss_result.loss
    model.backward(cache, loss_result.gradient)
    min_scale = max(
        NEGLIGIBLE_RATIO * float(np.abs(model.gradient.vector).max()),
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
            above, below = one_sided_differences(weights, index, EPSILON)
            numeric, jump = (above + below) / 2, abs(above - below)
            error = abs(float(gradient[index]) - numeric)
            if error > TOLERANCE * size:  # is g incorrect, the curvature strong, or a kink near?
                above, below = one_sided_differences(weights, index, EPSILON / 2)
                error = abs(float(gradient[index]) - (2 * (above + below) - numeric) / 3)
                bend = abs(2 * abs(above - below) - jump)  # 0 without a kink
                if bend > NEGLIGIBLE_RATIO * jump and (error < jump or bend > 4 * TOLERANCE * size):
                    continue
            errors.append(error)
        error = max(errors, default=nan)
        worst[name] = error / size if size else error
    vector[:] = before
    return worst
