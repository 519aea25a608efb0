"""What a net is shown at one training step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnn_tui.engine.parameters import FloatArray


class Batch(NamedTuple):
    """Sequences side by side, time first.

    inputs   (time, batch, features)
    targets  (time, batch, outputs)
    weights  (time, batch, outputs): the share of each target in the mean over the batch; a
             sequence that is shown but not learnt from has 0
    learnt   how many sequences have a share; 0 means there is nothing to learn from here
    """

    inputs: FloatArray
    targets: FloatArray
    loss_weights: FloatArray
    n_valid: int

    @classmethod
    def uniform(cls, inputs: FloatArray, targets: FloatArray) -> Batch:
        """Return a batch in which every sequence counts alike."""
        size = inputs.shape[1]
        return cls(inputs, targets, np.full_like(targets, 1 / size), size)
