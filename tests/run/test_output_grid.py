"""What a net says between the inputs that it learns."""

import numpy as np
import pytest

from rnn_tui.engine.losses import HalfSquaredError, Loss
from rnn_tui.engine.models.base import ModelSpec
from rnn_tui.engine.models.feed_forward import FeedForward
from rnn_tui.engine.tasks.xor import Xor
from rnn_tui.run.output_grid import GRID_SIDE_POINTS, compute_output_grid


def net() -> FeedForward:
    """Return a net with weights other than zero."""
    model = FeedForward(ModelSpec(inputs=2, hidden_size=3, outputs=1, biases=1))
    model.parameters.vector[:] = np.random.RandomState(0).standard_normal(
        model.parameters.vector.size
    )
    return model


def predicted(model: FeedForward, loss: Loss, a: float, b: float) -> float:
    """Return the net's output for one input."""
    return float(loss.outputs(model.forward(np.array([[[a, b]]])).logits)[0, 0, 0])


def test_rows_are_xor_inputs_with_outputs() -> None:
    model, loss = net(), HalfSquaredError()
    shown = compute_output_grid(Xor(), model, loss)
    assert shown.inputs.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert shown.targets.tolist() == [0, 1, 1, 0]
    assert shown.outputs == pytest.approx([predicted(model, loss, a, b) for a, b in shown.inputs])


def test_the_grid_spans_the_square_with_the_first_input_across() -> None:
    model, loss = net(), HalfSquaredError()
    grid = compute_output_grid(Xor(), model, loss).grid
    assert grid.shape == (GRID_SIDE_POINTS, GRID_SIDE_POINTS)
    for i, j in (
        (0, 0),
        (0, GRID_SIDE_POINTS - 1),
        (GRID_SIDE_POINTS - 1, 0),
        (GRID_SIDE_POINTS - 1, GRID_SIDE_POINTS - 1),
        (3, 20),
    ):
        assert grid[i, j] == pytest.approx(
            predicted(model, loss, j / (GRID_SIDE_POINTS - 1), i / (GRID_SIDE_POINTS - 1))
        )
    corners = [grid[0, 0], grid[-1, 0], grid[0, -1], grid[-1, -1]]  # 00, 01, 10, 11
    assert compute_output_grid(Xor(), model, loss).outputs == pytest.approx(corners)


def test_grid_changes_no_weight_and_is_a_copy() -> None:
    model, loss = net(), HalfSquaredError()
    weights = model.parameters.vector.copy()
    shown = compute_output_grid(Xor(), model, loss)
    assert np.array_equal(model.parameters.vector, weights)
    before = shown.grid.copy(), shown.outputs.copy()
    model.parameters.vector *= -2
    compute_output_grid(Xor(), model, loss)
    assert np.array_equal(shown.grid, before[0])
    assert np.array_equal(shown.outputs, before[1])
