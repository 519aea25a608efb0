"""The table of a sweep: never wider than its window, in pages, sorted and filtered."""

import re
from dataclasses import replace
from functools import cache
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.sweep.statistics import Estimate, Interval
from rnn_tui.sweep.summary import CellSummary, compare_values, summarize_cell
from rnn_tui.sweep.sweep import Sweep, SweepProgress
from rnn_tui.text.sweep_table import (
    SORT_ORDERS,
    TableView,
    accuracy_texts,
    cell_lines,
    comparison_text,
    format_interval,
    format_seconds,
    parse_filter,
    progress_text,
    sweep_table,
    table_lines,
)
from tests.support.sweeps import fake_sweep, make_result

RATES, SIZES = "lr=0.03,0.1,0.3,1", "hidden-size=4,8,16"
GRIDS: list[tuple[str, ...]] = [
    (),
    (RATES,),
    (RATES, SIZES),
    ("recipe=binary-addition,binary-addition-normal", RATES, SIZES, "100:lr=0.1,0.2"),
]


@cache
def sweep_of(*words: str) -> Sweep:
    """Return a sweep of this grid, most runs of which have results."""
    return fake_sweep(*words, share=0.8)


@pytest.fixture(scope="module")
def two_axes() -> Sweep:
    return sweep_of(RATES, SIZES)


@settings(deadline=None)  # the first summaries of each sweep take longer
@given(st.sampled_from(GRIDS), st.integers(1, 200), st.sampled_from(SORT_ORDERS))
def test_no_line_is_wider_than_the_window(words: tuple[str, ...], width: int, sort: str) -> None:
    assert max(map(len, table_lines(sweep_of(*words), width, TableView(sort)))) <= width


@pytest.mark.parametrize("words", GRIDS)
def test_every_cell_is_on_one_page(words: tuple[str, ...]) -> None:
    sweep = sweep_of(*words)
    for width in (40, 80, 120):
        n_pages = sweep_table(sweep, width, TableView()).n_pages
        pages = [sweep_table(sweep, width, TableView(page=page)) for page in range(n_pages)]
        cells = [set(row.cells) for page in pages for row in page.rows]
        assert sum(map(len, cells)) == len(sweep.grid.cells)
        assert set().union(*cells) == set(range(len(sweep.grid.cells)))


def test_table_of_two_axes_has_the_last_one_as_columns(two_axes: Sweep) -> None:
    table = sweep_table(two_axes, 120, TableView())
    assert table.label_names == ("lr",)
    assert table.column_names == ("hidden-size=4", "hidden-size=8", "hidden-size=16")
    assert [row.labels for row in table.rows] == [("0.03",), ("0.1",), ("0.3",), ("1",)]
    assert table.rows[1].cells == (3, 4, 5)
    assert table.rows[1].texts[2] == cell_lines(summarize_cell(two_axes, 5))


def test_columns_without_room_are_named(two_axes: Sweep) -> None:
    assert sweep_table(two_axes, 40, TableView(page=1)).notes == ["column 2 of 3"]
    assert sweep_table(two_axes, 60, TableView()).notes == ["columns 1 to 2 of 3"]
    assert "column 3 of 3:" in table_lines(two_axes, 60)


def test_measures_of_one_axis_are_columns_where_there_is_room() -> None:
    sweep = sweep_of(RATES)
    heading, *lines = table_lines(sweep, 90)
    assert re.split(" {2,}", heading) == [
        "lr", "exact", "95 %", "median steps", "quartiles", "accuracy", "95 %",
    ]  # fmt: skip
    assert len(lines) == 4
    assert len(table_lines(sweep, 40)) == 1 + 3 * 4


@pytest.mark.parametrize("order", ["success", "steps", "accuracy"])
def test_rows_are_sorted_by_their_best_cell(two_axes: Sweep, order: str) -> None:
    def best(cells: tuple[int | None, ...]) -> float:
        summaries = [summarize_cell(two_axes, cell) for cell in cells if cell is not None]
        values = {
            "success": [-summary.success_rate for summary in summaries],
            "steps": [summary.median for summary in summaries],
            "accuracy": [-summary.accuracy.value for summary in summaries],
        }
        return min(values[order])

    rows = sweep_table(two_axes, 120, TableView(order)).rows
    values = [best(row.cells) for row in rows]
    assert values == sorted(values)
    assert len(set(values)) > 1


@pytest.mark.parametrize(
    ("text", "labels", "columns"),
    [
        ("lr=0.1,1", ["0.1", "1"], ["hidden-size=4", "hidden-size=8", "hidden-size=16"]),
        ("hidden-size=8", ["0.03", "0.1", "0.3", "1"], ["hidden-size=8"]),
        ("0.3 16", ["0.3"], ["hidden-size=16"]),
        ("", ["0.03", "0.1", "0.3", "1"], ["hidden-size=4", "hidden-size=8", "hidden-size=16"]),
    ],
)
def test_filter_keeps_matching_settings(
    two_axes: Sweep, text: str, labels: list[str], columns: list[str]
) -> None:
    words = parse_filter(two_axes, text)
    table = sweep_table(two_axes, 120, TableView(words=words))
    assert [row.labels[0] for row in table.rows] == labels
    assert list(table.column_names) == columns
    n_shown = len(labels) * len(columns)
    assert table.notes == ([f"{n_shown} of 12 settings: {text}"] if text else [])


def test_filter_may_leave_holes() -> None:
    sweep = fake_sweep("batch-size=1,2", "hidden-size=1,2", n_seeds=2)
    (first, second) = sweep_table(sweep, 80, TableView(words=("1",))).rows
    assert (first.cells, second.cells) == ((0, 1), (2, None))
    assert second.texts[1] == ("", "", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lr=0.1,7", "lr has no value 7 here: 0.03, 0.1, 0.3, 1"),
        ("hidden=8", "unknown axis 'hidden' (did you mean hidden-size?)"),
        ("foo", "no setting of the sweep matches 'foo'"),
        ("0.1 0.3", "no setting of the sweep matches '0.1 0.3'"),
    ],
)
def test_filter_without_a_match_is_rejected(two_axes: Sweep, text: str, message: str) -> None:
    with pytest.raises(UserError, match=re.escape(message)):
        parse_filter(two_axes, text)


def accuracy(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, Interval(low, high))


def summary(**changes: object) -> CellSummary:
    values = {
        "n_runs": 20,
        "n_done": 20,
        "n_exact": 14,
        "n_halted": 0,
        "n_censored": 6,
        "success": Interval(0.481, 0.855),
        "quartiles": (6250.0, 7500.0, 9000.0),
        "limit": 10_000,
        "accuracy": accuracy(0.9981, 0.97, 1.0),
    }
    return CellSummary(**values | changes)  # type: ignore[arg-type]  # names and types of a table


@pytest.mark.parametrize(
    ("cell", "lines"),
    [
        (summary(), ("14/20 (48–86 %)", "7,500 (6,250–9,000)", "99.8 % (97.0–100 %)")),
        (
            summary(n_done=15, quartiles=(6250.0, 7500.0, inf)),
            ("14/15 of 20 so far", "7,500", "99.8 %"),
        ),
        (
            summary(quartiles=(6250.0, 7500.0, inf)),
            ("14/20 (48–86 %)", "7,500 (6,250–> 10,000)", "99.8 % (97.0–100 %)"),
        ),
        (
            summary(quartiles=(9000.5, inf, inf)),
            ("14/20 (48–86 %)", "> 10,000 (Q1 9,000)", "99.8 % (97.0–100 %)"),
        ),
        (
            summary(quartiles=(7500.0, 7500.0, 7500.0), accuracy=accuracy(0.0025, 0.0025, 0.0025)),
            ("14/20 (48–86 %)", "7,500 (7,500)", "0.2 % (0.2–0.2 %)"),
        ),
        (
            summary(quartiles=(inf, inf, inf), n_halted=6, n_censored=0),
            ("14/20 (48–86 %)", "halted", "99.8 % (97.0–100 %)", "6 halted"),
        ),
        (
            summary(quartiles=(inf, inf, inf), n_halted=3),
            ("14/20 (48–86 %)", "> 10,000", "99.8 % (97.0–100 %)", "3 halted"),
        ),
        (summary(n_done=0, success=None, quartiles=(nan, nan, nan)), ("– of 20", "", "")),
    ],
)
def test_cell_has_success_steps_and_accuracy(cell: CellSummary, lines: tuple[str, ...]) -> None:
    assert cell_lines(cell) == lines


def test_summary_counts_censored_and_halted_runs() -> None:
    sweep = fake_sweep("lr=1", n_seeds=4, share=0)
    jobs = sweep.grid.jobs
    for job, step in zip(jobs[:3], (5000, None, 7000), strict=True):
        sweep.results[job.digest] = make_result(job, step, n_correct=512)
    found = summarize_cell(sweep, 0)
    assert (found.n_runs, found.n_done, found.n_exact) == (4, 3, 2)
    assert found.quartiles == (6000, 7000, inf)
    assert found.accuracy.value == pytest.approx((1 + 1 + 0.5) / 3)


def test_cells_without_all_results_are_not_compared() -> None:
    sweep = fake_sweep("lr=1,2,3", n_seeds=2)
    assert [comparison.value for comparison in compare_values(sweep)] == ["2", "3"]
    del sweep.results[sweep.grid.cells[2].jobs[0].digest]
    assert [comparison.value for comparison in compare_values(sweep)] == ["2"]


def test_values_of_an_axis_are_compared_over_the_other_axes() -> None:
    sweep = fake_sweep("lr=1,2", "hidden-size=3,4", n_seeds=2, share=0)
    steps: dict[tuple[str, ...], tuple[int | None, int | None]] = {
        ("1", "3"): (500, None),
        ("2", "3"): (250, 250),
    }
    for cell in sweep.grid.cells:
        for job, step in zip(cell.jobs, steps.get(cell.values, (None, None)), strict=True):
            sweep.results[job.digest] = make_result(job, step)
    by_axis = {comparison.axis: comparison for comparison in compare_values(sweep)}
    assert by_axis["lr"].improvement.value == (1 + 0.5) / 2
    assert (by_axis["lr"].value, by_axis["lr"].baseline) == ("2", "1")
    assert by_axis["hidden-size"].improvement.value == (0.25 + 0) / 2
    assert by_axis["lr"].n_exact == 3
    assert comparison_text(by_axis["lr"]) == "lr 2 vs 1: 75 % (75–75 %)"


def test_comparison_without_an_exact_run_has_no_probability() -> None:
    sweep = fake_sweep("optimizer=sgd,adam", n_seeds=2, share=0)
    for job in sweep.grid.jobs:
        sweep.results[job.digest] = make_result(job)
    (comparison,) = compare_values(sweep)
    assert comparison_text(comparison) == "optimizer adam vs sgd: — (no run is exact)"


@pytest.mark.parametrize(
    ("ends", "texts"),
    [
        ((0.9981, 0.97, 1.0), ("99.8 %", "97.0–100 %")),
        ((0.0025, 0.0, 0.0025), ("0.2 %", "0–0.2 %")),
        ((0.0028, 0.0028, 0.0028), ("0.2 %", "0.2–0.2 %")),
        ((0.0004, 0.0, 0.0004), ("< 0.1 %", "0–0.1 %")),
        ((0.34, 0.2999, 0.9999), ("34.0 %", "29.9–99.9 %")),
        ((0.0, 0.0, 0.0), ("0 %", "0–0 %")),
    ],
)
def test_accuracy_is_within_its_interval_as_printed(
    ends: tuple[float, float, float], texts: tuple[str, str]
) -> None:
    assert accuracy_texts(accuracy(*ends)) == texts


def test_quartiles_of_one_axis_are_one_value_where_equal() -> None:
    sweep = fake_sweep("lr=1", n_seeds=4, share=0)
    jobs = sweep.grid.jobs
    for job in jobs:
        sweep.results[job.digest] = make_result(job)
    assert re.split(" {2,}", table_lines(sweep, 90)[1])[3:5] == ["> 10,000", "> 10,000"]
    for job in jobs:
        sweep.results[job.digest] = replace(make_result(job), step=21, halt_reason="overflow")
    assert re.split(" {2,}", table_lines(sweep, 90)[1])[1:5] == [
        "0/4, 4 halted", "0–49 %", "halted", "halted",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("interval", "text"),
    [((0.6825, 0.9314), "68–93 %"), ((0.991, 0.999), "99.1–99.9 %"), ((1.0, 1.0), "100–100 %")],
)
def test_interval_has_decimals_where_its_ends_are_close(
    interval: tuple[float, float], text: str
) -> None:
    assert format_interval(Interval(*interval)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.4, "4 s"), (60, "1 min 0 s"), (3599.7, "1 h 0 min"), (7322, "2 h 2 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_progress_has_the_time_left_once_it_is_known() -> None:
    assert progress_text(SweepProgress(3, 1200, 0.1, 200.0)) == "3 of 1,200 runs, 3 min 20 s left"
    assert progress_text(SweepProgress(0, 12, 0.0, inf)) == "0 of 12 runs"
    assert progress_text(SweepProgress(12, 12, 1.0, 0.0)) == "12 of 12 runs"


def test_sweep_without_results_has_a_table() -> None:
    sweep: Sweep = fake_sweep(RATES, share=0)
    assert "– of 20" in table_lines(sweep, 80)[1]
