"""The memory drawing: verdict, curves with baselines, and figures of the present model."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from rnn_tui.analysis.swap import SwapPairs, SwapResult
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet
from rnn_tui.tui.drawing.memory import draw_memory, memory_verdict
from rnn_tui.tui.drawing.training_course import step_axis
from tests.tui.drawing.analyzed import (
    EVERY_GLYPH_SET,
    SIZES,
    analyzed,
    learning_curve,
    rows_of,
)

LINES = replace(BRAILLE, colored_lines=False)


def test_verdict_has_the_step_and_the_checks_from_it_on() -> None:
    assert memory_verdict(learning_curve(), "carry") == (
        "carry used by step 1,000: swap ≥ 99 % at each of the 3 checks since (n = 1,734 pairs)"
    )


def test_verdict_before_has_the_latest_swap() -> None:
    curve = learning_curve()
    assert memory_verdict(curve[:2], "borrow") == (
        "borrow not yet used: swap 9.4 % after step 500 (n = 1,734 pairs)"
    )
    assert memory_verdict(curve[:3], "carry") == (
        "carry used: swap 100 % after step 1,000 (n = 1,734 pairs), since when is not known yet"
    )
    assert memory_verdict((), "carry") == ""


def test_course_ends_with_the_present_model() -> None:
    value, curve = analyzed("memory", planted=True), learning_curve()[:2]
    rows = rows_of(draw_memory(value, curve, "carry", 76, 14, LINES, step=700), 76, 14)
    assert "swap 100 % after step 700" in rows[0]
    assert any("s swap 100 %" in row for row in rows)
    rows = rows_of(draw_memory(value, curve, "carry", 76, 14, LINES, step=500), 76, 14)
    assert "swap 9.4 % after step 500" in rows[0]


def test_verdict_has_the_number_of_pairs_that_were_swapped() -> None:
    point = learning_curve()[1]
    few = SwapPairs(np.array([28, 29]), np.array([7, 7]))
    curve = [point._replace(memory=replace(point.memory, swap=SwapResult(few, few)))]
    assert memory_verdict(curve, "carry").endswith("after step 500 (n = 57 pairs)")


def test_plot_has_both_curves_and_all_baselines() -> None:
    value = analyzed("memory", planted=True)
    rows = rows_of(draw_memory(value, learning_curve(), "carry", 76, 14, LINES), 76, 14)
    text = "\n".join(rows)
    assert "100 %┤" in text
    assert "s swap 100 %   p probe 100 %   u probe untrained " in text
    assert "m majority " in text
    assert "i input alone " in text
    assert "5 points of 512 sequences" in text
    plot = [row.partition("┤")[2] or row.partition("│")[2] for row in rows[1:-4]]
    assert all(set(plot_row) <= set(" spumi") for plot_row in plot if plot_row)
    assert {"s", "p", "u", "m", "i"} <= set("".join(plot))


def test_high_drawing_has_the_swap_by_time_step_with_n() -> None:
    value = analyzed("memory", planted=True)
    rows = rows_of(draw_memory(value, learning_curve(), "carry", 62, 30), 62, 30)
    table = {row[:12].strip(): row[12:].split() for row in rows}
    assert table["swap after t"] == list("1234567")
    assert table["differing %"] == ["100"] * 7
    assert table["n"] == ["512"] * 7  # of all pairs, the lower row
    n_differing = next(row for row in rows if row.startswith("n ")).split()[1:]
    assert all(0 < int(n) < 512 for n in n_differing)
    of_number = rows_of(
        draw_memory(value, learning_curve(), "carry", 62, 30, lsb_first=True), 62, 30
    )
    table = {row[:12].strip(): row[12:].split() for row in of_number}
    assert table["swap after t"] == list("7654321")  # the lowest bit on the right
    reversed_n = next(row for row in of_number if row.startswith("n ")).split()[1:]
    assert reversed_n == n_differing[::-1]


def test_long_sequences_have_the_swap_of_every_kth_time_step() -> None:
    value = analyzed("memory", length=60, n_sequences=16)
    rows = rows_of(draw_memory(value, (), "carry", 62, 12), 62, 12)
    steps = next(row for row in rows if row.startswith("swap after t")).split()[3:]
    assert steps == ["1", "9", "17", "25", "33", "41", "49", "57"]


@pytest.mark.parametrize("glyphs", EVERY_GLYPH_SET)
def test_drawing_fits_in_every_size_and_glyph_set(glyphs: GlyphSet) -> None:
    for size in SIZES:
        for curve in ((), learning_curve()[:1], learning_curve()):
            drawn = draw_memory(analyzed("memory"), curve, "carry", *size, glyphs)
            assert rows_of(drawn, *size)[0]


@pytest.mark.parametrize(
    ("first", "last", "width", "ticks"),
    [
        (0, 10_000, 60, ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
        (0, 10_000, 36, ["0", "5,000", "10,000"]),
        (700, 1100, 60, ["700", "800", "900", "1,000", "1,100"]),
        (0, 0, 60, ["0", "1"]),
    ],
)
def test_axis_has_round_steps(first: int, last: int, width: int, ticks: list[str]) -> None:
    assert [name for _, name in step_axis(first, last, width).ticks] == ticks


@pytest.mark.parametrize("field", ["probe", "swap"])
def test_accuracy_that_is_not_defined_stands_in_the_legend_alone(field: str) -> None:
    nowhere = SwapPairs(np.array([0, 0]), np.array([0, 0]))
    value, curve = analyzed("memory", planted=True), []
    for point in learning_curve():
        memory = point.memory
        undefined = replace(memory.probe.propagate, probe=nan, majority=nan, present_input=nan)
        memory = replace(memory, probe=replace(memory.probe, propagate=undefined))
        if field == "swap":
            memory = replace(memory, swap=SwapResult(nowhere, nowhere))
        curve.append(point._replace(memory=memory))
    rows = rows_of(draw_memory(value, curve, "delayed", 76, 14, LINES, step=2_000), 76, 14)
    assert any("p probe — %" in row and "m majority — %" in row for row in rows)
    assert any("s swap — %" in row for row in rows) is (field == "swap")
