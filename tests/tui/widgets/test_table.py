"""A table wider than the window: complete columns, all of them within reach."""

import asyncio

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.coordinate import Coordinate
from textual.strip import Strip

from rnn_tui.tui.widgets.table import WholeColumnTable
from tests.support.variants import variants
from tests.tui.pilot import run

NAMES = ["name", "steps", "loss", "right", "first", "speed", "differing"]
LAST = "lr 0.01 · momentum 0.5 · seed 7"
CELLS = ["adam", "1,234,567", "0.00123", "16,384/16,384", "4,600", "37,000", LAST]
WIDTHS = variants(range(24, 90, 13), short=(24, 50, 76))
TIMEOUT_SECONDS = 60.0  # for a layout that never comes
ANOTHER = ["sgd", "81", "0.5", "2/16,384", "—", "9", "hidden 12"]


class Shown(App[None]):
    def compose(self) -> ComposeResult:
        yield WholeColumnTable(cursor_type="row", fixed_columns=1)

    def on_mount(self) -> None:
        table = self.query_one(WholeColumnTable)
        table.add_columns(*NAMES)
        for cells in (CELLS, ANOTHER):
            table.add_row(*map(Text, cells))

    @property
    def lines(self) -> list[list[str]]:
        table = self.query_one(WholeColumnTable)
        return [table.render_line(y).text.split() for y in range(3)]


def assert_whole(lines: list[list[str]]) -> None:
    """Check that each line is its name and some that follow each other, but for the last column."""
    for line, cells in zip(lines, (NAMES, CELLS, ANOTHER), strict=True):
        numbers = [cell for cell in line if cell in cells[:-1]]
        rest = line[len(numbers) :]
        assert line == [*numbers, *rest]
        assert " ".join(rest) in cells[-1]  # which may be cut
        assert numbers[0] == cells[0]
        at = cells.index(numbers[1]) if numbers[1:] else 1
        assert numbers[1:] == cells[at : at + len(numbers) - 1]


def test_updated_cell_redraws_its_row_alone_unless_widths_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[int] = []
    render_line = WholeColumnTable.render_line

    def recorded(table: WholeColumnTable, y: int) -> Strip:
        drawn.append(y)
        return render_line(table, y)

    async def test() -> None:
        app = Shown()
        async with app.run_test(size=(100, 10)) as pilot:
            table = app.query_one(WholeColumnTable)
            row, column = table.coordinate_to_cell_key(Coordinate(1, 1))
            await pilot.pause()
            monkeypatch.setattr(WholeColumnTable, "render_line", recorded)
            table.update_cell(row, column, Text("82"), update_width=True)
            await pilot.pause()
            assert set(drawn) == {2}
            drawn.clear()
            table.update_cell(row, column, Text("1,234,567,890"), update_width=True)
            await pilot.pause()
            assert {0, 1, 2} <= set(drawn)

    run(test)


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_are_shown_completely_or_not_at_all(width: int) -> None:
    async def test() -> None:
        async with Shown().run_test(size=(width, 10)) as pilot:
            assert isinstance(pilot.app, Shown)
            table = pilot.app.query_one(WholeColumnTable)
            for x in range(table.max_scroll_x + 1):
                table.scroll_to(x, animate=False, immediate=True)
                assert_whole(pilot.app.lines)
                if x <= [*table._column_starts()][-1]:
                    assert pilot.app.lines[0][-1] in NAMES
                assert all(table.render_line(y).cell_length == table.size.width for y in range(3))

    asyncio.run(test())


@pytest.mark.parametrize("width", WIDTHS)
def test_arrow_keys_reach_every_column(width: int) -> None:
    async def test() -> None:
        async with Shown().run_test(size=(width, 10)) as pilot:
            assert isinstance(pilot.app, Shown)
            first = pilot.app.lines
            seen = set(first[1])
            for _ in NAMES:
                await pilot.press("right")
                seen |= set(pilot.app.lines[1])
            assert seen >= {*CELLS[:-1], *LAST.split()}
            for _ in NAMES:
                await pilot.press("left")
            assert pilot.app.lines == first
            await pilot.press("right", "right")
            await pilot.resize_terminal(width + 1, 10)
            async with asyncio.timeout(TIMEOUT_SECONDS):
                while pilot.app.lines[0][:2] != NAMES[:2]:
                    await pilot.pause()

    asyncio.run(test())


def test_plain_lines_are_complete_in_a_narrow_window() -> None:
    async def test() -> None:
        async with Shown().run_test(size=(30, 10)) as pilot:
            lines = pilot.app.query_one(WholeColumnTable).plain_lines()
            assert [line.split() for line in lines] == [
                " ".join(cells).split() for cells in (NAMES, CELLS, ANOTHER)
            ]
            assert (
                len(
                    {
                        line.index(cell)
                        for line, cell in zip(lines, ("loss", "0.00123", "0.5"), strict=True)
                    }
                )
                == 1
            )

    asyncio.run(test())
