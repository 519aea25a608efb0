"""Glyph sets: every drawing can be read in each of them, with and without colours."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.config.appearance import GLYPHS, Appearance
from rnn_tui.run.history import Curve
from rnn_tui.run.output_grid import GRID_SIDE_POINTS, OutputGrid
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.tui.drawing import bit_grid, cost_map, loss_curve, plot, race_table, xor_map
from rnn_tui.tui.drawing.glyphs import (
    ASCII,
    BLOCK,
    BRAILLE,
    GLYPH_SETS,
    SHADES,
    GlyphSet,
    glyphs_for,
)
from rnn_tui.tui.drawing.heatmap import colorbar, heat_map
from rnn_tui.tui.drawing.plot import Series
from tests.tui.drawing.test_drawing import example_of
from tests.tui.panes.test_cost_map import COST, RACED

EVERY = [
    glyphs_for(Appearance(glyphs=glyphs, colored=colored), colors)
    for glyphs in GLYPHS
    for colored in (True, False)
    for colors in (None, "standard", "truecolor")
]
FALLING, RISING = np.logspace(0, -7, 8), np.logspace(-7, 0, 8)
STEPS = np.linspace(0, 1, GRID_SIDE_POINTS)
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
LEARNED = OutputGrid(
    CORNERS, np.array([0.0, 1, 1, 0]), np.array([0.0, 1, 1, 0]), np.abs(STEPS[:, None] - STEPS)
)


def test_glyph_set_follows_display_options_and_color_system() -> None:
    assert set(GLYPH_SETS) == set(SHADES) == set(GLYPHS)
    assert glyphs_for(Appearance(), "truecolor") == glyphs_for(Appearance(), "256") == BRAILLE
    assert glyphs_for(Appearance(glyphs="block"), "truecolor") == BLOCK
    assert glyphs_for(Appearance(glyphs="ascii"), "truecolor") == ASCII
    for few in (glyphs_for(Appearance(), "standard"), glyphs_for(Appearance(colored=False), "256")):
        assert few.shades
        assert few.required_state_style == "underline"
    assert glyphs_for(Appearance(), "standard").colored_lines
    assert not glyphs_for(Appearance(colored=False), "256").colored_lines


@pytest.mark.parametrize("glyphs", EVERY)
def test_marks_differ_from_shades_and_from_each_other(glyphs: GlyphSet) -> None:
    marks = [glyphs.model, glyphs.cursor, glyphs.minimum, glyphs.point, *"123456abcdeABCDE"]
    assert len({*marks}) == len(marks)
    assert not {*marks, glyphs.contour} & {*glyphs.shades}


def test_ascii_set_draws_ascii() -> None:
    texts = [
        plot.gradient_plot(FALLING, RISING, 60, 12, ASCII).plain,
        plot.gradient_legend(ASCII),
        loss_curve.bar_rows([1.0, 2.0, 3.0], 3, ASCII.bars),
        *(strip.text for strip in xor_map.draw_map(LEARNED, 20, 10, ASCII)),
    ]
    drawn = "".join(texts).translate(dict.fromkeys(map(ord, "─│┌┐└┘┤┬→↑")))  # arrows and lines
    assert drawn.isascii()


@pytest.mark.parametrize("glyphs", GLYPH_SETS.values(), ids=list(GLYPH_SETS))
def test_lines_of_gradient_plot_differ_by_the_glyphs_of_the_legend(
    glyphs: GlyphSet,
) -> None:
    alone = plot.gradient_plot(FALLING, RISING, 40, 12, glyphs)
    all_steps, last_step = plot.gradient_legend(glyphs).split(" loss at all t  ")
    assert (
        last_step
        == f"{glyphs.line_samples[1]}{glyphs.point}{glyphs.line_samples[1]} loss at last t"
    )
    assert all_steps == glyphs.line_samples[0]
    assert alone.plain.count(glyphs.point) == len(RISING)
    if glyphs is ASCII:
        assert {*"*.o"} <= {*alone.plain}
        assert "⠒" not in alone.plain


@pytest.mark.parametrize("glyphs", EVERY)
def test_lines_of_symlog_plot_differ_by_colour_or_by_glyph(glyphs: GlyphSet) -> None:
    series = [Series(str(n), f"n{n}", n, np.full(11, 10.0**n)) for n in range(1, 5)]
    drawn = plot.symlog_plot(series, 60, 24, glyphs)
    for number in range(1, 5):
        colored = [span for span in drawn.spans if span.style == f"$line-{number}"]
        assert colored
        counted = sum(line.split("┤")[-1].count(str(number)) for line in drawn.plain.split("\n"))
        assert counted <= 3 if glyphs.colored_lines else counted > 20
    named = plot.series_legend(series, 200)
    assert [span.style for span in named.spans] == [f"$line-{n}" for n in range(1, 5)]


def test_plot_changes_colour_only_where_another_line_begins() -> None:
    drawn = plot.gradient_plot(FALLING, RISING, 60, 12)
    assert {span.style for span in drawn.spans} == {"$line-4", "$line-6"}
    for line in drawn.split("\n"):
        assert len(line.spans) <= 3


@pytest.mark.parametrize("glyphs", GLYPH_SETS.values(), ids=list(GLYPH_SETS))
def test_bars_rise_with_values(glyphs: GlyphSet) -> None:
    values = [0.0, 2.0, 7.0, 11.0, 15.0, 15.0]
    drawn = loss_curve.bar_rows(values, 2, glyphs.bars).split("\n")
    low, high = glyphs.bars[0], glyphs.bars[-1]
    assert drawn == [
        f"   {glyphs.bars[3]}{high}{high}",
        f"{low}{glyphs.bars[2]}{glyphs.bars[7]}{high * 3}",
    ]


def test_bars_without_values_or_extent() -> None:
    assert loss_curve.bar_rows([], 3, ASCII.bars) == ""
    assert loss_curve.bar_rows([1.0], 0, ASCII.bars) == ""
    assert loss_curve.bar_rows([2.0, 2.0], 2, ASCII.bars) == "  \n__"
    assert loss_curve.bar_rows([0.0, 1e300], 1, ASCII.bars) == "_#"


@pytest.mark.parametrize("glyphs", EVERY)
def test_confidence_is_a_bar_in_narrow_columns(glyphs: GlyphSet) -> None:
    example = example_of(5, 9, 14, 8)
    confidences = [0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0]
    row = next(
        line
        for line in bit_grid.grid(
            replace(example, outputs=np.array(confidences)), 20, 8, glyphs
        ).plain.split("\n")
        if line.startswith("confidence")
    )
    heights = [glyphs.bars.index(bar) for bar in row[bit_grid.LABEL_CELLS :]]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (7, 0)


@pytest.mark.parametrize("glyphs", EVERY)
def test_required_memory_and_incorrect_bits_can_be_read_without_colours(glyphs: GlyphSet) -> None:
    drawn = bit_grid.grid(example_of(81, 113, 162), 52, 8, glyphs)
    rows = dict(line.split(maxsplit=1) for line in drawn.plain.split("\n")[1:-1])
    assert rows["carry"].split() == ["1", "1", "1", "·", "·", "·", "1", "·"]
    assert rows["predicted"].split() == ["1", "0✗", "1✗", "0", "0", "0", "1", "0"]
    assert rows["conf."].split()[1:] == ["90"] * 8
    assert any(glyphs.required_state_style in str(span.style) for span in drawn.spans)


@pytest.mark.parametrize("shades", SHADES.values(), ids=list(SHADES))
def test_shades_rise_with_the_mean_of_a_cell(shades: str) -> None:
    ramp = np.linspace(0, 1, len(shades) * 4)
    (strip,) = heat_map(np.stack([ramp - 0.05, ramp + 0.05]), shades=shades)
    assert "".join(dict.fromkeys(strip.text)) == shades
    (holed,) = heat_map(np.array([[np.nan, 1.0], [np.nan, np.nan]]), {(0, 1): ("x", "")}, shades)
    assert holed.text == " x"
    named = colorbar(40, "low", "high", shades).text
    assert named.startswith("low ")
    assert named.endswith(f"{shades[-1]} high")
    assert {*shades} <= {*named}


@pytest.mark.parametrize("glyphs", EVERY)
def test_xor_map_has_contour_corners_and_legend(glyphs: GlyphSet) -> None:
    rows = [strip.text for strip in xor_map.draw_map(LEARNED, 24, 12, glyphs)]
    assert sum(row.count(glyphs.contour) for row in rows[:12]) >= 8
    assert (rows[0][2], rows[0][-1], rows[11][2], rows[11][-1]) == ("1", "0", "0", "1")
    assert (glyphs.shades or "▀")[-1] in rows[-1]


@pytest.mark.parametrize("glyphs", EVERY)
def test_model_cursor_and_race_are_on_the_map_and_in_the_table(glyphs: GlyphSet) -> None:
    shown = cost_map.map_layouts(100, 50, zoomed=False)
    rows = [strip.text for strip in cost_map.draw_maps(RACED, (-2.9, -2.9), shown, 0, glyphs)]
    text = "".join(row[cost_map.TICK_LABEL_CELLS :] for row in rows[1:-1])
    assert text.count(glyphs.cursor) == text.count(glyphs.minimum) == 1
    assert {*"acdeACDE"} <= {*text}
    at_rest = CostMapData(COST, np.array([[0.5, 0.5], [1.5, 1.5]]))
    assert glyphs.model in "".join(
        s.text for s in cost_map.draw_maps(at_rest, (0, 0), shown, 0, glyphs)
    )
    table = race_table.draw_table(RACED, (1.2, 1.2), 100, 9, glyphs).plain
    assert f"{glyphs.model} model" in table
    assert f"{glyphs.cursor} cursor" in table
    assert table.count(glyphs.bars[-1]) >= 4
    assert (
        f"{glyphs.point} path of the run  {glyphs.minimum} minimum"
        in race_table.draw_key(glyphs).plain
    )


def test_loss_curve_is_drawn_from_resampled_means() -> None:
    values = np.array([3.0, 2.0, 1.0, 0.0])
    resampled = loss_curve.resample(Curve(0, 1, values, values, values), 8)
    assert loss_curve.bar_rows(resampled, 1, ASCII.bars) == "##++--__"
