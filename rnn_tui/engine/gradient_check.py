"""Is `backward` right? Compare it with central differences, weight by weight."""

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model

SOUND = 1e-6  # a right gradient's error stays well below in float64, a wrong one's far above
STEP = 1e-5
LOST = 1e-3


def gradient_check(
    model: Model, loss: Loss, batch: Batch, most: int | None = None
) -> dict[str, float]:
    """Return each parameter's worst error, max |g - ĝ|, relative to its largest |g|.

    ĝ = (L(w+ε) - L(w-ε)) / 2ε, ε = 1e-5, for each weight, or for `most` of a parameter's, evenly
    spread, where it has more. A parameter whose gradient is lost in the rounding of the others is
    measured by a thousandth of the net's largest |g|. The weights are left as they were.
    """

    def loss_at() -> float:
        return loss.judge(model.forward(batch.inputs).logits, batch).loss

    trace = model.forward(batch.inputs)
    model.backward(trace, loss.judge(trace.logits, batch).gradient)
    least = LOST * float(np.abs(model.gradient.vector).max())
    worst = {}
    for name in model.parameters:
        weights, gradient = model.parameters[name].ravel(), model.gradient[name].ravel().copy()
        chosen = np.unique(np.linspace(0, weights.size - 1, most or weights.size).astype(int))
        error = 0.0
        for index in chosen:
            kept = weights[index]
            weights[index] = kept + STEP
            above = loss_at()
            weights[index] = kept - STEP
            numeric = (above - loss_at()) / (2 * STEP)
            weights[index] = kept
            error = max(error, abs(float(gradient[index]) - numeric))
        size = max(float(np.abs(gradient).max()), least)
        worst[name] = error / size if size else error
    return worst
