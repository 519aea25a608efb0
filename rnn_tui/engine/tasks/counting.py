"""How many ones were there? Asked once, at the end, and answered by a number."""

from typing import final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import Answers, BitArray, StreamTask, before


@final
class CountingOnes(StreamTask):
    """y_n = x_1 + … + x_n, asked at the last step only (Roelants 2015)."""

    summary = "how many ones were there? a number, asked once at the end: a sum to be kept"
    input_names = ("x",)
    memory_name = "count"
    numeric = True

    def run(self, bits: BitArray) -> Answers:
        counts = np.cumsum(bits[:, :, 0], axis=0)
        asked = np.zeros(counts.shape, dtype=np.bool_)
        asked[-1] = True
        return Answers(counts * asked, before(counts), asked)

    def question(self, inputs: FloatArray) -> str:
        return f"ones in {''.join('01'[int(bit)] for bit in inputs[:, 0] > 0.5)}"

    def answer(self, inputs: FloatArray, outputs: FloatArray) -> str:
        return f"{outputs[-1]:.8g}"
