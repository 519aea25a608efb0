"""The fixed points of a model under each input: a table, and a phase portrait."""

from collections.abc import Iterator, Sequence
from itertools import chain, cycle, zip_longest
from string import ascii_uppercase

import numpy as np
from textual.content import Content

from rnn_tui.analysis.attractors import Attractors
from rnn_tui.analysis.fixed_points import FixedPoint
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analysis_sentences import (
    bits_text,
    format_share,
    format_time_steps,
    retention_sentence,
)
from rnn_tui.text.format import format_short
from rnn_tui.tui.drawing.columns import (
    Column,
    first_fitting,
    fitting_columns,
    table_lines,
    table_width,
    transliterated,
)
from rnn_tui.tui.drawing.glyphs import BRAILLE, MUTED_STYLE, GlyphSet

KIND_GLYPHS = {"stable": "●", "saddle": "×", "unstable": "○"}
STATE_GLYPHS = ".+:'"  # of visited states, by required state
STATE_STYLES = ("$line-2", "$line-6", "$line-5", "$line-4")
PATH_STYLE, POINT_STYLE = "bold", "bold reverse"
MIN_PORTRAIT_CELLS, MIN_PORTRAIT_ROWS = 22, 7
PORTRAIT_GAP_CELLS = 3
MAX_DISTANCE = 0.5  # of a fixed point in the portrait from the other states, of their extent

Cells = dict[tuple[int, int], tuple[str, str]]  # glyph and style by (row, column)


def draw_attractors(
    result: Attractors, task: Task, loss: Loss, width: int, height: int, glyphs: GlyphSet = BRAILLE
) -> Content:
    """Draw the verdict, a line for each point, and the portrait; a line for each input if low."""
    verdict = glyphs.transliterate(retention_sentence(result.retention, task))
    verdict = first_fitting([verdict, verdict.partition(":")[0]], width)
    lines = [Content.styled(verdict, "bold")] * bool(verdict)
    rows = height - len(lines)
    key, *others = _columns(result, task, loss)
    columns = fitting_columns(others, width, glyphs)
    table = table_lines(columns)
    if len(table) > rows:
        return Content("\n").join([*lines, *_brief_lines(result, loss, width, rows, glyphs)])
    columns = fitting_columns([key, *others], width, glyphs)
    beside = width - table_width(columns) - PORTRAIT_GAP_CELLS
    below = rows - len(table)
    if beside >= MIN_PORTRAIT_CELLS and rows >= MIN_PORTRAIT_ROWS:
        portrait = draw_portrait(result, task, beside, rows, glyphs)
        table = _side_by_side(table_lines(columns), portrait, table_width(columns))
    elif below >= MIN_PORTRAIT_ROWS and width >= MIN_PORTRAIT_CELLS:
        table = [*table_lines(columns), *draw_portrait(result, task, width, below, glyphs)]
    return Content("\n").join([*lines, *table])


def _columns(result: Attractors, task: Task, loss: Loss) -> list[Column]:
    """Return the columns of the table: first the keys to the marks of the portrait."""
    letters, rows = cycle(ascii_uppercase), list[tuple[str, ...]]()
    for inputs, found in result.by_input:
        for number, point in enumerate(found):
            rows.append(
                (
                    next(letters),
                    bits_text(inputs) if number == 0 else "",
                    f"{KIND_GLYPHS[point.kind]} {point.kind}",
                    _output(point, loss),
                    f"{point.spectral_radius:.3f}",
                    format_time_steps(point.memory_time),
                )
            )
        if not found:
            rows.append(("", bits_text(inputs), "none found", "", "", ""))
    keys, symbols, kinds, outputs, radii, times = zip(*rows, strict=True)
    return [
        Column("", keys, rank=2),
        Column(" ".join(task.input_names), symbols),
        Column("kind", kinds),
        Column("output", outputs, rank=1, align_right=True),
        Column("ρ", radii, rank=3, align_right=True),
        Column("memory time", times, rank=4, align_right=True),
    ]


def _output(point: FixedPoint, loss: Loss) -> str:
    return format_short(float(loss.outputs(point.logits)[0]))


def _brief_lines(
    result: Attractors, loss: Loss, width: int, rows: int, glyphs: GlyphSet
) -> list[Content]:
    """Return a line with the points of each input, as far as there is room."""
    shown = result.by_input[: rows if rows >= len(result.by_input) else max(0, rows - 1)]
    symbols = Column("", [bits_text(inputs) for inputs, _ in shown])
    points = [points for _, points in shown]
    tables = (
        [symbols, *_point_columns(points, loss, with_radius=True)],
        [symbols, *_point_columns(points, loss, with_radius=False)],
        [symbols, Column("", [*map(_kinds_text, points)])],
    )
    fitting = (
        table_lines(columns)[1:]
        for columns in (transliterated(table, glyphs) for table in tables)
        if table_width(columns) <= width
    )
    lines = next(fitting, [])
    n_hidden = len(result.by_input) - len(shown)
    if n_hidden and rows > 0:
        lines.append(Content.styled(f"and {n_hidden} more", MUTED_STYLE))
    return lines


def _point_columns(
    by_input: Sequence[Sequence[FixedPoint]], loss: Loss, *, with_radius: bool
) -> Iterator[Column]:
    """Yield a column for the first points under all inputs, for the second ones, and so on."""
    for points in zip_longest(*by_input):
        yield Column("", [_point_text(point, loss, with_radius=with_radius) for point in points])


def _point_text(point: FixedPoint | None, loss: Loss, *, with_radius: bool) -> str:
    if point is None:
        return ""
    radius = f" ρ {point.spectral_radius:.2f}" if with_radius else ""
    return f"{KIND_GLYPHS[point.kind]} {_output(point, loss)}{radius}"


def _kinds_text(points: Sequence[FixedPoint]) -> str:
    """Return the numbers of points by kind."""
    kinds = [point.kind for point in points]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in KIND_GLYPHS if kind in kinds)


def _side_by_side(
    left: Sequence[Content], right: Sequence[Content], left_width: int
) -> list[Content]:
    rows = max(len(left), len(right))
    column = left_width + PORTRAIT_GAP_CELLS
    return [
        Content.assemble(
            one, " " * (column - one.cell_length), right[row] if row < len(right) else ""
        )
        for row, one in enumerate([*left, *[Content("")] * (rows - len(left))])
    ]


def draw_portrait(
    result: Attractors, task: Task, width: int, height: int, glyphs: GlyphSet = BRAILLE
) -> list[Content]:
    """Draw the states on their two principal components, with title and legend where they fit.

    Visited states are marked by the required state, those over the example by the last digit of
    their time step, fixed points by their kind and their letter in the table.
    """
    ratios = result.components.explained_variance_ratios[:2]
    parts = [
        f"{arrow} PC {number} {format_share(ratio)}"
        for number, (arrow, ratio) in enumerate(zip("→↑", ratios, strict=False), start=1)
    ]
    title = glyphs.transliterate("  ".join(parts))
    titles = [f"{title} of variance", title]
    legends = [*map(glyphs.transliterate, _legends(result, task))]
    lines = [Content.styled(first_fitting(titles, width), MUTED_STYLE)]
    legend = first_fitting(legends, width)
    rows = height - len(lines) - bool(legend)
    cells = _portrait_cells(result, width, rows)
    for row in range(rows):
        pieces = [cells.get((row, column), (" ", "")) for column in range(width)]
        texts = ((glyphs.transliterate(glyph), style) for glyph, style in pieces)
        lines.append(Content.assemble(*texts))
    return [*lines, Content.styled(legend, MUTED_STYLE)] if legend else lines


def _legends(result: Attractors, task: Task) -> list[str]:
    states = np.unique(result.required_state).tolist()
    kinds = " ".join(f"{glyph} {kind}" for kind, glyph in KIND_GLYPHS.items())
    marks = [f"{_state_glyph(state)} {state}" for state in states]
    visited = f"{task.state_name or 'state'} {'  '.join(marks)}"
    path = f"0-{len(result.path) - 1} example by t"
    return [f"{visited}   {path}   {kinds}", f"{visited}   {path}", visited]


def _state_glyph(state: int) -> str:
    return STATE_GLYPHS[state % len(STATE_GLYPHS)]


def _portrait_cells(result: Attractors, width: int, rows: int) -> Cells:
    """Return the cells of the portrait that have a mark, later ones over earlier ones.

    Fixed points far from all other states are left out, so that these keep apart.
    """
    states = np.concatenate([result.visited, result.path])
    low, high = states.min(axis=0), states.max(axis=0)
    margin = MAX_DISTANCE * np.maximum(high - low, np.finfo(float).tiny)
    points = [
        (point, letter, result.components.project(point.state))
        for point, letter in zip(
            chain.from_iterable(points for _, points in result.by_input),
            cycle(ascii_uppercase),
            strict=False,
        )
    ]
    points = [
        each for each in points if ((low - margin <= each[2]) & (each[2] <= high + margin)).all()
    ]
    coordinates = np.concatenate([states, *(place[np.newaxis] for _, _, place in points)])
    if coordinates.shape[1] == 1:  # a single unit: a line of states
        coordinates = np.pad(coordinates, ((0, 0), (0, 1)))
    places = _places(coordinates, width - 1, rows)  # the last column is for letters
    cells: Cells = {}
    n_visited, n_states = len(result.visited), len(states)
    for place, state in zip(places, result.required_state.tolist(), strict=False):
        cells[place] = _state_glyph(state), STATE_STYLES[state % len(STATE_STYLES)]
    for t, place in enumerate(places[n_visited:n_states]):
        cells[place] = str(t % 10), PATH_STYLE
    for (point, _, _), place in zip(points, places[n_states:], strict=True):
        cells[place] = KIND_GLYPHS[point.kind], POINT_STYLE
    for (_, letter, _), (row, column) in zip(points, places[n_states:], strict=True):
        for side in ((row, column + 1), (row, column - 1)):
            if cells.get(side, ("", ""))[1] not in (PATH_STYLE, POINT_STYLE):
                cells[side] = letter, PATH_STYLE
                break
    return cells


def _places(coordinates: FloatArray, width: int, rows: int) -> list[tuple[int, int]]:
    """Return the (row, column) of each of `coordinates` (n, 2), the second one upward."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    fractions = (coordinates - low) / np.where(high > low, high - low, 1.0)
    columns = np.rint(fractions[:, 0] * (width - 1)).astype(int)
    from_top = np.rint((1 - fractions[:, 1]) * (rows - 1)).astype(int)
    return list(zip(from_top.tolist(), columns.tolist(), strict=True))
