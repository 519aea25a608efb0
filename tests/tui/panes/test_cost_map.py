"""The cost map as rows of text, and the messages that its keys post."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import on
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.optimizer_race import PUBLISHED_START, run_race
from rnn_tui.run.weight_path import CostMapData
from rnn_tui.session.requests import Race
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.text.format import format_short
from rnn_tui.tui.drawing import cost_map, plot
from rnn_tui.tui.drawing.cost_map import (
    FULL_RANGE,
    MIN_DRAWN_COST,
    TICK_LABEL_CELLS,
    ZOOMED_RANGE,
    MapLayout,
)
from rnn_tui.tui.drawing.glyphs import BRAILLE
from rnn_tui.tui.drawing.plot import Series
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.panes.cost_map import CostMapPane
from rnn_tui.tui.panes.gradient_paths import GradientPathsPane
from rnn_tui.tui.widgets.text_block import TextBlock
from tests.support.reference import load

ROWS = np.array(load("counting")["rows"], dtype=float)
COST = CostSurface(ROWS.T, ROWS.sum(1))
PATH = np.array([[-1.5, 2.0], [0.5, -1.0], [2.5, 0.5]])
UNRACED, RACED = (
    CostMapData(COST, PATH),
    CostMapData(COST, PATH, run_race(COST, PUBLISHED_START, steps=60)),
)
SIZES = [(60, 12), (76, 18), (60, 30), (100, 50), (112, 24), (190, 55)]
sizes = st.tuples(st.integers(56, 190), st.integers(4, 55))


def drawn(shown: CostMapData, cursor: tuple[float, float], *maps: MapLayout) -> list[str]:
    return [strip.text for strip in cost_map.draw_maps(shown, cursor, maps, 0)]


def test_ticks_are_aligned_with_their_values() -> None:
    full_map = MapLayout(FULL_RANGE, TICK_LABEL_CELLS, 61, 13)
    rows = drawn(UNRACED, (1.2, 1.2), full_map)
    assert [row[:5] for row in rows[1:-1]] == [
        f"{label:>4}┤" if label else "    │"
        for tick in (3, 2, 1, 0, -1, -2)
        for label in (str(tick), "")
    ] + ["  -3┤"]
    for tick in range(-3, 4):
        column = TICK_LABEL_CELLS + int(10 * (tick + 3))
        assert rows[-1][column - (tick < 0) :].startswith(str(tick))
        assert full_map.cell_at(tick, tick) == (2 * (3 - tick), column - TICK_LABEL_CELLS)


def test_low_map_has_ticks_at_the_ends_and_the_middle() -> None:
    rows = drawn(UNRACED, (1.2, 1.2), MapLayout(ZOOMED_RANGE, TICK_LABEL_CELLS, 13, 5))
    assert [row[:5] for row in rows[1:-1]] == ["   2┤", "    │", "   1┤", "    │", "   0┤"]


def test_marks_are_at_their_points() -> None:
    full_map = MapLayout(FULL_RANGE, TICK_LABEL_CELLS, 61, 25)
    rows = drawn(UNRACED, (-2.0, -2.0), full_map)

    def at(wx: float, wrec: float) -> str:
        row, column = full_map.cell_at(wx, wrec) or (0, 0)
        return rows[1 + row][TICK_LABEL_CELLS + column]

    assert [at(*point) for point in SIX_POINTS] == list("123456")
    assert at(1, 1) == "+"
    assert [at(*point) for point in PATH] == ["•", "•", BRAILLE.model]
    assert at(-2, -2) == BRAILLE.cursor
    assert sum(row.count(BRAILLE.cursor) for row in rows) == 1


def test_race_paths_are_letters_that_end_in_a_capital() -> None:
    text = "".join(drawn(RACED, (-2.9, -2.9), MapLayout(FULL_RANGE, TICK_LABEL_CELLS, 97, 49))[1:])
    assert {*"acdeACDE"} <= {*text}
    assert "B" not in text  # its first step leaves the map


def test_colours_span_the_losses_of_the_legend() -> None:
    full_map = MapLayout(FULL_RANGE, TICK_LABEL_CELLS, 61, 25)
    values, highest = cost_map.log_cost_grid(COST, full_map)
    assert highest == pytest.approx(float(COST.cost(-3, 3)), rel=1e-9)
    assert values.shape == (50, 61)
    assert values[0, 0] == pytest.approx(1, abs=0.05)
    assert values.min() >= 0
    row, column = full_map.cell_at(1, 1) or (0, 0)
    assert values[2 * row : 2 * row + 2, column].max() < values[0, 0] / 2
    assert (
        cost_map.log_cost_grid(COST, MapLayout(FULL_RANGE, TICK_LABEL_CELLS, 61, 25))[0] is values
    )
    legend = drawn(UNRACED, (0, 0), full_map)[0]
    assert f"loss ≤ {MIN_DRAWN_COST} ▀" in legend
    assert legend.endswith("▀ 2.20e9")


@given(sizes, st.booleans())
def test_maps_fit_and_are_two_in_wide_panes(size: tuple[int, int], zoomed: bool) -> None:
    width, height = size
    shown = cost_map.map_layouts(width, height, zoomed=zoomed)
    rows = drawn(UNRACED, (1.2, 1.2), *shown)
    assert len(rows) <= height
    assert {len(row) for row in rows} == {len(rows[0])} <= set(range(width + 1))
    assert len(shown) == (2 if width >= 104 else 1)
    for one in shown:
        assert (one.columns - 1) % 12 == 0
        assert rows[1][one.left - 1] in "┤│"


@given(sizes, st.integers(0, 60), st.integers(0, 60))
def test_cell_at_inverts_point_at(size: tuple[int, int], row: int, column: int) -> None:
    for one in cost_map.map_layouts(*size, zoomed=False):
        place = min(row, one.rows - 1), min(column, one.columns - 1)
        assert one.cell_at(*one.point_at(*place)) == place


def test_cursor_moves_by_cells_and_stops_at_the_edge() -> None:
    near = MapLayout(ZOOMED_RANGE, TICK_LABEL_CELLS, 41, 21)
    assert near.moved((1.2, 1.2), 1, 0) == (1.25, 1.2)
    assert near.moved((1.2, 1.2), 0, -2) == (1.2, 1.0)
    assert near.moved((1.98, 1.98), 5, 5) == (2.0, 2.0)
    assert near.moved((-1.0, 1.0), 1, 0) == (0.05, 1.0)
    assert near.cell_at(-1.0, 1.0) is None


@given(st.floats())
def test_format_short_has_at_most_10_characters(value: float) -> None:
    assert len(format_short(value)) <= (9 if value == 0 or 1e-99 < abs(value) < 1e99 else 10)


@pytest.mark.parametrize("values", [[1.0, -1e6], [nan, 1.0], [inf, nan], [0.0, 0.0], [1e300, -1.0]])
@pytest.mark.parametrize("size", [(40, 6), (60, 15), (150, 40)])
def test_symlog_plot_has_the_requested_size(values: list[float], size: tuple[int, int]) -> None:
    series = [Series("1", "one", 0, np.array(values)), Series("2", "two", 2, np.ones(2))]
    rows = plot.symlog_plot(series, *size).plain.split("\n")
    assert size[1] - 1 <= len(rows) <= size[1]
    assert max(map(len, rows)) <= size[0]


def test_symlog_plot_marks_line_ends_and_labels_decades() -> None:
    series = [Series(str(n), f"n{n}", 0, np.full(11, n / 1000)) for n in (4, 5, 6)]
    series.append(Series("2", "n2", 0, -np.logspace(-4, 6, 11)))
    rows = plot.symlog_plot(series, 80, 24).plain.split("\n")
    zero = next(row for row in rows if "4 5 6" in row)
    assert zero.lstrip().startswith("0┤")
    assert any(row.startswith(" 1e6┤") for row in rows)
    assert any(row.startswith("-1e6┤") for row in rows)
    assert sum(row.rstrip(" │").endswith(" 2") for row in rows) == 1
    assert rows[-1].split() == ["0", *(f"-{step}" for step in range(1, 11))]
    assert plot.series_legend(series, 200).plain.split() == [
        "4",
        "n4",
        "5",
        "n5",
        "6",
        "n6",
        "2",
        "n2",
    ]


class Host(App[None]):
    """Mounts one pane, and records the messages that it posts."""

    CSS = ".pane { border: round red; padding: 0 1; }"

    def __init__(self, pane: Pane) -> None:
        super().__init__()
        self.pane = pane
        self.messages: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.focus()

    @on(CostMapPane.CursorMoved)
    @on(Pane.Requested)
    def record(self, event: Message) -> None:
        self.messages.append(event)

    @property
    def rows(self) -> list[str]:
        return [strip.text for strip in self.screen._compositor.render_strips()]


def show(
    pane: Pane,
    test: Callable[[Host, Pilot[None]], Awaitable[None]],
    shown: CostMapData | None = UNRACED,
    size: tuple[int, int] = (80, 24),
) -> None:
    async def drive() -> None:
        app = Host(pane)
        async with app.run_test(size=size) as pilot:
            pane.snapshot = replace(EMPTY_SNAPSHOT, cost_map=shown)
            await pilot.pause()
            await test(app, pilot)

    asyncio.run(drive())


def test_moving_the_cursor_posts_a_message() -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("right", "shift+left", "down")
        last = app.messages[-1]
        assert isinstance(last, CostMapPane.CursorMoved)
        assert last.wx == pytest.approx(0.8)
        assert last.wrec < 1.2
        assert len(app.messages) == 3
        assert any(f"✛ cursor     0.800{last.wrec:>8.3f}" in row for row in app.rows)

    show(CostMapPane(), test)


def test_race_starts_at_the_published_point_until_the_cursor_moves() -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        assert "x race from (-1.5, 2)" in app.rows[-1]
        await pilot.press("x")
        assert app.messages == [Pane.Requested(Race((-1.5, 2.0)))]
        await pilot.press("left", "x", "enter")
        assert "x race from ✛" in app.rows[-1]
        moved = app.query_one(CostMapPane).cursor
        assert app.messages[2:] == [
            Pane.Requested(Race(moved)),
            Pane.Requested(SetWeights(moved)),
        ]

    show(CostMapPane(), test)


def test_click_on_the_zoomed_map_moves_the_cursor() -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("z")
        axis = next(row for row in app.rows if "1.5" in row and "┤" not in row)
        assert axis.split() == ["│", "0", "0.5", "1", "1.5", "2", "│"]
        await pilot.click(offset=(axis.index("1.5") + 1, 2))
        assert app.query_one(CostMapPane).cursor == (1.5, 2.0)

    show(CostMapPane(), test)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shown", [UNRACED, RACED], ids=["unraced", "raced"])
def test_pane_is_not_cut_off(size: tuple[int, int], shown: CostMapData) -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        for _ in range(2):
            text = "\n".join(app.rows)
            for word in ("loss ≤ 0.01", "┤", "loss ξ", "✛ cursor", "⏎ model to ✛ ─╯"):
                assert word in text
            assert any(row.split()[1:-1][:1] in (["-3"], ["0"]) for row in app.rows)
            assert ("e Adam .05" in text or "  e 712.8 " in text) == bool(shown.race_results)
            await pilot.press("z")

    show(CostMapPane(), test, shown, size)


def test_other_tasks_have_no_cost_map() -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        await pilot.press("left", "z", "x", "enter")
        assert "only the linear model" in "\n".join(app.rows)

    show(CostMapPane(), test, None)
    show(GradientPathsPane(), test, None)


@pytest.mark.parametrize("size", SIZES)
def test_gradient_paths_follow_the_cursor(size: tuple[int, int]) -> None:
    async def test(app: Host, pilot: Pilot[None]) -> None:
        pane = app.query_one(GradientPathsPane)
        for cursor, last, first in (((1.2, 1.2), "19.87", "123.1"), ((1, 2), "884.3", "9.06e5")):
            pane.cursor = cursor
            await pilot.pause()
            text = "\n".join(app.rows)
            assert f"✛ ({cursor[0]}, {cursor[1]})" in text
            assert "6 (1, -0.5)" in text
            assert "-10" in text
            assert "20× as much in the 2015 figure" in text
            trend = str(pane.query_one("#trend", TextBlock).content)
            assert f"k = 0, last time step: {last}  k = -10, first: {first}" in trend

    show(GradientPathsPane(), test, size=size)
