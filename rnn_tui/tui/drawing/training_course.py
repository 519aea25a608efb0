"""Accuracies over training, from 0 to 100 %, as a plot over the steps of the points."""

from collections.abc import Sequence
from math import ceil, isfinite

from textual.content import Content

from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.drawing.plot import Axis, Course, course_plot, series_legend

MIN_PLOT_ROWS = 5
MIN_FINE_ROWS = 8  # of a plot with a tick at 50 %
MIN_TICK_CELLS = 12  # between two ticks
NICE_NUMBERS = (1, 2, 5, 10)


def draw_courses(
    courses: Sequence[Course],
    levels: Sequence[Course],
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
) -> list[Content]:
    """Return a plot of fractions with its legend in `height` rows; no rows if these are too few.

    What is not defined at the last step, and so NaN, stands in the legend alone.
    """
    legend = series_legend([course.series for course in (*courses, *levels)], width).split("\n")
    rows = height - len(legend)
    if rows < MIN_PLOT_ROWS or not len(courses[0].steps):
        return []
    percents = (0, 50, 100) if rows >= MIN_FINE_ROWS else (0, 100)
    y_axis = Axis(0.0, 1.0, [(percent / 100, f"{percent} %") for percent in percents])
    first, last = int(courses[0].steps[0]), int(courses[0].steps[-1])
    x_axis = step_axis(first, last, width - y_axis.margin)
    drawn = [course for course in courses if isfinite(course.values[-1])]
    drawn_levels = [level for level in levels if isfinite(level.values[-1])]
    plot = course_plot(drawn, drawn_levels, x_axis, y_axis, (width, rows), glyphs)
    return [*plot.split("\n"), *legend]


def step_axis(first: int, last: int, width: int) -> Axis:
    """Return an axis from the step `first` to `last` with round ticks, in `width` cells."""
    last = max(last, first + 1)
    least = (last - first) * MIN_TICK_CELLS / max(1, width)
    decade = 1
    while 10 * decade < least:
        decade *= 10
    stride = next(decade * number for number in NICE_NUMBERS if decade * number >= least)
    steps = range(ceil(first / stride) * stride, last + 1, stride)
    return Axis(first, last, [(step, f"{step:,}") for step in steps])
