"""Every set of glyphs draws everything, and what one cannot say by colour it says otherwise."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.config.appearance import GLYPHS, Appearance
from rnn_tui.run.history import Curve
from rnn_tui.run.output_grid import GRID_SIDE_POINTS, OutputGrid
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.tui.drawing import bit_grid as bits
from rnn_tui.tui.drawing import cost_map as surface
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import plot
from rnn_tui.tui.drawing import race_table as standings
from rnn_tui.tui.drawing import xor_map as truth_table
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
LEARNT = OutputGrid(
    CORNERS, np.array([0.0, 1, 1, 0]), np.array([0.0, 1, 1, 0]), np.abs(STEPS[:, None] - STEPS)
)


def test_glyphs_colours_and_shades_are_what_the_terminal_has() -> None:
    assert set(GLYPH_SETS) == set(SHADES) == set(GLYPHS)
    assert glyphs_for(Appearance(), "truecolor") == glyphs_for(Appearance(), "256") == BRAILLE
    assert glyphs_for(Appearance(glyphs="block"), "truecolor") == BLOCK
    assert glyphs_for(Appearance(glyphs="ascii"), "truecolor") == ASCII
    for few in (glyphs_for(Appearance(), "standard"), glyphs_for(Appearance(colored=False), "256")):
        assert few.shades
        assert few.memory_style == "underline"
    assert glyphs_for(Appearance(), "standard").colored_lines
    assert not glyphs_for(Appearance(colored=False), "256").colored_lines


@pytest.mark.parametrize("look", EVERY)
def test_marks_are_not_mistaken_for_shades_nor_for_each_other(look: GlyphSet) -> None:
    marks = [look.model, look.cursor, look.minimum, look.point, *"123456abcdeABCDE"]
    assert len({*marks}) == len(marks)
    assert not {*marks, look.contour} & {*look.shades}


def test_ascii_is_ascii() -> None:
    texts = [
        plot.gradient_plot(FALLING, RISING, 60, 12, ASCII).plain,
        plot.gradient_legend(ASCII),
        curve.bar_rows([1.0, 2.0, 3.0], 3, ASCII.bars),
        *(strip.text for strip in truth_table.draw_map(LEARNT, 20, 10, ASCII)),
    ]
    drawn = "".join(texts).translate(dict.fromkeys(map(ord, "─│┌┐└┘┤┬→↑")))  # words and lines
    assert drawn.isascii()


@pytest.mark.parametrize("look", GLYPH_SETS.values(), ids=list(GLYPH_SETS))
def test_both_lines_of_a_plot_are_told_apart_by_glyphs_that_the_legend_names(
    look: GlyphSet,
) -> None:
    alone = plot.gradient_plot(FALLING, RISING, 40, 12, look)
    every, other = plot.gradient_legend(look).split(" all columns  ")
    assert other == f"{look.line_samples[1]}{look.point}{look.line_samples[1]} last column alone"
    assert every == look.line_samples[0]
    assert alone.plain.count(look.point) == len(RISING)
    if look is ASCII:
        assert {*"*.o"} <= {*alone.plain}
        assert "⠒" not in alone.plain


@pytest.mark.parametrize("look", EVERY)
def test_seven_lines_are_told_apart_by_colour_or_by_their_glyphs(look: GlyphSet) -> None:
    series = [Series(str(n), f"n{n}", n, np.full(11, 10.0**n)) for n in range(1, 5)]
    drawn = plot.symlog_plot(series, 60, 24, look)
    for number in range(1, 5):
        colored = [span for span in drawn.spans if span.style == f"$line-{number}"]
        assert colored
        counted = sum(line.split("┤")[-1].count(str(number)) for line in drawn.plain.split("\n"))
        assert counted <= 3 if look.colored_lines else counted > 20
    named = plot.series_legend(series, 200)
    assert [span.style for span in named.spans] == [f"$line-{n}" for n in range(1, 5)]


def test_a_line_changes_its_colour_only_where_another_begins() -> None:
    drawn = plot.gradient_plot(FALLING, RISING, 60, 12)
    assert {span.style for span in drawn.spans} == {"$line-4", "$line-6"}
    for line in drawn.split("\n"):
        assert len(line.spans) <= 3


@pytest.mark.parametrize("look", GLYPH_SETS.values(), ids=list(GLYPH_SETS))
def test_bars_rise(look: GlyphSet) -> None:
    values = [0.0, 2.0, 7.0, 11.0, 15.0, 15.0]
    drawn = curve.bar_rows(values, 2, look.bars).split("\n")
    low, high = look.bars[0], look.bars[-1]
    assert drawn == [
        f"   {look.bars[3]}{high}{high}",
        f"{low}{look.bars[2]}{look.bars[7]}{high * 3}",
    ]


def test_bars_without_values_or_extent() -> None:
    assert curve.bar_rows([], 3, ASCII.bars) == ""
    assert curve.bar_rows([1.0], 0, ASCII.bars) == ""
    assert curve.bar_rows([2.0, 2.0], 2, ASCII.bars) == "  \n__"
    assert curve.bar_rows([0.0, 1e300], 1, ASCII.bars) == "_#"


@pytest.mark.parametrize("look", EVERY)
def test_sureness_is_a_bar_where_there_is_no_room_for_a_number(look: GlyphSet) -> None:
    example = example_of(5, 9, 14, 8)
    sure = [0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0]
    row = next(
        line
        for line in bits.grid(replace(example, outputs=np.array(sure)), 16, 8, look).plain.split(
            "\n"
        )
        if line.startswith("sure")
    )
    heights = [look.bars.index(bar) for bar in row[bits.LABEL_CELLS :]]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (7, 0)


@pytest.mark.parametrize("look", EVERY)
def test_what_is_remembered_and_wrong_is_said_in_text(look: GlyphSet) -> None:
    drawn = bits.grid(example_of(81, 113, 162), 48, 8, look)
    rows = dict(line.split(maxsplit=1) for line in drawn.plain.split("\n")[1:-1])
    assert rows["carry"].split() == ["1", "1", "1", "·", "·", "·", "1", "·"]
    assert rows["net"].split() == ["1", "0✗", "1✗", "0", "0", "0", "1", "0"]
    assert rows["sure"].split()[1:] == ["90"] * 8
    assert any(look.memory_style in str(span.style) for span in drawn.spans)


@pytest.mark.parametrize("shades", SHADES.values(), ids=list(SHADES))
def test_shades_rise_with_the_mean_of_a_cells_two_values(shades: str) -> None:
    ramp = np.linspace(0, 1, len(shades) * 4)
    (strip,) = heat_map(np.stack([ramp - 0.05, ramp + 0.05]), shades=shades)
    assert "".join(dict.fromkeys(strip.text)) == shades
    (holed,) = heat_map(np.array([[np.nan, 1.0], [np.nan, np.nan]]), {(0, 1): ("x", "")}, shades)
    assert holed.text == " x"
    named = colorbar(40, "low", "high", shades).text
    assert named.startswith("low ")
    assert named.endswith(f"{shades[-1]} high")
    assert {*shades} <= {*named}


@pytest.mark.parametrize("look", EVERY)
def test_contour_corners_and_legend_of_the_square_are_seen(look: GlyphSet) -> None:
    rows = [strip.text for strip in truth_table.draw_map(LEARNT, 24, 12, look)]
    assert sum(row.count(look.contour) for row in rows[:12]) >= 8
    assert (rows[0][2], rows[0][-1], rows[11][2], rows[11][-1]) == ("1", "0", "0", "1")
    assert (look.shades or "▀")[-1] in rows[-1]


@pytest.mark.parametrize("look", EVERY)
def test_net_cursor_and_racers_are_seen_on_the_map_and_in_the_table(look: GlyphSet) -> None:
    shown = surface.map_layouts(100, 50, zoomed=False)
    rows = [strip.text for strip in surface.draw_maps(RACED, (-2.9, -2.9), shown, 0, look)]
    text = "".join(row[surface.TICK_LABEL_CELLS :] for row in rows[1:-1])
    assert text.count(look.cursor) == text.count(look.minimum) == 1
    assert {*"acdeACDE"} <= {*text}
    at_rest = CostMapData(COST, np.array([[0.5, 0.5], [1.5, 1.5]]))
    assert look.model in "".join(s.text for s in surface.draw_maps(at_rest, (0, 0), shown, 0, look))
    said = standings.draw_table(RACED, (1.2, 1.2), 100, 9, look).plain
    assert f"{look.model} net" in said
    assert f"{look.cursor} cursor" in said
    assert said.count(look.bars[-1]) >= 4
    assert f"{look.point} path of the run  {look.minimum} minimum" in standings.draw_key(look).plain


def test_a_curve_is_drawn_from_its_fitted_means() -> None:
    values = np.array([3.0, 2.0, 1.0, 0.0])
    fitted = curve.resample(Curve(0, 1, values, values, values), 8)
    assert curve.bar_rows(fitted, 1, ASCII.bars) == "##++--__"
