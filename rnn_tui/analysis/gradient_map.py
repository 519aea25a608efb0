"""The gradient of each time step's loss with respect to each earlier state (Cashman et al. 2019).

M[t, k] = ‖∂L_t/∂h_k‖ for k ≤ t, where L_t is the loss of time step t alone. Only the gradient of
one loss can vanish or explode: in the sum over all losses, those that are solved have no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.evaluation_set import affordable_sequences
from rnn_tui.analysis.subject import Subject
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

OLD_TIME_STEPS = 3
CHUNK = 256  # sequences at a time, which fit the processor's cache
MAX_MULTIPLICATIONS = 1_000_000_000  # of states by weights, in the backward passes of all losses


@final
@dataclass(frozen=True, slots=True, eq=False)
class GradientMap:
    """Means of the gradients' norms over sequences, (time, time), 0 above the diagonal.

    norms        ‖∂L_t/∂h_k‖, with a row for each loss t and a column for each state k
    cell_norms   ‖∂L_t/∂c_k‖ for a model with a memory cell, None for others
    n_sequences  their number
    """

    norms: FloatArray
    cell_norms: FloatArray | None
    n_sequences: int

    @property
    def loss_fractions(self) -> FloatArray:
        """The fraction of the sum of all norms by loss, (time,); NaN if all are 0."""
        with np.errstate(invalid="ignore"):
            fractions: FloatArray = self.norms.sum(axis=1) / self.norms.sum()
        return fractions

    @property
    def old_fraction(self) -> float:
        """The fraction of the sum that is of states more than OLD_TIME_STEPS before the loss."""
        total = float(self.norms.sum())
        return float(np.tril(self.norms, -OLD_TIME_STEPS - 1).sum()) / total if total else nan

    def gain_per_step(self, t: int) -> float:
        """Return `gain_per_step` of loss t's gradient, from M[t, t] to M[t, 0]."""
        return gain_per_step(float(self.norms[t, 0]), float(self.norms[t, t]), t)


def gain_per_step(first_norm: float, last_norm: float, n_steps: int) -> float:
    """Return (first / last)^(1/n), the mean factor of a gradient in a time step back.

    NaN for no step, and where a norm is not finite or that at the last time step is 0.
    """
    if not (isfinite(first_norm) and isfinite(last_norm)) or last_norm == 0 or not n_steps:
        return nan
    return float((first_norm / last_norm) ** (1 / n_steps))


def gradient_map(model: Model, loss: Loss, batch: Batch) -> GradientMap:
    """Return the map of `model` over the sequences of `batch`, of which there is at least one.

    L_t is summed over outputs and that of one sequence, whatever the reduction of `loss`; it is 0
    at time steps that are not scored.
    """
    copy, one_loss = model.copy(), type(loss)()
    time, n_sequences = batch.inputs.shape[:2]
    sums = np.zeros((2, time, time))  # of the states' and of the cells' norms
    # At a time, on a copy of the sequences each.
    n_losses = affordable_count(CHUNK, n_sequences, 1, time)
    for start in range(0, n_sequences, CHUNK):
        inputs, targets, weights = (
            np.tile(values[:, start : start + CHUNK], (1, n_losses, 1)) for values in batch[:3]
        )
        chunk = Batch(inputs, targets, (weights > 0).astype(np.float64), inputs.shape[1])
        cache = copy.forward(inputs)
        gradient = one_loss.compute(cache.logits, chunk).gradient
        each = gradient.reshape(time, n_losses, -1, gradient.shape[2])
        for first in range(0, time, n_losses):
            losses = np.arange(first, min(first + n_losses, time))
            alone = np.zeros_like(each)
            alone[losses, losses - first] = each[losses, losses - first]
            copy.backward(cache, alone.reshape(gradient.shape))
            cell_gradients = copy.cell_gradients(cache)
            for total, gradients in zip(sums, (cache.state_gradients, cell_gradients), strict=True):
                if gradients is not None:
                    by_loss = norms(gradients).reshape(time, n_losses, -1).sum(axis=2)
                    total[losses] += by_loss.T[: len(losses)]
    means = sums / n_sequences
    return GradientMap(means[0], None if cell_gradients is None else means[1], n_sequences)


def gradient_map_of_subject(subject: Subject) -> GradientMap:
    """Return the map over the evaluation set of `subject`, or fewer sequences if they are long."""
    task, model = subject.task, subject.model
    count = affordable_sequences(task, model, MAX_MULTIPLICATIONS // task.sequence_length)
    return gradient_map(model, subject.loss, subject.examples_up_to(count).batch)


def norms(gradients: FloatArray) -> FloatArray:
    """Return the L2 norms (time, n) of `gradients` (time, n, hidden)."""
    squared: FloatArray = np.einsum("tnh,tnh->tn", gradients, gradients)
    return np.sqrt(squared, out=squared)
