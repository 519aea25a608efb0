"""Hidden states as rows of text: columns of the bit grid, units by |r|, the chosen unit."""

from dataclasses import replace

import pytest

from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE, GlyphSet
from rnn_tui.tui.drawing.hidden_states import draw_hidden_states
from tests.tui.drawing.analyzed import (
    EVERY_GLYPH_SET,
    SIZES,
    analyzed,
    learning_curve,
    rows_of,
    task_of,
)

SHAPES = replace(BRAILLE, shades=" ")
NAME = "hidden-states"
ALL_UNITS_ROWS = 22  # of the example and 16 units


def test_planted_carry_unit_is_first_and_has_the_carry_in_each_column() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    rows = rows_of(draw_hidden_states(value, task, 62, 8, SHAPES), 62, 8)
    assert rows == [
        "a             0  1  0  1  0  0  0  1 ",
        "b             0  1  1  1  0  0  0  1 ",
        "target        1  1  0  0  0  0  1  0 ",
        "predicted     1  1  0  0  0  0  1  0 ",
        "next carry    ·  1  1  1  ·  ·  ·  1       r ablated %  sat. %",
        " unit 2       ▁  █  █  █  ▁  ▁  ▁  █   +1.00      13.8     100",
        " unit 1       █  █  █  █  ▁  ▁  █  █       —      17.7     100",
        " unit 3       ▁  █  ▁  ▁  ▁  ▁  ▁  ▁       —      57.2     100",
    ]


def test_shapes_in_ascii_are_digits() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    drawn = draw_hidden_states(value, task, 46, 4, ASCII).plain
    assert " unit 2      09990009" in drawn


def test_colored_cells_have_their_values_where_these_fit() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    drawn = draw_hidden_states(value, task, 78, 8)
    assert " unit 2        .00 1.00 1.00 1.00  .00  .00  .00 1.00" in drawn.plain
    assert len({span.style for span in drawn.spans if " on #" in str(span.style)}) == 2


def test_negative_values_have_their_sign_without_colors() -> None:
    value, task = analyzed(NAME, model="gru"), task_of(model="gru")
    drawn = draw_hidden_states(value, task, 62, 12, ASCII).plain
    assert "-" in drawn.split("unit")[1]
    assert "+" in drawn


@pytest.mark.parametrize("glyphs", EVERY_GLYPH_SET)
def test_drawing_fits_in_every_size_and_glyph_set(glyphs: GlyphSet) -> None:
    value, task, curve = analyzed(NAME), task_of(), learning_curve()[:2]
    for size in SIZES:
        for chosen in (None, 15):
            drawn = draw_hidden_states(value, task, *size, glyphs, chosen=chosen, curve=curve)
            assert "unit " in "".join(rows_of(drawn, *size))


def test_rows_of_the_example_are_left_out_before_units() -> None:
    value, task = analyzed(NAME), task_of()
    fewest = rows_of(draw_hidden_states(value, task, 62, 6), 62, 6)
    assert [row[:10] for row in fewest[:2]] == ["predicted ", "next carry"]
    few = rows_of(draw_hidden_states(value, task, 62, 7), 62, 7)
    assert [row[0] for row in few[:2]] == ["a", "b"]
    assert few[-1] == "13 of 16 units more"
    every = rows_of(draw_hidden_states(value, task, 62, ALL_UNITS_ROWS), 62, ALL_UNITS_ROWS)
    units = [int(row.split()[1]) for row in every if " unit " in row[:6]]
    assert units == [int(unit) + 1 for unit in value.order]


def test_chosen_unit_is_in_view_with_its_weights_and_its_course() -> None:
    value, task = analyzed(NAME), task_of()
    last = int(value.order[-1]) + 1
    drawn = draw_hidden_states(value, task, 76, 14, chosen=15, curve=learning_curve()[:2])
    rows = rows_of(drawn, 76, 14)
    assert any(row.startswith(f"▸unit {last} ") for row in rows)
    text = " ".join(rows)
    assert f"unit {last}: from a " in text
    assert "and 12 smaller · to the output" in text
    assert "after step 0 to" in text
    assert "(2 points)" in text


def test_time_steps_without_room_are_counted() -> None:
    changes = {"length": 60, "n_sequences": 16}
    value, task = analyzed(NAME, **changes), task_of(**changes)
    rows = rows_of(draw_hidden_states(value, task, 62, 12), 62, 12)
    assert rows[0] == "the lowest 41 bits of 60"
    assert rows[1] == "a            …" + f"{81:041b}"
    wide = rows_of(draw_hidden_states(value, task, 110, 12), 110, 12)
    assert wide[0] == "a            " + f"{81:060b}"


def test_task_that_is_scored_at_the_last_time_step_has_dots_before() -> None:
    changes = {"task": "counting-ones", "loss": "mean-squared-error", "text": "01101000"}
    rows = rows_of(draw_hidden_states(analyzed(NAME, **changes), task_of(**changes), 76, 9), 76, 9)
    target = next(row for row in rows if row.startswith("target"))
    assert target.split()[1:] == ["·"] * 7 + ["3"]
