"""How many ones were there? Asked once, at the end, and answered by a number."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, shift


@final
class CountingOnes(BitSequenceTask):
    """y_n = x_1 + … + x_n, asked at the last step only (Roelants 2015)."""

    summary = "how many ones were there? a number, asked once at the end: a sum to be kept"
    input_names = ("x",)
    memory_name = "count"
    is_regression = True

    def label(self, bits: BitArray) -> Labels:
        counts = np.cumsum(bits[:, :, 0], axis=0)
        mask = np.zeros(counts.shape, dtype=np.bool_)
        mask[-1] = True
        return Labels(counts * mask, shift(counts), mask)

    def format_input(self, inputs: FloatArray) -> str:
        return f"ones in {''.join('01'[int(bit)] for bit in inputs[:, 0] > 0.5)}"

    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return f"{outputs[-1]:.8g}"
