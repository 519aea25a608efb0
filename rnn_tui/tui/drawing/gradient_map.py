"""The map of gradients by loss and time step: a lower triangle in colours, with its margins."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

import numpy as np
from textual.content import Content

from rnn_tui.analysis.gradient_map import OLD_TIME_STEPS, GradientMap
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.step_trace import Place
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.text.analysis_sentences import format_share
from rnn_tui.text.gradient import gradient_gain_text, gradient_trend
from rnn_tui.tui.drawing.columns import first_fitting
from rnn_tui.tui.drawing.glyphs import BRAILLE, HIGHLIGHT_STYLE, MUTED_STYLE, GlyphSet
from rnn_tui.tui.drawing.heatmap import colorbar, heat_map, strip_content

MAX_DECADES = 8  # below the largest norm that have a colour of their own
MAX_CELLS = 4  # columns of an entry
SHARE_CELLS = 6
AXES = "t\\k"
MIN_MAP_ROWS, MIN_LEGEND_CELLS = 2, 20
MIN_ROWS_WITH_SHARE = 8  # from which there is a line on old states


def draw_gradient_map(
    result: GradientMap,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
    *,
    cell: bool = False,
    lsb_first: bool = False,
    highlight: Place | None = None,
) -> Content:
    """Draw the gain of the last loss, the map of `result`, of states or cells, and its legend.

    Rows are losses t with their share of the sum of all norms, columns states k, both from 1;
    where there is no room for each, groups of them, with the mean of their norms. With
    `lsb_first` state 1, after the lowest bit, is on the right, as in numbers. The row and the
    column of `highlight` are reversed at their ends.
    """
    has_cell = result.cell_norms is not None
    if cell and result.cell_norms is not None:
        result = replace(result, norms=result.cell_norms)
    lines = [Content(_gain_line(result, width, verdict=cell or not has_cell))]
    if height >= MIN_ROWS_WITH_SHARE:
        lines.append(Content(_old_line(result, width)))
    lines = [Content(glyphs.transliterate(line.plain)) for line in lines]
    rows = height - len(lines) - 2  # the axis of k, and the legend
    if rows >= MIN_MAP_ROWS:
        place = highlight or Place()
        lines += _map_lines(result, width, rows, glyphs, place, lsb_first=lsb_first)
    return Content("\n").join(lines)


def _gain_line(result: GradientMap, width: int, *, verdict: bool) -> str:
    """Return how the gradient of the last loss changes back in time."""
    norms, time = result.norms, len(result.norms)
    first, last = float(norms[-1, 0]), float(norms[-1, -1])
    gain = gradient_gain_text(first, last, time - 1)
    full = gradient_trend(first, last, time - 1) if verdict else gain
    texts = [f"loss at t = {time}: {full}", f"t = {time}: {full}"]
    return first_fitting([*texts, f"t = {time}: {full.rpartition(', ')[0]}", gain], width)


def _old_line(result: GradientMap, width: int) -> str:
    share, old = format_share(result.old_fraction), f"{OLD_TIME_STEPS} time steps"
    texts = (
        f"{share} of all norms: states more than {old} before the loss",
        f"{share}: states more than {old} before",
        f"{share} older than {old}",
    )
    return first_fitting(texts, width)


def _map_lines(
    result: GradientMap,
    width: int,
    rows: int,
    glyphs: GlyphSet,
    highlight: Place,
    *,
    lsb_first: bool,
) -> list[Content]:
    time = len(result.norms)
    label_cells = max(len(AXES), len(str(time))) + 1
    room = max(1, width - label_cells - SHARE_CELLS)
    losses, states = ceil(time / rows), ceil(time / room)  # in a row, and in a column
    n_rows, n_columns = ceil(time / losses), ceil(time / states)
    cells = min(MAX_CELLS, room // n_columns)
    # Two halves of a cell are two groups of losses; a single one has both.
    halves = np.repeat(np.arange(n_rows) * losses, 2)
    halves[1::2] += ceil(losses / 2)
    row_starts = halves if losses > 1 else np.arange(time)
    means = _block_means(result.norms, row_starts, np.arange(n_columns) * states)
    if losses == 1:
        means = np.repeat(means, 2, axis=0)
    low, high = _decades(means)
    with np.errstate(divide="ignore"):
        levels = (np.log10(means) - low) / (high - low)
    names = [1 + column * states for column in range(n_columns)]
    if lsb_first:
        levels, names = levels[:, ::-1], names[::-1]
    shades = glyphs.shades[1:]  # a blank is no gradient
    strips = heat_map(np.repeat(levels, cells, axis=1), shades=shades)
    shares = np.add.reduceat(result.loss_fractions, np.arange(n_rows) * losses)
    axis = _state_axis(names, cells)
    heading = f"{AXES:<{label_cells}}{axis}{'share':>{SHARE_CELLS}}"
    lines = [Content.styled(heading, MUTED_STYLE)]
    if highlight.time is not None:
        column = highlight.time // states
        start = label_cells + (n_columns - 1 - column if lsb_first else column) * cells
        lines[0] = lines[0].stylize(HIGHLIGHT_STYLE, start, start + cells)
    for row, strip in enumerate(strips):
        label = f"{1 + row * losses:>{label_cells - 1}} "
        is_highlighted = highlight.loss is not None and highlight.loss // losses == row
        share = f"{format_share(float(shares[row])):>{SHARE_CELLS}}"
        lines.append(
            Content.assemble(
                (label, HIGHLIGHT_STYLE if is_highlighted else MUTED_STYLE),
                strip_content(strip),
                glyphs.transliterate(share),
            )
        )
    scale = colorbar(
        min(width, max(MIN_LEGEND_CELLS, label_cells + n_columns * cells)),
        _power(low),
        _power(high),
        shades,
    )
    return [*lines, strip_content(scale)]


def _block_means(norms: FloatArray, row_starts: IntArray, column_starts: IntArray) -> FloatArray:
    """Return the means of the positive norms with k ≤ t in blocks; NaN in blocks without."""
    known = np.isfinite(norms) & (norms > 0)
    sums = _blocks(np.where(known, norms, 0.0), row_starts, column_starts)
    counts = _blocks(known.astype(np.float64), row_starts, column_starts)
    with np.errstate(invalid="ignore"):
        means: FloatArray = sums / counts
    return means


def _blocks(values: FloatArray, row_starts: IntArray, column_starts: IntArray) -> FloatArray:
    """Return the sums of `values` in blocks from one start to the next, 0 where that is empty."""
    groups = []
    for starts, size in zip((row_starts, column_starts), values.shape, strict=True):
        places = np.arange(size)
        group = np.searchsorted(starts, places, side="right") - 1
        groups.append((group == np.arange(len(starts))[:, np.newaxis]).astype(np.float64))
    rows, columns = groups
    blocks: FloatArray = rows @ values @ columns.T
    return blocks


def _decades(means: FloatArray) -> tuple[int, int]:
    """Return the exponents of the powers of ten between which the means are drawn."""
    known = means[np.isfinite(means)]
    if not len(known):
        return -1, 0
    high = ceil(np.log10(known.max()))
    return max(high - MAX_DECADES, min(high - 1, floor(np.log10(known.min())))), high


def _power(exponent: int) -> str:
    return f"1e{exponent}" if exponent else "1"


def _state_axis(states: Sequence[int], cells: int) -> str:
    """Return the numbers of the states k over the columns of the map, as far as they fit."""
    places = [" "] * (len(states) * cells)
    for column, state in enumerate(states):
        name, start = str(state), column * cells
        around = places[max(0, start - 1) : start + len(name)]
        if not "".join(around).strip() and start + len(name) <= len(places):
            places[start : start + len(name)] = name
    return "".join(places)
