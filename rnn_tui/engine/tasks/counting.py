"""The number of ones in a sequence, as a regression task."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, shift


@final
class CountingOnes(BitSequenceTask):
    """y_n = x_1 + … + x_n, scored at the last time step only (Roelants 2015)."""

    summary = "number of ones, scored at the last time step: needs to remember a sum"
    input_names = ("x",)
    state_name = "count"
    is_regression = has_cost_surface = True
    defaults: ClassVar = {
        "length": 10,
        "model": "linear",
        "loss": "mean-squared-error",
        "optimizer": "rprop-tutorial",
        "learning_rate": 0.001,
        "batch_size": 20,
        "dataset_size": 20,
        "initializer": "constant",
    }

    def label(self, bits: BitArray) -> Labels:
        counts = np.cumsum(bits[:, :, 0], axis=0)
        mask = np.zeros(counts.shape, dtype=np.bool_)
        mask[-1] = True
        return Labels(counts * mask, shift(counts), mask)

    def format_input(self, inputs: FloatArray) -> str:
        return f"ones in {''.join('01'[int(bit)] for bit in inputs[:, 0] > 0.5)}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return f"{outputs[-1]:.8g}"
