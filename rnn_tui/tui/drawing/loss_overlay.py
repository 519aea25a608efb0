"""The losses of several runs in one plot, and a legend with their differences and results."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, isfinite
from typing import NamedTuple, final

import numpy as np
from textual.content import Content

from rnn_tui.config.settings import Settings
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.events import Event
from rnn_tui.run.history import RECENT_STEPS, Curve
from rnn_tui.run.settings_history import differing_settings, format_settings
from rnn_tui.run.summary import RunSummary
from rnn_tui.text.ascii import printable
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import plot
from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet
from rnn_tui.tui.drawing.plot import Axis, Marker, Series
from rnn_tui.tui.drawing.status_lines import ellipsize

MAX_OVERLAID_RUNS = 6  # there are as many line colours
LETTER_GLYPHS = "abcdef"  # of runs without a digit of their own
MIN_DIFFERENCES_CELLS = 24  # width to which differing settings may be cut
MAX_NAME_CELLS, MAX_BRIEF_NAME_CELLS = 24, 16
MIN_LONG_NAMES_CELLS = 90  # width from which `MAX_NAME_CELLS` applies
MAX_BRIEF_LEGEND_ROWS = 6  # height of plot and legend to which the legend is a single line
MIN_FRAMED_ROWS = 6  # height from which a plot has an axis of steps
AXIS_MARGIN_CELLS = 7  # width of the labels of the loss axis
MORE_RUNS = "  …: see v"
BAND_GLYPH, TEXT_COLOR = "·", 0  # of quantiles
SAME_SETTINGS, OTHER_LOSS = "same settings", "not drawn: different loss"
MAX_DRAWN_LOSS = 1e300  # higher losses are drawn as this
TICK_TOLERANCE = 1e-6
TICK_CELLS = 12  # width for each label of an axis
MAX_RECENT_STRIDE = 64  # to which the latest losses are averaged for a comparison


def by_branch(summary: RunSummary) -> tuple[bool, int]:
    """Return the sort key of runs: branches first, then recorded runs, each by number."""
    return summary.number < 0, abs(summary.number)


def exact_step_text(summary: RunSummary) -> str:
    """Return by when sequence accuracy was 100 %, in brief; see `format_exact_step`."""
    step = summary.known_exact_step
    return "not yet 100 %" if step is None else f"100 % by {step:,}"


def color_slots(summaries: Sequence[RunSummary]) -> Mapping[int, int]:
    """Return the index of each run's colour by its number: the same for a branch where possible."""
    slots: dict[int, int] = {}
    for summary in sorted(summaries, key=by_branch):
        preferred = (summary.number - 1) % MAX_OVERLAID_RUNS
        candidates = [
            (preferred + offset) % MAX_OVERLAID_RUNS for offset in range(MAX_OVERLAID_RUNS)
        ]
        slots[summary.number] = next(slot for slot in candidates if slot not in slots.values())
    return slots


def glyph_for(number: int, slot: int) -> str:
    """Return the glyph of a run: the digit of a branch, or a letter."""
    return str(number) if 0 < number < 10 else LETTER_GLYPHS[slot]


def with_same_loss(summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the runs whose recorded metric is that of the first."""
    metric = _metric(summaries[0].settings)
    return [summary for summary in summaries if _metric(summary.settings) == metric]


def same_metric(one: Settings, other: Settings) -> bool:
    """Return whether the recorded metric is the same under both settings."""
    return _metric(one) == _metric(other)


def _metric(settings: Settings) -> tuple[str, str]:
    """Return what the metric depends on: the loss, and its reduction unless it is the L1 error."""
    is_loss = LOSSES[settings.loss].metric_is_loss
    return settings.loss, settings.reduction if is_loss else ""


@final
class OverlayInput(NamedTuple):
    """The runs to draw, the current one first, and the changes and events of the current one.

    `viewed_step` is None at the latest step. With `recent`, the latest losses of the current run,
    the plot is of their range of steps and not of full runs. The quantiles of `band` are drawn as
    lines below those of full runs.
    """

    summaries: Sequence[RunSummary]
    log: Sequence[AppliedChange] = ()
    viewed_step: int | None = None
    recent: Curve | None = None
    band: Sequence[Curve] = ()
    events: Sequence[Event] = ()


def split_rows(height: int, count: int) -> tuple[int, int]:
    """Return how many rows of `height` the plot of `count` runs has, and how many its legend."""
    most = min(1, height // 2) if height <= MAX_BRIEF_LEGEND_ROWS else height * 2 // 5
    rows = min(count, most)
    return max(1, height - rows), rows


@final
class OverlayPlot(NamedTuple):
    """A plot, the row of marks below it, and its range of steps where it has no axis."""

    plot: Content
    marks: str
    step_range: str


def draw_overlay(
    overlay_input: OverlayInput, width: int, height: int, glyphs: GlyphSet = BRAILLE
) -> OverlayPlot:
    """Draw the runs' losses as lines, in their colours or in their glyphs."""
    current, *_ = shown = with_same_loss(overlay_input.summaries)
    framed, slot_of = height >= MIN_FRAMED_ROWS, color_slots(overlay_input.summaries)
    recent = overlay_input.recent
    first, last, stride = _step_axis(shown, width, recent=recent is not None)
    band = [_finite_part(quantile) for quantile in overlay_input.band] if recent is None else []
    glyphs_cells = 2 * (len(shown) + len(band))  # for glyphs at the ends of lines
    columns = max(2, width - AXIS_MARGIN_CELLS - glyphs_cells)
    logarithmic = LOSSES[current.settings.loss].metric_is_loss

    def means_of(losses: Curve) -> FloatArray:
        means = curve.resample_range(losses, first, last, columns)
        return _plot_values(means, log=logarithmic)

    curves = _at_one_resolution(shown, recent, band)
    values = {
        summary.number: means_of(losses) for summary, losses in zip(shown, curves, strict=False)
    }
    band_values = [means_of(quantile) for quantile in curves[len(shown) :]]
    plot_rows = height - plot.X_AXIS_ROWS * framed
    known = np.concatenate([*values.values(), *band_values])
    y_axis = _loss_axis(known, plot_rows, log=logarithmic)

    def column_of(step: int) -> int:
        return curve.column_of(step - first, last - first, columns)

    series = [Series(BAND_GLYPH, "", TEXT_COLOR, quantile) for quantile in band_values]
    markers = []
    for summary in shown[::-1]:  # so that the current run is drawn over the others
        slot = slot_of[summary.number]
        means = values[summary.number]
        series.append(Series(glyph_for(summary.number, slot), summary.title, slot + 1, means))
        marked_steps = [(summary.fork_step, glyphs.point)] if summary.parent else []
        if summary is current and overlay_input.viewed_step is not None:
            marked_steps.append((overlay_input.viewed_step, glyphs.model))
        for step, glyph in marked_steps:
            column = min(column_of(step), columns - 1)
            if column >= 0 and isfinite(means[column]):
                markers.append(Marker(glyph, slot + 1, column, float(means[column])))
    tick_steps = range(ceil(first / stride) * stride, last + 1, stride) if framed else ()
    ticks = [(column_of(step), f"{step:,}") for step in tick_steps]
    x_axis = Axis(0, max(1, width - y_axis.margin - 1), ticks)
    drawn = plot.overlay_plot(series, markers, x_axis, y_axis, (width, height), glyphs)
    window = Curve(first, last - first, *[np.zeros(1)] * 3)
    marks = curve.change_marks(
        window,
        overlay_input.log,
        columns,
        overlay_input.viewed_step,
        glyphs.model,
        overlay_input.events,
    )
    step_range = "" if framed else f"{first:,} to {last:,} steps"
    return OverlayPlot(drawn, " " * y_axis.margin + marks, step_range)


def _at_one_resolution(
    summaries: Sequence[RunSummary], recent: Curve | None, band: Sequence[Curve]
) -> list[Curve]:
    """Return the curves to draw, in buckets of the longest stride, so that equal losses look equal.

    With `recent`, the latest losses of the first run, runs that end before them do not count.
    """
    current, *others = (summary.curve for summary in summaries)
    if recent is None:
        curves = (current, *others, *band)
        stride = max(losses.stride for losses in curves)
        return [losses.coarsened(stride) for losses in curves]
    seen = [losses.stride for losses in others if _end(losses) > recent.start]
    stride = min(max(seen, default=recent.stride), MAX_RECENT_STRIDE)
    return [
        recent.coarsened(stride, current.start),
        *(losses.coarsened(stride) for losses in others),
    ]


def _finite_part(losses: Curve) -> Curve:
    """Return a curve up to its first infinite loss: a quantile of runs of which some diverged."""
    infinite = np.flatnonzero(np.isinf(losses.mean))
    return losses._replace(mean=losses.mean[: infinite[0]]) if len(infinite) else losses


def _end(losses: Curve) -> int:
    """Return the last step of a curve."""
    return losses.start + len(losses.mean) * losses.stride


def _step_axis(
    summaries: Sequence[RunSummary], width: int, *, recent: bool
) -> tuple[int, int, int]:
    """Return the first and the last step of the axis, and the distance of its ticks.

    The axis of full runs grows by half of that, so that it is not redrawn at every step.
    """
    last = max(1, summaries[0].step if recent else max(summary.step for summary in summaries))
    first = max(0, last - RECENT_STEPS) if recent else 0
    stride = max(1, round(curve.nice_number((last - first) / max(2, width // TICK_CELLS))))
    half = max(1, stride // 2)
    return first, last if recent else ceil(last / half) * half, stride


def _plot_values(values: FloatArray, *, log: bool) -> FloatArray:
    """Return drawable means, or their log10; NaN where they are not finite."""
    known = np.where(np.isfinite(values), values, np.nan)
    return (
        np.log10(np.maximum(known, curve.MIN_DRAWN_LOSS))
        if log
        else np.minimum(known, MAX_DRAWN_LOSS)
    )


def _loss_axis(values: FloatArray, rows: int, *, log: bool) -> Axis:
    """Return the axis of losses, or of their log10, over `rows` rows of a plot.

    Its ticks are a whole number of rows apart, at least two, so that the axis looks as linear as it
    is; the ends are multiples of a row, so that it seldom changes.
    """
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    extent, intervals = max(high - low, 1e-9 * abs(high), 1e-12), max(2, rows - 1)
    nice = _decades if log else curve.nice_number
    sizes = [
        (step / rows_per_tick, step)  # of a row and of a tick
        for rows_per_tick in range(2, max(2, intervals // 2) + 1)
        for used in (intervals, intervals - 1)
        for step in (nice(extent * rows_per_tick / used),)
    ]
    row, step = min(
        (row, step)
        for row, step in sizes
        if _round_down(low, row) + row * (intervals + TICK_TOLERANCE) >= high
    )
    low = _round_down(low, row)
    high = low + row * intervals
    first, last = ceil(low / step - TICK_TOLERANCE), floor(high / step + TICK_TOLERANCE)
    tick_values = [number * step for number in range(first, last + 1)]
    ticks = [
        (
            value,
            (_format_decade(value) if log else _format_tick(value)).rjust(AXIS_MARGIN_CELLS - 1),
        )
        for value in tick_values
    ]
    return Axis(low, high, ticks)


def _round_down(value: float, unit: float) -> float:
    return floor(value / unit + TICK_TOLERANCE) * unit


def _decades(size: float) -> float:
    """Return a whole number of decades, at least `size`."""
    return float(max(1, ceil(size)))


def _format_decade(exponent: float) -> str:
    return f"1e{exponent:.0f}" if exponent else "1"


def _format_tick(value: float) -> str:
    return f"{value:g}".replace("e+", "e").replace("e-0", "e-")


def legend(
    summaries: Sequence[RunSummary], width: int, rows: int, glyphs: GlyphSet = BRAILLE
) -> Content:
    """Return a line on each run, the current one first; the last line counts those left out.

    Columns: title, differing settings, fork, and first step with 100 % accuracy. In less width
    the settings become shorter, and at last only differences from the current run are listed.
    """
    if rows < min(2, len(summaries)):
        return _brief_legend(summaries, width, glyphs) if rows else Content("")
    slot_of, shown = color_slots(summaries), list(summaries)
    n_hidden = len(shown) - rows
    if n_hidden > 0:
        shown = shown[: rows - 1]
    current = summaries[0]
    names = differing_settings([summary.settings_history for summary in summaries])
    drawn = [summary.number for summary in with_same_loss(summaries)]
    results = [
        exact_step_text(summary) if summary.number in drawn else OTHER_LOSS for summary in shown
    ]
    max_name = MAX_NAME_CELLS if width >= MIN_LONG_NAMES_CELLS else MAX_BRIEF_NAME_CELLS
    titles = [ellipsize(printable(summary.title), max_name) for summary in shown]
    fixed = 6 + _width(titles) + _width(results) + 2
    all_names = [names] * len(shown)
    own_names = [names]
    own_names += [
        differing_settings([current.settings_history, run.settings_history]) for run in shown[1:]
    ]
    layouts = (
        (" from", all_names, False),
        ("", all_names, False),
        ("", all_names, True),
        ("", own_names, True),
        (None, own_names, True),
    )
    for preposition, name_lists, brief in layouts:
        forks = [_fork_text(summary, preposition, glyphs) for summary in shown]
        differences = [
            format_settings(run_names, summary.settings_history, brief=brief) or SAME_SETTINGS
            for summary, run_names in zip(shown, name_lists, strict=True)
        ]
        wanted = _width(differences)
        room = width - fixed - _width(forks) - 2 * any(forks)
        if room >= (min(wanted, MIN_DIFFERENCES_CELLS) if name_lists is own_names else wanted):
            break
    room = max(0, min(room, wanted))
    lines = []
    columns = zip(shown, titles, differences, forks, results, strict=True)
    for summary, title, difference, fork, result in columns:
        cells = [title.ljust(_width(titles)), ellipsize(difference, room).ljust(room)]
        cells += [fork.ljust(_width(forks))] if any(forks) else []
        text = "  ".join([*cells, result])[: max(0, width - 3)]
        marker = _current_marker(glyphs) if summary is current else " "
        slot, is_drawn = slot_of[summary.number], summary.number in drawn
        glyph = glyph_for(summary.number, slot) if is_drawn else " "
        style = f"$line-{slot + 1}" if is_drawn else ""
        lines.append(Content.assemble(marker, (f"{glyph} ", style), text))
    if n_hidden > 0:
        hidden = f"   and {len(summaries) - len(shown)} more: see v"
        lines.append(Content.styled(hidden, MUTED_STYLE))
    return Content("\n").join(lines)


def _brief_legend(summaries: Sequence[RunSummary], width: int, glyphs: GlyphSet) -> Content:
    """Return one line with as many runs as fit: the differences of each, and its result."""
    shown, slot_of, line = with_same_loss(summaries), color_slots(summaries), Content("")
    names = differing_settings([summary.settings_history for summary in summaries])
    room = width - len(MORE_RUNS)
    for index, summary in enumerate(shown):
        settings = format_settings(names, summary.settings_history, brief=True) or SAME_SETTINGS
        result = f" {exact_step_text(summary)}" if summary.known_exact_step is not None else ""
        slot = slot_of[summary.number]
        entry = Content.assemble(
            plot.NAME_SEPARATOR if index else _current_marker(glyphs),
            (glyph_for(summary.number, slot), f"$line-{slot + 1}"),
            f" {settings if index else ellipsize(settings, room - len(result) - 3)}{result}",
        )
        is_last = index + 1 == len(summaries)
        if line.cell_length + entry.cell_length > (width if is_last else room):
            break
        line = Content.assemble(line, entry)
    else:
        if len(shown) == len(summaries):
            return line
    return Content.assemble(line, (MORE_RUNS, MUTED_STYLE))


def _current_marker(glyphs: GlyphSet) -> str:
    return ">" if glyphs.ascii_only else "▸"


def _width(texts: Sequence[str]) -> int:
    return max(map(len, texts))


def _fork_text(summary: RunSummary, preposition: str | None, glyphs: GlyphSet) -> str:
    """Return the parent branch and the step of the fork, if any."""
    if preposition is None or not summary.parent:
        return ""
    return f"{glyphs.point}{preposition} {summary.parent} at {summary.fork_step:,}"
