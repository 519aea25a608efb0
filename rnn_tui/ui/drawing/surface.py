"""The map of the counting task's cost over its two weights, and the table of those who are on it.

A map's first column and bottom row stand for the window's low end, its last and its top row for
the high end, so that every tick stands exactly under, or beside, what it names.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, isfinite, log10
from typing import final

import numpy as np
from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.session.race import Racer
from rnn_tui.session.surface import Surface
from rnn_tui.ui.drawing.heat import Mark, heat_map, legend

Point = tuple[float, float]  # (w_x, w_rec)

NET, CURSOR, MINIMUM, TRAIL = "◆", "✛", "+", "•"
RACERS = (  # letter, colour on what is dark, colour on what is light
    ("a", "", ""),
    ("b", "#ff5f5f", "#870000"),
    ("c", "#ffaf5f", "#5f2f00"),
    ("d", "#ff87ff", "#5f005f"),
    ("e", "#87d7ff", "#00005f"),
)
LIGHT = 0.5  # a value from which the map is light
BARS = "▁▂▃▄▅▆▇█"
STOPPED = "✗"
CURVE_NAME = "log ξ"
TINY = 1e-300
MUTED = "$foreground-muted"
KEY = f"{TRAIL} path of the run  {MINIMUM} minimum  1-6 published points"
KEY_LINE = Content.styled(KEY, MUTED)

FLOOR = 0.01  # costs below this have the darkest colour
GUTTER = 5  # cells for the labels of w_rec
GAP = 3  # cells between two maps
FRAME = 2  # rows that a map has besides its cells
FEW = 6  # rows of which none is given up to have the ticks evenly spaced
BOTH = 104  # cells from which there is room for two maps
STEPS = 12  # a map's columns less one are a multiple, for all ticks to be whole columns apart
NAME, PLAIN_NAME, WEIGHT, NUMBER = 21, 10, 8, 10  # cells of the table's columns
SLOPES = 2 * NUMBER
PLACES = 3  # lines of the table without a race
WIDEST_CURVE = 40


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


def chart(surface: Surface, cursor: Point, shown: tuple[Map, ...], active: int) -> list[Strip]:
    """Draw the maps side by side, each with its legend above and its ticks around it."""
    drawn = [
        list(_rows(surface, cursor, one, active=len(shown) > 1 and index == active))
        for index, one in enumerate(shown)
    ]
    gap = Strip([Segment(" " * GAP)], GAP)
    return [
        Strip.join([part for strip in strips for part in (strip, gap)][:-1])
        for strips in zip(*drawn, strict=True)
    ]


def _rows(surface: Surface, cursor: Point, shown: Map, *, active: bool) -> Iterator[Strip]:
    values, highest = background(surface.cost, shown)
    names = f"{CURSOR if active else ' '} w_rec ↑  w_x →  "
    ends = f"cost ≤ {short(FLOOR)}", short(highest)
    scale = legend(shown.width - len(names), *ends)
    yield Strip([Segment(names), *scale], shown.width)
    labels = {row: label for label, row, _ in _ticks(shown)}
    cells = heat_map(values, _marks(surface, cursor, shown, values))
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
    surface: Surface, cursor: Point, shown: Map, values: FloatArray
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
    put(TRAIL, surface.path.tolist(), "", "")
    for (letter, *colours), racer in racers:
        put(letter, racer.path.tolist(), *colours)
    put(MINIMUM, [(1.0, 1.0)], "bold", "bold")
    for number, point in enumerate(SIX_POINTS, start=1):
        put(str(number), [point], "bold", "bold")
    for (letter, *colours), racer in racers:
        put(letter.upper(), racer.path[-1:].tolist(), *(f"bold reverse {it}" for it in colours))
    put(NET, surface.path[-1:].tolist(), "bold reverse", "bold reverse")
    put(CURSOR, [cursor], "bold reverse", "bold reverse")
    return marks


def table(surface: Surface, cursor: Point, width: int, room: int) -> Content:
    """Say where the net and the cursor are, and how the racers fared, in `room` lines or four."""
    raced, spare = bool(surface.race), room - PLACES - len(surface.race)
    full = raced and spare >= 0
    name = NAME if full else PLAIN_NAME
    slopes = name + 2 * WEIGHT + NUMBER + SLOPES <= width
    heads = f"{'w_x':>{WEIGHT}}{'w_rec':>{WEIGHT}}{'cost ξ':>{NUMBER}}"
    heads += f"{'∂ξ/∂w_x':>{NUMBER}}{'∂ξ/∂w_rec':>{NUMBER}}" * slopes
    lines = [Content.styled(" " * name + heads, MUTED)]
    newest: list[Point] = [(wx, wrec) for wx, wrec in surface.path[-1:].tolist()]
    for label, points in ((f"{NET} net", newest), (f"{CURSOR} cursor", [cursor])):
        text = label.ljust(name) if points else f"{label.ljust(name)}no step yet"
        for point in points:
            text += _place(point, float(surface.cost.cost(*point)))
            if slopes:
                slope = map(float, surface.cost.gradient(*point))
                text += "".join(f"{short(part):>{NUMBER}}" for part in slope)
        lines.append(Content(text))
    if full:
        lines += _race(surface.race, width, titled=spare > 0)
    elif raced:
        lines.append(_race_in_a_line(surface.race))
    return Content("\n").join(lines)


def _place(point: Sequence[float], cost: float) -> str:
    wx, wrec = point
    return f"{_weight(wx):>{WEIGHT}}{_weight(wrec):>{WEIGHT}}{short(cost):>{NUMBER}}"


def _race(racers: tuple[Racer, ...], width: int, *, titled: bool) -> Iterator[Content]:
    start = NAME + 2 * WEIGHT + NUMBER + 2
    cells, longest = max(1, min(WIDEST_CURVE, width - start)), _longest(racers)
    if titled:
        wx, wrec = racers[0].path[0]
        title = f"race of {longest - 1:,} steps from ({wx:.3g}, {wrec:.3g})"
        yield Content.styled(title.ljust(start) + CURVE_NAME * (cells >= len(CURVE_NAME)), MUTED)
    least = min(float(racer.costs.min()) for racer in racers)
    for (letter, colour, _), racer in zip(RACERS, racers, strict=False):
        end = _place(racer.path[-1].tolist(), float(racer.costs[-1]))
        stopped = len(racer.costs) < longest
        if stopped:
            end = racer.end.rjust(len(end))
        part = ceil(len(racer.costs) / longest * cells)
        steps = (np.arange(1, part + 1) * longest // cells - 1).clip(0, len(racer.costs) - 1)
        curve = _bars(racer.costs[steps], least, float(racer.costs[0])) + STOPPED * stopped
        title = f" {racer.title}".ljust(NAME - 1)
        yield Content.assemble((letter, colour), title, end, "  ", (curve, colour))


def _race_in_a_line(racers: tuple[Racer, ...]) -> Content:
    parts: list[str | tuple[str, str]] = ["race"]
    for (letter, colour, _), racer in zip(RACERS, racers, strict=False):
        stopped = len(racer.costs) < _longest(racers)
        end = STOPPED if stopped else short(float(racer.costs[-1]))
        parts += ["  ", (letter, colour), f" {end}"]
    return Content.assemble(*parts)


def _longest(racers: tuple[Racer, ...]) -> int:
    return max(len(racer.costs) for racer in racers)


def _bars(costs: FloatArray, least: float, most: float) -> str:
    """Draw costs on a logarithmic scale on which `least` is the lowest bar, `most` the highest."""
    logs, low, high = (np.log10(np.maximum(it, TINY)) for it in (costs, least, most))
    shares = (logs - low) / max(float(high - low), TINY)
    return "".join(BARS[int(bar)] for bar in np.clip(shares * len(BARS), 0, len(BARS) - 1))


def short(value: float) -> str:
    """Return a number with three to five digits, in at most 9 characters if below 1e100."""
    size = abs(value)
    if not isfinite(value):
        return "overflow"
    if size == 0 or 0.01 <= size < 1000:
        return f"{value:.4g}"
    if 1000 <= size < 99_999.5:
        return f"{value:,.0f}"
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def _weight(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else short(value)
