"""What a net's outputs cost, and which way they should move.

Every loss is a sum over time and outputs, and a weighted mean over the batch.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray

# 0-d arrays, which numpy multiplies by in half the time that a Python float takes.
HALF, ONE = np.array(0.5), np.array(1.0)


class Judgement(NamedTuple):
    """One batch's outputs, judged.

    loss      what training lowers
    error     Σ_t |y - ŷ|, the mean over the batch: what the tutorials print
    outputs   the probabilities ŷ, (time, batch, outputs)
    gradient  ∂loss/∂logits, (time, batch, outputs)

    The arrays are workspaces, overwritten by the next judgement of the same shape.
    """

    loss: float
    error: float
    outputs: FloatArray
    gradient: FloatArray


class Loss(ABC):
    """A loss on the logits of logistic outputs."""

    name: str
    formula: str

    def __init__(self) -> None:
        self._spaces: dict[tuple[int, ...], _Space] = {}

    @abstractmethod
    def judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        """Return loss, error, outputs and gradient for `logits` (time, batch, outputs)."""

    def _space(self, logits: FloatArray) -> "_Space":
        space = self._spaces.get(logits.shape)
        if space is None:
            space = self._spaces[logits.shape] = _Space(logits.shape)
        return space


@final
class _Space:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.outputs, self.gradient = np.empty(shape), np.empty(shape)
        self.difference, self.weighted = np.empty(shape), np.empty(shape)
        self.flat_difference, self.flat_weighted = self.difference.ravel(), self.weighted.ravel()
        self.ones = np.ones(self.difference.size)


def logistic(logits: FloatArray, out: FloatArray) -> None:
    """Write σ(z) = ½ + ½ tanh(½ z) to `out`: exact, and never an overflow."""
    np.multiply(logits, HALF, out)
    np.tanh(out, out)
    np.multiply(out, HALF, out)
    np.add(out, HALF, out)


@final
class HalfSquaredError(Loss):
    """½ Σ_t (ŷ - y)² with ŷ = σ(z); ∂/∂z = (ŷ - y) ŷ (1 - ŷ)."""

    name = "half-squared-error"
    formula = "½Σ(y−ŷ)²"

    def judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        space = self._space(logits)
        outputs, gradient, weighted = space.outputs, space.gradient, space.weighted
        logistic(logits, outputs)
        np.subtract(outputs, batch.targets, space.difference)
        np.multiply(space.difference, batch.weights, weighted)
        np.subtract(ONE, outputs, gradient)
        np.multiply(gradient, outputs, gradient)
        np.multiply(gradient, weighted, gradient)
        loss = 0.5 * float(space.flat_difference.dot(space.flat_weighted))
        np.abs(weighted, weighted)
        return Judgement(loss, float(space.flat_weighted.dot(space.ones)), outputs, gradient)


@final
class BinaryCrossEntropy(Loss):
    """-Σ_t [y log ŷ + (1 - y) log(1 - ŷ)] with ŷ = σ(z), in nats; ∂/∂z = ŷ - y.

    Computed from the logits as max(z, 0) - z y + log(1 + exp(-|z|)), which never overflows.
    """

    name = "cross-entropy"
    formula = "−Σ[y ln ŷ + (1−y) ln(1−ŷ)]"

    def judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        space = self._space(logits)
        outputs, gradient = space.outputs, space.gradient
        logistic(logits, outputs)
        np.subtract(outputs, batch.targets, space.difference)
        np.multiply(space.difference, batch.weights, gradient)
        nats = np.maximum(logits, 0) - logits * batch.targets + np.log1p(np.exp(-np.abs(logits)))
        np.abs(gradient, space.weighted)
        return Judgement(
            float((nats * batch.weights).sum()),
            float(space.flat_weighted.dot(space.ones)),
            outputs,
            gradient,
        )


LOSSES: dict[str, type[Loss]] = {loss.name: loss for loss in (HalfSquaredError, BinaryCrossEntropy)}
