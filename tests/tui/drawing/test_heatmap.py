"""Heat maps, and the XOR map drawn with them, as text and colours."""

from dataclasses import replace
from math import inf, nan
from typing import final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color, ColorSystem
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.output_grid import GRID_SIDE_POINTS, OutputGrid
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Status
from rnn_tui.tui.drawing import xor_map
from rnn_tui.tui.drawing.heatmap import (
    COLORMAP,
    COLORMAP_LEVELS,
    colorbar,
    heat_map,
    luminance,
)
from rnn_tui.tui.panes.xor_map import XorMapPane
from rnn_tui.tui.widgets.heatmap import HeatMap
from tests.tui.pilot import run

DARK, LIGHT = COLORMAP[0], COLORMAP[-1]
STEPS = np.linspace(0, 1, GRID_SIDE_POINTS)


def colours(strip: Strip, column: int) -> tuple[Color | None, Color | None]:
    """Return the foreground and the background of one cell."""
    style = next(iter(strip.crop(column, column + 1))).style
    return (style.color, style.bgcolor) if style else (None, None)


def text(strips: list[Strip]) -> list[str]:
    return [strip.text for strip in strips]


def map_of(grid: FloatArray) -> OutputGrid:
    """Return the output grid of a model whose output is `grid`, [b, a]."""
    rows = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    corners = np.array([grid[0, 0], grid[-1, 0], grid[0, -1], grid[-1, -1]])
    return OutputGrid(rows, np.array([0.0, 1, 1, 0]), corners, grid)


LEARNED = map_of(np.abs(STEPS[:, None] - STEPS[None, :]))
CONSTANT = map_of(np.full((GRID_SIDE_POINTS, GRID_SIDE_POINTS), 0.25))


def test_luminance_of_the_colormap_increases() -> None:
    lightness = [luminance(color) for color in COLORMAP]
    assert all(np.diff(lightness) > 0)
    assert lightness[0] < 0.05
    assert lightness[-1] > 0.8


def test_256_colours_keep_the_order_of_the_colormap() -> None:
    fewer = [color.downgrade(ColorSystem.EIGHT_BIT) for color in COLORMAP]
    assert all(np.diff([luminance(color) for color in fewer]) >= 0)
    assert len({color.number for color in fewer}) > COLORMAP_LEVELS // 2


def test_cell_draws_two_values_clipped_to_0_and_1() -> None:
    (strip,) = heat_map(np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert strip.text == "▀▀"
    assert colours(strip, 0) == (DARK, LIGHT)
    assert colours(strip, 1) == (LIGHT, DARK)
    assert heat_map(np.array([[-3.0, inf], [1.5, -inf]])) == [strip]


def test_nan_is_blank() -> None:
    (strip,) = heat_map(np.array([[nan, nan, 0.0, nan], [nan, 1.0, nan, nan]]), {(0, 3): ("x", "")})
    assert strip.text == " ▄▀x"
    found = [colours(strip, column) for column in range(4)]
    assert found == [(None, None), (LIGHT, None), (DARK, None), (None, None)]


def test_equal_neighbours_are_one_segment() -> None:
    (strip,) = heat_map(np.array([[0.5] * 40, [0.5] * 39 + [0.9]]))
    assert [len(segment.text) for segment in strip] == [39, 1]


def test_mark_has_the_mean_of_its_cell_as_background() -> None:
    values = np.zeros((4, 3))
    values[2, 1] = 1.0
    drawn = heat_map(values, {(1, 1): ("x", "bold red"), (0, 2): ("o", "")})
    assert text(drawn) == ["▀▀o", "▀x▀"]
    foreground, background = colours(drawn[1], 1)
    assert foreground == Color.parse("red")
    assert background == COLORMAP[COLORMAP_LEVELS // 2]


@pytest.mark.parametrize("value", np.linspace(0, 1, COLORMAP_LEVELS))
def test_mark_without_a_colour_has_contrast_on_every_colour(value: float) -> None:
    (strip,) = heat_map(np.full((2, 1), value), {(0, 0): ("x", "bold")})
    foreground, background = colours(strip, 0)
    assert foreground
    assert background
    lighter, darker = sorted((luminance(foreground), luminance(background)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) > 4.5  # WCAG's contrast for text


@given(st.integers(0, 6), st.integers(0, 30))
def test_heat_map_has_a_cell_for_each_two_values(rows: int, columns: int) -> None:
    drawn = heat_map(np.random.RandomState(0).random_sample((2 * rows, columns)))
    assert text(drawn) == ["▀" * columns] * rows
    assert [strip.cell_length for strip in drawn] == [columns] * rows


@given(st.integers(0, 80))
def test_colorbar_has_its_exact_width(width: int) -> None:
    strip = colorbar(width, "low", "high")
    assert strip.cell_length == len(strip.text) == width
    if width >= 11:
        assert strip.text == f"low {'▀' * (width - 9)} high"
        assert colours(strip, 4) == (DARK, DARK)
        assert colours(strip, width - 6) == (LIGHT, LIGHT)


@final
class Shown(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget

    @property
    def text(self) -> str:
        return "\n".join(text(self.screen._compositor.render_strips()))


def test_widget_displays_strips_and_refreshes_only_changed_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Region] = []

    async def test() -> None:
        widget = HeatMap()
        app, refresh = Shown(widget), widget.refresh
        async with app.run_test(size=(5, 4)) as pilot:
            values = np.zeros((6, 3))
            widget.set_strips(heat_map(values))
            await pilot.pause()
            assert app.text.split() == ["▀▀▀", "▀▀▀", "▀▀▀"]

            def recorded(*regions: Region) -> None:
                drawn.extend(regions)
                refresh(*regions)

            monkeypatch.setattr(widget, "refresh", recorded)
            values[2, 1] = 1.0
            widget.set_strips(heat_map(values, {(1, 0): ("x", "")}))
            await pilot.pause()
            assert drawn == [Region(0, 1, 5, 1)]
            assert app.text.split() == ["▀▀▀", "x▀▀", "▀▀▀"]
            widget.set_strips(heat_map(values, {(1, 0): ("x", "")}))
            assert len(drawn) == 1
            widget.set_strips([])
            await pilot.pause()
            assert not app.text.split()

    run(test)


def test_truth_table_has_eight_decimals_and_marks() -> None:
    outputs = np.array([0.02003264, 0.4999, 1.7, 0.5])
    assert xor_map.draw_table(replace(LEARNED, outputs=outputs)).plain.split("\n") == [
        "a  b  target   predicted   ",
        "0  0       0  0.02003264  ✓",
        "0  1       1  0.49990000  ✗",
        "1  0       1  1.70000000  ✓",
        "1  1       0  0.50000000  ✗",
    ]


@pytest.mark.parametrize("output", [nan, inf, -inf, 1e300, -1e300, -99.5, 0.0])
def test_truth_table_and_map_keep_their_size_for_any_output(output: float) -> None:
    output_grid = map_of(np.full((GRID_SIDE_POINTS, GRID_SIDE_POINTS), output))
    assert len(xor_map.draw_map(output_grid, 20, 10)) == 12
    output_grid.grid[3:20, 5:9] = 0.0
    assert len(xor_map.draw_map(output_grid, 20, 10)) == 12
    lines = xor_map.draw_table(output_grid).plain.split("\n")
    assert len(lines) == xor_map.TABLE_ROWS
    assert {len(line) for line in lines} == {xor_map.TABLE_CELLS}


@given(st.integers(0, 120), st.integers(0, 60))
def test_xor_map_fits_its_size(width: int, height: int) -> None:
    layout = xor_map.xor_layout(width, height)
    drawn = xor_map.draw_map(LEARNED, layout.columns, layout.rows)
    assert all(strip.cell_length == xor_map.LABEL_CELLS + layout.columns for strip in drawn)
    assert len(drawn) == (layout.rows + xor_map.AXIS_ROWS if layout.columns else 0)
    if layout.beside:
        assert (
            xor_map.TABLE_CELLS + xor_map.GAP_CELLS + xor_map.LABEL_CELLS + layout.columns <= width
        )
        assert len(drawn) <= height
    elif layout.columns:
        assert xor_map.LABEL_CELLS + layout.columns <= width
        assert xor_map.TABLE_ROWS + 1 + len(drawn) <= height
    if width >= 56 and height >= 10:
        assert layout.columns >= 24
        assert layout.rows >= 8


def test_xor_map_is_beside_the_table_where_it_is_larger_there() -> None:
    assert xor_map.xor_layout(56, 10) == (True, 24, 8)
    assert xor_map.xor_layout(56, 28) == (False, 54, 20)


def test_xor_map_has_targets_in_its_corners_and_labels_on_its_sides() -> None:
    assert text(xor_map.draw_map(CONSTANT, 12, 6)) == [
        "1 1▀▀▀▀▀▀▀▀▀▀0",
        "  ▀▀▀▀▀▀▀▀▀▀▀▀",
        "↑ ▀▀▀▀▀▀▀▀▀▀▀▀",
        "b ▀▀▀▀▀▀▀▀▀▀▀▀",
        "  ▀▀▀▀▀▀▀▀▀▀▀▀",
        "0 0▀▀▀▀▀▀▀▀▀▀1",
        "  0   a →    1",
        "  output 0 ▀ 1",
    ]


def test_xor_map_has_a_to_the_right_and_b_upward() -> None:
    to_the_right = xor_map.draw_map(map_of(np.tile(STEPS, (GRID_SIDE_POINTS, 1))), 20, 10)
    upward = xor_map.draw_map(map_of(np.tile(STEPS[:, None], GRID_SIDE_POINTS)), 20, 10)
    for row in range(1, 9):
        assert colours(to_the_right[row], xor_map.LABEL_CELLS) == (DARK, DARK)
        assert colours(to_the_right[row], xor_map.LABEL_CELLS + 19) == (LIGHT, LIGHT)
    assert colours(upward[0], xor_map.LABEL_CELLS + 5)[0] == LIGHT
    assert colours(upward[9], xor_map.LABEL_CELLS + 5)[1] == DARK


@given(st.integers(1, 70), st.integers(1, 70))
def test_interpolation_of_a_plane_is_exact(columns: int, rows: int) -> None:
    plane = 0.7 * STEPS[None, :] - 0.3 * STEPS[:, None]
    expected = 0.7 * np.linspace(0, 1, columns) - 0.3 * np.linspace(0, 1, rows)[:, None]
    np.testing.assert_allclose(xor_map.interpolate(plane, columns, rows), expected, atol=1e-12)


def test_contour_is_marked_in_each_row_where_steep_and_every_other_column_where_flat() -> None:
    steep = np.tile(np.linspace(0, 0.9, 20), (20, 1))
    assert list(xor_map.contour(steep)) == [(row, 11) for row in range(10)]
    flat = np.tile(np.linspace(0, 0.9, 20)[:, None], 20)
    assert sorted(xor_map.contour(flat)) == [(5, column) for column in range(1, 20, 2)]
    assert not list(xor_map.contour(np.full((20, 20), 0.2)))


@pytest.mark.parametrize("size", [(56, 10), (60, 18), (80, 24), (96, 43)])
def test_xor_pane_displays_whole_table_map_and_legend(size: tuple[int, int]) -> None:
    async def test() -> None:
        pane = XorMapPane()
        app = Shown(pane)
        async with app.run_test(size=size) as pilot:
            pane.snapshot = replace(EMPTY_SNAPSHOT, output_grid=LEARNED)
            await pilot.pause()
            assert app.text.count("✓") == 4
            for words in ("0.00000000", "1.00000000", "a →", "output 0 ▀", "▀ 1", "·"):
                assert words in app.text
            pane.snapshot = EMPTY_SNAPSHOT
            await pilot.pause()
            assert "no output before" in app.text
            assert "▀" not in app.text

    run(test)


def test_xor_map_is_redrawn_at_most_twice_a_second() -> None:
    learning = replace(EMPTY_SNAPSHOT, output_grid=LEARNED, status=Status.RUNNING, taken_at=100.0)
    later = replace(learning, output_grid=CONSTANT)

    async def test() -> None:
        pane = XorMapPane()
        app = Shown(pane)
        async with app.run_test(size=(60, 12)) as pilot:
            pane.snapshot = learning
            await pilot.pause()
            assert "·" in app.text
            pane.snapshot = later
            await pilot.pause()
            assert "0.25000000" in app.text
            assert "·" in app.text
            pane.snapshot = replace(later, taken_at=100.6)
            await pilot.pause()
            assert "·" not in app.text
            pane.snapshot = replace(learning, status=Status.PAUSED)
            await pilot.pause()
            assert "·" in app.text
            pane.snapshot = replace(later, status=Status.PAUSED)  # a single step
            await pilot.pause()
            assert "·" not in app.text

    run(test)
