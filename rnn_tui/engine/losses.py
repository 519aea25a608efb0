"""Loss functions and their gradients with respect to the logits.

Every loss is a sum over time steps and outputs and a weighted mean over the batch, unless another
of the REDUCTIONS is chosen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import isnan, prod
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from rnn_tui.engine.batch import Batch, uniform_weights
from rnn_tui.engine.parameters import (
    SCALARS,
    FloatArray,
    aligned_zeros,
    inner_product,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]
else:
    BoolArray = Any

# Where |z| is above, ½ + ½ tanh(½ z) and 1 - ŷ have lost the 12th digit to cancellation. Below,
# that form is kept, so that the journals of earlier versions replay identically.
TAIL = 10.0
# A lower bound of σ'(z), 4.53958e-5 at ±10, and of exp(-|z|), 4.53999e-5, for |z| up to TAIL, by
# more than their rounding. One comparison tells that a batch has no slope below, so no tail, as
# most. A tail up to |z| = 10.0002 can be missed, hence the rule for replicas in `_find_tails`.
TAIL_SLOPE = 4.5394e-5

# Reductions of the loss over time steps and batch, each with a summary.
REDUCTIONS = {
    "sequence-mean": "sum over time steps, mean over sequences",
    "time-step-mean": "mean over scored time steps and sequences, as in the counting tutorial",
    "sum": "sum over time steps and sequences, as in the XOR programs",
}


@final
@dataclass(slots=True, eq=False)
class LossResult:
    """The loss of one batch and its gradient.

    loss      the value that training minimises
    metric    the value that is displayed: the L1 error Σ_t |y - ŷ| for half the squared error, as
              the tutorials print it, otherwise the loss
    outputs   ŷ, (time, batch, outputs)
    gradient  ∂loss/∂logits, (time, batch, outputs)

    The arrays are workspaces, overwritten by the next `compute` for the same shape. Of a stack of
    models, loss and metric are arrays (replicas,), and the others have a leading axis of replicas.
    """

    loss: Any
    metric: Any
    outputs: FloatArray
    gradient: FloatArray

    def of_replica(self, replica: int) -> LossResult:
        """Return the result of a model of the stack."""
        values = self.loss, self.metric, self.outputs, self.gradient
        return LossResult(*(each[replica] for each in values))


class Loss(ABC):
    """A loss function of logits z, with outputs ŷ = σ(z) or ŷ = z.

    title           name of the metric on the screen
    formula         the loss
    linear_output   ŷ = z, so that outputs can be any number
    threshold       the logit of ŷ = ½
    metric_is_loss  the metric is the loss, which falls by many powers of ten
    metric_name     name of the metric in text, and `metric_key` in JSON and CSV
    """

    title: ClassVar[str]
    formula: ClassVar[str]
    linear_output: ClassVar[bool] = False
    threshold: ClassVar[float] = 0.0
    metric_is_loss: ClassVar[bool] = True
    metric_name: ClassVar[str] = "loss"
    metric_key: ClassVar[str] = "loss"

    def __init__(self, reduction: str = "sequence-mean") -> None:
        self.reduction = reduction
        self._workspaces: dict[tuple[int, ...], _Workspace] = {}

    def compute(self, logits: FloatArray, batch: Batch) -> LossResult:
        """Return loss, metric, outputs and gradient for `logits` (time, batch, outputs).

        Those of a stack of models have a leading axis of replicas, as the arrays of `batch` do.
        numpy warns of the overflow of exp(|z|), from |z| = 709.8, unless the caller ignores that.
        """
        shape = logits.shape
        workspace = self._workspaces.get(shape)
        if workspace is None:
            workspace = self._workspaces[shape] = _Workspace(shape)
        result = self._compute(workspace, logits, batch)
        if self.reduction == "sequence-mean":
            return result
        factor = self.reduction_factor(batch)
        if not np.ndim(factor):
            factor = float(factor)  # so that loss and metric are floats, as JSON has them
        result.gradient *= np.expand_dims(factor, (-3, -2, -1))
        result.loss *= factor
        if self.metric_is_loss:
            result.metric = result.loss
        return result

    def reduction_factor(self, batch: Batch) -> Any:
        """Return the ratio of the loss of `batch` to that of the reduction "sequence-mean"."""
        if self.reduction == "sequence-mean":
            return 1.0
        n_valid = batch.n_valid
        n_scored = np.maximum(1, np.count_nonzero(batch.loss_weights, axis=(-3, -2, -1)))
        return n_valid if self.reduction == "sum" else n_valid / n_scored

    @abstractmethod
    def _compute(self, workspace: _Workspace, logits: FloatArray, batch: Batch) -> LossResult:
        """Return the result for the reduction "sequence-mean"."""

    def outputs(self, logits: FloatArray) -> FloatArray:
        """Return ŷ for `logits` of any shape."""
        outputs = logits.copy()
        if not self.linear_output:
            logistic(logits, outputs)
        return outputs

    def logits(self, outputs: FloatArray) -> FloatArray:
        """Return the logits of `outputs` of any shape; 0 and 1 are clipped to finite logits."""
        if self.linear_output:
            return outputs.copy()
        inside = np.clip(outputs, 1e-15, 1 - 1e-15)
        logits: FloatArray = np.log(inside / (1 - inside))
        return logits


@final
class _Workspace:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.outputs, self.gradient = aligned_zeros(*shape), aligned_zeros(*shape)
        self.difference, self.weighted = aligned_zeros(*shape), aligned_zeros(*shape)
        self.flat_gradient = self.gradient.reshape(-1)
        flat = *shape[:-3], prod(shape[-3:])
        self.flat_difference = self.difference.reshape(flat)
        self.flat_weighted, self.ones = self.weighted.reshape(flat), np.ones(flat)
        self.is_model_alone = len(flat) == 1
        self.unit_weights = uniform_weights(*shape) if shape[-2] == 1 else None

    def sums(self, weighted: FloatArray) -> tuple[Any, Any]:
        """Return the sum of difference times weighted, and that of the absolute values of weighted.

        These replace weighted. Floats, or for a stack arrays (replicas,).
        """
        difference = self.flat_difference
        weighted = difference if weighted is self.difference else self.flat_weighted
        if self.is_model_alone:
            sum_of_products = float(difference.dot(weighted))
            np.abs(weighted, weighted)
            return sum_of_products, float(weighted.dot(self.ones))
        sums_of_products = np.vecdot(difference, weighted)
        np.abs(weighted, weighted)
        return sums_of_products, np.vecdot(weighted, self.ones)


def logistic_by_tanh(logits: FloatArray, out: FloatArray) -> None:
    """Write σ(z) = ½ + ½ tanh(½ z) to `out`, with an absolute error of 1e-16."""
    half = SCALARS[0.5]
    np.multiply(logits, half, out)
    np.tanh(out, out)
    np.multiply(out, half, out)
    np.add(out, half, out)


def logistic(logits: FloatArray, out: FloatArray) -> None:
    """Write σ(z) to `out`, another array, with a relative error below 1e-12 for any z."""
    logistic_by_tanh(logits, out)
    if logits.item(logits.argmin()) < -TAIL:
        low = logits < -TAIL
        with np.errstate(over="ignore"):
            out[low] = 1 / (1 + np.exp(-logits[low]))


def _find_tails(
    logits: FloatArray, slopes: FloatArray, lowest: float
) -> tuple[BoolArray, FloatArray]:
    """Return where |z| > TAIL, perhaps nowhere, and σ(-|z|) everywhere.

    `logits` and `slopes`, σ'(z) or exp(-|z|), are (*stack, time, batch, outputs). So that a stack
    has the numbers of each model alone, the elements of a replica count only if it has a slope
    below TAIL_SLOPE, and no NaN among its slopes. σ(-|z|) = 1 / (1 + exp(|z|)) has a relative error
    of 1e-15; of all elements it takes less time than finding the few that need it.
    """
    values: FloatArray = np.abs(logits)
    is_tail: BoolArray = values > SCALARS[TAIL]
    is_model_alone = slopes.ndim == 3
    # Slopes below TAIL_SLOPE are all of tails: if there are as many, each tail has one.
    all_count = is_model_alone or (
        np.count_nonzero(slopes < SCALARS[TAIL_SLOPE]) == np.count_nonzero(is_tail)
    )
    if isnan(lowest) or not all_count:
        is_tail &= slopes.min(axis=(-3, -2, -1), keepdims=True) < TAIL_SLOPE
    np.exp(values, values)
    np.add(values, SCALARS[1.0], values)
    np.divide(SCALARS[1.0], values, values)
    return is_tail, values


def _refine_tails(
    is_tail: BoolArray,
    tail: FloatArray,
    logits: FloatArray,
    targets: FloatArray,
    outputs: FloatArray,
    difference: FloatArray,
) -> None:
    """Replace ŷ and ŷ - y, where `is_tail`, by forms without cancellation; `tail` is σ(-|z|)."""
    is_low = np.less(logits, SCALARS[0.0])
    np.logical_and(is_low, is_tail, is_low)
    np.putmask(outputs, is_low, tail)
    refined = np.subtract(SCALARS[1.0], targets)
    np.subtract(refined, tail, refined)
    np.putmask(difference, is_tail, refined)
    np.subtract(tail, targets, refined)
    np.putmask(difference, is_low, refined)


@final
class HalfSquaredError(Loss):
    """½ Σ_t (ŷ - y)² with ŷ = σ(z); ∂/∂z = (ŷ - y) ŷ (1 - ŷ)."""

    title = "L1 error Σ|y−ŷ|"
    formula = "½Σ(y−ŷ)²"
    metric_is_loss = False
    metric_name, metric_key = "L1 error", "l1_error"

    def _compute(self, workspace: _Workspace, logits: FloatArray, batch: Batch) -> LossResult:
        outputs, gradient, difference = workspace.outputs, workspace.gradient, workspace.difference
        logistic_by_tanh(logits, outputs)
        np.subtract(outputs, batch.targets, difference)
        np.subtract(SCALARS[1.0], outputs, gradient)
        np.multiply(gradient, outputs, gradient)  # σ'(z) so far
        flat_slopes = workspace.flat_gradient
        lowest_slope = flat_slopes.item(flat_slopes.argmin())
        if not lowest_slope >= TAIL_SLOPE:
            is_tail, tail = _find_tails(logits, gradient, lowest_slope)
            _refine_tails(is_tail, tail, logits, batch.targets, outputs, difference)
            np.putmask(gradient, is_tail, tail * (SCALARS[1.0] - tail))
        weighted = difference
        if batch.loss_weights is not workspace.unit_weights:
            weighted = np.multiply(difference, batch.loss_weights, workspace.weighted)
        np.multiply(gradient, weighted, gradient)
        squared_error, metric = workspace.sums(weighted)
        return LossResult(0.5 * squared_error, metric, outputs, gradient)


@final
class MeanSquaredError(Loss):
    """Σ_t (ŷ - y)² with ŷ = z; ∂/∂z = 2 (ŷ - y)."""

    title = "loss Σ(y−ŷ)²"
    formula = "Σ(y−ŷ)²"
    linear_output = True
    threshold = 0.5

    def _compute(self, workspace: _Workspace, logits: FloatArray, batch: Batch) -> LossResult:
        workspace.outputs[...] = logits
        np.subtract(logits, batch.targets, workspace.difference)
        np.multiply(workspace.difference, batch.loss_weights, workspace.weighted)
        np.multiply(workspace.weighted, SCALARS[2.0], workspace.gradient)
        loss = inner_product(workspace.flat_difference, workspace.flat_weighted)
        return LossResult(loss, loss, workspace.outputs, workspace.gradient)


@final
class BinaryCrossEntropy(Loss):
    """-Σ_t [y log ŷ + (1 - y) log(1 - ŷ)] with ŷ = σ(z), in nats; ∂/∂z = ŷ - y.

    Computed from the logits as max(z, 0) - z y + log(1 + exp(-|z|)) (as in torch's
    binary_cross_entropy_with_logits): its value never overflows.
    """

    title = "cross-entropy loss, nats"
    formula = "−Σ[y ln ŷ + (1−y) ln(1−ŷ)]"

    def _compute(self, workspace: _Workspace, logits: FloatArray, batch: Batch) -> LossResult:
        outputs, gradient = workspace.outputs, workspace.gradient
        logistic_by_tanh(logits, outputs)
        np.subtract(outputs, batch.targets, workspace.difference)
        exponentials = np.exp(-np.abs(logits))
        lowest = exponentials.item(exponentials.argmin())
        if not lowest >= TAIL_SLOPE:
            _refine_tails(
                *_find_tails(logits, exponentials, lowest),
                logits,
                batch.targets,
                outputs,
                workspace.difference,
            )
        np.multiply(workspace.difference, batch.loss_weights, gradient)
        nats = np.maximum(logits, 0) - logits * batch.targets + np.log1p(exponentials)
        totals = (nats * batch.loss_weights).reshape(*logits.shape[:-3], -1).sum(axis=-1)
        loss = totals if totals.ndim else float(totals)
        return LossResult(loss, loss, outputs, gradient)


LOSSES: dict[str, type[Loss]] = {
    "half-squared-error": HalfSquaredError,
    "mean-squared-error": MeanSquaredError,
    "cross-entropy": BinaryCrossEntropy,
}
