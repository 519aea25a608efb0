"""The loss curve, resampled to the width of a pane, and a row with a mark for each change."""

import math
from collections.abc import Sequence
from itertools import groupby
from math import inf
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt
from textual.content import Content

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.events import Event
from rnn_tui.run.history import Curve
from rnn_tui.text.format import format_two_digits
from rnn_tui.tui.drawing.events import mark_text
from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet
from rnn_tui.tui.drawing.loss_band import Cell, band_glyphs, band_rows

CHANGE_MARK, TICK_GLYPH = "▲", "╵"
LINE_GLYPH, ASCII_LINE_GLYPH = "╌", "~"  # of the baseline: no bar of either set
BASELINE_STYLE = "$key"
MIN_AXIS_ROWS = 4  # height from which a chart has axes
TICK_CELLS = 11  # width for each tick of the step axis
MIN_DRAWN_LOSS = 1e-30  # lower losses are drawn as this
MAX_DRAWN_BAND = 1e300  # higher quantiles are drawn as this
MEDIAN_INDEX = 1  # of the three quantiles of a band
MAX_BAND_SHARE = 1.5  # of the highest loss: a band above that is cut at the border


def resample(curve: Curve, width: int) -> list[float]:
    """Return the curve's mean in `width` cells of equally many steps; empty without a curve.

    Cells without a finite loss are interpolated.
    """
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or width < 1:
        return []
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = np.linspace(0, len(filled), width + 1)
    starts = edges[:-1].astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    bounds = np.stack([starts, ends], axis=1).ravel()
    sums = np.add.reduceat(np.append(filled, 0.0), bounds)[
        ::2
    ]  # instead of a difference of large cumulative sums
    means: list[float] = (sums / (ends - starts)).tolist()
    return means


def log10(values: list[float]) -> list[float]:
    """Return log10 of the values, of at least `MIN_DRAWN_LOSS`."""
    logs: list[float] = np.log10(np.maximum(values, MIN_DRAWN_LOSS)).tolist()
    return logs


def bar_rows(
    values: Sequence[float], rows: int, bars: str, bounds: tuple[float, float] | None = None
) -> str:
    """Draw a bar chart of `rows` lines, the lowest value as the first of `bars`.

    `bounds` are the values of the lowest and the highest bar, by default those of `values`.
    """
    if not values or rows < 1:
        return ""
    levels = bar_levels(np.array(values), rows, bars, bounds or (min(values), max(values)))
    cells = " " + bars
    lines = (
        "".join(cells[level] for level in np.clip(levels + 1 - len(bars) * row, 0, len(bars)))
        for row in reversed(range(rows))
    )
    return "\n".join(lines)


def bar_levels(
    values: FloatArray, rows: int, bars: str, bounds: tuple[float, float]
) -> npt.NDArray[np.int64]:
    """Return the level of each value, from 0 for the lower bound to the last of `rows` rows."""
    low, high = bounds
    return ((values - low) / ((high - low) or 1.0) * (len(bars) * rows - 1)).astype(np.int64)


@final
class BaselineSpan(NamedTuple):
    """The loss of a model without memory, for the steps after `first` up to `last`."""

    value: float
    first: int = 0
    last: float = math.inf


@final
class LossChart(NamedTuple):
    """A bar chart with `margin` cells left of it for labels.

    `bounds` are the losses of the lowest and of the highest bar, None without a loss.
    """

    content: Content
    margin: int
    bounds: tuple[float, float] | None


def draw_chart(
    curve: Curve,
    baseline: BaselineSpan | None,
    width: int,
    rows: int,
    glyphs: GlyphSet = BRAILLE,
    *,
    log: bool = False,
    band: Sequence[Curve] = (),
) -> LossChart:
    """Draw the curve as bars, the baseline as a line, and from MIN_AXIS_ROWS rows on both axes.

    Bars start at 0, or on a log scale at the lowest loss. The line is drawn if it is in range, in
    the blank cells of its row, so that it is above all bars that are lower. With `band`, three
    quantiles of other runs, the curve is a line over them.
    """
    losses, has_axes = resample(curve, width), rows >= MIN_AXIS_ROWS
    if not losses or rows < 1:
        return LossChart(Content(""), 0, None)
    bounds = _with_band(min(losses), max(losses), curve, band, width)
    bounds = bounds[0] if log else 0.0, bounds[1]
    low, high = log10(list(bounds)) if log else bounds
    n_rows, line_row = rows - has_axes, None
    labels = {n_rows - 1: _label(bounds[0]), 0: _label(bounds[1])}
    end = curve.start + len(curve.mean) * curve.stride
    has_steps = baseline and baseline.first < end and baseline.last > curve.start
    if baseline and has_steps and bounds[0] <= baseline.value <= bounds[1]:
        (height,) = log10([baseline.value]) if log else (baseline.value,)
        level = int(bar_levels(np.array([height]), n_rows, glyphs.bars, (low, high))[0])
        line_row = n_rows - 1 - level // len(glyphs.bars)
        labels[line_row] = _label(baseline.value)
    margin = (1 + max(map(len, labels.values()))) * has_axes
    columns = width - margin
    if band:
        cells = _band_cells(curve, band, columns, n_rows, (low, high), glyphs, log=log)
    else:
        means = resample(curve, columns)
        drawn = bar_rows(log10(means) if log else means, n_rows, glyphs.bars, (low, high))
        cells = [[(bar, "") for bar in bars] for bars in drawn.split("\n")]
    if baseline and line_row is not None:
        cells[line_row] = _with_line(cells[line_row], baseline, curve, glyphs)
    lines = [_content(row) for row in cells]
    if has_axes:
        texts = [labels.get(row, "").rjust(margin - 1) for row in range(n_rows)]
        styles = [BASELINE_STYLE if row == line_row else MUTED_STYLE for row in range(n_rows)]
        lines = [
            Content.assemble((text, style), " ", line)
            for text, style, line in zip(texts, styles, lines, strict=True)
        ]
        axis = " " * margin + glyphs.transliterate(step_ticks(curve, columns))
        lines.append(Content.styled(axis, MUTED_STYLE))
    return LossChart(Content("\n").join(lines), margin, bounds)


def _label(value: float) -> str:
    return format_two_digits(value) if value else "0"


def _with_band(
    low: float, high: float, curve: Curve, band: Sequence[Curve], width: int
) -> tuple[float, float]:
    """Return the bounds of a chart of losses from `low` to `high` over a `band`.

    They contain the median, and the band up to MAX_BAND_SHARE of the highest loss.
    """
    for index, quantile in enumerate(band):
        losses = _band_losses(quantile, curve, width)
        losses = losses[losses < MAX_DRAWN_BAND]
        if len(losses):
            limit = inf if index == MEDIAN_INDEX else MAX_BAND_SHARE * high
            low, high = min(low, losses.min()), max(high, min(losses.max(), limit))
    return float(low), float(high)


def _band_losses(quantile: Curve, curve: Curve, cells: int) -> FloatArray:
    """Return a quantile in cells of the steps of `curve`; infinity is MAX_DRAWN_BAND."""
    finite = np.minimum(quantile.mean, MAX_DRAWN_BAND)
    end = curve.start + len(curve.mean) * curve.stride
    return resample_range(quantile._replace(mean=finite), curve.start, end, cells)


def _band_cells(
    curve: Curve,
    band: Sequence[Curve],
    columns: int,
    rows: int,
    bounds: tuple[float, float],
    glyphs: GlyphSet,
    *,
    log: bool,
) -> list[list[Cell]]:
    """Return the cells of a chart of the curve over the band, at the stride of the coarser one."""
    kind = band_glyphs(glyphs)
    dots = columns * kind.dot_columns
    stride = max(curve.stride, band[0].stride)
    coarse = curve.coarsened(stride, band[0].start)
    line = _band_losses(coarse, curve, dots)
    quantiles = np.stack(
        [_band_losses(quantile.coarsened(stride), curve, dots) for quantile in band]
    )
    if log:
        line, quantiles = (np.log10(np.maximum(each, MIN_DRAWN_LOSS)) for each in (line, quantiles))
    return band_rows(line, quantiles, rows, bounds, kind)


def _content(cells: Sequence[Cell]) -> Content:
    """Return a row of cells, those of one style as one piece."""
    pieces = (
        ("".join(glyph for glyph, _ in group), style)
        for style, group in groupby(cells, key=lambda cell: cell[1])
    )
    return Content.assemble(*pieces)


def _with_line(
    cells: Sequence[Cell], baseline: BaselineSpan, curve: Curve, glyphs: GlyphSet
) -> list[Cell]:
    """Return a row of cells with the baseline in the blank ones."""
    span = len(curve.mean) * curve.stride
    first, last = (
        column_of(min(max(0, step - curve.start), span), span, len(cells))
        for step in (baseline.first, baseline.last)
    )
    line = ASCII_LINE_GLYPH if glyphs.ascii_only else LINE_GLYPH, BASELINE_STYLE
    return [
        line if first <= column < last and cell[0] == " " else cell
        for column, cell in enumerate(cells)
    ]


def step_ticks(curve: Curve, width: int) -> str:
    """Return a row of `width` cells with ticks at round steps, each with its number on the right.

    A tick whose number does not fit has none.
    """
    span = len(curve.mean) * curve.stride
    stride = max(1, round(nice_number(max(1, span) / max(1, width // TICK_CELLS))))
    row = ""
    for step in range(-(-curve.start // stride) * stride, curve.start + span, stride):
        row = row.ljust(column_of(step - curve.start, span, width)) + TICK_GLYPH
        number = f"{step:,}"
        row += number if len(row) + len(number) <= width else ""
    return row.ljust(width)


def nice_number(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least `size`."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= size * (1 - 1e-9))


def resample_range(curve: Curve, first: float, last: float, cells: int) -> FloatArray:
    """Return the curve's mean in cells of equally many steps from `first` to `last`, (cells,).

    It is NaN outside the curve; steps without a finite loss are interpolated.
    """
    means = np.full(max(0, cells), np.nan)
    known = np.flatnonzero(np.isfinite(curve.mean))
    if not len(known) or not cells or last <= first:
        return means
    filled = np.interp(np.arange(len(curve.mean)), known, curve.mean[known])
    edges = (np.linspace(first, last, cells + 1) - curve.start) / curve.stride
    starts = np.floor(edges[:-1]).astype(int)
    ends = np.maximum(np.ceil(edges[1:]).astype(int), starts + 1)
    covered = (starts < len(filled)) & (ends > 0)
    starts, ends = np.clip(starts[covered], 0, None), np.clip(ends[covered], None, len(filled))
    bounds = np.stack([starts, ends], axis=1).ravel()
    with np.errstate(all="ignore"):
        sums = np.add.reduceat(np.append(filled, 0.0), bounds)[::2]
    means[covered] = sums / (ends - starts)
    return means


def column_of(step: float, span: float, width: int) -> int:
    """Return the column of a step in `width` columns of equally many of `span` steps.

    It is that of the step's cell in `resample_range`.
    """
    return int(step * width // span) if span else 0


def change_marks(
    curve: Curve,
    log: Sequence[AppliedChange],
    width: int,
    viewed_step: int | None = None,
    glyph: str = "",
    events: Sequence[Event] = (),
) -> str:
    """Return a row of `width` cells with marks for changes and events, with texts where they fit.

    A text is on the right of its mark or else on the left, and never over another mark; the newest
    change is placed first, then the newest event, but before both the viewed step, which is marked
    with `glyph`.
    """
    if width < 1:
        return ""
    span = len(curve.mean) * curve.stride
    marks = [Mark(event.step, CHANGE_MARK, text) for event in events if (text := mark_text(event))]
    marks += [
        Mark(change.step, CHANGE_MARK, f"{change.step:,} {change.short_text}") for change in log
    ]
    if viewed_step is not None:
        same = [mark for mark in marks if mark.step == viewed_step]
        marks.append(Mark(viewed_step, glyph, same[-1].text if same else f"{viewed_step:,}"))
    return mark_row([mark._replace(step=mark.step - curve.start) for mark in marks], span, width)


@final
class Mark(NamedTuple):
    """A `glyph` at a step, and a text beside it where that fits."""

    step: int
    glyph: str
    text: str


def mark_row(marks: Sequence[Mark], span: float, width: int) -> str:
    """Return a row of `width` cells over `span` steps with marks, the last placed first."""
    columns = [column_of(mark.step, span, width) for mark in marks]
    shown = [
        (min(column, width - 1), mark)
        for column, mark in zip(columns, marks, strict=True)
        if column >= 0
    ]
    cells = [" "] * width
    for column, mark in shown:
        cells[column] = mark.glyph
    for column, mark in reversed(shown):
        if cells[column] != mark.glyph:
            continue
        for start in (column + 2, column - 1 - len(mark.text)):
            room = slice(start, start + len(mark.text))
            around = cells[max(0, start - 1) : room.stop + 1]
            if start >= 0 and room.stop <= width and not "".join(around).strip():
                cells[room] = mark.text
                break
    return "".join(cells)
