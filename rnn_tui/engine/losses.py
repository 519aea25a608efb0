"""What a net's outputs cost, and which way they should move.

Every loss is a sum over time and outputs, and a weighted mean over the batch, unless another of
the REDUCTIONS is asked for.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray

# 0-d arrays, which numpy multiplies by in half the time that a Python float takes.
HALF, ONE, TWO = np.array(0.5), np.array(1.0), np.array(2.0)


# How the losses of a batch become one number, with a line that explains it.
REDUCTIONS = {
    "result": "summed over the steps of a sequence, mean over the batch",
    "step": "mean over the steps that are asked too, as in the counting tutorial's second part",
    "sum": "summed over steps and batch, as in the XOR programs",
}


class Judgement(NamedTuple):
    """One batch's outputs, judged.

    loss      what training lowers
    error     the figure that the loss is reported by: Σ_t |y - ŷ| beside half the squared error,
              as the tutorials print it, and otherwise the loss itself
    outputs   ŷ, (time, batch, outputs)
    gradient  ∂loss/∂logits, (time, batch, outputs)

    The arrays are workspaces, overwritten by the next judgement of the same shape.
    """

    loss: float
    error: float
    outputs: FloatArray
    gradient: FloatArray


class Loss(ABC):
    """A loss on a net's logits z, which it turns into outputs ŷ.

    `title` is what the reported figure is called, `formula` what training lowers; `halfway` is the
    logit of ŷ = ½; `linear` says that ŷ = z, so that ŷ can be any number; `reports_loss` that the
    reported figure is the loss itself, which goes through many powers of ten.
    """

    title: ClassVar[str]
    formula: ClassVar[str]
    linear: ClassVar[bool] = False
    halfway: ClassVar[float] = 0.0
    reports_loss: ClassVar[bool] = True

    def __init__(self, reduction: str = "result") -> None:
        self.reduction = reduction
        self._spaces: dict[tuple[int, ...], _Space] = {}

    def judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        """Return loss, error, outputs and gradient for `logits` (time, batch, outputs)."""
        judgement = self._judge(logits, batch)
        if self.reduction == "result":
            return judgement
        learnt = batch.learnt
        asked = max(1, int(np.count_nonzero(batch.weights)))
        factor = learnt if self.reduction == "sum" else learnt / asked
        loss, error, outputs, gradient = judgement
        gradient *= factor
        loss *= factor
        return Judgement(loss, loss if self.reports_loss else error, outputs, gradient)

    @abstractmethod
    def _judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        """Judge with the first of the REDUCTIONS."""

    def outputs(self, logits: FloatArray) -> FloatArray:
        """Return ŷ for `logits` of any shape."""
        outputs = logits.copy()
        if not self.linear:
            logistic(logits, outputs)
        return outputs

    def logits(self, outputs: FloatArray) -> FloatArray:
        """Return the logits that lead to `outputs`; those of 0 and 1 are as good as infinite."""
        if self.linear:
            return outputs.copy()
        inside = np.clip(outputs, 1e-15, 1 - 1e-15)
        logits: FloatArray = np.log(inside / (1 - inside))
        return logits

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

    title = "error per result Σ|y−ŷ|"
    formula = "½Σ(y−ŷ)²"
    reports_loss = False

    def _judge(self, logits: FloatArray, batch: Batch) -> Judgement:
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
class MeanSquaredError(Loss):
    """Σ_t (ŷ - y)² with ŷ = z, any number at all; ∂/∂z = 2 (ŷ - y)."""

    title = "cost Σ(y−ŷ)²"
    formula = "Σ(y−ŷ)²"
    linear = True
    halfway = 0.5

    def _judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        space = self._space(logits)
        space.outputs[...] = logits
        np.subtract(logits, batch.targets, space.difference)
        np.multiply(space.difference, batch.weights, space.weighted)
        np.multiply(space.weighted, TWO, space.gradient)
        loss = float(space.flat_difference.dot(space.flat_weighted))
        return Judgement(loss, loss, space.outputs, space.gradient)


@final
class BinaryCrossEntropy(Loss):
    """-Σ_t [y log ŷ + (1 - y) log(1 - ŷ)] with ŷ = σ(z), in nats; ∂/∂z = ŷ - y.

    Computed from the logits as max(z, 0) - z y + log(1 + exp(-|z|)), which never overflows.
    """

    title = "cross-entropy, nats"
    formula = "−Σ[y ln ŷ + (1−y) ln(1−ŷ)]"

    def _judge(self, logits: FloatArray, batch: Batch) -> Judgement:
        space = self._space(logits)
        outputs, gradient = space.outputs, space.gradient
        logistic(logits, outputs)
        np.subtract(outputs, batch.targets, space.difference)
        np.multiply(space.difference, batch.weights, gradient)
        nats = np.maximum(logits, 0) - logits * batch.targets + np.log1p(np.exp(-np.abs(logits)))
        loss = float((nats * batch.weights).sum())
        return Judgement(loss, loss, outputs, gradient)


LOSSES: dict[str, type[Loss]] = {
    "half-squared-error": HalfSquaredError,
    "mean-squared-error": MeanSquaredError,
    "cross-entropy": BinaryCrossEntropy,
}
