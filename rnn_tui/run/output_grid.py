"""What a net of two inputs says between the four that it learns: its output over their square."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

GRID_SIDE_POINTS = 33  # points along a side of the square
XOR_INPUTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR_TARGETS = (0.0, 1.0, 1.0, 0.0)


@final
@dataclass(frozen=True, slots=True, eq=False)
class OutputGrid:
    """A net's outputs for the four inputs of exclusive or, and for those between them.

    rows     the inputs 00, 01, 10, 11, (4, 2)
    targets  what is right for each, (4,)
    outputs  what the net says to each, (4,)
    grid     what it says to (x₁, x₂) = (j, i) / (SIDE - 1), at [i, j], (SIDE, SIDE)
    """

    inputs: FloatArray
    targets: FloatArray
    outputs: FloatArray
    grid: FloatArray


def compute_output_grid(model: Model, loss: Loss) -> OutputGrid:
    """Run `model`, of two inputs, over the square in one step; it changes no weight."""
    coordinates = np.linspace(0.0, 1.0, GRID_SIDE_POINTS)
    x1, x2 = np.meshgrid(coordinates, coordinates)
    inputs = np.array(XOR_INPUTS)
    points = np.concatenate([inputs, np.stack([x1.ravel(), x2.ravel()], axis=1)])
    outputs = loss.outputs(model.forward(points[None]).logits)[0, :, 0]
    return OutputGrid(
        inputs=inputs,
        targets=np.array(XOR_TARGETS),
        outputs=outputs[: len(inputs)].copy(),
        grid=outputs[len(inputs) :].reshape(GRID_SIDE_POINTS, GRID_SIDE_POINTS).copy(),
    )
