"""The truth table of a model of XOR, and a map of its output over the unit square of inputs."""

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.output_grid import OutputGrid
from rnn_tui.tui.drawing.glyphs import (
    BRAILLE,
    CORRECT_STYLE,
    INCORRECT_STYLE,
    MUTED_STYLE,
    GlyphSet,
)
from rnn_tui.tui.drawing.heatmap import colorbar, heat_map

TABLE_CELLS, TABLE_ROWS = 27, 5
GAP_CELLS = 3  # cells between the table and the map beside it
LABEL_CELLS = 2  # cells for the labels on the left of the map
AXIS_ROWS = 2  # rows below the map: its axis and its legend
MAX_COLUMNS_PER_ROW = 3  # with 2 columns for each row the map is a square
MIN_MAP_COLUMNS = 8  # columns of the smallest map that is drawn
OUTPUT_THRESHOLD = 0.5  # outputs above it are predictions of 1

IntArray = npt.NDArray[np.int64]


@final
class XorLayout(NamedTuple):
    """Place and size of the map, in cells; 0 × 0 where it does not fit."""

    beside: bool
    columns: int
    rows: int


def xor_layout(width: int, height: int) -> XorLayout:
    """Place the map beside the table or below it, wherever it is larger."""
    beside = _largest_map(width - TABLE_CELLS - GAP_CELLS - LABEL_CELLS, height - AXIS_ROWS)
    below = _largest_map(width - LABEL_CELLS, height - TABLE_ROWS - 1 - AXIS_ROWS)
    if below[0] * below[1] > beside[0] * beside[1] or not any(beside):
        return XorLayout(False, *below)
    return XorLayout(True, *beside)


def _largest_map(columns: int, rows: int) -> tuple[int, int]:
    rows = min(rows, columns // 2)
    columns = min(columns, MAX_COLUMNS_PER_ROW * rows)
    return (columns, rows) if columns >= MIN_MAP_COLUMNS else (0, 0)


def draw_table(output_grid: OutputGrid) -> Content:
    """Return the truth table: inputs, target, prediction and a mark for each row."""
    lines = [Content.styled(f"{'a':<3}{'b':<3}target{'predicted':>12}   ", MUTED_STYLE)]
    for (a, b), target, output in zip(
        output_grid.inputs, output_grid.targets, output_grid.outputs, strict=True
    ):
        is_correct = (output - OUTPUT_THRESHOLD) * (target - OUTPUT_THRESHOLD) > 0
        lines.append(
            Content.assemble(
                f"{a:<3.0f}{b:<3.0f}{target:>6.0f}",
                (f"{_format_output(float(output)):>12}", "bold"),
                ("  ✓", CORRECT_STYLE) if is_correct else ("  ✗", INCORRECT_STYLE),
            )
        )
    return Content("\n").join(lines)


def _format_output(output: float) -> str:
    return f"{output:.8f}" if abs(output) < 100 else f"{output:.4e}"


def draw_map(
    output_grid: OutputGrid, columns: int, rows: int, glyphs: GlyphSet = BRAILLE
) -> list[Strip]:
    """Draw the output over the unit square, a to the right and b upward, with axes and legend."""
    if not columns:
        return []
    values = interpolate(output_grid.grid, columns, 2 * rows)[::-1]
    marks = dict.fromkeys(contour(values), (glyphs.contour, "bold"))
    for (a, b), target in zip(output_grid.inputs, output_grid.targets, strict=True):
        marks[round((1 - b) * (rows - 1)), round(a * (columns - 1))] = (f"{target:.0f}", "bold")
    names = {rows // 2: "b", rows // 2 - 1: "↑", 0: "1", rows - 1: "0"}
    cells = heat_map(values, marks, glyphs.shades)
    drawn = [_labelled(names.get(row, ""), strip) for row, strip in enumerate(cells)]
    axis = "a →".center(columns - 2)
    return [
        *drawn,
        _labelled("", Strip([Segment(f"0{axis}1")])),
        _labelled("", colorbar(columns, "output 0", "1", glyphs.shades)),
    ]


def _labelled(name: str, strip: Strip) -> Strip:
    return Strip([Segment(name.ljust(LABEL_CELLS)), *strip])


def interpolate(grid: FloatArray, columns: int, rows: int) -> FloatArray:
    """Return `grid`, linearly interpolated at (rows, columns) points from edge to edge."""
    grid = np.clip(grid, -1.0, 2.0)  # the drawn range with a margin, and finite
    for size in (columns, rows):
        places = np.linspace(0, len(grid.T) - 1, size)
        before = np.minimum(places.astype(np.int64), len(grid.T) - 2)
        fraction = places - before
        grid = (grid[:, before] * (1 - fraction) + grid[:, before + 1] * fraction).T
    return grid


def contour(values: FloatArray) -> Iterator[tuple[int, int]]:
    """Yield the cells, (row, column), of the decision boundary in `values` (2 · rows, columns).

    Sparsely: one cell in each row where the contour is steep, one in every other column where it
    is flat.
    """
    cells = (values[::2] + values[1::2]) / 2 - OUTPUT_THRESHOLD
    across, down = np.abs(np.gradient(cells, axis=1)), np.abs(np.gradient(cells, axis=0)) / 2
    for row, column in _crossings(cells):
        if across[row, column] >= down[row, column]:
            yield row, column
    for column, row in _crossings(cells.T):
        if column % 2 and across[row, column] < down[row, column]:
            yield row, column


def _crossings(cells: FloatArray) -> list[list[int]]:
    """Return (row, column) of the cell nearer to zero, for each change of sign along a row."""
    high = cells > 0
    rows, columns = np.nonzero(high[:, :-1] != high[:, 1:])
    far = np.abs(cells)
    nearer: IntArray = columns + (far[rows, columns + 1] < far[rows, columns])
    found: list[list[int]] = np.stack([rows, nearer], axis=1).tolist()
    return found
