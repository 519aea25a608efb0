"""The inputs, targets and loss weights of one training step."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from rnn_tui.engine.parameters import FloatArray


@lru_cache(maxsize=64)
def uniform_weights(*shape: int) -> FloatArray:
    """Return the loss weights (*stack, time, batch, outputs) of a batch with all targets scored.

    It is mostly the same array for a shape, by which a loss recognises it. It is read-only.
    """
    weights: FloatArray = np.full(shape, 1 / shape[-2])
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


make_batch = partial(tuple.__new__, Batch)  # as Batch._make, which takes longer
