"""Several runs in one plot, and a line on each: what it is, how it differs, how far it got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10, nan
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
from textual.content import Content

from rnn_tui.config.settings import UserError
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import AppliedChange
from rnn_tui.run.history import RECENT_STEPS, SMOOTHING_STEPS, Curve
from rnn_tui.run.settings_track import SettingsTrack
from rnn_tui.run.summary import RunSummary, differing_settings, format_settings, steps_per_second
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import plot
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.drawing.plot import Axis, Marker, Series
from rnn_tui.tui.drawing.status_lines import ellipsize

MAX_OVERLAID_RUNS = 6  # strands in one plot; there are as many colours
LETTER_GLYPHS = "abcdef"  # of those that have no digit of their own
MUTED_STYLE = "$foreground-muted"
MIN_DIFFERENCES_CELLS = 24  # cells from which on what differs may be cut
MAX_NAME_CELLS, MAX_BRIEF_NAME_CELLS = 24, 16  # cells of a name, at the most
MIN_LONG_NAMES_CELLS = 90  # cells from which on there is room for longer names
MIN_FRAMED_ROWS = 6  # rows from which on a plot has an axis of steps
AXIS_MARGIN_CELLS = 7  # cells that names at the axis of errors take
SAME_SETTINGS, OTHER_LOSS = "same settings", "not drawn: another loss"
MAX_DRAWN_LOSS = 1e300  # what is higher is drawn as this
AXIS_PARTS_PER_TICK = 5  # of the way between two names: an axis ends at one of them
TICK_TOLERANCE = 1e-6
TICK_CELLS = 12  # cells for each name at an axis


@final
@dataclass(frozen=True, slots=True, eq=False)
class OverlaySelection:
    """Which runs are compared: those `chosen`, by their numbers, or else the latest branches.

    `earlier` are the runs chosen that are not of this session. The current branch always is there.
    """

    chosen: tuple[int, ...] | None = None
    earlier_runs: tuple[RunSummary, ...] = ()

    def drawn_runs(self, snapshot: Snapshot) -> tuple[RunSummary, ...]:
        """Return up to MOST strands, the current one first, then branches and earlier runs."""
        branches = session_summaries(snapshot)
        others = {it.number: it for it in [*branches, *self.earlier_runs]}
        current = others.pop(snapshot.branch_number)
        latest = sorted(number for number in others if number > 0)[::-1]
        numbers = latest if self.chosen is None else [it for it in self.chosen if it in others]
        shown = [others[number] for number in numbers[: MAX_OVERLAID_RUNS - 1]]
        return (current, *sorted(shown, key=lambda it: (it.number < 0, abs(it.number))))

    def toggled(self, snapshot: Snapshot, summary: RunSummary) -> "OverlaySelection":
        """Return it with `strand` drawn, or not any more; raises SettingsError where it must not.

        What is drawn by then stays, whatever branches may come.
        """
        numbers = [it.number for it in self.drawn_runs(snapshot)]
        earlier = [
            it for it in self.earlier_runs if it.number in numbers and it.number != summary.number
        ]
        if summary.number == snapshot.branch_number:
            raise UserError("the current branch is always drawn")
        if summary.number in numbers:
            numbers.remove(summary.number)
        elif len(numbers) >= MAX_OVERLAID_RUNS:
            raise UserError(
                f"{MAX_OVERLAID_RUNS} are drawn already: choose one of them first, to leave out"
            )
        else:
            numbers.append(summary.number)
            earlier += [summary] if summary.number < 0 else []
        return OverlaySelection(tuple(numbers), tuple(earlier))


def session_summaries(snapshot: Snapshot) -> tuple[RunSummary, ...]:
    """Return the strands of all branches, also where there is only one."""
    return snapshot.summaries or (_only_branch_summary(snapshot),)


def _only_branch_summary(snapshot: Snapshot) -> RunSummary:
    """Return the strand of the only branch, as it is at present."""
    settings_track = SettingsTrack.from_settings(snapshot.initial_settings)
    for applied in snapshot.log:
        settings_track = settings_track.apply(applied.change)
    recent_losses = snapshot.recent.mean[np.isfinite(snapshot.recent.mean)][-SMOOTHING_STEPS:]
    return RunSummary(
        number=snapshot.branch_number,
        name=Path(snapshot.journal_path).stem,
        parent=0,
        fork_step=0,
        initial_settings=snapshot.initial_settings,
        settings=settings_track.settings,
        step=snapshot.latest_step,
        n_changes=len(snapshot.log),
        curve=snapshot.full_run,
        mean_loss=float(recent_losses.mean()) if len(recent_losses) else nan,
        score=None if snapshot.status is Status.VIEWING else snapshot.score,
        score_step=snapshot.score_step,
        first_exact=snapshot.first_exact,
        speed=steps_per_second(snapshot.latest_step, snapshot.training_seconds),
    )


def first_perfect_text(summary: RunSummary) -> str:
    first = summary.first_exact
    return "not exact yet" if first is None else f"exact at {first:,}"


def color_slots(summaries: Sequence[RunSummary]) -> Mapping[int, int]:
    """Return by number the place that each has among colours: its own, where none is before it."""
    taken: dict[int, int] = {}
    for strand in sorted(summaries, key=lambda it: (it.number < 0, abs(it.number))):
        wanted = (strand.number - 1) % MAX_OVERLAID_RUNS
        free = [(wanted + more) % MAX_OVERLAID_RUNS for more in range(MAX_OVERLAID_RUNS)]
        taken[strand.number] = next(it for it in free if it not in taken.values())
    return taken


def glyph_for(number: int, slot: int) -> str:
    """Return the character that stands for a strand: its digit if it has one, or else a letter."""
    return str(number) if 0 < number < 10 else LETTER_GLYPHS[slot]


def with_same_loss(summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """Return the strands whose errors are those of the same loss as the first one's."""
    return [it for it in summaries if it.settings.loss == summaries[0].settings.loss]


@final
class OverlayInput(NamedTuple):
    """What there is to draw: strands, and the changes of the first of them, which is the current.

    `moment` is the step that is looked at, None for the present; `recent` is what the current one
    did latest, where that alone is wanted, and not the whole of the runs.
    """

    summaries: Sequence[RunSummary]
    log: Sequence[AppliedChange] = ()
    viewed_step: int | None = None
    recent: Curve | None = None


def split_rows(height: int, count: int) -> tuple[int, int]:
    """Return how many rows of `height` a plot of so many strands has, and how many its legend."""
    rows = min(count, max(0, height * 2 // 5))
    return max(1, height - rows), rows


@final
class OverlayPlot(NamedTuple):
    """A plot, the row of marks below it, and what it has no room to say itself."""

    plot: Content
    marks: str
    step_range: str


def draw_overlay(
    overlay_input: OverlayInput, width: int, height: int, glyphs: GlyphSet = BRAILLE
) -> OverlayPlot:
    """Return the plot of the strands, in their colours or made of their glyphs."""
    current, *_ = shown = with_same_loss(overlay_input.summaries)
    framed, slot_of = height >= MIN_FRAMED_ROWS, color_slots(overlay_input.summaries)
    first, last, stride = _step_axis(shown, width, recent=overlay_input.recent is not None)
    room = max(
        2, width - AXIS_MARGIN_CELLS - len(shown)
    )  # the glyphs at the ends of lines need the rest
    logarithmic = LOSSES[current.settings.loss].metric_is_loss
    values = {}
    for one in shown:
        its = overlay_input.recent if overlay_input.recent and one is current else one.curve
        values[one.number] = _plot_values(
            curve.resample_range(its, first, last, room), log=logarithmic
        )
    y_axis = _loss_axis(np.concatenate([*values.values()]), height, log=logarithmic)

    def cell_of(step: int) -> float:
        return (step - first) / (last - first) * (room - 1)

    ordered = shown[::-1]  # so that the current one is drawn over the others
    series, markers = [], []
    for one in ordered:
        slot = slot_of[one.number]
        means = values[one.number]
        series.append(Series(glyph_for(one.number, slot), one.title, slot + 1, means))
        places = [(one.fork_step, glyphs.point)] if one.parent else []
        if one is current and overlay_input.viewed_step is not None:
            places.append((overlay_input.viewed_step, glyphs.model))
        for cell, glyph in ((round(cell_of(step)), glyph) for step, glyph in places):
            if 0 <= cell < room and isfinite(means[cell]):
                markers.append(Marker(glyph, slot + 1, cell, float(means[cell])))
    steps = range(ceil(first / stride) * stride, last + 1, stride) if framed else ()
    x_axis = Axis(0, max(1, width - y_axis.margin - 1), [(cell_of(it), f"{it:,}") for it in steps])
    drawn = plot.overlay_plot(series, markers, x_axis, y_axis, (width, height), glyphs)
    window = Curve(first, last - first, *[np.zeros(1)] * 3)
    row = curve.change_marks(
        window, overlay_input.log, room, overlay_input.viewed_step, glyphs.model
    )
    return OverlayPlot(
        drawn, " " * y_axis.margin + row, "" if framed else f"{first:,} to {last:,} steps"
    )


def _step_axis(
    summaries: Sequence[RunSummary], width: int, *, recent: bool
) -> tuple[int, int, int]:
    """Return the first and the last step of the axis, and the steps between two of its names.

    The axis of whole runs grows by half of these, so that not all is drawn anew at every step.
    """
    last = max(1, summaries[0].step if recent else max(it.step for it in summaries))
    first = max(0, last - RECENT_STEPS) if recent else 0
    stride = max(1, round(_nice_number((last - first) / max(2, width // TICK_CELLS))))
    half = max(1, stride // 2)
    return first, last if recent else ceil(last / half) * half, stride


def _nice_number(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least `size`."""
    power = 10.0 ** floor(log10(size))
    return next(it * power for it in (1, 2, 5, 10) if it * power >= size * (1 - 1e-9))


def _plot_values(values: FloatArray, *, log: bool) -> FloatArray:
    """Return what there is to draw of means, NaN for nothing."""
    known = np.where(np.isfinite(values), values, np.nan)
    return (
        np.log10(np.maximum(known, curve.MIN_DRAWN_LOSS))
        if log
        else np.minimum(known, MAX_DRAWN_LOSS)
    )


def _loss_axis(values: FloatArray, height: int, *, log: bool) -> Axis:
    """Return the axis of errors, or of their logarithms; its ends are round, so that it stays."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    names = max(2, height // 2)
    if log:
        low, high = floor(low), max(ceil(high), floor(low) + 1)
        step: float = max(1, ceil((high - low) / (names - 1)))
    else:
        step = _nice_number(max(high - low, 1e-9 * high, 1e-12) / names)
        part = step / AXIS_PARTS_PER_TICK
        low, high = floor(low / part) * part, (floor(high / part) + 1) * part
    first, last = ceil(low / step - TICK_TOLERANCE), floor(high / step + TICK_TOLERANCE)
    places = [number * step for number in range(first, last + 1)]
    named = [(f"1e{it:.0f}" if it else "1") if log else _format_tick(it) for it in places]
    ticks = [
        (place, name.rjust(AXIS_MARGIN_CELLS - 1))
        for place, name in zip(places, named, strict=True)
    ]
    return Axis(low, high, ticks)


def _format_tick(value: float) -> str:
    return f"{value:g}".replace("e+", "e").replace("e-0", "e-")


def legend(
    summaries: Sequence[RunSummary], width: int, rows: int, glyphs: GlyphSet = BRAILLE
) -> Content:
    """Return a line on each strand, the current one first; the last says how many more there are.

    In columns stand what it is, in which settings it differs, where it was forked, and when every
    result first was right. Where there is less room it is said in fewer words, and at last of the
    others only what is unlike the current one.
    """
    if not rows:
        return Content("")
    slot_of, shown = color_slots(summaries), list(summaries)
    spare = len(shown) - rows
    if spare > 0 and rows > 1:
        shown = shown[: rows - 1]
    names = differing_settings([it.settings for it in summaries])
    drawn = [it.number for it in with_same_loss(summaries)]
    ends = [first_perfect_text(it) if it.number in drawn else OTHER_LOSS for it in shown]
    most = MAX_NAME_CELLS if width >= MIN_LONG_NAMES_CELLS else MAX_BRIEF_NAME_CELLS
    titles = [ellipsize(it.title, most) for it in shown]
    fixed = 6 + max(map(len, titles)) + max(map(len, ends)) + 2
    every = [names] * len(shown)
    own = [names, *(differing_settings([summaries[0].settings, it.settings]) for it in shown[1:])]
    layouts = ((" from", every, 0), ("", every, 0), ("", every, 1), ("", own, 1), (None, own, 1))
    for preposition, lists, brief in layouts:
        forks = [_fork_text(it, preposition, glyphs) for it in shown]
        pairs = zip(shown, lists, strict=True)
        unlike = [
            format_settings(its, it.settings, brief=bool(brief)) or SAME_SETTINGS
            for it, its in pairs
        ]
        wanted = max(map(len, unlike))
        room = width - fixed - max(map(len, forks)) - 2 * any(forks)
        if room >= (min(wanted, MIN_DIFFERENCES_CELLS) if lists is own else wanted):
            break
    room = max(0, min(room, wanted))
    lines = []
    for one, title, what, fork, end in zip(shown, titles, unlike, forks, ends, strict=True):
        slot = slot_of[one.number]
        cells = [title.ljust(max(map(len, titles))), ellipsize(what, room).ljust(room)]
        cells += [fork.ljust(max(map(len, forks)))] if any(forks) else []
        line = "  ".join([*cells, end])
        marker = (">" if glyphs.ascii_only else "▸") if one is summaries[0] else " "
        glyph = glyph_for(one.number, slot) if one.number in drawn else " "
        style = f"$line-{slot + 1}" if one.number in drawn else ""
        lines.append(Content.assemble(marker, (f"{glyph} ", style), line[: max(0, width - 3)]))
    if spare > 0 and rows > 1:
        lines.append(
            Content.styled(f"   and {len(summaries) - len(shown)} more: see v", MUTED_STYLE)
        )
    return Content("\n").join(lines)


def _fork_text(summary: RunSummary, preposition: str | None, glyphs: GlyphSet) -> str:
    """Return where `strand` was forked, if it was."""
    if preposition is None or not summary.parent:
        return ""
    return f"{glyphs.point}{preposition} {summary.parent} at {summary.fork_step:,}"
