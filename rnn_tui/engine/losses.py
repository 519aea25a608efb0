"""What a net's outputs cost, and which way they should move.

Every loss is a sum over time and outputs, and a weighted mean over the batch, unless another of
the REDUCTIONS is asked for.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray, scalar_array

# How the losses of a batch become one number, with a line that explains it.
REDUCTIONS = {
    "result": "summed over the steps of a sequence, mean over the batch",
    "step": "mean over the steps that are asked too, as in the counting tutorial's second part",
    "sum": "summed over steps and batch, as in the XOR programs",
}


class LossResult(NamedTuple):
    """One batch's outputs, judged.

    loss      what training lowers
    error     the figure that the loss is reported by: Σ_t |y - ŷ| beside half the squared error,
              as the tutorials print it, and otherwise the loss itself
    outputs   ŷ, (time, batch, outputs)
    gradient  ∂loss/∂logits, (time, batch, outputs)

    The arrays are workspaces, overwritten by the next judgement of the same shape.
    """

    loss: float
    metric: float
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
    linear_output: ClassVar[bool] = False
    threshold: ClassVar[float] = 0.0
    metric_is_loss: ClassVar[bool] = True

    def __init__(self, reduction: str = "result") -> None:
        self.reduction = reduction
        self._workspaces: dict[tuple[int, ...], _Workspace] = {}

    def compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        """Return loss, error, outputs and gradient for `logits` (time, batch, outputs)."""
        result = self._compute(logits, batch)
        if self.reduction == "result":
            return result
        n_valid = batch.n_valid
        n_scored = max(1, int(np.count_nonzero(batch.loss_weights)))
        factor = n_valid if self.reduction == "sum" else n_valid / n_scored
        loss, metric, outputs, gradient = result
        gradient *= factor
        loss *= factor
        return LossResult(loss, loss if self.metric_is_loss else metric, outputs, gradient)

    @abstractmethod
    def _compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        """Judge with the first of the REDUCTIONS."""

    def outputs(self, logits: FloatArray) -> FloatArray:
        """Return ŷ for `logits` of any shape."""
        outputs = logits.copy()
        if not self.linear_output:
            logistic(logits, outputs)
        return outputs

    def logits(self, outputs: FloatArray) -> FloatArray:
        """Return the logits that lead to `outputs`; those of 0 and 1 are as good as infinite."""
        if self.linear_output:
            return outputs.copy()
        inside = np.clip(outputs, 1e-15, 1 - 1e-15)
        logits: FloatArray = np.log(inside / (1 - inside))
        return logits

    def _workspace(self, logits: FloatArray) -> _Workspace:
        workspace = self._workspaces.get(logits.shape)
        if workspace is None:
            workspace = self._workspaces[logits.shape] = _Workspace(logits.shape)
        return workspace


@final
class _Workspace:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.outputs, self.gradient = np.empty(shape), np.empty(shape)
        self.difference, self.weighted = np.empty(shape), np.empty(shape)
        self.flat_difference, self.flat_weighted = self.difference.ravel(), self.weighted.ravel()
        self.ones = np.ones(self.difference.size)


def logistic(logits: FloatArray, out: FloatArray) -> None:
    """Write σ(z) = ½ + ½ tanh(½ z) to `out`: exact, and never an overflow."""
    half = scalar_array(0.5)
    np.multiply(logits, half, out)
    np.tanh(out, out)
    np.multiply(out, half, out)
    np.add(out, half, out)


@final
class HalfSquaredError(Loss):
    """½ Σ_t (ŷ - y)² with ŷ = σ(z); ∂/∂z = (ŷ - y) ŷ (1 - ŷ)."""

    title = "error per result Σ|y−ŷ|"
    formula = "½Σ(y−ŷ)²"
    metric_is_loss = False

    def _compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        workspace = self._workspace(logits)
        outputs, gradient, weighted = workspace.outputs, workspace.gradient, workspace.weighted
        logistic(logits, outputs)
        np.subtract(outputs, batch.targets, workspace.difference)
        np.multiply(workspace.difference, batch.loss_weights, weighted)
        np.subtract(scalar_array(1.0), outputs, gradient)
        np.multiply(gradient, outputs, gradient)
        np.multiply(gradient, weighted, gradient)
        loss = 0.5 * float(workspace.flat_difference.dot(workspace.flat_weighted))
        np.abs(weighted, weighted)
        return LossResult(
            loss, float(workspace.flat_weighted.dot(workspace.ones)), outputs, gradient
        )


@final
class MeanSquaredError(Loss):
    """Σ_t (ŷ - y)² with ŷ = z, any number at all; ∂/∂z = 2 (ŷ - y)."""

    title = "cost Σ(y−ŷ)²"
    formula = "Σ(y−ŷ)²"
    linear_output = True
    threshold = 0.5

    def _compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        workspace = self._workspace(logits)
        workspace.outputs[...] = logits
        np.subtract(logits, batch.targets, workspace.difference)
        np.multiply(workspace.difference, batch.loss_weights, workspace.weighted)
        np.multiply(workspace.weighted, scalar_array(2.0), workspace.gradient)
        loss = float(workspace.flat_difference.dot(workspace.flat_weighted))
        return LossResult(loss, loss, workspace.outputs, workspace.gradient)


@final
class BinaryCrossEntropy(Loss):
    """-Σ_t [y log ŷ + (1 - y) log(1 - ŷ)] with ŷ = σ(z), in nats; ∂/∂z = ŷ - y.

    Computed from the logits as max(z, 0) - z y + log(1 + exp(-|z|)), which never overflows.
    """

    title = "cross-entropy, nats"
    formula = "−Σ[y ln ŷ + (1−y) ln(1−ŷ)]"

    def _compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        workspace = self._workspace(logits)
        outputs, gradient = workspace.outputs, workspace.gradient
        logistic(logits, outputs)
        np.subtract(outputs, batch.targets, workspace.difference)
        np.multiply(workspace.difference, batch.loss_weights, gradient)
        nats = np.maximum(logits, 0) - logits * batch.targets + np.log1p(np.exp(-np.abs(logits)))
        loss = float((nats * batch.loss_weights).sum())
        return LossResult(loss, loss, outputs, gradient)


LOSSES: dict[str, type[Loss]] = {
    "half-squared-error": HalfSquaredError,
    "mean-squared-error": MeanSquaredError,
    "cross-entropy": BinaryCrossEntropy,
}
