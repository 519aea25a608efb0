"""a XOR b in a single step: nothing to remember, but no straight line divides it."""

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import Answers, BitArray, StreamTask, everywhere


@final
class Xor(StreamTask):
    """The four rows of the truth table, whatever `bits` says."""

    summary = "are a and b unlike? four rows and no memory, but one layer of weights cannot do it"
    input_names = ("a", "b")
    chance_name = "blind guess"

    def __init__(self, bits: int = 8, lag: int = 1) -> None:
        super().__init__(bits, lag)
        self.time = 1

    def run(self, bits: BitArray) -> Answers:
        unlike = bits[:, :, 0] ^ bits[:, :, 1]
        return Answers(unlike, np.zeros_like(unlike), everywhere(bits))

    def clues(self, inputs: FloatArray) -> FloatArray:
        return np.zeros_like(inputs)

    def question(self, inputs: FloatArray) -> str:
        a, b = (int(bit) for bit in inputs[0] > 0.5)
        return f"{a} XOR {b}"
