"""Whether the state that a task requires is used: swap and probe over training, and at present."""

from collections.abc import Sequence

import numpy as np
from textual.content import Content

from rnn_tui.analysis.memory import MEMORY_USED, Memory
from rnn_tui.analysis.memory_curve import CurvePoint, memory_used_from
from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet
from rnn_tui.tui.drawing.parts import Part, fitting_rows, paragraph, percent_digits
from rnn_tui.tui.drawing.plot import Course
from rnn_tui.tui.drawing.training_course import MIN_PLOT_ROWS, draw_courses

SWAP_COLOR, PROBE_COLOR = 3, 4  # numbers of line colours
LABEL_CELLS, COLUMN_CELLS = 13, 6
MIN_LEGEND_ROWS = 2
PLOT_ROWS = 11  # of a plot that has text below


def draw_memory(
    value: Memory,
    curve: Sequence[CurvePoint],
    state_name: str,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
    *,
    step: int = 0,
    lsb_first: bool = False,
) -> Content:
    """Draw the figures of `value` and their course over `curve` in `width` × `height` cells.

    `value`, after `step`, is the end of the course if the curve does not reach it. The verdict
    comes first, then a plot if it has room, the probe and the swap by time step. With `lsb_first`
    t = 1, the lowest bit, is on the right, as in numbers.
    """
    is_end = bool(curve) and step > curve[-1].step
    end = CurvePoint(step, value) if is_end else None
    text = memory_verdict(curve, state_name, end)
    verdict = paragraph(text, width)
    if len(verdict) > height:
        verdict = paragraph(text.partition(":")[0], width)
    swaps, probes = (paragraph(line, width) for line in _figures(value, curve))
    others = [
        Part(1, swaps),
        Part(2, probes),
        Part(3, _swap_table(value, width, lsb_first=lsb_first)),
    ]
    room = height - len(verdict)
    if len(curve) > 1 and room >= MIN_PLOT_ROWS + MIN_LEGEND_ROWS:
        beside = fitting_rows(others, room - PLOT_ROWS)
        rows = [*verdict, *_plot(curve, end, width, room - len(beside), glyphs), *beside]
    else:
        rows = fitting_rows([Part(0, verdict), *others], height)
    return Content("\n").join(rows)


def memory_event(state_name: str, curve: Sequence[CurvePoint], step: int) -> str:
    """Return the result of the checks of `curve` from `step`, that of `memory_used_from`, on."""
    n_checks = sum(point.step >= step for point in curve)
    return (
        f"{state_name} used (swap ≥ {100 * MEMORY_USED:g} % of {curve[-1].n_pairs:,} pairs at each "
        f"of the {n_checks} checks since)"
    )


def memory_verdict(
    curve: Sequence[CurvePoint], state_name: str, end: CurvePoint | None = None
) -> str:
    """Return by which step the required state was used, or the figure of `end`, else the latest.

    The definition is that of `memory_used_from`; it is empty without points.
    """
    if not curve:
        return ""
    step, latest = memory_used_from(curve), curve[-1]
    threshold = f"{100 * MEMORY_USED:g} %"
    if step is not None:
        n_checks = sum(point.step >= step for point in curve)
        return (
            f"{state_name} used by step {step:,}: swap ≥ {threshold} at each of the "
            f"{n_checks} checks since (n = {latest.n_pairs:,} pairs)"
        )
    latest = end or latest
    accuracy = percent_digits(latest.memory.swap.differing_pairs.accuracy)
    measured = f"swap {accuracy} % after step {latest.step:,} (n = {latest.n_pairs:,} pairs)"
    if latest.memory.is_used:
        return f"{state_name} used: {measured}, since when is not known yet"
    return f"{state_name} not yet used: {measured}"


def _plot(
    curve: Sequence[CurvePoint],
    end: CurvePoint | None,
    width: int,
    height: int,
    glyphs: GlyphSet,
) -> list[Content]:
    """Return the plot of the swap and the probe with the baselines of the probe as levels."""
    points = [*curve, *filter(None, [end])]
    steps = np.array([point.step for point in points], dtype=float)
    swaps = np.array([point.memory.swap.differing_pairs.accuracy for point in points])
    probes = np.array([point.memory.probe.propagate.probe for point in points])
    latest = curve[-1].memory.probe.propagate

    def level(glyph: str, name: str, fraction: float) -> Course:
        text = f"{name} {percent_digits(fraction)} %"
        return Course(glyph, text, 0, steps[-1:], np.array([fraction]))

    courses = [
        Course("s", f"swap {percent_digits(swaps[-1])} %", SWAP_COLOR, steps, swaps),
        Course("p", f"probe {percent_digits(probes[-1])} %", PROBE_COLOR, steps, probes),
    ]
    levels = [
        level("u", _first_name(curve), probes[0]),
        level("m", "majority", latest.majority),
        level("i", "input alone", latest.present_input),
    ]
    note = (
        f"{len(curve)} points of {curve[-1].memory.n_sequences:,} sequences, more while displayed"
    )
    notes = (
        [Content.styled(note, MUTED_STYLE)] if height >= PLOT_ROWS and len(note) <= width else []
    )
    return draw_courses(courses, levels, width, height - len(notes), glyphs) + notes


def _first_name(curve: Sequence[CurvePoint]) -> str:
    step = curve[0].step
    return f"probe at step {step:,}" if step else "probe untrained"


def _figures(value: Memory, curve: Sequence[CurvePoint]) -> tuple[str, str]:
    """Return the accuracies of the present model after swaps, and of the probe, as text."""
    differing, probed = value.swap.differing_pairs, value.probe.propagate
    swaps = (
        f"now: swap {percent_digits(differing.accuracy)} % of {differing.n.sum():,} differing "
        f"pairs, {percent_digits(value.swap.all_pairs.accuracy)} % of "
        f"{value.swap.all_pairs.n.sum():,} pairs"
    )
    probes = (
        f"probe {percent_digits(probed.probe)} % of {probed.n:,} propagate time steps; "
        f"baselines: majority {percent_digits(probed.majority)} %, "
        f"input alone {percent_digits(probed.present_input)} %"
    )
    if curve:
        first = percent_digits(curve[0].memory.probe.propagate.probe)
        probes += f", {_first_name(curve)} {first} %"
    return swaps, probes


def _swap_table(value: Memory, width: int, *, lsb_first: bool) -> list[Content]:
    """Return the accuracy after a swap by time step, for every k-th one where not all fit."""
    pairs = value.swap
    count = len(pairs.all_pairs.n)
    stride = -(-count // max(1, (width - LABEL_CELLS) // COLUMN_CELLS))
    time_steps = range(0, count, stride)[:: -1 if lsb_first else 1]

    def row(label: str, texts: list[str], style: str = "") -> Content:
        cells = "".join(f"{texts[t]:>{COLUMN_CELLS}}" for t in time_steps)
        return Content.assemble((f"{label:<{LABEL_CELLS}}", MUTED_STYLE), (cells, style))

    return [
        row("swap after t", [str(t + 1) for t in range(count)], MUTED_STYLE),
        row("differing %", [percent_digits(a) for a in pairs.differing_pairs.accuracies.tolist()]),
        row("n", [f"{n:,}" for n in pairs.differing_pairs.n], MUTED_STYLE),
        row("all pairs %", [percent_digits(a) for a in pairs.all_pairs.accuracies.tolist()]),
        row("n", [f"{n:,}" for n in pairs.all_pairs.n], MUTED_STYLE),
    ]
