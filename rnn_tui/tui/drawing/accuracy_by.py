"""The accuracy of outputs by bit position, required state and length of the chain of carries."""

from collections.abc import Mapping, Sequence

import numpy as np
from textual.content import Content

from rnn_tui.analysis.accuracy import AccuracyBreakdown, Group
from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.engine.tasks import Task
from rnn_tui.tui.drawing.glyphs import BRAILLE, CORRECT_STYLE, MUTED_STYLE, GlyphSet
from rnn_tui.tui.drawing.parts import Part, fitting_rows, paragraph, percent_digits
from rnn_tui.tui.drawing.plot import Course
from rnn_tui.tui.drawing.training_course import MIN_PLOT_ROWS, draw_courses

SEQUENCE_COLOR, BIT_COLOR = 3, 4  # numbers of line colours
LABEL_CELLS, COLUMN_CELLS = 12, 6
MAX_TABLE_STATES = 2  # required states with an accuracy by position each
MAX_CHAIN_ROWS = 8
MAX_BAR_CELLS = 20
SMALL_SAMPLE = 100  # outputs of a sample below which an accuracy has its interval
BAR_GAP = 2


def draw_accuracy_by(
    value: AccuracyBreakdown,
    task: Task,
    curve: Sequence[CurvePoint],
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
) -> Content:
    """Draw `value` and its course over `curve` in `width` × `height` cells.

    The accuracy of sequences comes first, then a table by position, bars by required state and by
    chain length, and the accuracies over training.
    """
    by_position, by_state = _position_tables(value, task, width)
    parts = [
        Part(0, paragraph(_sequences_text(value), width)),
        Part(1, by_position),
        Part(2, by_state),
    ]
    if value.by_required_state:
        names = [f"{task.state_name} {group.value}" for group in value.by_required_state]
        parts.append(Part(3, _bars(value.by_required_state, names, value, width, glyphs)))
    if value.by_chain_length:
        room = height - len(fitting_rows(parts, height))
        parts.append(Part(4, _chain_bars(value, task, width, room, glyphs)))
    rows = fitting_rows(parts, height)
    return Content("\n").join(rows + _plot(curve, width, height - len(rows), glyphs))


def _sequences_text(value: AccuracyBreakdown) -> str:
    group, kind = value.sequences, "all" if value.exhaustive else "a sample of"
    return (
        f"{percent_digits(group.accuracy)} % of {kind} {group.n:,} sequences have every output "
        f"correct{_interval_text(group, value)}"
    )


def _interval_text(group: Group, value: AccuracyBreakdown) -> str:
    """Return the interval of an accuracy that is of a small sample."""
    if value.exhaustive or group.n >= SMALL_SAMPLE:
        return ""
    low, high = (f"{100 * bound:.0f}" for bound in group.interval)
    return f" ({low} to {high} %)"


def _position_tables(
    value: AccuracyBreakdown, task: Task, width: int
) -> tuple[list[Content], list[Content]]:
    """Return the accuracy by position, and below for each of two required states.

    The columns are those of the bit grid, every k-th one where not all fit.
    """
    positions = [group.value for group in value.by_position]
    n_columns = max(1, (width - LABEL_CELLS) // COLUMN_CELLS)
    chosen = positions[:: -(-len(positions) // n_columns)]
    if task.lsb_first:
        chosen.reverse()

    def row(label: str, texts: Mapping[int, str], style: str = "") -> Content:
        cells = "".join(f"{texts.get(position, '—'):>{COLUMN_CELLS}}" for position in chosen)
        return Content.assemble((f"{label:<{LABEL_CELLS}}", MUTED_STYLE), (cells, style))

    def rows_of(label: str, groups: Sequence[Group]) -> list[Content]:
        accuracies = {group.value: percent_digits(group.accuracy) for group in groups}
        counts = {group.value: f"{group.n:,}" for group in groups}
        return [row(f"{label} %", accuracies), row("n", counts, MUTED_STYLE)]

    heading = "bit 2^k, k" if task.lsb_first else "time step t"
    numbers = {position: str(position + (not task.lsb_first)) for position in positions}
    by_position = [row(heading, numbers, MUTED_STYLE), *rows_of("all", value.by_position)]
    by_state = value.by_position_and_state or {}
    if len(by_state) != MAX_TABLE_STATES:
        return by_position, []
    tables = [rows_of(f"{task.state_name} {state}", found) for state, found in by_state.items()]
    return by_position, [line for table in tables for line in table]


def _bars(
    groups: Sequence[Group],
    names: Sequence[str],
    value: AccuracyBreakdown,
    width: int,
    glyphs: GlyphSet,
) -> list[Content]:
    """Return a row for each of `groups` with a bar, the accuracy and n."""
    texts = [
        f"{percent_digits(group.accuracy):>5} %{_interval_text(group, value)}  n = {group.n:,}"
        for group in groups
    ]
    bar_cells = width - LABEL_CELLS - BAR_GAP - max(map(len, texts))
    bar_cells = max(0, min(MAX_BAR_CELLS, bar_cells))
    full, empty = glyphs.progress_glyphs[0], glyphs.progress_glyphs[1]
    rows = []
    for group, name, text in zip(groups, names, texts, strict=True):
        done = group.n_correct * bar_cells // group.n
        style = CORRECT_STYLE if group.n_correct == group.n else "$primary"
        rows.append(
            Content.assemble(
                (f"{name:<{LABEL_CELLS}}", MUTED_STYLE),
                (full * done, style),
                (empty * (bar_cells - done), MUTED_STYLE),
                f" {text}" if bar_cells else text,
            )
        )
    return rows


def _chain_bars(
    value: AccuracyBreakdown, task: Task, width: int, height: int, glyphs: GlyphSet
) -> list[Content]:
    """Return the bars by chain length, evenly spaced ones up to the longest if not all fit."""
    groups = value.by_chain_length or []
    n_rows = min(len(groups), MAX_CHAIN_ROWS, height - 1)
    if n_rows < 1:
        return []
    last = len(groups) - 1
    shown = [groups[last - index * last // n_rows] for index in reversed(range(n_rows))]
    names = [f"chain of {group.value}" for group in shown]
    count = f" ({n_rows} of {len(groups)})" if n_rows < len(groups) else ""
    heading = f"by time steps with {task.state_name} before the output{count}"
    if len(heading) > width:
        heading = f"by chain length{count}"
    return [Content.styled(heading, MUTED_STYLE), *_bars(shown, names, value, width, glyphs)]


def _plot(curve: Sequence[CurvePoint], width: int, height: int, glyphs: GlyphSet) -> list[Content]:
    if len(curve) < 2 or height < MIN_PLOT_ROWS + 1:
        return []
    steps = np.array([point.step for point in curve], dtype=float)
    sequences = np.array([point.memory.sequence_accuracy for point in curve])
    bits = np.array([point.memory.bit_accuracy for point in curve])
    n = curve[-1].memory.n_sequences
    courses = [
        Course(
            "s", f"sequences {percent_digits(sequences[-1])} %", SEQUENCE_COLOR, steps, sequences
        ),
        Course("b", f"bits {percent_digits(bits[-1])} %, n = {n:,}", BIT_COLOR, steps, bits),
    ]
    return draw_courses(courses, [], width, height, glyphs)
