"""The gradient as a sum over time steps, each part computed by the engine's own products.

The engine sums over time in one matrix product, whose rounding differs from that of a sum of its
terms. A part of the sum is therefore the same product with the gradients of the preactivations, the
deltas, set to 0 at all other time steps: that of all time steps is the gradient, bit for bit.
"""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.models.base import ForwardCache, Model
from rnn_tui.engine.parameters import FloatArray

MAX_CACHED_BYTES = 1 << 26


@final
class GradientSums:
    """Parts of the gradient of `model` after a backward pass from `logit_gradient`."""

    def __init__(self, model: Model, cache: ForwardCache, logit_gradient: FloatArray) -> None:
        self._model, self._cache = model, cache
        self._deltas = [*model.deltas(cache), logit_gradient]
        self._all_deltas = [deltas.copy() for deltas in self._deltas]
        self._logit_gradient = logit_gradient
        self._parts: dict[tuple[int, int], FloatArray] = {}  # the latest ones
        self.n_time_steps = len(logit_gradient)
        self.has_terms = len(self._deltas) > 1

    def over(self, first: int, stop: int) -> FloatArray:
        """Return the part of the gradient (size,) of the time steps from `first` to before `stop`.

        That of an initial state is of the first time step. The array must not be written to.
        """
        parts = self._parts
        if (first, stop) not in parts:
            if len(parts) >= max(1, MAX_CACHED_BYTES // self._model.gradient.vector.nbytes):
                del parts[next(iter(parts))]
            parts[first, stop] = self._compute(first, stop)
        return parts[first, stop]

    def _compute(self, first: int, stop: int) -> FloatArray:
        outside = np.ones(self.n_time_steps, bool)
        outside[first:stop] = False
        for deltas, all_deltas in zip(self._deltas, self._all_deltas, strict=True):
            deltas[...] = all_deltas
            deltas[outside[: len(deltas)]] = 0.0
        self._model.compute_gradient(self._cache, self._logit_gradient)
        gradient = self._model.gradient.vector.copy()
        for deltas, all_deltas in zip(self._deltas, self._all_deltas, strict=True):
            deltas[...] = all_deltas
        return gradient
