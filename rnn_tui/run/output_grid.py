"""The output of a model over the unit square of a task's two inputs."""

from dataclasses import dataclass
from typing import final

import numpy as np

from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task

GRID_SIDE_POINTS = 33


@final
@dataclass(frozen=True, slots=True, eq=False)
class OutputGrid:
    """The outputs for the four corners of the unit square, and for a grid over it.

    inputs   the corners 00, 01, 10, 11, (4, 2)
    targets  their targets, (4,)
    outputs  their outputs, (4,)
    grid     at [i, j] the output for (x₁, x₂) = (j, i) / (n - 1), (n, n), n = GRID_SIDE_POINTS
    """

    inputs: FloatArray
    targets: FloatArray
    outputs: FloatArray
    grid: FloatArray


@np.errstate(all="ignore")
def compute_output_grid(task: Task, model: Model, loss: Loss) -> OutputGrid:
    """Return the outputs of `model` on a task of one time step with two inputs."""
    examples = task.all_examples()
    assert examples is not None
    inputs = examples.inputs[0]
    coordinates = np.linspace(0.0, 1.0, GRID_SIDE_POINTS)
    x1, x2 = np.meshgrid(coordinates, coordinates)
    points = np.concatenate([inputs, np.stack([x1.ravel(), x2.ravel()], axis=1)])
    outputs = loss.outputs(model.forward(points[None]).logits)[0, :, 0]
    return OutputGrid(
        inputs=inputs,
        targets=examples.targets[0, :, 0],
        outputs=outputs[: len(inputs)].copy(),
        grid=outputs[len(inputs) :].reshape(GRID_SIDE_POINTS, GRID_SIDE_POINTS).copy(),
    )
