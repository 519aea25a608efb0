"""Is `backward` right? Compare it with central differences, weight by weight."""

from collections.abc import Iterable
from math import nan

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

SOUND = 1e-6  # a right gradient's error stays well below in float64, a wrong one's far above
STEP = 1e-5
NUDGE = 1e-3  # how far weights of exactly 0 are moved, for there ReLU has its kink
LOST = 1e-3
ROUNDING = 8 * float(np.finfo(np.float64).eps) / (STEP * SOUND)


def gradient_check(
    model: Model,
    loss: Loss,
    batch: Batch,
    most: int | None = None,
    names: Iterable[str] | None = None,
) -> dict[str, float]:
    """Return each parameter's worst error, max |g - ĝ|, relative to its largest |g|.

    Only parameters with `names` are looked at, where these are given.

    ĝ = (L(w+ε) - L(w-ε)) / 2ε, ε = 1e-5, for each weight, or for `most` of a parameter's, evenly
    spread, where it has more. A weight that disagrees only where the loss has a kink, as with ReLU,
    is passed over; NaN where all of them do. A parameter whose gradient is lost in the rounding of
    the others, or of the loss, is measured by what can be told apart. Weights of exactly 0 are
    moved a little for the while; all are left as they were.
    """

    def loss_at() -> float:
        return loss.judge(model.forward(batch.inputs).logits, batch).loss

    def slopes(weights: FloatArray, index: int, step: float) -> tuple[float, float]:
        kept = weights[index]
        weights[index] = kept + step
        above = (loss_at() - here) / step
        weights[index] = kept - step
        below = (here - loss_at()) / step
        weights[index] = kept
        return above, below

    vector = model.parameters.vector
    before, zero = vector.copy(), vector == 0
    vector[zero] = NUDGE * np.random.RandomState(0).standard_normal(int(zero.sum()))
    trace = model.forward(batch.inputs)
    judgement = loss.judge(trace.logits, batch)
    here = judgement.loss
    model.backward(trace, judgement.gradient)
    least = max(LOST * float(np.abs(model.gradient.vector).max()), ROUNDING * abs(here))
    worst = {}
    for name in names or model.parameters:
        weights, gradient = model.parameters[name].ravel(), model.gradient[name].ravel().copy()
        chosen = np.unique(np.linspace(0, weights.size - 1, most or weights.size).astype(int))
        size = max(float(np.abs(gradient).max()), least)
        errors = []
        for index in chosen:
            above, below = slopes(weights, index, STEP)
            numeric, jump = (above + below) / 2, abs(above - below)
            error = abs(float(gradient[index]) - numeric)
            if error > SOUND * size:  # look closer: is g wrong, the curve strong, or a kink near?
                above, below = slopes(weights, index, STEP / 2)
                error = abs(float(gradient[index]) - (2 * (above + below) - numeric) / 3)
                bend = abs(2 * abs(above - below) - jump)  # nothing where there is no kink
                if bend > LOST * jump and (error < jump or bend > 4 * SOUND * size):
                    continue
            errors.append(error)
        error = max(errors, default=nan)
        worst[name] = error / size if size else error
    vector[:] = before
    return worst
