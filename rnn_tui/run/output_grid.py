"""What a net of two inputs says between the four that it learns: its output over their square."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray

SIDE = 33  # points along a side of the square
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
EXCLUSIVE_OR = (0.0, 1.0, 1.0, 0.0)


@final
@dataclass(frozen=True, slots=True, eq=False)
class OutputMap:
    """A net's outputs for the four inputs of exclusive or, and for those between them.

    rows     the inputs 00, 01, 10, 11, (4, 2)
    targets  what is right for each, (4,)
    outputs  what the net says to each, (4,)
    grid     what it says to (x₁, x₂) = (j, i) / (SIDE - 1), at [i, j], (SIDE, SIDE)
    """

    rows: FloatArray
    targets: FloatArray
    outputs: FloatArray
    grid: FloatArray


def output_map(model: Model, loss: Loss) -> OutputMap:
    """Run `model`, of two inputs, over the square in one step; it changes no weight."""
    side = np.linspace(0.0, 1.0, SIDE)
    x1, x2 = np.meshgrid(side, side)
    rows = np.array(CORNERS)
    points = np.concatenate([rows, np.stack([x1.ravel(), x2.ravel()], axis=1)])
    outputs = loss.outputs(model.forward(points[None]).logits)[0, :, 0]
    return OutputMap(
        rows=rows,
        targets=np.array(EXCLUSIVE_OR),
        outputs=outputs[: len(rows)].copy(),
        grid=outputs[len(rows) :].reshape(SIDE, SIDE).copy(),
    )
