"""a XOR b in a single time step: no memory, but not linearly separable."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.bit_sequences import BitArray, BitSequenceTask, Labels, full_mask


@final
class Xor(BitSequenceTask):
    """The four rows of the truth table, whatever the `length`."""

    summary = "a XOR b: no memory, but not linearly separable"
    input_names = ("a", "b")
    uses_length = False
    has_output_grid = True
    baseline_name = "constant output"
    defaults: ClassVar = {
        "model": "feed-forward",
        "hidden_size": 64,
        "biases": 1,
        "reduction": "sum",
        "update_rule": "layerwise",
        "batch_size": 4,
        "dataset_size": 4,
        "initializer": "normal-everywhere",
    }

    def label(self, bits: BitArray) -> Labels:
        targets = bits[:, :, 0] ^ bits[:, :, 1]
        return Labels(targets, np.zeros_like(targets), full_mask(bits))

    def baseline_inputs(self, inputs: FloatArray) -> FloatArray:
        return np.zeros_like(inputs)

    def format_input(self, inputs: FloatArray) -> str:
        a, b = (int(bit) for bit in inputs[0] > 0.5)
        return f"{a} XOR {b}"
