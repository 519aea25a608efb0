"""The table below the cost map: loss and gradient at model and cursor, and the optimizer race."""

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from textual.content import Content

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.optimizer_race import RaceResult
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.text.format import format_short
from rnn_tui.tui.drawing.cost_map import Point
from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet

# The letters have about the same colours on the map.
RACE_STYLES = (("a", ""), ("b", "$line-1"), ("c", "$line-6"), ("d", "$line-5"), ("e", "$line-4"))
STOPPED_MARK = "✗"
CURVE_NAME = "log ξ"
MIN_DRAWN_COST = 1e-300
NAME_CELLS, PLAIN_NAME_CELLS, WEIGHT_CELLS, NUMBER_CELLS = 21, 10, 8, 10
GRADIENT_CELLS = 2 * NUMBER_CELLS
POSITION_ROWS = 3  # rows of the table without a race
MAX_CURVE_CELLS = 40


def draw_key(glyphs: GlyphSet = BRAILLE) -> Content:
    """Return the key to the marks on the map."""
    marks = f"{glyphs.point} path of the run  {glyphs.minimum} minimum  1-6 published points"
    return Content.styled(marks, MUTED_STYLE)


def draw_table(
    surface: CostMapData, cursor: Point, width: int, max_rows: int, glyphs: GlyphSet = BRAILLE
) -> Content:
    """Draw the table in up to `max_rows` rows, but at least four."""
    raced, spare = bool(surface.race_results), max_rows - POSITION_ROWS - len(surface.race_results)
    full = raced and spare >= 0
    name = NAME_CELLS if full else PLAIN_NAME_CELLS
    slopes = name + 2 * WEIGHT_CELLS + NUMBER_CELLS + GRADIENT_CELLS <= width
    heads = f"{'w_x':>{WEIGHT_CELLS}}{'w_rec':>{WEIGHT_CELLS}}{'loss ξ':>{NUMBER_CELLS}}"
    heads += f"{'∂ξ/∂w_x':>{NUMBER_CELLS}}{'∂ξ/∂w_rec':>{NUMBER_CELLS}}" * slopes
    lines = [Content.styled(" " * name + heads, MUTED_STYLE)]
    newest: list[Point] = [(wx, wrec) for wx, wrec in surface.weight_path[-1:].tolist()]
    for label, points in ((f"{glyphs.model} model", newest), (f"{glyphs.cursor} cursor", [cursor])):
        text = label.ljust(name) if points else f"{label.ljust(name)}no step yet"
        for point in points:
            text += _position_columns(point, float(surface.cost_surface.cost(*point)))
            if slopes:
                slope = map(float, surface.cost_surface.gradient(*point))
                text += "".join(f"{format_short(part):>{NUMBER_CELLS}}" for part in slope)
        lines.append(Content(text))
    if full:
        lines += _race_rows(surface.race_results, width, glyphs.bars, titled=spare > 0)
    elif raced:
        lines.append(_race_line(surface.race_results, width))
    return Content("\n").join(lines)


def _position_columns(point: Sequence[float], cost: float) -> str:
    wx, wrec = point
    weights = "".join(f"{_format_weight(weight):>{WEIGHT_CELLS}}" for weight in (wx, wrec))
    return f"{weights}{format_short(cost):>{NUMBER_CELLS}}"


def _race_rows(
    racers: tuple[RaceResult, ...], width: int, bars: str, *, titled: bool
) -> Iterator[Content]:
    start = NAME_CELLS + 2 * WEIGHT_CELLS + NUMBER_CELLS + 2
    cells, longest = max(1, min(MAX_CURVE_CELLS, width - start)), _max_path_length(racers)
    if titled:
        wx, wrec = racers[0].path[0]
        title = f"race of {longest - 1:,} steps from ({wx:.3g}, {wrec:.3g})"
        yield Content.styled(
            title.ljust(start) + CURVE_NAME * (cells >= len(CURVE_NAME)), MUTED_STYLE
        )
    least = min(float(racer.costs.min()) for racer in racers)
    for (letter, colour), racer in zip(RACE_STYLES, racers, strict=False):
        end = _position_columns(racer.path[-1].tolist(), float(racer.costs[-1]))
        stopped = len(racer.costs) < longest
        if stopped:
            end = racer.end_reason.rjust(len(end))
        part = ceil(len(racer.costs) / longest * cells)
        steps = (np.arange(1, part + 1) * longest // cells - 1).clip(0, len(racer.costs) - 1)
        curve = (
            _cost_curve(racer.costs[steps], least, float(racer.costs[0]), bars)
            + STOPPED_MARK * stopped
        )
        title = f" {racer.title}".ljust(NAME_CELLS - 1)
        yield Content.assemble((letter, colour), title, end, "  ", (curve, colour))


def _race_line(racers: tuple[RaceResult, ...], width: int) -> Content:
    """Return final losses in one line, with the optimizers' names where they fit."""
    named = Content.assemble(*_race_results(racers, named=True))
    return (
        named
        if named.cell_length <= width
        else Content.assemble(*_race_results(racers, named=False))
    )


def _race_results(
    racers: tuple[RaceResult, ...], *, named: bool
) -> Iterator[str | tuple[str, str]]:
    for (letter, colour), racer in zip(RACE_STYLES, racers, strict=False):
        stopped = len(racer.costs) < _max_path_length(racers)
        end = STOPPED_MARK if stopped else format_short(float(racer.costs[-1]))
        yield (letter, colour)
        yield f" {racer.short_title} {end}  " if named else f" {end}  "
    if not named:
        yield "(names: key 2)"


def _max_path_length(racers: tuple[RaceResult, ...]) -> int:
    return max(len(racer.costs) for racer in racers)


def _cost_curve(costs: FloatArray, lowest: float, highest: float, bars: str) -> str:
    """Draw losses as bars on a logarithmic scale from `lowest` to `highest`."""
    logs, low, high = (
        np.log10(np.maximum(cost, MIN_DRAWN_COST)) for cost in (costs, lowest, highest)
    )
    shares = (logs - low) / max(float(high - low), MIN_DRAWN_COST)
    return "".join(bars[int(bar)] for bar in np.clip(shares * len(bars), 0, len(bars) - 1))


def _format_weight(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else format_short(value)
