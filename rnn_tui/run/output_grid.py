"""The outputs of a model with two inputs over the unit square, for the XOR map."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

GRID_SIDE_POINTS = 33
XOR_INPUTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR_TARGETS = (0.0, 1.0, 1.0, 0.0)


@final
@dataclass(frozen=True, slots=True, eq=False)
class OutputGrid:
    """A model's outputs for the four inputs of XOR, and for those between them.

    inputs   00, 01, 10, 11, (4, 2)
    targets  of these, (4,)
    outputs  for these, (4,)
    grid     (n, n), n = GRID_SIDE_POINTS: at [i, j] the output for (x₁, x₂) = (j, i) / (n - 1)
    """

    inputs: FloatArray
    targets: FloatArray
    outputs: FloatArray
    grid: FloatArray


def compute_output_grid(model: Model, loss: Loss) -> OutputGrid:
    """Return the outputs of `model`, which has two inputs, over the square; no weight changes."""
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
