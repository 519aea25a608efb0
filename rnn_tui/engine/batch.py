"""The inputs, targets and loss weights of one training step."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from rnn_tui.engine.parameters import FloatArray


@cache
def unit_weights(*shape: int) -> FloatArray:
    """Return loss weights of 1, (time, 1, outputs): those of a sequence with all targets scored.

    It is the same array for a shape, which a loss recognises. It cannot be written to.
    """
    weights: FloatArray = np.ones(shape)
    weights.flags.writeable = False
    return weights


class Batch(NamedTuple):
    """Sequences side by side, time first.

    inputs        (time, batch, features)
    targets       (time, batch, outputs)
    loss_weights  (time, batch, outputs): the weight of each target in the mean over the batch, 0
                  for targets that are not scored
    n_valid       number of sequences with a scored target; batches with 0 are skipped
    """

    inputs: FloatArray
    targets: FloatArray
    loss_weights: FloatArray
    n_valid: int

    @classmethod
    def uniform(cls, inputs: FloatArray, targets: FloatArray) -> Batch:
        """Return a batch in which every target of (time, batch, outputs) has the same weight."""
        size = inputs.shape[1]
        return cls(inputs, targets, np.full_like(targets, 1 / size), size)
