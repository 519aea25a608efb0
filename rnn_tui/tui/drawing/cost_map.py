"""The map of the counting task's cost over its two weights, and what stands on it.

A map's first column and bottom row stand for the window's low end, its last and its top row for
the high end, so that every tick stands exactly under, or beside, what it names.
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
from rnn_tui.run.weight_path import Surface
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look
from rnn_tui.tui.drawing.heatmap import Mark, heat_map, legend
from rnn_tui.tui.drawing.status_lines import short

Point = tuple[float, float]  # (w_x, w_rec)

RACERS = (  # letter, colour on a dark part of the map, colour on a light one
    ("a", "", ""),
    ("b", "#ff5f5f", "#870000"),
    ("c", "#ffaf5f", "#5f2f00"),
    ("d", "#ff87ff", "#5f005f"),
    ("e", "#87d7ff", "#00005f"),
)
LIGHT = 0.5  # a value from which the map is light
FLOOR = 0.01  # costs below this have the darkest colour
GUTTER = 5  # cells for the labels of w_rec
GAP = 3  # cells between two maps
FRAME = 2  # rows that a map has besides its cells
FEW = 6  # rows of which none is given up to have the ticks evenly spaced
BOTH = 104  # cells from which there is room for two maps
STEPS = 12  # a map's columns less one are a multiple, for all ticks to be whole columns apart


@final
@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that is shown: both weights from `low` to `high`."""

    low: float
    high: float
    intervals: int  # between ticks

    @property
    def ticks(self) -> list[float]:
        return [float(tick) for tick in np.linspace(self.low, self.high, self.intervals + 1)]


WHOLE, NEAR = Window(-3.0, 3.0, 6), Window(0.0, 2.0, 4)


@final
@dataclass(frozen=True, slots=True)
class Map:
    """Where `window` is drawn: `columns` × `rows` cells, the first `left` cells from the edge."""

    window: Window
    left: int
    columns: int
    rows: int

    @property
    def width(self) -> int:
        return GUTTER + self.columns

    def cell(self, wx: float, wrec: float) -> tuple[int, int] | None:
        """Return the row and column of a point, the top row first, if it is on the map."""
        low, high = self.window.low, self.window.high
        if not (low <= wx <= high and low <= wrec <= high):
            return None
        across, down = (wx - low) / (high - low), (high - wrec) / (high - low)
        return round(down * (self.rows - 1)), round(across * (self.columns - 1))

    def point(self, row: int, column: int) -> Point:
        """Return the point in the middle of a cell, or of the nearest that there is."""
        low, span = self.window.low, self.window.high - self.window.low
        across = min(max(column, 0), self.columns - 1) / (self.columns - 1)
        up = 1 - min(max(row, 0), self.rows - 1) / (self.rows - 1)
        return round(low + across * span, 12), round(low + up * span, 12)

    def moved(self, point: Point, right: int, up: int) -> Point:
        """Return the point so many cells away; from beyond the edge, first come to the edge."""
        low, high = self.window.low, self.window.high
        row, column = self.cell(*(min(max(weight, low), high) for weight in point)) or (0, 0)
        return self.point(row - up, column + right)


def maps(width: int, height: int, *, near: bool) -> tuple[Map, ...]:
    """Return the maps for which `width` × `height` cells have room; `near` picks where one has."""
    window = NEAR if near else WHOLE
    rows = max(2, height - FRAME)
    if rows > FEW:
        beyond = (rows - 1) % window.intervals
        rows -= beyond if beyond <= rows // 6 else 1 - rows % 2  # else the middle has a row
    if width >= BOTH:
        columns = _columns((width - GAP) // 2)
        left = 2 * GUTTER + columns + GAP
        return Map(WHOLE, GUTTER, columns, rows), Map(NEAR, left, columns, rows)
    return (Map(window, GUTTER, _columns(width), rows),)


def _columns(width: int) -> int:
    return max(1, (width - GUTTER - 1) // STEPS) * STEPS + 1


@lru_cache(maxsize=8)
def background(cost: CostSurface, shown: Map) -> tuple[FloatArray, float]:
    """Return the cost's logarithm for `heat_map`, from 0 at FLOOR to 1 at the highest; and that.

    The half cells beyond the window's edge may be a little above 1.
    """
    window = shown.window
    wx = np.linspace(window.low, window.high, shown.columns)
    middles = np.linspace(window.high, window.low, shown.rows)
    costs = cost.cost(wx, middles[:, np.newaxis])
    highest = float(costs[np.isfinite(costs)].max())
    quarter = (window.high - window.low) / (shown.rows - 1) / 4
    halves = np.stack([middles + quarter, middles - quarter], axis=1).reshape(-1, 1)
    logs = np.log10(np.maximum(cost.cost(wx, halves), FLOOR))
    return (logs - log10(FLOOR)) / (log10(highest) - log10(FLOOR)), highest


def chart(
    surface: Surface, cursor: Point, shown: tuple[Map, ...], active: int, look: Look = BRAILLE
) -> list[Strip]:
    """Draw the maps side by side, each with its legend above and its ticks around it."""
    drawn = [
        list(_rows(surface, cursor, one, look, active=len(shown) > 1 and index == active))
        for index, one in enumerate(shown)
    ]
    gap = Strip([Segment(" " * GAP)], GAP)
    return [
        Strip.join([part for strip in strips for part in (strip, gap)][:-1])
        for strips in zip(*drawn, strict=True)
    ]


def _rows(
    surface: Surface, cursor: Point, shown: Map, look: Look, *, active: bool
) -> Iterator[Strip]:
    values, highest = background(surface.cost, shown)
    names = f"{look.cursor if active else ' '} w_rec ↑  w_x →  "
    ends = look.said(f"cost ≤ {short(FLOOR)}"), short(highest)
    scale = legend(shown.width - len(names), *ends, look.shades)
    yield Strip([Segment(names), *scale], shown.width)
    labels = {row: label for label, row, _ in _ticks(shown)}
    cells = heat_map(values, _marks(surface, cursor, shown, values, look), look.shades)
    for row, strip in enumerate(cells):
        label = f"{labels[row]:>{GUTTER - 1}}┤" if row in labels else " " * (GUTTER - 1) + "│"
        yield Strip([Segment(label), *strip], shown.width)
    below = [" "] * shown.width
    for label, _, column in _ticks(shown, every=True):
        start = GUTTER + column - len(label) // 2
        below[start : start + len(label)] = label
    yield Strip([Segment("".join(below))], shown.width)


def _ticks(shown: Map, *, every: bool = False) -> Iterator[tuple[str, int, int]]:
    """Yield each tick's label, row and column; few rows have room for the ends and middle only."""
    ticks = shown.window.ticks
    if not every and shown.rows <= 2 * shown.window.intervals:
        ticks = [ticks[0], ticks[len(ticks) // 2], ticks[-1]]
    for tick in ticks:
        row, column = shown.cell(tick, tick) or (0, 0)
        yield f"{tick:g}", row, column


def _marks(
    surface: Surface, cursor: Point, shown: Map, values: FloatArray, look: Look
) -> dict[tuple[int, int], Mark]:
    """Return what stands on the map; what comes later hides what was there before."""
    marks: dict[tuple[int, int], Mark] = {}

    def put(glyph: str, points: Iterable[Iterable[float]], on_dark: str, on_light: str) -> None:
        for wx, wrec in points:
            cell = shown.cell(wx, wrec)
            if cell is not None:
                light = values[2 * cell[0], cell[1]] > LIGHT
                marks[cell] = glyph, on_light if light else on_dark

    racers = list(zip(RACERS, surface.race, strict=False))
    put(look.point, surface.path.tolist(), "", "")
    for (letter, *colours), racer in racers:
        put(letter, racer.path.tolist(), *colours)
    put(look.minimum, [(1.0, 1.0)], "bold", "bold")
    for number, point in enumerate(SIX_POINTS, start=1):
        put(str(number), [point], "bold", "bold")
    for (letter, *colours), racer in racers:
        put(letter.upper(), racer.path[-1:].tolist(), *(f"bold reverse {it}" for it in colours))
    put(look.net, surface.path[-1:].tolist(), "bold reverse", "bold reverse")
    put(look.cursor, [cursor], "bold reverse", "bold reverse")
    return marks
