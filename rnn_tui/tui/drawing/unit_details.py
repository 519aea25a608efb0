"""One hidden unit in words: its weights, and its r with the required state over training."""

from collections.abc import Mapping, Sequence

import numpy as np
from textual.content import Content

from rnn_tui.analysis.hidden_states import HiddenStates
from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.text.format import format_correlation
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.drawing.parts import NO_BREAK_SPACE, paragraph, sparkline

MAX_RECURRENT = 4  # largest recurrent weights that are listed
MAX_SPARKLINE_CELLS = 24


def unit_details(
    value: HiddenStates,
    task: Task,
    unit: int,
    layer: int,
    width: int,
    glyphs: GlyphSet = BRAILLE,
    curve: Sequence[CurvePoint] = (),
) -> list[Content]:
    """Return rows with the weights of a unit, and with its r over training."""
    rows = paragraph(
        f"unit {unit + 1}: " + " · ".join(unit_weights(value, task, unit, layer)), width
    )
    course = [(point.step, float(point.memory.correlations.propagate[unit])) for point in curve]
    if len(course) > 1:
        steps, correlations = np.array(course).T
        cells = max(1, min(MAX_SPARKLINE_CELLS, width // 3))
        sizes = np.nan_to_num(np.abs(correlations))
        grid = np.interp(np.linspace(steps[0], steps[-1], cells), steps, sizes)
        first, last = (format_correlation(correlations[i], 2) for i in (0, -1))
        text = (
            f"|r| {sparkline(grid.tolist(), glyphs.bars)} {first} after step {course[0][0]:,} "
            f"to {last} after step {course[-1][0]:,} ({len(course)} points)"
        )
        rows += paragraph(text, width)
    return rows


def unit_weights(value: HiddenStates, task: Task, unit: int, layer: int) -> list[str]:
    """Return the weights of a unit in words: input, recurrent, bias and output.

    Of weights from units the largest `MAX_RECURRENT`. A layer of a gated model without weights of
    its own, such as the hidden state, has the output weight alone.
    """
    weights, column = value.weights, _weight_column(value, unit, layer)
    from_inputs, from_units, biases, output = _weight_names(weights)
    parts = []
    if column is not None and from_inputs in weights:
        named = zip(task.input_names, weights[from_inputs][:, column], strict=True)
        parts.append(
            "from " + ", ".join(f"{name}{NO_BREAK_SPACE}{weight:+.2f}" for name, weight in named)
        )
    if column is not None and from_units in weights:
        parts.append(_largest_text(weights[from_units][:, column]))
    found = [weights[name] for name in biases if name in weights]
    if column is not None and found:
        parts.append(f"bias {sum(float(bias[column]) for bias in found):+.2f}")
    if output in weights:
        parts.append(f"to the output {weights[output][unit, 0]:+.2f}")
    return parts or ["no weights of its own"]


def _weight_names(weights: Mapping[str, FloatArray]) -> tuple[str, str, tuple[str, ...], str]:
    """Return the names of input and recurrent weights, biases and output weights.

    Of a feed-forward model, those of its last hidden layer, whose weights are from the inputs or
    from the units of the layer before.
    """
    depth = sum(name.startswith("weight_") for name in weights)
    if not depth:
        names = "input_weight", "recurrent_weight"
        return *names, ("hidden_bias", "input_bias"), "output_weight"
    before = f"weight_{depth - 1}"
    names = (before, "") if depth == 2 else ("", before)
    return *names, (f"bias_{depth - 1}",), f"weight_{depth}"


def _weight_column(value: HiddenStates, unit: int, layer: int) -> int | None:
    """Return the column of a unit's weights for `layer`; None if no weights compute it."""
    if "recurrent_weight" not in value.weights:
        return unit
    n_hidden, n_columns = value.weights["recurrent_weight"].shape
    gate = 0 if n_columns == n_hidden else layer - 1
    return gate * n_hidden + unit if 0 <= gate < n_columns // n_hidden else None


def _largest_text(incoming: FloatArray) -> str:
    largest = np.argsort(-np.abs(incoming), kind="stable")[:MAX_RECURRENT]
    rest = len(incoming) - len(largest)
    listed = ", ".join(f"{unit + 1}:{NO_BREAK_SPACE}{incoming[unit]:+.2f}" for unit in largest)
    return f"from units {listed}" + (f" and {rest} smaller" if rest else "")
