"""a XOR b in a single step: nothing to remember, but no straight line divides it."""

from __future__ import annotations

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, full_mask


@final
class Xor(BitSequenceTask):
    """The four rows of the truth table, whatever `bits` says."""

    summary = "are a and b unlike? four rows and no memory, but one layer of weights cannot do it"
    input_names = ("a", "b")
    baseline_name = "blind guess"

    def __init__(self, bits: int = 8, lag: int = 1) -> None:
        super().__init__(bits, lag)
        self.time = 1

    def label(self, bits: BitArray) -> Labels:
        unlike = bits[:, :, 0] ^ bits[:, :, 1]
        return Labels(unlike, np.zeros_like(unlike), full_mask(bits))

    def baseline_inputs(self, inputs: FloatArray) -> FloatArray:
        return np.zeros_like(inputs)

    def format_input(self, inputs: FloatArray) -> str:
        a, b = (int(bit) for bit in inputs[0] > 0.5)
        return f"{a} XOR {b}"
