"""Hidden states over one example: a row of cells for each unit below the example's bits.

Columns are those of the bit grid: the highest bit first, or time from left to right.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, final

import numpy as np
from textual.content import Content

from rnn_tui.analysis.hidden_states import HiddenStates, LayerStates
from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.analysis.step_trace import Place
from rnn_tui.engine.tasks import Task
from rnn_tui.text.format import format_correlation
from rnn_tui.tui.drawing.bit_grid import (
    EMPTY_MARK,
    INCORRECT_MARK,
    MAX_COLUMN_CELLS,
    MIN_DETAILED_CELLS,
    TARGET_LABEL,
    align,
    merge_styles,
)
from rnn_tui.tui.drawing.glyphs import (
    BRAILLE,
    CORRECT_STYLE,
    HIGHLIGHT_STYLE,
    INCORRECT_STYLE,
    MUTED_STYLE,
    GlyphSet,
)
from rnn_tui.tui.drawing.heatmap import COLORMAP, MID_LUMINANCE, luminance
from rnn_tui.tui.drawing.parts import Part, fitting_rows, paragraph, percent_digits
from rnn_tui.tui.drawing.unit_details import unit_details

LABEL_CELLS = 13
MIN_VALUE_CELLS = 4  # column width from which values are written
MIN_UNITS = 4  # units that have rows before the example has
DIGITS = "0123456789"  # shapes in ASCII, from the lowest to the highest
CHOSEN_MARK = "▸"


@final
class _Side(NamedTuple):
    """A figure of each unit, in `cells` cells beside its row."""

    heading: str
    cells: int
    text: Callable[[int], str]


@final
class _Columns(NamedTuple):
    """The time steps that are drawn from left to right, in columns of `cells` cells.

    `n_left_out` others have no room.
    """

    time_steps: Sequence[int]
    cells: int
    n_left_out: int
    sides: Sequence[_Side]

    def row(
        self,
        label: str,
        text: Callable[[int], str],
        style: Callable[[int], str] = lambda _: "",
        sides: str = "",
    ) -> Content:
        """Return a row with the text and style of each time step."""
        parts = [(align(text(t), self.cells), style(t)) for t in self.time_steps]
        return Content.assemble(
            (f"{label:<{LABEL_CELLS}}", MUTED_STYLE),
            "…" if self.n_left_out else "",
            *merge_styles(parts),
            sides,
        )


def draw_hidden_states(
    value: HiddenStates,
    task: Task,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
    *,
    layer: int = 0,
    chosen: int | None = None,
    curve: Sequence[CurvePoint] = (),
    highlight: Place | None = None,
) -> Content:
    """Draw `layer` of `value` in `width` × `height` cells, the units with the largest |r| first.

    `chosen` is the place in `value.order` of the unit whose weights follow, with its course over
    the points of `curve`. Where there is no room, rows of the example are left out before units,
    and figures beside the rows before time steps; what is left out is counted. The cell of
    `highlight`, or its column, is reversed.
    """
    columns = _columns(value, task, layer, width)
    details = []
    if chosen is not None:
        details = unit_details(value, task, int(value.order[chosen]), layer, width, glyphs, curve)
        details = details[: max(0, height - 2)]
    n_units = len(value.order)
    example = _example_parts(value, task, columns)
    rows = fitting_rows(example, height - 1 - len(details) - min(n_units, MIN_UNITS))
    rows.append(_header(value, task, columns))
    room = height - len(rows) - len(details)
    n_shown = n_units if n_units <= room else max(1, room - 1)
    place = highlight or Place()
    centre = chosen
    if centre is None and place.unit is not None:
        centre = int(np.flatnonzero(value.order == place.unit)[0])
    first = 0 if centre is None else max(0, min(centre - n_shown // 2, n_units - n_shown))
    rows += [
        _unit_row(value, value.layers[layer], at, columns, glyphs, place, is_chosen=at == chosen)
        for at in range(first, first + n_shown)
    ]
    if n_shown < min(n_units, room):
        rows.append(Content.styled(f"{n_units - n_shown} of {n_units} units more", MUTED_STYLE))
    rows += details
    for text in _legend(value, task, value.layers[layer], glyphs):
        line = paragraph(text, width, MUTED_STYLE)
        rows += line if len(rows) + len(line) <= height else []
    return Content("\n").join(rows)


def _columns(value: HiddenStates, task: Task, layer: int, width: int) -> _Columns:
    """Return the columns, with as many figures beside them as leave room for all time steps."""
    count, sides = len(value.targets), _sides(value, layer)
    n_shown, cells = 0, 1
    for n_sides in range(len(sides), -1, -1):
        used = sides[:n_sides]
        room = width - LABEL_CELLS - sum(side.cells for side in used)
        if room >= count:
            n_shown, cells = count, min(MAX_COLUMN_CELLS, room // count)
            break
    else:
        used = sides[:1]
        n_shown = max(1, width - LABEL_CELLS - 1 - sum(side.cells for side in used))
    first = 0 if task.lsb_first else count - n_shown
    time_steps = range(first, first + n_shown)
    ordered = time_steps[::-1] if task.lsb_first else time_steps
    return _Columns(ordered, cells, count - n_shown, used)


def _sides(value: HiddenStates, layer: int) -> list[_Side]:
    correlations, ablations = value.correlations, value.ablations
    sides = []
    if correlations is not None:
        propagate = correlations.propagate
        sides.append(_Side("r", 7, lambda unit: format_correlation(propagate[unit], 2)))
    if ablations is not None:
        accuracies = ablations.accuracies
        sides.append(_Side("ablated %", 10, lambda unit: percent_digits(float(accuracies[unit]))))
    names = [saturated.name for saturated in value.saturation]
    if value.layers[layer].name in names:
        saturated = value.saturation[names.index(value.layers[layer].name)]
        fractions = saturated.low + saturated.high
        sides.append(_Side("sat. %", 8, lambda unit: percent_digits(float(fractions[unit]))))
    return sides


def _example_parts(value: HiddenStates, task: Task, columns: _Columns) -> list[Part]:
    """Return the rows of the example, of which the inputs are left out last."""
    cells, mask = columns.cells, value.mask
    detailed = cells >= MIN_DETAILED_CELLS
    correct = task.is_correct(value.predictions, 0.5, value.targets) | ~mask

    def heading(t: int) -> str:
        text = str(1 << t if task.lsb_first else t + 1)
        return text if len(text) < cells else ""

    def target(t: int) -> str:
        return f"{value.targets[t]:.0f}" if mask[t] else EMPTY_MARK

    def predicted(t: int) -> str:
        if not mask[t]:
            return EMPTY_MARK
        output, mark = value.predictions[t], INCORRECT_MARK * (detailed and not correct[t])
        return (_value_text(output, cells - 2) if task.is_regression else _bit(output)) + mark

    def predicted_style(t: int) -> str:
        return (CORRECT_STYLE if correct[t] else INCORRECT_STYLE) if mask[t] else MUTED_STYLE

    left_out = [_left_out_row(columns, task)] if columns.n_left_out else []
    headings = columns.row("" if task.lsb_first else "time step t", heading, lambda _: MUTED_STYLE)
    inputs = [
        columns.row(name, "".join(map(_bit, bits)).__getitem__)
        for name, bits in zip(task.input_names, value.inputs.T, strict=True)
    ]
    marks = columns.row("incorrect", lambda t: " " if correct[t] else INCORRECT_MARK)
    return [
        Part(0, left_out),
        Part(4, [headings] * detailed),
        Part(1, inputs),
        Part(3, [columns.row(TARGET_LABEL, target, lambda _: "bold")]),
        Part(2, [columns.row("predicted", predicted, predicted_style)]),
        Part(3, [marks] * (not detailed)),
    ]


def _header(value: HiddenStates, task: Task, columns: _Columns) -> Content:
    """Return the row of the required state after each time step, with the names of the sides."""
    states = value.required_state
    sides = "".join(f"{side.heading:>{side.cells}}" for side in columns.sides)
    if not task.state_name:
        return columns.row("", lambda _: "", sides=sides)
    return columns.row(
        f"next {task.state_name}",
        lambda t: str(states[t]) if states[t] else EMPTY_MARK,
        lambda t: "bold" if states[t] else MUTED_STYLE,
        sides,
    )


def _unit_row(
    value: HiddenStates,
    states: LayerStates,
    place: int,
    columns: _Columns,
    glyphs: GlyphSet,
    highlight: Place,
    *,
    is_chosen: bool,
) -> Content:
    unit = int(value.order[place])
    mark, style = (CHOSEN_MARK, "bold") if is_chosen else (" ", "")
    low, high = _value_range(states)
    cells = [
        _cell(float(states.values[t, unit]), low, high, columns.cells, glyphs)
        for t in columns.time_steps
    ]
    if highlight.unit in (None, unit):
        cells = [
            (text, HIGHLIGHT_STYLE if t == highlight.time else style)
            for t, (text, style) in zip(columns.time_steps, cells, strict=True)
        ]
    sides = "".join(f"{side.text(unit):>{side.cells}}" for side in columns.sides)
    return Content.assemble(
        (f"{f'{mark}unit {unit + 1}':<{LABEL_CELLS}}", style),
        "…" if columns.n_left_out else "",
        *merge_styles(cells),
        (sides, style),
    )


def _value_range(states: LayerStates) -> tuple[float, float]:
    """Return the lowest and highest value of the scale of a layer."""
    if states.activation == "sigmoid":
        return 0.0, 1.0
    if states.activation == "tanh":
        return -1.0, 1.0
    top = float(np.abs(states.values).max(initial=0.0)) or 1.0
    return (0.0, top) if states.activation == "relu" else (-top, top)


def _cell(value: float, low: float, high: float, cells: int, glyphs: GlyphSet) -> tuple[str, str]:
    """Return the text of a value in `cells` cells and its style.

    A colour has the value in figures where these fit. Without colours, the value is a shape, with
    its sign if values may be negative.
    """
    fraction = min(1.0, max(0.0, (value - low) / (high - low)))
    if not glyphs.shades:
        color = COLORMAP[min(len(COLORMAP) - 1, int(fraction * len(COLORMAP)))]
        text = _value_text(value, cells - 1) if cells >= MIN_VALUE_CELLS else ""
        ink = "#000000" if luminance(color) > MID_LUMINANCE else "#ffffff"
        return align(text, cells), f"{ink} on {color.get_truecolor().hex}"
    shapes, sign = DIGITS if glyphs.ascii_only else glyphs.bars, ""
    if low < 0 and cells > 1:
        fraction, sign = min(1.0, abs(value) / high), "-" if value < 0 else "+"
    shape = shapes[min(len(shapes) - 1, int(fraction * len(shapes)))]
    return align(sign + shape, cells), ""


def _value_text(value: float, cells: int) -> str:
    """Return a value with as many of two decimals as fit, or # where it does not."""
    for digits in (2, 1, 0):
        text = f"{value:.{digits}f}"
        if digits and abs(value) < 1:
            text = text.replace("0.", ".", 1)
        if len(text) <= cells:
            return text
    return "#"


def _bit(value: float) -> str:
    return "01"[int(value > 0.5)]


def _left_out_row(columns: _Columns, task: Task) -> Content:
    n_shown = len(columns.time_steps)
    kind = f"lowest {n_shown} bits" if task.lsb_first else f"last {n_shown} time steps"
    return Content.styled(f"the {kind} of {n_shown + columns.n_left_out}", MUTED_STYLE)


def _legend(
    value: HiddenStates, task: Task, states: LayerStates, glyphs: GlyphSet
) -> Iterator[str]:
    if value.correlations is not None:
        n = value.correlations.n_propagate
        yield f"r with the next {task.state_name}, on {n:,} propagate time steps"
    if value.ablations is not None:
        intact, n = percent_digits(value.ablations.intact), value.ablations.n_sequences
        yield f"ablated: sequence accuracy with the unit at its mean (intact {intact} %, n = {n:,})"
    low, high = _value_range(states)
    shapes = DIGITS if glyphs.ascii_only else glyphs.bars
    shown_as = f" as {shapes[0]} to {shapes[-1]}" if glyphs.shades else ""
    yield f"{states.name} from {low:.3g} to {high:.3g}{shown_as}"
