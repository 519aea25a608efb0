"""Line plots of gradients over time and of overlaid runs: the only module that uses plotext.

plotext draws a gap for NaN but rejects infinities, and has one global figure: call from one thread.
Colours are numbers of the style sheet ($line-1 …), which plotext writes as palette indices.
"""

import re
from collections.abc import Iterator, Sequence
from math import ceil, floor
from typing import NamedTuple, final

import numpy as np
import plotext
from textual.content import Content

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet

ALL_STEPS_COLOR, LAST_STEP_COLOR, CELL_COLOR = 4, 6, 3  # numbers of line colours
MIN_DRAWN_NORM = 1e-300  # lower norms are drawn as this
MAX_TICKS = 7
LEVEL_INTERVAL_CELLS = 10  # from one glyph of a level to the next
LEFT_AXIS_CELLS, BOTTOM_AXIS_ROWS = 6, 3  # of plotext's axes
X_AXIS_ROWS = 2  # of an axis without a frame
NAME_SEPARATOR = "   "
MIN_ROWS_FOR_CENTERED_ZERO = 12  # plots with more rows drop one to have 0 in the middle of a row
COLOR_SEQUENCE = re.compile(r"\x1b\[(?:38;5;)?(\d+)m")  # 0 for none, as plotext writes it


@final
class Series(NamedTuple):
    """Named values, (n,); `glyph` marks the end of the line, color 0 is that of text."""

    glyph: str
    name: str
    color: int
    values: FloatArray

    @property
    def plotext_color(self) -> int | str:
        """The color as an argument of plotext."""
        return self.color or "default"


@final
class Course(NamedTuple):
    """Named `values` at `steps`, (n,) each; `glyph` marks the end of the line."""

    glyph: str
    name: str
    color: int
    steps: FloatArray
    values: FloatArray

    @property
    def series(self) -> Series:
        """The values as a `Series`, for a legend."""
        return Series(self.glyph, self.name, self.color, self.values)


@final
class Axis(NamedTuple):
    """An axis from `low` to `high` with labelled `ticks`; without ticks it is not drawn."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]

    @property
    def margin(self) -> int:
        """The cells of its labels on the left."""
        return 1 + max(len(name) for _, name in self.ticks) if self.ticks else 0


@final
class Marker(NamedTuple):
    """A marked point of a plot."""

    glyph: str
    color: int
    x: float
    y: float


def gradient_legend(glyphs: GlyphSet = BRAILLE, *, has_cell: bool = False) -> str:
    """Return the legend of `gradient_plot`."""
    all_steps, last_step = glyphs.line_samples
    legend = f"{all_steps} loss at all t  {last_step}{glyphs.point}{last_step} loss at last t"
    return legend + (f"  {last_step}{glyphs.cell_point}{last_step} cell c_t" if has_cell else "")


def gradient_plot(
    gradient_norms: FloatArray,
    last_step_gradient_norms: FloatArray,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
    cell_gradient_norms: FloatArray | None = None,
    *,
    lsb_first: bool = False,
) -> Content:
    """Plot series of norms, (time,), over the time steps t = 1 to time, on a log scale.

    With `lsb_first` t = 1, the lowest bit, is on the right, as in numbers.
    """
    every, last = _log10(gradient_norms), _log10(last_step_gradient_norms)
    cell = np.empty(0) if cell_gradient_norms is None else _log10(cell_gradient_norms)
    finite = np.concatenate([every, last, cell])
    finite = finite[np.isfinite(finite)]
    low, high = (floor(finite.min()), ceil(finite.max())) if len(finite) else (-1, 0)
    high = max(high, low + 1)
    time_steps = list(range(1, len(every) + 1))
    places = time_steps[::-1] if lsb_first else time_steps
    stride = max(1, ceil((high - low) / (MAX_TICKS - 1)))
    decades = list(range(low, high + 1, stride))
    _new_figure(width, height)
    plotext.plot(places, every.tolist(), marker=glyphs.line_markers[0], color=ALL_STEPS_COLOR)
    plotext.plot(places, last.tolist(), marker=glyphs.line_markers[1], color=LAST_STEP_COLOR)
    plotext.scatter(places, last.tolist(), marker=glyphs.point, color=LAST_STEP_COLOR)
    if len(cell):
        plotext.plot(places, cell.tolist(), marker=glyphs.line_markers[1], color=CELL_COLOR)
        plotext.scatter(places, cell.tolist(), marker=glyphs.cell_point, color=CELL_COLOR)
    plotext.ylim(low, high)
    plotext.yticks(decades, [f"1e{decade}" if decade else "1" for decade in decades])
    spacing = max(1, ceil(len(places) / max(1, width // 6)))
    plotext.xticks(places[::spacing], [str(step) for step in time_steps[::spacing]])
    return _figure_content()


def symlog_plot(
    series: Sequence[Series], width: int, height: int, glyphs: GlyphSet = BRAILLE
) -> Content:
    """Plot series over k = 0, -1, -2 … on a symmetric log axis, sign(v) log10(1 + |v|).

    Glyphs label the right ends of the lines, side by side where ends coincide; without colours,
    lines are drawn in their glyphs.
    """
    curves = [_symlog(line.values) for line in series]
    known = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
    top = max(2, 2 * ceil(float(np.abs(known).max(initial=0.0)) / 2))
    last = max(map(len, curves)) - 1
    if height > MIN_ROWS_FOR_CENTERED_ZERO:
        height -= height % 2  # an odd number of rows, so that 0 is in the middle of one
    columns, rows = max(2, width - LEFT_AXIS_CELLS), max(2, height - BOTTOM_AXIS_ROWS)
    ends = [
        round((curve[-1] + top) / (2 * top) * (rows - 1)) for curve in map(np.nan_to_num, curves)
    ]
    places = [2 * (1 + ends[:index].count(end)) for index, end in enumerate(ends)]
    cell = last / max(1, columns - 1 - max(places))  # one cell, in steps
    _new_figure(width, height)
    steps = list(range(last + 1))
    for line, curve in zip(series, curves, strict=True):
        marker = glyphs.line_markers[0] if glyphs.colored_lines else line.glyph
        plotext.plot(steps[: len(curve)], curve.tolist(), marker=marker, color=line.plotext_color)
    for line, curve, place in zip(series, curves, places, strict=True):
        end = [last + place * cell], [float(curve[-1])]
        plotext.scatter(*end, marker=line.glyph, color=line.plotext_color)
    plotext.xlim(0, last + max(places) * cell)
    plotext.ylim(-top, top)
    stride = 2 * ceil(2 * top / max(1, rows // 2) / 2)
    tens = [*range(-stride * (top // stride), top + 1, stride)]
    plotext.yticks(tens, [f"{'-' * (ten < 0)}1e{abs(ten)}" if ten else "0" for ten in tens])
    ticks = steps[:: max(1, ceil(len(steps) / max(1, width // 6)))]
    plotext.xticks(ticks, [f"-{step}" if step else "0" for step in ticks])
    return _figure_content()


def overlay_plot(
    series: Sequence[Series],
    markers: Sequence[Marker],
    x_axis: Axis,
    y_axis: Axis,
    size: tuple[int, int],
    glyphs: GlyphSet = BRAILLE,
) -> Content:
    """Plot series over 0, 1, 2 … of `x_axis`, the last series on top.

    Glyphs label the right ends of the lines, a blank apart where ends coincide; without colours,
    lines are drawn in their glyphs.
    """
    width, height = size
    _new_figure(width, height)
    rows = height - X_AXIS_ROWS * bool(x_axis.ticks)
    ends: dict[tuple[int, int], tuple[Series, float]] = {}
    for line in series:
        known = np.flatnonzero(np.isfinite(line.values))
        if len(known):
            drawn = line.values[known].tolist()
            marker = glyphs.line_markers[0] if glyphs.colored_lines else line.glyph
            plotext.plot(known.tolist(), drawn, marker=marker, color=line.plotext_color)
            column, row = int(known[-1]) + 1, (drawn[-1] - y_axis.low) / (y_axis.high - y_axis.low)
            end_row = round(row * (rows - 1))
            while any((near, end_row) in ends for near in (column - 1, column, column + 1)):
                column += 1
            ends[column, end_row] = line, drawn[-1]
    for (column, _), (line, value) in ends.items():
        plotext.scatter([column], [value], marker=line.glyph, color=line.plotext_color)
    for mark in markers:
        color = mark.color or "default"
        plotext.scatter([mark.x], [mark.y], marker=mark.glyph, color=color)
    plotext.xlim(x_axis.low, x_axis.high)
    plotext.ylim(y_axis.low, y_axis.high)
    for ticks, scale in ((plotext.xticks, x_axis), (plotext.yticks, y_axis)):
        ticks([place for place, _ in scale.ticks], [name for _, name in scale.ticks])
    plotext.xaxes(bool(x_axis.ticks), False)
    plotext.yaxes(bool(y_axis.ticks), False)
    return _figure_content()


def course_plot(
    courses: Sequence[Course],
    levels: Sequence[Course],
    x_axis: Axis,
    y_axis: Axis,
    size: tuple[int, int],
    glyphs: GlyphSet = BRAILLE,
) -> Content:
    """Plot values over steps as lines, and each of `levels`, its last value, as a row of glyphs.

    Glyphs mark the right ends of the lines, side by side where ends coincide; without colours,
    lines are drawn in their glyphs.
    """
    width, height = size
    _new_figure(width, height)
    columns = max(2, width - y_axis.margin)
    rows = max(2, height - X_AXIS_ROWS)
    cell = (x_axis.high - x_axis.low) / (columns - 1)
    for place, level in enumerate(levels):
        places = np.arange(x_axis.low + 2 * place * cell, x_axis.high, LEVEL_INTERVAL_CELLS * cell)
        plotext.scatter(
            places.tolist(),
            [float(level.values[-1])] * len(places),
            marker=level.glyph,
            color=level.series.plotext_color,
        )
    ends: list[tuple[int, float]] = []
    for course in courses:
        color, steps, values = course.series.plotext_color, course.steps, course.values
        marker = glyphs.line_markers[0] if glyphs.colored_lines else course.glyph
        plotext.plot(steps.tolist(), values.tolist(), marker=marker, color=color)
        row, x = (
            round(float(values[-1] - y_axis.low) / (y_axis.high - y_axis.low) * rows),
            steps[-1],
        )
        while (row, x) in ends:
            x -= 2 * cell
        ends.append((row, x))
    for course, (_, x) in zip(courses, ends, strict=True):
        end = [float(x)], [float(course.values[-1])]
        plotext.scatter(*end, marker=course.glyph, color=course.series.plotext_color)
    plotext.xlim(x_axis.low, x_axis.high)
    plotext.ylim(y_axis.low, y_axis.high)
    plotext.xticks([place for place, _ in x_axis.ticks], [name for _, name in x_axis.ticks])
    plotext.yticks([place for place, _ in y_axis.ticks], [name for _, name in y_axis.ticks])
    plotext.xaxes(True, False)
    plotext.yaxes(True, False)
    return _figure_content()


def series_legend(series: Sequence[Series], width: int) -> Content:
    """Return the glyphs and names of `series` in their colours, wrapped to `width` cells."""
    rows: list[list[Content]] = [[]]
    taken = 0
    for line in series:
        name = f"{line.glyph} {line.name}"
        if taken + len(name) > width and rows[-1]:
            rows.append([])
            taken = 0
        taken += len(name) + len(NAME_SEPARATOR)
        rows[-1].append(Content.styled(name, _line_style(line.color)))
    return Content("\n").join(Content(NAME_SEPARATOR).join(row) for row in rows)


def _new_figure(width: int, height: int) -> None:
    """Clear plotext's figure and set its size, whatever size plotext detects for the terminal."""
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)
    plotext.plotsize(width, height)


def _figure_content() -> Content:
    """Return the figure in the style sheet's colours; blanks continue the colour before them."""
    return Content.assemble(*_styled_pieces(plotext.build().rstrip("\n")))


def _styled_pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield `text` in pieces of one style, each with its style."""
    pieces = COLOR_SEQUENCE.split(text)
    drawn, color = "", 0
    for piece, piece_color in zip(pieces[::2], [0, *map(int, pieces[1::2])], strict=True):
        if piece_color != color and piece.strip():
            yield drawn, _line_style(color)
            drawn, color = "", piece_color
        drawn += piece
    yield drawn, _line_style(color)


def _line_style(color: int) -> str:
    return f"$line-{color}" if color else ""


def _symlog(values: FloatArray) -> FloatArray:
    """Return sign(v) log10(1 + |v|), with a gap where a value is not finite."""
    with np.errstate(all="ignore"):
        logs = np.sign(values) * np.log10(1 + np.abs(values))
    return np.where(np.isfinite(logs), logs, np.nan)


def _log10(values: FloatArray) -> FloatArray:
    """Return log10, with a gap where a value is not finite."""
    with np.errstate(all="ignore"):
        logs = np.log10(np.maximum(values, MIN_DRAWN_NORM))
    return np.where(np.isfinite(logs), logs, np.nan)
