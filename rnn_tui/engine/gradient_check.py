"""Is `backward` right? Compare it with central differences, weight by weight."""

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model


def gradient_check(model: Model, loss: Loss, batch: Batch, step: float = 1e-5) -> dict[str, float]:
    """Return each parameter's worst error |g - ĝ| / max(1, |g| + |ĝ|), ĝ = (L(w+ε) - L(w-ε)) / 2ε.

    A right gradient stays below about 1e-8 in float64. The weights are left as they were.
    """

    def loss_at() -> float:
        return loss.judge(model.forward(batch.inputs).logits, batch).loss

    trace = model.forward(batch.inputs)
    model.backward(trace, loss.judge(trace.logits, batch).gradient)
    worst = {}
    for name in model.parameters:
        weights, gradient = model.parameters[name], model.gradient[name].copy()
        numeric = np.empty_like(gradient)
        for index in np.ndindex(weights.shape):
            kept = weights[index]
            weights[index] = kept + step
            above = loss_at()
            weights[index] = kept - step
            numeric[index] = (above - loss_at()) / (2 * step)
            weights[index] = kept
        scale = np.maximum(1.0, np.abs(gradient) + np.abs(numeric))
        worst[name] = float((np.abs(gradient - numeric) / scale).max())
    return worst
