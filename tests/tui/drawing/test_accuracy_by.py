"""The accuracy breakdown: a table by position, bars by state and chain, a plot over training."""

from dataclasses import replace

import pytest

from rnn_tui.analysis.accuracy import AccuracyBreakdown, Group
from rnn_tui.tui.drawing.accuracy_by import draw_accuracy_by
from rnn_tui.tui.drawing.glyphs import ASCII, GlyphSet
from tests.tui.drawing.analyzed import (
    EVERY_GLYPH_SET,
    SIZES,
    analyzed,
    learning_curve,
    rows_of,
    task_of,
)

NAME = "accuracy-by"


def breakdown() -> AccuracyBreakdown:
    value: AccuracyBreakdown = analyzed(NAME, planted=True)
    chains = [Group(0, 10, 10), *(Group(length, 1, 2) for length in range(1, 33))]
    return replace(
        value,
        sequences=Group(0, 3, 4),
        by_required_state=[Group(0, 10, 10), Group(1, 5, 20)],
        by_chain_length=chains,
    )


def test_table_has_the_columns_of_the_bit_grid_with_and_without_carry() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    rows = rows_of(draw_accuracy_by(value, task, (), 62, 8), 62, 8)
    assert rows[0] == "100 % of a sample of 512 sequences have every output correct"
    assert [row[:12].strip() for row in rows[1:]] == [
        "bit 2^k, k",
        "all %",
        "n",
        "carry 0 %",
        "n",
        "carry 1 %",
        "n",
    ]
    assert rows[1].split()[3:] == list("76543210")
    assert rows[2].split()[2:] == ["100"] * 8
    assert rows[3].split()[1:] == ["512"] * 8
    assert rows[6].split()[3:] == ["100"] * 7 + ["—"]  # the lowest bit has no carry


def test_positions_without_room_are_left_out_but_for_every_second() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    rows = rows_of(draw_accuracy_by(value, task, (), 46, 8), 46, 8)
    assert rows[2].split()[3:] == ["6", "4", "2", "0"]


def test_bars_have_accuracy_interval_and_n() -> None:
    rows = rows_of(draw_accuracy_by(breakdown(), task_of(), (), 62, 30, ASCII), 62, 30)
    assert "carry 0     ###################   100 % (72 to 100 %)  n = 10" in rows
    assert "carry 1     ####---------------  25.0 % (11 to 47 %)  n = 20" in rows


def test_interval_is_left_out_for_all_examples() -> None:
    drawn = draw_accuracy_by(replace(breakdown(), exhaustive=True), task_of(), (), 62, 30)
    assert "75.0 % of all 4 sequences" in drawn.plain
    assert " to " not in drawn.plain


def test_chains_without_room_are_evenly_spaced_up_to_the_longest() -> None:
    rows = rows_of(draw_accuracy_by(breakdown(), task_of(), (), 62, 30), 62, 30)
    assert "by time steps with carry before the output (8 of 33)" in rows
    chains = [int(row.split()[2]) for row in rows if row.startswith("chain of")]
    assert chains == [4, 8, 12, 16, 20, 24, 28, 32]


def test_course_over_training_uses_the_rows_that_are_left() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    rows = rows_of(draw_accuracy_by(value, task, learning_curve(), 62, 30, ASCII), 62, 30)
    assert rows[-1] == "s sequences 100 %   b bits 100 %, n = 512"
    assert rows[-2].split() == ["0", "500", "1,000", "1,500", "2,000"]


def test_task_without_required_state_has_positions_only() -> None:
    changes = {"task": "xor", "model": "feed-forward", "text": "01"}
    drawn = draw_accuracy_by(analyzed(NAME, **changes), task_of(**changes), (), 62, 12)
    rows = rows_of(drawn, 62, 12)
    assert rows[0].startswith(("0", "25", "50", "75"))
    assert rows[1].split()[-1] == "1"


@pytest.mark.parametrize("glyphs", EVERY_GLYPH_SET)
def test_drawing_fits_in_every_size_and_glyph_set(glyphs: GlyphSet) -> None:
    for size in SIZES:
        for curve in ((), learning_curve()):
            drawn = draw_accuracy_by(breakdown(), task_of(), curve, *size, glyphs)
            assert rows_of(drawn, *size)[0].startswith("75.0 %")
