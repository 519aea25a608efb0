"""The screen of a sweep: its table, its keys, and the runs that are opened in the dashboard."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot

from rnn_tui.config.appearance import Appearance
from rnn_tui.session.start_sweep import SweepRun
from rnn_tui.sweep.background import SweepStatus, SweepThread
from rnn_tui.sweep.dispatch import WorkersFailed
from rnn_tui.sweep.pools import ThreadPool
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.text.sweep_table import TableView
from rnn_tui.tui.drawing.sweep_lines import (
    headline,
    keys_line,
    progress_line,
    run_column_widths,
    run_row,
)
from rnn_tui.tui.screens.sweep import OpenRuns, PagedTable, Place
from rnn_tui.tui.sweep_app import SweepApp
from tests.support.sweeps import fake_sweep, make_grid, make_result

TIMEOUT_SECONDS = 60.0  # before what never comes is a failure
FRAME_SECONDS = 0.02
RATES, SIZES = "lr=0.03,0.1,0.3,1", "hidden-size=4,8,16"


def finished_thread(sweep: Sweep) -> SweepThread:
    thread = SweepThread(sweep, lambda: pytest.fail("all runs have results"))
    thread.start()
    thread.stop()
    return thread


def text_of(app: SweepApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def wait_until(app: SweepApp, pilot: Pilot[Any], is_met: Callable[[str], bool]) -> str:
    """Wait until `is_met` with the text on the screen, and return it."""
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while not is_met(text := text_of(app)):
            await pilot.pause(FRAME_SECONDS)
    return text


async def wait_for(app: SweepApp, pilot: Pilot[Any], *words: str) -> str:
    """Wait until all `words` stand on the screen, and return its text."""
    return await wait_until(app, pilot, lambda text: all(word in text for word in words))


@asynccontextmanager
async def shown(
    sweep: Sweep, thread: SweepThread, size: tuple[int, int] = (80, 24), place: Place | None = None
) -> AsyncIterator[tuple[SweepApp, Pilot[Any]]]:
    app = SweepApp(sweep, thread, Appearance(), place or Place())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def press(app: SweepApp, pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, and wait until they are handled."""
    await pilot.press(*keys)
    await app.key_queue.join()
    await pilot.pause()


def test_keys_that_arrive_together_go_to_the_dialog_that_they_open() -> None:
    sweep, place = fake_sweep(RATES), Place(TableView(words=("lr=0.1",)))

    async def use() -> None:
        async with shown(sweep, finished_thread(sweep), place=place) as (app, pilot):
            for key in ("slash", "ctrl+u", *"lr=0.3", "enter"):
                app.post_message(Key(key, key if len(key) == 1 else None))
            await wait_for(app, pilot, "1 of 4 settings: lr=0.3")

    asyncio.run(use())


def test_keys_sort_filter_page_and_open_runs() -> None:
    sweep, place = fake_sweep(RATES, SIZES), Place()

    async def use() -> OpenRuns | None:
        async with shown(sweep, finished_thread(sweep), place=place) as (app, pilot):
            heading = "rnn-tui sweep  12 settings × 20 seeds, 10,000 steps: addition"
            await wait_for(app, pilot, heading, "finished: 240 of 240 runs", "hidden-size=16")
            await pilot.press("s")
            await wait_for(app, pilot, "sorted by success")
            await pilot.press("slash")
            await wait_for(app, pilot, "filter settings")
            await pilot.press(*"lr=7", "enter")
            await wait_for(app, pilot, "lr has no value 7 here: 0.03, 0.1, 0.3, 1")
            await pilot.press(*["backspace"] * 4, *"lr=0.3,1", "enter")
            text = await wait_for(app, pilot, "6 of 12 settings: lr=0.3,1")
            assert "0.03" not in text
            await pilot.press("slash")
            await wait_for(app, pilot, "filter settings", "lr=0.3,1   ")
            await pilot.press("escape")
            await pilot.press("question_mark")
            await wait_for(app, pilot, "Wilson interval")
            await pilot.press("escape", "p")
            await wait_for(app, pilot, "lr 0.1 vs 0.03: ")
            await pilot.press("escape", "down", "right", "enter")
            await wait_for(app, pilot, "runs of lr=", "hidden-size=8")
            assert place.cell is not None
            assert sweep.grid.cells[place.cell].values[1] == "8"
            await pilot.press("escape")
            await wait_for(app, pilot, "sorted by success")
            assert place.seed_row is None
            await pilot.press("enter")
            await wait_for(app, pilot, "100 % at step")
            await pilot.press("down", "down", "enter")
        return app.return_value

    opened = asyncio.run(use())
    assert opened is not None
    (run,) = opened.runs
    assert run == SweepRun(sweep.grid.cells[place.cell or 0].jobs[2], 10_000)
    assert place.view == TableView("success", ("lr=0.3,1",))


def test_screen_opens_where_it_was_left_and_compares_runs() -> None:
    sweep = fake_sweep(RATES, SIZES)
    results = sweep.results
    del results[sweep.grid.cells[4].jobs[0].digest]
    thread = SweepThread(sweep, lambda: pytest.fail("not started"))

    async def use() -> OpenRuns | None:
        place = Place(cell=4, seed_row=3)
        async with shown(sweep, thread, (80, 24), place) as (app, pilot):
            await wait_for(app, pilot, "runs of lr=0.1 hidden-size=8", "no result yet")
            await pilot.press("q")
            await wait_for(app, pilot, "1 run without a result")
            await pilot.press("n")
            await wait_for(app, pilot, "no result yet")
            await pilot.press("v")
        return app.return_value

    opened = asyncio.run(use())
    assert opened is not None
    assert [run.job for run in opened.runs] == list(sweep.grid.cells[4].jobs[1:])


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
def test_no_column_is_cut_and_every_cell_is_reached(size: tuple[int, int]) -> None:
    sweep, place = fake_sweep(RATES, "hidden-size=4,8,16,32,64"), Place()

    async def use() -> None:
        async with shown(sweep, finished_thread(sweep), size, place) as (app, pilot):
            seen = []
            for _ in range(5):
                table = app.screen.query_one(PagedTable)
                assert table.virtual_size.width <= table.size.width
                seen.append(place.cell)
                await press(app, pilot, "right")
            assert seen == [0, 1, 2, 3, 4]
            for _ in range(4):
                await press(app, pilot, "left")
            assert place.cell == 0

    asyncio.run(use())


def test_table_follows_the_sweep_while_it_trains() -> None:
    sweep, place = Sweep(make_grid("lr=0.1,0.2")), Place(cell=1)
    thread = SweepThread(sweep, ThreadPool)

    async def use() -> SweepApp:
        async with shown(sweep, thread, place=place) as (app, pilot):
            await wait_for(app, pilot, "– of 2")
            thread.start()
            await wait_for(app, pilot, "finished: 4 of 4")
            await wait_until(app, pilot, lambda text: text.count("0–66 %") == 2)
            assert app.screen.query_one(PagedTable).cursor_row == place.cell == 1
            await pilot.press("q")
        return app

    assert asyncio.run(use()).return_value is None
    thread.stop()


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (WorkersFailed("no memory"), "no memory"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (ZeroDivisionError("x"), "the sweep failed: ZeroDivisionError('x')"),
    ],
)
def test_failure_of_the_sweep_is_shown(error: Exception, message: str) -> None:
    def fail() -> ThreadPool:
        raise error

    sweep = Sweep(make_grid("lr=1"))
    thread = SweepThread(sweep, fail)
    thread.start()
    thread.stop()
    assert thread.status is SweepStatus.FAILED
    assert message in progress_line(sweep, thread.status, thread.message, 120)
    assert bool(thread.failure) == isinstance(error, ZeroDivisionError)


@pytest.mark.parametrize("width", [1, 10, 60, 80, 200])
def test_lines_are_never_wider_than_the_window(width: int) -> None:
    sweep = fake_sweep(RATES, share=0.5)
    message = "worker tcp://10.0.0.1:1234 is refused: rnn-tui 0.0.1 (here 0.1.0)"
    for status in SweepStatus:
        assert len(progress_line(sweep, status, message, width)) <= width
    assert len(headline(sweep, width)) <= width


def test_narrow_lines_keep_the_counts_and_the_keys_of_help_and_quit() -> None:
    tasks = "task=addition,subtraction,comparison,parity,times-three"
    text = headline(Sweep(make_grid(tasks, n_seeds=20)), 60)
    assert text.startswith("rnn-tui sweep  5 settings × 20 seeds, 300 steps: addition")
    keys = [("enter", "runs"), ("s", "sort"), ("?", "help"), ("q", "quit")]
    lines = [keys_line(keys, width).plain for width in (35, 34, 26, 1)]
    assert lines == [
        "enter runs  s sort  ? help  q quit",
        "enter runs  s sort  ? help  q quit",
        "enter runs  ? help  q quit",
        "? help  q quit",
    ]


def test_rows_of_runs_fit_80_columns() -> None:
    cell = make_grid("lr=1", n_seeds=9, steps=1_000_000).cells[0]
    widths = run_column_widths(cell)
    assert sum(widths) + 2 * len(widths) <= 80
    for result in (None, make_result(cell.jobs[0], 250), make_result(cell.jobs[0])):
        row = run_row(cell.jobs[0], result)
        assert all(len(text) <= width for text, width in zip(row, widths, strict=True))
