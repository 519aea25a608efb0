"""Several runs in one plot, and a line on each: what it is, how it differs, how far it got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10, nan
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
from textual.content import Content

from rnn_tui.config.settings import SettingsError
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import Applied
from rnn_tui.run.history import RECENT, SMOOTH, Curve
from rnn_tui.run.settings_track import Course
from rnn_tui.run.summary import Strand, differing, said, steps_a_second
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import plot
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look
from rnn_tui.tui.drawing.plot import Scale, Series, Spot
from rnn_tui.tui.drawing.status_lines import shortened

MOST = 6  # strands in one plot; there are as many colours
LETTERS = "abcdef"  # of those that have no digit of their own
MUTED = "$foreground-muted"
WORDY = 24  # cells from which on what differs may be cut
NAME, BRIEF_NAME = 24, 16  # cells of a name, at the most
ROOMY = 90  # cells from which on there is room for longer names
FRAMED = 6  # rows from which on a plot has an axis of steps
MARGIN = 7  # cells that names at the axis of errors take
SAME, OTHER_LOSS = "same settings", "not drawn: another loss"
MOST_DRAWN = 1e300  # what is higher is drawn as this
PARTS = 5  # of the way between two names: an axis ends at one of them
CLOSE = 1e-6
TICK = 12  # cells for each name at an axis


@final
@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Which runs are compared: those `chosen`, by their numbers, or else the latest branches.

    `earlier` are the runs chosen that are not of this session. The current branch always is there.
    """

    chosen: tuple[int, ...] | None = None
    earlier: tuple[Strand, ...] = ()

    def drawn(self, snapshot: Snapshot) -> tuple[Strand, ...]:
        """Return up to MOST strands, the current one first, then branches and earlier runs."""
        branches = of_session(snapshot)
        others = {it.number: it for it in [*branches, *self.earlier]}
        current = others.pop(snapshot.branch)
        latest = sorted(number for number in others if number > 0)[::-1]
        numbers = latest if self.chosen is None else [it for it in self.chosen if it in others]
        shown = [others[number] for number in numbers[: MOST - 1]]
        return (current, *sorted(shown, key=lambda it: (it.number < 0, abs(it.number))))

    def toggled(self, snapshot: Snapshot, strand: Strand) -> "Comparison":
        """Return it with `strand` drawn, or not any more; raises SettingsError where it must not.

        What is drawn by then stays, whatever branches may come.
        """
        numbers = [it.number for it in self.drawn(snapshot)]
        earlier = [it for it in self.earlier if it.number in numbers and it.number != strand.number]
        if strand.number == snapshot.branch:
            raise SettingsError("the current branch is always drawn")
        if strand.number in numbers:
            numbers.remove(strand.number)
        elif len(numbers) >= MOST:
            raise SettingsError(f"{MOST} are drawn already: choose one of them first, to leave out")
        else:
            numbers.append(strand.number)
            earlier += [strand] if strand.number < 0 else []
        return Comparison(tuple(numbers), tuple(earlier))


def of_session(snapshot: Snapshot) -> tuple[Strand, ...]:
    """Return the strands of all branches, also where there is only one."""
    return snapshot.strands or (_alone(snapshot),)


def _alone(snapshot: Snapshot) -> Strand:
    """Return the strand of the only branch, as it is at present."""
    course = Course.of(snapshot.start)
    for applied in snapshot.log:
        course = course.take_up(applied.change)
    learnt = snapshot.recent.mean[np.isfinite(snapshot.recent.mean)][-SMOOTH:]
    return Strand(
        number=snapshot.branch,
        name=Path(snapshot.journal).stem,
        parent=0,
        forked=0,
        start=snapshot.start,
        settings=course.settings,
        step=snapshot.present,
        changes=len(snapshot.log),
        curve=snapshot.whole,
        error=float(learnt.mean()) if len(learnt) else nan,
        score=None if snapshot.status is Status.PAST else snapshot.score,
        score_step=snapshot.score_step,
        first_exact=snapshot.first_exact,
        speed=steps_a_second(snapshot.present, snapshot.seconds),
    )


def exact_words(strand: Strand) -> str:
    first = strand.first_exact
    return "not exact yet" if first is None else f"exact at {first:,}"


def slots(strands: Sequence[Strand]) -> Mapping[int, int]:
    """Return by number the place that each has among colours: its own, where none is before it."""
    taken: dict[int, int] = {}
    for strand in sorted(strands, key=lambda it: (it.number < 0, abs(it.number))):
        wanted = (strand.number - 1) % MOST
        free = [(wanted + more) % MOST for more in range(MOST)]
        taken[strand.number] = next(it for it in free if it not in taken.values())
    return taken


def glyph_of(number: int, slot: int) -> str:
    """Return the character that stands for a strand: its digit if it has one, or else a letter."""
    return str(number) if 0 < number < 10 else LETTERS[slot]


def comparable(strands: Sequence[Strand]) -> list[Strand]:
    """Return the strands whose errors are those of the same loss as the first one's."""
    return [it for it in strands if it.settings.loss == strands[0].settings.loss]


@final
class Sight(NamedTuple):
    """What there is to draw: strands, and the changes of the first of them, which is the current.

    `moment` is the step that is looked at, None for the present; `recent` is what the current one
    did latest, where that alone is wanted, and not the whole of the runs.
    """

    strands: Sequence[Strand]
    log: Sequence[Applied] = ()
    moment: int | None = None
    recent: Curve | None = None


def rooms(height: int, count: int) -> tuple[int, int]:
    """Return how many rows of `height` a plot of so many strands has, and how many its legend."""
    rows = min(count, max(0, height * 2 // 5))
    return max(1, height - rows), rows


@final
class Picture(NamedTuple):
    """A plot, the row of marks below it, and what it has no room to say itself."""

    plot: Content
    marks: str
    extent: str


def picture(sight: Sight, width: int, height: int, look: Look = BRAILLE) -> Picture:
    """Return the plot of the strands, in their colours or made of their glyphs."""
    current, *_ = shown = comparable(sight.strands)
    framed, slot_of = height >= FRAMED, slots(sight.strands)
    first, last, stride = _extent(shown, width, recent=sight.recent is not None)
    room = max(2, width - MARGIN - len(shown))  # the glyphs at the ends of lines need the rest
    logarithmic = LOSSES[current.settings.loss].reports_loss
    values = {}
    for one in shown:
        its = sight.recent if sight.recent and one is current else one.curve
        values[one.number] = _drawable(curve.along(its, first, last, room), log=logarithmic)
    up = _upward(np.concatenate([*values.values()]), height, log=logarithmic)

    def cell_of(step: int) -> float:
        return (step - first) / (last - first) * (room - 1)

    ordered = shown[::-1]  # so that the current one is drawn over the others
    series, spots = [], []
    for one in ordered:
        slot = slot_of[one.number]
        means = values[one.number]
        series.append(Series(glyph_of(one.number, slot), one.title, slot + 1, means))
        places = [(one.forked, look.point)] if one.parent else []
        if one is current and sight.moment is not None:
            places.append((sight.moment, look.net))
        for cell, glyph in ((round(cell_of(step)), glyph) for step, glyph in places):
            if 0 <= cell < room and isfinite(means[cell]):
                spots.append(Spot(glyph, slot + 1, cell, float(means[cell])))
    steps = range(ceil(first / stride) * stride, last + 1, stride) if framed else ()
    across = Scale(0, max(1, width - up.margin - 1), [(cell_of(it), f"{it:,}") for it in steps])
    drawn = plot.overlay(series, spots, across, up, (width, height), look)
    window = Curve(first, last - first, *[np.zeros(1)] * 3)
    row = curve.marks(window, sight.log, room, sight.moment, look.net)
    return Picture(drawn, " " * up.margin + row, "" if framed else f"{first:,} to {last:,} steps")


def _extent(strands: Sequence[Strand], width: int, *, recent: bool) -> tuple[int, int, int]:
    """Return the first and the last step of the axis, and the steps between two of its names.

    The axis of whole runs grows by half of these, so that not all is drawn anew at every step.
    """
    last = max(1, strands[0].step if recent else max(it.step for it in strands))
    first = max(0, last - RECENT) if recent else 0
    stride = max(1, round(_nice((last - first) / max(2, width // TICK))))
    half = max(1, stride // 2)
    return first, last if recent else ceil(last / half) * half, stride


def _nice(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least `size`."""
    power = 10.0 ** floor(log10(size))
    return next(it * power for it in (1, 2, 5, 10) if it * power >= size * (1 - 1e-9))


def _drawable(values: FloatArray, *, log: bool) -> FloatArray:
    """Return what there is to draw of means, NaN for nothing."""
    known = np.where(np.isfinite(values), values, np.nan)
    return np.log10(np.maximum(known, curve.LEAST)) if log else np.minimum(known, MOST_DRAWN)


def _upward(values: FloatArray, height: int, *, log: bool) -> Scale:
    """Return the axis of errors, or of their logarithms; its ends are round, so that it stays."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    names = max(2, height // 2)
    if log:
        low, high = floor(low), max(ceil(high), floor(low) + 1)
        step: float = max(1, ceil((high - low) / (names - 1)))
    else:
        step = _nice(max(high - low, 1e-9 * high, 1e-12) / names)
        part = step / PARTS
        low, high = floor(low / part) * part, (floor(high / part) + 1) * part
    first, last = ceil(low / step - CLOSE), floor(high / step + CLOSE)
    places = [number * step for number in range(first, last + 1)]
    named = [(f"1e{it:.0f}" if it else "1") if log else _brief(it) for it in places]
    ticks = [(place, name.rjust(MARGIN - 1)) for place, name in zip(places, named, strict=True)]
    return Scale(low, high, ticks)


def _brief(value: float) -> str:
    return f"{value:g}".replace("e+", "e").replace("e-0", "e-")


def legend(strands: Sequence[Strand], width: int, rows: int, look: Look = BRAILLE) -> Content:
    """Return a line on each strand, the current one first; the last says how many more there are.

    In columns stand what it is, in which settings it differs, where it was forked, and when every
    result first was right. Where there is less room it is said in fewer words, and at last of the
    others only what is unlike the current one.
    """
    if not rows:
        return Content("")
    slot_of, shown = slots(strands), list(strands)
    spare = len(shown) - rows
    if spare > 0 and rows > 1:
        shown = shown[: rows - 1]
    names = differing([it.settings for it in strands])
    drawn = [it.number for it in comparable(strands)]
    ends = [exact_words(it) if it.number in drawn else OTHER_LOSS for it in shown]
    most = NAME if width >= ROOMY else BRIEF_NAME
    titles = [shortened(it.title, most) for it in shown]
    fixed = 6 + max(map(len, titles)) + max(map(len, ends)) + 2
    every = [names] * len(shown)
    own = [names, *(differing([strands[0].settings, it.settings]) for it in shown[1:])]
    ways = ((" from", every, 0), ("", every, 0), ("", every, 1), ("", own, 1), (None, own, 1))
    for way, lists, brief in ways:
        forks = [_fork(it, way, look) for it in shown]
        pairs = zip(shown, lists, strict=True)
        unlike = [said(its, it.settings, brief=bool(brief)) or SAME for it, its in pairs]
        wanted = max(map(len, unlike))
        room = width - fixed - max(map(len, forks)) - 2 * any(forks)
        if room >= (min(wanted, WORDY) if lists is own else wanted):
            break
    room = max(0, min(room, wanted))
    lines = []
    for one, title, what, fork, end in zip(shown, titles, unlike, forks, ends, strict=True):
        slot = slot_of[one.number]
        cells = [title.ljust(max(map(len, titles))), shortened(what, room).ljust(room)]
        cells += [fork.ljust(max(map(len, forks)))] if any(forks) else []
        line = "  ".join([*cells, end])
        here = (">" if look.spelled else "▸") if one is strands[0] else " "
        glyph = glyph_of(one.number, slot) if one.number in drawn else " "
        style = f"$line-{slot + 1}" if one.number in drawn else ""
        lines.append(Content.assemble(here, (f"{glyph} ", style), line[: max(0, width - 3)]))
    if spare > 0 and rows > 1:
        lines.append(Content.styled(f"   and {len(strands) - len(shown)} more: see v", MUTED))
    return Content("\n").join(lines)


def _fork(strand: Strand, way: str | None, look: Look) -> str:
    """Return where `strand` was forked, if it was."""
    if way is None or not strand.parent:
        return ""
    return f"{look.point}{way} {strand.parent} at {strand.forked:,}"
