"""The stops of a step trace as text: formulas, the same with numbers, and a table of the terms."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import final

from rnn_tui.analysis.step_trace import (
    EXAMPLE,
    Assignment,
    Place,
    StepTrace,
    Stop,
    Sum,
    Term,
)
from rnn_tui.analysis.step_trace.equations import fsum_or_nan

DECIMALS = 6
MIN_FIXED, MAX_FIXED = 1e-2, 1e5  # largest sizes of a column between which it has fixed decimals
SMALL_NUMBER = 1e-3  # below, a single number is written in scientific notation
MAX_TERMS = 24  # of an equation in line mode
MIN_ROWS_WITH_RESULT = 6  # of a sum, whose formula with numbers has the result as well
ELLIPSIS, HAT = "…", "\u0302"
DOUBLE_BRACKETS = re.compile(r"\((\(−[^()]*\))\)")  # around a negative argument of a function
Write = Callable[[str], str]
_Layout = tuple[int, bool]  # decimals, and whether factors have columns
LAYOUTS: tuple[_Layout, ...] = ((DECIMALS, True), (4, True), (DECIMALS, False), (4, False))
NO_TARGET = "no sequence of the batch has a target: the weights stay as they are"


@final
@dataclass(frozen=True, slots=True)
class TraceRow:
    """A row of the table: a term, the sum of others, or the result."""

    text: str
    place: Place | None = None
    is_selected: bool = False
    is_result: bool = False


@final
@dataclass(frozen=True, slots=True)
class TraceTable:
    """A stop at one index: its formula with numbers, for a sum, and the rows of its terms.

    `n_terms` may be more than the rows; `place` is that of the selected term.
    """

    numbers: str
    rows: tuple[TraceRow, ...]
    n_terms: int
    place: Place


def stop_title(stop: Stop) -> str:
    """Return the phase, the time step and the name of `stop`."""
    time = f" · time step {stop.time + 1}" if stop.time is not None else ""
    return f"{stop.phase.value}{time} · {stop.title}"


def axis_texts(trace: StepTrace, stop: Stop, index: Mapping[str, int]) -> dict[str, str]:
    """Return the places on those axes of `stop` that have several, by axis."""
    texts = {}
    for axis in trace.axes_of(stop):
        start = trace.first_example if axis.name == EXAMPLE else 0
        place, count = min(index.get(axis.name, start), len(axis.labels) - 1), len(axis.labels)
        numbered = axis.labels[place].isdigit()
        if count > 1:
            texts[axis.name] = f"{axis.name} {axis.labels[place]}" + f" of {count}" * numbered
    return texts


def trace_table(
    trace: StepTrace,
    stop: Stop,
    index: Mapping[str, int],
    size: tuple[int, int],
    term: int = 0,
    write: Write = str,
) -> TraceTable:
    """Return the table of `stop` at `index` in (width, height) cells, at least three rows.

    One of them is the formula with numbers, of a sum. `term` is selected, none if it is -1. Where
    terms do not fit, the largest come first, and the others are summed. `write` transliterates the
    symbols before they are aligned.
    """
    equation, (width, height) = trace.equation(stop, index), size
    if isinstance(equation, Sum):
        size = width, max(2, height - 1)
        return _sum_table(equation, size, term, write, trace.n_examples)
    return _assignment_table(equation, (width, max(1, height)), term, write)


def stop_lines(
    trace: StepTrace, stop: Stop, index: Mapping[str, int], width: int, write: Write = str
) -> list[str]:
    """Return `stop` at `index` as lines of text, with at most MAX_TERMS terms."""
    table = trace_table(trace, stop, index, (width, MAX_TERMS + 3), -1, write)
    axes = "".join(f" · {text}" for text in axis_texts(trace, stop, index).values())
    lines = [stop_title(stop) + axes, f"  {stop.formula}"]
    lines += [f"  {table.numbers}"] if table.numbers else []
    return [*lines, *(f"    {row.text}" for row in table.rows)]


def trace_lines(
    trace: StepTrace, unit: int = 1, width: int = 100, write: Write = str
) -> Iterator[str]:
    """Yield all stops of `trace` as lines of text, at hidden `unit`, from 1."""
    yield f"trace of step {trace.step + 1:,}, which the run has not taken"
    if not trace.stops:
        yield NO_TARGET
    for stop in trace.stops:
        yield from stop_lines(trace, stop, {"unit": unit - 1}, width, write)


# -- sums ----------------------------------------------------------------------------------------


def _sum_table(
    equation: Sum, size: tuple[int, int], term: int, write: Write, n_examples: int
) -> TraceTable:
    width, height = size
    terms, n_terms = equation.terms, len(equation.terms)
    order: Sequence[int] = range(n_terms)
    has_result = equation.is_over_time or height >= MIN_ROWS_WITH_RESULT
    room = height - has_result
    n_shown = n_terms if n_terms <= room else max(1, room - 1)
    if n_shown < n_terms and not equation.is_over_time:
        order = sorted(order, key=lambda place: -abs(terms[place].value))
    selected = min(term, n_terms - 1)
    first = max(0, min(selected - n_shown // 2, n_terms - n_shown))
    shown = [terms[place] for place in order[first : first + n_shown]]
    n_more, values = n_terms - n_shown, [each.value for each in shown]
    labels = [write(" ".join(each.symbols)) for each in shown]
    if n_more:
        others = (*order[:first], *order[first + n_shown :])
        values.append(fsum_or_nan([terms[at].value for at in others]))
        labels.append(write(f"{ELLIPSIS} {n_more} more, sum"))
    values.append(equation.value)
    labels.append(write(equation.symbol))
    partial_sums = [each.partial_sum for each in shown if each.partial_sum is not None]
    is_batch = equation.is_over_time and n_examples > 1
    sum_symbol = write("Σ").strip()
    for layout in LAYOUTS:
        columns = labels, shown, values, partial_sums
        texts = _table_texts(*columns, layout, sum_symbol, is_batch=is_batch)
        if max(map(len, texts)) <= width:
            break
    if not has_result:
        texts.pop()  # which the line above the table has as well
    places = [each.place for each in shown]
    rows = [
        TraceRow(
            text,
            places[place] if place < n_shown else None,
            is_selected=place < n_shown and first + place == selected,
            is_result=place == len(labels) - 1,
        )
        for place, text in enumerate(texts)
    ]
    if equation.is_over_time:
        exact, rounding = f"{labels[-1]} = {equation.value!r}", equation.rounding
        sign = "-" if rounding < 0 else "+"
        difference = f" = {sum_symbol} {sign} {abs(rounding):.1e} (rounding)"
        exact += difference if rounding and len(exact + difference) <= width else ""
        rows[-1] = TraceRow(exact.replace("-", "−"), is_result=True)
    place = places[selected - first] if 0 <= selected - first < n_shown else Place()
    factors = [(each.value,) if is_batch else each.factors or (each.value,) for each in shown]
    return TraceTable(_sum_text(equation, factors, n_more, width), tuple(rows), n_terms, place)


def _table_texts(
    labels: Sequence[str],
    terms: Sequence[Term],
    values: Sequence[float],
    partial_sums: Sequence[float],
    layout: _Layout,
    sum_symbol: str,
    *,
    is_batch: bool,
) -> list[str]:
    """Return the rows with these `labels` and `values`, of which the first are of `terms`."""
    decimals, shows_factors = layout
    factors = _products(terms, decimals) if shows_factors else [""] * len(terms)
    equals = " batch" if is_batch else " ="
    factors = [f"{text}{equals}" if text else "" for text in factors]
    factors += [""] * (len(labels) - len(terms))
    numbers = column_numbers([*values, *partial_sums], decimals)
    columns = [_left_aligned(labels), _left_aligned(factors), numbers[: len(values)]]
    rows = ["  ".join(filter(None, row)).rstrip() for row in zip(*columns, strict=True)]
    sums = numbers[len(values) :]
    sums += [""] * (len(rows) - len(sums))
    texts = zip((row.replace("=  ", "= ") for row in rows), sums, strict=True)
    return [f"{row}  {sum_symbol} {text}" if text else row for row, text in texts]


def _products(terms: Sequence[Term], decimals: int) -> list[str]:
    """Return the factors of `terms`, those of each place in one column."""
    count = max((len(term.factors) for term in terms), default=0)
    columns = [
        _right_aligned(
            [number(term.factors[place], decimals) if term.factors else "" for term in terms]
        )
        for place in range(count)
    ]
    return [
        " × ".join(texts) if term.factors else ""
        for term, texts in zip(terms, zip(*columns, strict=True) if columns else (), strict=False)
    ] or [""] * len(terms)


def _left_aligned(texts: Sequence[str]) -> list[str]:
    cells = max(map(_cells, texts), default=0)
    return [text + " " * (cells - _cells(text)) for text in texts]


def _cells(text: str) -> int:
    """Return the cells of `text`, in which a hat has none of its own."""
    return len(text) - text.count(HAT)


def _right_aligned(texts: Sequence[str]) -> list[str]:
    cells = max(map(len, texts), default=0)
    return [f"{text:>{cells}}" for text in texts]


def _sum_text(equation: Sum, factors: Sequence[Sequence[float]], n_more: int, width: int) -> str:
    """Return the sum with the `factors` of as many terms as fit in `width` cells."""
    products = ["·".join(map(bracketed, each)) for each in factors]
    start, end = f"{equation.symbol} = ", f" = {number(equation.value)}"
    for count in range(len(products), 0, -1):
        elided = count < len(products) or n_more
        text = " + ".join([*products[:count], *([ELLIPSIS] if elided else [])])
        if len(start + text + end) <= width:
            return start + text + end
    return start + ELLIPSIS + end


# -- assignments ---------------------------------------------------------------------------------


def _assignment_table(
    equation: Sequence[Assignment], size: tuple[int, int], term: int, write: Write
) -> TraceTable:
    (width, height), selected = size, min(term, len(equation) - 1)
    symbols = _left_aligned([write(row.symbol) for row in equation])
    for decimals in (DECIMALS, 4):
        texts = [write(_expression_text(row, decimals)) for row in equation]
        values = _right_aligned([number(row.value, decimals) for row in equation])
        cells = width - _cells(symbols[0]) - len(values[0]) - 6  # of " = " and " = "
        if max(map(len, texts)) <= cells:
            break
    cells = min(cells, max(map(len, texts)))
    rows = []
    for at, (row, symbol, text, value) in enumerate(
        zip(equation, symbols, texts, values, strict=True)
    ):
        line = f"{symbol} = {_elided(text, cells):<{cells}} = {value}"
        rows.append(TraceRow(line, row.place, is_selected=at == selected, is_result=True))
    first = max(0, min(selected - height // 2, len(rows) - height))
    shown = rows[first : first + height]
    if selected >= 0 and len(rows) < height:
        expression = f"{'':<{_cells(symbols[0])}} = {write(equation[selected].expression)}"
        shown.insert(selected - first + 1, TraceRow(_elided(expression, width)))
    place = equation[selected].place if selected >= 0 else Place()
    return TraceTable("", tuple(shown), len(rows), place)


def _elided(text: str, cells: int) -> str:
    return text if _cells(text) <= cells else text[: cells - 1] + ELLIPSIS


def _expression_text(row: Assignment, decimals: int) -> str:
    """Return the expression of `row` with its numbers."""
    text = row.substituted(lambda value: bracketed(value, decimals))
    return DOUBLE_BRACKETS.sub(r"\1", text)


# -- numbers -------------------------------------------------------------------------------------


def column_numbers(values: Sequence[float], decimals: int = DECIMALS) -> list[str]:
    """Return a column of numbers with the same decimals, fixed or scientific."""
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    is_fixed = largest == 0 or MIN_FIXED <= largest < MAX_FIXED
    form = f"+.{decimals}f" if is_fixed else f"+.{decimals - 1}e"
    texts = [format(value + 0.0, form) for value in values]
    return [text.replace("-", "−") for text in _right_aligned(texts)]


def number(value: float, decimals: int = DECIMALS) -> str:
    """Return a single number: exact where that is short, else with so many decimals."""
    value += 0.0  # so that there is no -0
    exact = f"{value:g}"
    if not isfinite(value) or (float(exact) == value and len(exact) <= DECIMALS):
        text = exact
    elif SMALL_NUMBER <= abs(value) < MAX_FIXED:
        text = f"{value:.{decimals}f}"
    else:
        text = f"{value:.{decimals - 1}e}"
    return text.replace("-", "−")


def bracketed(value: float, decimals: int = DECIMALS) -> str:
    """Return a number within a formula, in brackets if it is negative."""
    text = number(value, decimals)
    return f"({text})" if value < 0 else text
