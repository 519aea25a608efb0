"""Cost map: the loss of the linear counting model over its two weights, with marks.

The centres of the first column and the bottom row are the low end of the range, those of the last
column and the top row its high end, so that every tick is exactly at its value.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import log10
from typing import final

import numpy as np
from rich.segment import Segment
from textual.strip import Strip

from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.text.format import format_short
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.drawing.heatmap import CellMark, colorbar, heat_map

Point = tuple[float, float]  # (w_x, w_rec)

RACE_MARKERS = (  # letter, colour on a dark part of the map, colour on a light one
    ("a", "", ""),
    ("b", "#ff5f5f", "#870000"),
    ("c", "#ffaf5f", "#5f2f00"),
    ("d", "#ff87ff", "#5f005f"),
    ("e", "#87d7ff", "#00005f"),
)
LIGHT_THRESHOLD = 0.5  # values above it are light on the map
MIN_DRAWN_COST = 0.01  # losses below this have the darkest colour
TICK_LABEL_CELLS = 5  # cells for the labels of w_rec
GAP_CELLS = 3  # cells between two maps
FRAME_ROWS = 2  # rows of a map's legend and axis
MIN_EVENLY_SPACED_ROWS = 6  # maps with more rows drop some to space the ticks evenly
MIN_TWO_MAPS_CELLS = 104  # width from which two maps fit
COLUMN_MULTIPLE = 12  # of a map's columns less one, so that ticks are whole columns apart


@final
@dataclass(frozen=True, slots=True)
class WeightRange:
    """The range of both weights, from `low` to `high`."""

    low: float
    high: float
    intervals: int  # between ticks

    @property
    def ticks(self) -> list[float]:
        return [float(tick) for tick in np.linspace(self.low, self.high, self.intervals + 1)]


FULL_RANGE, ZOOMED_RANGE = WeightRange(-3.0, 3.0, 6), WeightRange(0.0, 2.0, 4)


@final
@dataclass(frozen=True, slots=True)
class MapLayout:
    """A map of `columns` × `rows` cells, `left` cells from the edge."""

    weight_range: WeightRange
    left: int
    columns: int
    rows: int

    @property
    def width(self) -> int:
        return TICK_LABEL_CELLS + self.columns

    def cell_at(self, wx: float, wrec: float) -> tuple[int, int] | None:
        """Return the row (from the top) and column of a point, or None outside the map."""
        low, high = self.weight_range.low, self.weight_range.high
        if not (low <= wx <= high and low <= wrec <= high):
            return None
        across, down = (wx - low) / (high - low), (high - wrec) / (high - low)
        return round(down * (self.rows - 1)), round(across * (self.columns - 1))

    def point_at(self, row: int, column: int) -> Point:
        """Return the point at the centre of a cell, or of the nearest cell of the map."""
        low, span = self.weight_range.low, self.weight_range.high - self.weight_range.low
        across = min(max(column, 0), self.columns - 1) / (self.columns - 1)
        up = 1 - min(max(row, 0), self.rows - 1) / (self.rows - 1)
        return round(low + across * span, 12), round(low + up * span, 12)

    def moved(self, point: Point, right: int, up: int) -> Point:
        """Return the point so many cells away, after clamping `point` to the map."""
        low, high = self.weight_range.low, self.weight_range.high
        row, column = self.cell_at(*(min(max(weight, low), high) for weight in point)) or (0, 0)
        return self.point_at(row - up, column + right)


def map_layouts(width: int, height: int, *, zoomed: bool) -> tuple[MapLayout, ...]:
    """Return the layouts of the maps that fit: both ranges, or the one that `zoomed` chooses."""
    window = ZOOMED_RANGE if zoomed else FULL_RANGE
    rows = max(2, height - FRAME_ROWS)
    if rows > MIN_EVENLY_SPACED_ROWS:
        beyond = (rows - 1) % window.intervals
        rows -= beyond if beyond <= rows // 6 else 1 - rows % 2  # else the middle has a row
    if width >= MIN_TWO_MAPS_CELLS:
        columns = _columns((width - GAP_CELLS) // 2)
        left = 2 * TICK_LABEL_CELLS + columns + GAP_CELLS
        return MapLayout(FULL_RANGE, TICK_LABEL_CELLS, columns, rows), MapLayout(
            ZOOMED_RANGE, left, columns, rows
        )
    return (MapLayout(window, TICK_LABEL_CELLS, _columns(width), rows),)


def _columns(width: int) -> int:
    return max(1, (width - TICK_LABEL_CELLS - 1) // COLUMN_MULTIPLE) * COLUMN_MULTIPLE + 1


@lru_cache(maxsize=8)
def log_cost_grid(cost: CostSurface, layout: MapLayout) -> tuple[FloatArray, float]:
    """Return log10 of the loss, scaled to 0 at `MIN_DRAWN_COST` and 1 at the highest; and that.

    Half cells beyond the edge of the range may be slightly above 1.
    """
    window = layout.weight_range
    wx = np.linspace(window.low, window.high, layout.columns)
    middles = np.linspace(window.high, window.low, layout.rows)
    costs = cost.cost(wx, middles[:, np.newaxis])
    highest = float(costs[np.isfinite(costs)].max())
    quarter = (window.high - window.low) / (layout.rows - 1) / 4
    halves = np.stack([middles + quarter, middles - quarter], axis=1).reshape(-1, 1)
    logs = np.log10(np.maximum(cost.cost(wx, halves), MIN_DRAWN_COST))
    return (logs - log10(MIN_DRAWN_COST)) / (log10(highest) - log10(MIN_DRAWN_COST)), highest


def draw_maps(
    surface: CostMapData,
    cursor: Point,
    layouts: tuple[MapLayout, ...],
    active: int,
    glyphs: GlyphSet = BRAILLE,
) -> list[Strip]:
    """Draw the maps side by side, each with its legend and axes."""
    drawn = [
        list(
            _map_rows(surface, cursor, layout, glyphs, active=len(layouts) > 1 and index == active)
        )
        for index, layout in enumerate(layouts)
    ]
    gap = Strip([Segment(" " * GAP_CELLS)], GAP_CELLS)
    return [
        Strip.join([part for strip in strips for part in (strip, gap)][:-1])
        for strips in zip(*drawn, strict=True)
    ]


def _map_rows(
    surface: CostMapData, cursor: Point, layout: MapLayout, glyphs: GlyphSet, *, active: bool
) -> Iterator[Strip]:
    values, highest = log_cost_grid(surface.cost_surface, layout)
    names = f"{glyphs.cursor if active else ' '} w_rec ↑  w_x →  "
    ends = glyphs.transliterate(f"loss ≤ {format_short(MIN_DRAWN_COST)}"), format_short(highest)
    scale = colorbar(layout.width - len(names), *ends, glyphs.shades)
    yield Strip([Segment(names), *scale], layout.width)
    labels = {row: label for label, row, _ in _ticks(layout)}
    cells = heat_map(values, _marks(surface, cursor, layout, values, glyphs), glyphs.shades)
    for row, strip in enumerate(cells):
        label = (
            f"{labels[row]:>{TICK_LABEL_CELLS - 1}}┤"
            if row in labels
            else " " * (TICK_LABEL_CELLS - 1) + "│"
        )
        yield Strip([Segment(label), *strip], layout.width)
    below = [" "] * layout.width
    for label, _, column in _ticks(layout, all_ticks=True):
        start = TICK_LABEL_CELLS + column - len(label) // 2
        below[start : start + len(label)] = label
    yield Strip([Segment("".join(below))], layout.width)


def _ticks(layout: MapLayout, *, all_ticks: bool = False) -> Iterator[tuple[str, int, int]]:
    """Yield each tick's label, row and column; with few rows, only the ends and the middle."""
    ticks = layout.weight_range.ticks
    if not all_ticks and layout.rows <= 2 * layout.weight_range.intervals:
        ticks = [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    for tick in ticks:
        row, column = layout.cell_at(tick, tick) or (0, 0)
        yield f"{tick:g}", row, column


def _marks(
    surface: CostMapData, cursor: Point, layout: MapLayout, values: FloatArray, glyphs: GlyphSet
) -> dict[tuple[int, int], CellMark]:
    """Return the marks on the map; later marks hide earlier ones."""
    marks: dict[tuple[int, int], CellMark] = {}

    def put(glyph: str, points: Iterable[Iterable[float]], on_dark: str, on_light: str) -> None:
        for wx, wrec in points:
            cell = layout.cell_at(wx, wrec)
            if cell is not None:
                light = values[2 * cell[0], cell[1]] > LIGHT_THRESHOLD
                marks[cell] = glyph, on_light if light else on_dark

    racers = list(zip(RACE_MARKERS, surface.race_results, strict=False))
    put(glyphs.point, surface.weight_path.tolist(), "", "")
    for (letter, *colours), racer in racers:
        put(letter, racer.path.tolist(), *colours)
    put(glyphs.minimum, [(1.0, 1.0)], "bold", "bold")
    for number, point in enumerate(SIX_POINTS, start=1):
        put(str(number), [point], "bold", "bold")
    for (letter, *colours), racer in racers:
        put(
            letter.upper(),
            racer.path[-1:].tolist(),
            *(f"bold reverse {colour}" for colour in colours),
        )
    put(glyphs.model, surface.weight_path[-1:].tolist(), "bold reverse", "bold reverse")
    put(glyphs.cursor, [cursor], "bold reverse", "bold reverse")
    return marks
