"""The text of a traced step: aligned columns, the largest terms first, and exact results."""

import re

import numpy as np
import pytest

from rnn_tui.analysis.step_trace import StepTrace, Stop
from rnn_tui.run.run import Run
from rnn_tui.run.step_trace import trace_next_step
from rnn_tui.text.ascii import to_ascii
from rnn_tui.text.step_trace import (
    axis_texts,
    bracketed,
    column_numbers,
    number,
    stop_title,
    trace_lines,
    trace_table,
)
from tests.support.makers import settings_with


@pytest.fixture(scope="module")
def trace() -> StepTrace:
    run = Run(settings_with(length=4, hidden_size=12, batch_size=2, optimizer="adam"))
    run.advance(5)
    return trace_next_step(run)


def stop_of(trace: StepTrace, title: str) -> Stop:
    return next(stop for stop in trace.stops if stop_title(stop) == title)


def test_terms_that_do_not_fit_are_summed_and_the_largest_come_first(trace: StepTrace) -> None:
    stop = stop_of(trace, "forward · time step 2 · preactivation")
    full = trace_table(trace, stop, {}, (76, 20))
    assert [row.text.split()[0] for row in full.rows] == [
        "x_2[a]", "x_2[b]", *(f"h_1[{unit}]" for unit in range(1, 13)), "z_2[1]"
    ]  # fmt: skip
    short = trace_table(trace, stop, {}, (76, 8))
    sizes = [abs(value_of(row.text)) for row in short.rows[:-2]]
    assert sizes == sorted(sizes, reverse=True)
    assert short.rows[-2].text.startswith("… 9 more, sum")
    total = sum(value_of(row.text) for row in short.rows[:-1])
    assert total == pytest.approx(value_of(short.rows[-1].text), abs=1e-5)


def value_of(text: str) -> float:
    return float(text.split()[-1].replace("−", "-"))


def test_selected_term_is_always_among_the_rows(trace: StepTrace) -> None:
    for stop in trace.stops:
        n_terms = trace_table(trace, stop, {}, (76, 6)).n_terms
        for term in range(n_terms):
            table = trace_table(trace, stop, {}, (76, 6), term)
            assert [row.is_selected for row in table.rows].count(True) == 1
            assert len(table.rows) <= 6


@pytest.mark.parametrize("width", [58, 64, 76, 120])
def test_rows_fit_the_width_and_columns_are_aligned(trace: StepTrace, width: int) -> None:
    for stop in trace.stops:
        table = trace_table(trace, stop, {"unit": 11}, (width, 9))
        assert all(len(row.text.replace("\u0302", "")) <= width for row in table.rows), table
        equals = {row.text.index(" = ") for row in table.rows if row.place and " = " in row.text}
        if stop.title == "preactivation":
            assert len(equals) <= 1


@pytest.mark.parametrize("cells", [60, 74])
def test_expressions_fit_the_width(cells: int) -> None:
    run = Run(settings_with(model="lstm"))
    run.advance(5)
    trace = trace_next_step(run)
    for stop in trace.stops:
        table = trace_table(trace, stop, {"unit": 15}, (cells, 6))
        assert all(len(row.text) <= cells for row in table.rows), table


def test_gradient_ends_at_the_number_of_the_engine(trace: StepTrace) -> None:
    stop = stop_of(trace, "gradient · W_h")
    rows = trace_table(trace, stop, {"from unit": 2, "unit": 4}, (90, 20)).rows
    gradient = trace.model.parameters.layout["recurrent_weight"]
    place = 2 * 12 + np.ravel_multi_index((2, 4), gradient)
    value = float(trace.record.gradient[place])
    exact = f"∂L/∂W_h[3,5] = {value!r}".replace("-", "−")
    rounding = r" = Σ [+−] \d\.\de−\d\d \(rounding\)"  # none on some processors
    assert re.fullmatch(f"{re.escape(exact)}({rounding})?", rows[-1].text)
    assert " batch " in rows[1].text
    terms_and_sums = [row.text.split("  ")[-2:] for row in rows[:-1]]
    assert all(len(term) == len(part.removeprefix("Σ ")) for term, part in terms_and_sums)


def test_axes_with_several_places_are_named(trace: StepTrace) -> None:
    assert axis_texts(trace, stop_of(trace, "gradient · W_x"), {"unit": 4}) == {
        "input": "input a",
        "unit": "unit 5 of 12",
        "example": "example 1 of 2",
    }
    assert axis_texts(trace, stop_of(trace, "update · Adam: W_o"), {}) == {"unit": "unit 1 of 12"}


def test_formula_with_numbers_of_a_gradient_is_of_the_batch(trace: StepTrace) -> None:
    for stop in trace.stops:
        if stop_title(stop).startswith("gradient · W"):
            left, *terms, right = trace_table(trace, stop, {}, (200, 20)).numbers.split(" = ")
            values = [float(term.strip("()").replace("−", "-")) for term in terms[0].split(" + ")]
            assert sum(values) == pytest.approx(float(right.replace("−", "-")), abs=1e-5), left


def test_lines_have_every_stop_once(trace: StepTrace) -> None:
    first, *lines = trace_lines(trace, 3)
    assert first == "trace of step 6, which the run has not taken"
    titles = [line for line in lines if not line.startswith(" ")]
    for line, stop in zip(titles, trace.stops, strict=True):
        assert line.startswith(stop_title(stop))
    units = {line.partition(" · unit ")[2].split(" ")[0] for line in titles if " · unit " in line}
    assert units == {"3"}


def test_columns_are_aligned_in_ascii(trace: StepTrace) -> None:
    for stop in trace.stops:
        rows = trace_table(trace, stop, {}, (90, 5), write=to_ascii).rows
        ends = {row.text.rindex(" = ") for row in rows if row.place and row.is_result}
        assert len(ends) <= 1
        assert all(row.text.replace("−", "-").replace("×", "x").isascii() for row in rows)


def test_numbers_have_the_same_decimals_and_no_negative_zero() -> None:
    assert column_numbers([1.5, -0.25, -0.0]) == ["+1.500000", "−0.250000", "+0.000000"]
    assert column_numbers([1e-5, -2.5e-7]) == ["+1.00000e−05", "−2.50000e−07"]
    assert [number(value) for value in (1.0, -0.0, 0.1, 1 / 3, 1e-9 / 3)] == [
        "1", "0", "0.1", "0.333333", "3.33333e−10"
    ]  # fmt: skip
    assert bracketed(-0.5) == "(−0.5)"
