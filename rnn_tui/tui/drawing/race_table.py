"""The table below the cost map: where the net and the cursor are, and how the racers fared."""

from collections.abc import Iterator, Sequence
from math import ceil

import numpy as np
from textual.content import Content

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.optimizer_race import Racer
from rnn_tui.run.weight_path import Surface
from rnn_tui.tui.drawing.cost_map import Point
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look
from rnn_tui.tui.drawing.status_lines import short

# The letters have about the colours that they have on the map.
RACERS = (("a", ""), ("b", "$line-1"), ("c", "$line-6"), ("d", "$line-5"), ("e", "$line-4"))
STOPPED = "✗"
CURVE_NAME = "log ξ"
TINY = 1e-300
MUTED = "$foreground-muted"
NAME, PLAIN_NAME, WEIGHT, NUMBER = 21, 10, 8, 10  # cells of the table's columns
SLOPES = 2 * NUMBER
PLACES = 3  # lines of the table without a race
WIDEST_CURVE = 40


def key(look: Look = BRAILLE) -> Content:
    """Return what the marks on the map are."""
    marks = f"{look.point} path of the run  {look.minimum} minimum  1-6 published points"
    return Content.styled(marks, MUTED)


def table(surface: Surface, cursor: Point, width: int, room: int, look: Look = BRAILLE) -> Content:
    """Say where the net and the cursor are, and how the racers fared, in `room` lines or four."""
    raced, spare = bool(surface.race), room - PLACES - len(surface.race)
    full = raced and spare >= 0
    name = NAME if full else PLAIN_NAME
    slopes = name + 2 * WEIGHT + NUMBER + SLOPES <= width
    heads = f"{'w_x':>{WEIGHT}}{'w_rec':>{WEIGHT}}{'cost ξ':>{NUMBER}}"
    heads += f"{'∂ξ/∂w_x':>{NUMBER}}{'∂ξ/∂w_rec':>{NUMBER}}" * slopes
    lines = [Content.styled(" " * name + heads, MUTED)]
    newest: list[Point] = [(wx, wrec) for wx, wrec in surface.path[-1:].tolist()]
    for label, points in ((f"{look.net} net", newest), (f"{look.cursor} cursor", [cursor])):
        text = label.ljust(name) if points else f"{label.ljust(name)}no step yet"
        for point in points:
            text += _place(point, float(surface.cost.cost(*point)))
            if slopes:
                slope = map(float, surface.cost.gradient(*point))
                text += "".join(f"{short(part):>{NUMBER}}" for part in slope)
        lines.append(Content(text))
    if full:
        lines += _race(surface.race, width, look.bars, titled=spare > 0)
    elif raced:
        lines.append(_race_in_a_line(surface.race, width))
    return Content("\n").join(lines)


def _place(point: Sequence[float], cost: float) -> str:
    wx, wrec = point
    return f"{_weight(wx):>{WEIGHT}}{_weight(wrec):>{WEIGHT}}{short(cost):>{NUMBER}}"


def _race(racers: tuple[Racer, ...], width: int, bars: str, *, titled: bool) -> Iterator[Content]:
    start = NAME + 2 * WEIGHT + NUMBER + 2
    cells, longest = max(1, min(WIDEST_CURVE, width - start)), _longest(racers)
    if titled:
        wx, wrec = racers[0].path[0]
        title = f"race of {longest - 1:,} steps from ({wx:.3g}, {wrec:.3g})"
        yield Content.styled(title.ljust(start) + CURVE_NAME * (cells >= len(CURVE_NAME)), MUTED)
    least = min(float(racer.costs.min()) for racer in racers)
    for (letter, colour), racer in zip(RACERS, racers, strict=False):
        end = _place(racer.path[-1].tolist(), float(racer.costs[-1]))
        stopped = len(racer.costs) < longest
        if stopped:
            end = racer.end.rjust(len(end))
        part = ceil(len(racer.costs) / longest * cells)
        steps = (np.arange(1, part + 1) * longest // cells - 1).clip(0, len(racer.costs) - 1)
        curve = _curve(racer.costs[steps], least, float(racer.costs[0]), bars) + STOPPED * stopped
        title = f" {racer.title}".ljust(NAME - 1)
        yield Content.assemble((letter, colour), title, end, "  ", (curve, colour))


def _race_in_a_line(racers: tuple[Racer, ...], width: int) -> Content:
    """Say where each ended, and its name if there is room for it."""
    named = Content.assemble(*_ends(racers, named=True))
    return named if named.cell_length <= width else Content.assemble(*_ends(racers, named=False))


def _ends(racers: tuple[Racer, ...], *, named: bool) -> Iterator[str | tuple[str, str]]:
    for (letter, colour), racer in zip(RACERS, racers, strict=False):
        stopped = len(racer.costs) < _longest(racers)
        end = STOPPED if stopped else short(float(racer.costs[-1]))
        yield (letter, colour)
        yield f" {racer.brief} {end}  " if named else f" {end}  "
    if not named:
        yield "(names: 2)"


def _longest(racers: tuple[Racer, ...]) -> int:
    return max(len(racer.costs) for racer in racers)


def _curve(costs: FloatArray, least: float, most: float, bars: str) -> str:
    """Draw costs on a logarithmic scale on which `least` is the lowest bar, `most` the highest."""
    logs, low, high = (np.log10(np.maximum(it, TINY)) for it in (costs, least, most))
    shares = (logs - low) / max(float(high - low), TINY)
    return "".join(bars[int(bar)] for bar in np.clip(shares * len(bars), 0, len(bars) - 1))


def _weight(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 100 else short(value)
