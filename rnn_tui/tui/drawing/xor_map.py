"""Exclusive or as a net has it: the truth table, and the output over the square of inputs."""

from collections.abc import Iterator
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.output_grid import OutputMap
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look
from rnn_tui.tui.drawing.heatmap import heat_map, legend

TABLE, TABLE_ROWS = 27, 5  # cells that the table takes
GAP = 3  # cells between the table and the map beside it
GUTTER = 2  # cells for the names on the left of the map
NAMES = 2  # rows below the map: its axis and its legend
WIDEST = 3  # columns for each row, at the most: with 2 the map is a square
LEAST = 8  # columns of the smallest map worth drawing
EDGE = 0.5  # the output at which 0 becomes 1
RIGHT, WRONG, MUTED = "$right bold", "$wrong bold", "$text-muted"

IntArray = npt.NDArray[np.int64]


@final
class Arrangement(NamedTuple):
    """Where the map is and how large, in cells; without any where there is no room for it."""

    beside: bool
    columns: int
    rows: int


def arrange(width: int, height: int) -> Arrangement:
    """Put the map beside the table or below it, wherever it can be the larger."""
    beside = _largest(width - TABLE - GAP - GUTTER, height - NAMES)
    below = _largest(width - GUTTER, height - TABLE_ROWS - 1 - NAMES)
    if below[0] * below[1] > beside[0] * beside[1] or not any(beside):
        return Arrangement(False, *below)
    return Arrangement(True, *beside)


def _largest(columns: int, rows: int) -> tuple[int, int]:
    rows = min(rows, columns // 2)
    columns = min(columns, WIDEST * rows)
    return (columns, rows) if columns >= LEAST else (0, 0)


def table(shown: OutputMap) -> Content:
    """Return a row for each input: what is right, what the net says, and whether it is right."""
    lines = [Content.styled(f"{'a':<3}{'b':<3}true{'net':>14}   ", MUTED)]
    for (a, b), target, output in zip(shown.rows, shown.targets, shown.outputs, strict=True):
        right = (output - EDGE) * (target - EDGE) > 0
        lines.append(
            Content.assemble(
                f"{a:<3.0f}{b:<3.0f}{target:>4.0f}",
                (f"{_figure(float(output)):>14}", "bold"),
                ("  ✓", RIGHT) if right else ("  ✗", WRONG),
            )
        )
    return Content("\n").join(lines)


def _figure(output: float) -> str:
    return f"{output:.8f}" if abs(output) < 100 else f"{output:.4e}"


def square(shown: OutputMap, columns: int, rows: int, look: Look = BRAILLE) -> list[Strip]:
    """Draw the output over the square, a to the right and b upward, with its axes and legend."""
    if not columns:
        return []
    values = resample(shown.grid, columns, 2 * rows)[::-1]
    marks = dict.fromkeys(contour(values), (look.contour, "bold"))
    for (a, b), target in zip(shown.rows, shown.targets, strict=True):
        marks[round((1 - b) * (rows - 1)), round(a * (columns - 1))] = (f"{target:.0f}", "bold")
    names = {rows // 2: "b", rows // 2 - 1: "↑", 0: "1", rows - 1: "0"}
    cells = heat_map(values, marks, look.shades)
    drawn = [_named(names.get(row, ""), strip) for row, strip in enumerate(cells)]
    axis = "a →".center(columns - 2)
    return [
        *drawn,
        _named("", Strip([Segment(f"0{axis}1")])),
        _named("", legend(columns, "net 0", "1", look.shades)),
    ]


def _named(name: str, strip: Strip) -> Strip:
    return Strip([Segment(name.ljust(GUTTER)), *strip])


def resample(grid: FloatArray, columns: int, rows: int) -> FloatArray:
    """Return `grid` in (rows, columns) points from edge to edge, straight between its own."""
    grid = np.clip(grid, -1.0, 2.0)  # beyond what is drawn, and never infinite
    for size in (columns, rows):
        places = np.linspace(0, len(grid.T) - 1, size)
        before = np.minimum(places.astype(np.int64), len(grid.T) - 2)
        share = places - before
        grid = (grid[:, before] * (1 - share) + grid[:, before + 1] * share).T
    return grid


def contour(values: FloatArray) -> Iterator[tuple[int, int]]:
    """Yield the cells, (row, column), along which `values` (2 · rows, columns) cross the edge.

    Evenly and sparsely: where the contour is steep, one in each row; where it is flat, one in
    every other column.
    """
    cells = (values[::2] + values[1::2]) / 2 - EDGE
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
