"""The cost of the counting task as a function of the linear model's two weights, in closed form.

The model is s_k = x_k w_x + s_{k-1} w_rec with s_0 = 0, and its output is y = s_n, so that
y = w_x P(w_rec) with P(w) = Σ_k x_k w^{n-k}. The cost is ξ = mean over the sequences of (y - t)²
(Roelants 2015, "How to implement a recurrent neural network", part 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray

Weight = float | FloatArray

# The points (w_x, w_rec) in the tutorial's figure of the gradient over time.
SIX_POINTS = ((2.0, 1.0), (1.0, 2.0), (1.0, -2.0), (1.0, 0.0), (1.0, 0.5), (1.0, -0.5))


@final
@dataclass(frozen=True, eq=False)
class CostSurface:
    """The cost of `sequences` (time, count) whose numbers of ones are `counts` (count,).

    Points are arrays w_x and w_rec that broadcast against each other; a grid is fastest as one row
    and one column. Overflows give infinity or NaN without a warning.
    """

    sequences: FloatArray
    counts: FloatArray

    def has_data_of(self, other: CostSurface | None) -> bool:
        """Return whether `other` is the surface of the same sequences."""
        return other is self or (
            other is not None
            and np.array_equal(self.sequences, other.sequences)
            and np.array_equal(self.counts, other.counts)
        )

    @np.errstate(all="ignore")
    def cost(self, wx: Weight, wrec: Weight) -> FloatArray:
        """Return ξ, in the broadcast shape of the points."""
        errors = self._errors(wx, self._sums(wrec))
        return np.asarray(np.mean(errors * errors, axis=-1))

    @np.errstate(all="ignore")
    def gradient(self, wx: Weight, wrec: Weight) -> tuple[FloatArray, FloatArray]:
        """Return ∂ξ/∂w_x and ∂ξ/∂w_rec, each in the broadcast shape of the points."""
        sums = self._sums(wrec)
        errors = self._errors(wx, sums)
        slopes = np.asarray(wx)[..., np.newaxis] * self._slopes(wrec)
        return (
            np.asarray(2 * np.mean(errors * sums, axis=-1)),
            np.asarray(2 * np.mean(errors * slopes, axis=-1)),
        )

    @np.errstate(all="ignore")
    def gradient_over_time(self, wx: float, wrec: float) -> FloatArray:
        """Return ∂ξ/∂s_k = mean of 2 (y - t) w_rec^{n-k}, (time + 1,), for k = 0, 1, … n.

        The first is of the initial state (k = -10 in the published figure, which counts from the
        end), the last of the output (k = 0 there). The figure of 2015 shows 20 times these values,
        because its code adds the mean once for each of the 20 sequences.
        """
        errors = self._errors(wx, self._sums(wrec))
        back = np.arange(len(self.sequences), -1, -1)
        return np.asarray(2 * np.mean(errors) * np.asarray(wrec) ** back)

    def _errors(self, wx: Weight, sums: FloatArray) -> FloatArray:
        """Return y - t for every point and sequence, (..., count)."""
        return np.asarray(wx)[..., np.newaxis] * sums - self.counts

    def _sums(self, wrec: Weight) -> FloatArray:
        """Return P(w_rec) for every point and sequence, (..., count)."""
        powers = np.asarray(wrec)[..., np.newaxis] ** np.arange(len(self.sequences))
        return np.asarray(powers @ self.sequences[::-1])

    def _slopes(self, wrec: Weight) -> FloatArray:
        """Return P'(w_rec) for every point and sequence, (..., count)."""
        degrees = np.arange(1, len(self.sequences))
        powers = degrees * np.asarray(wrec)[..., np.newaxis] ** (degrees - 1)
        return np.asarray(powers @ self.sequences[-2::-1])
