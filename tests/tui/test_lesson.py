"""A lesson on the dashboard: its panel, its keys, and how it opens over a run and is left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_tui.session.snapshot import Status
from rnn_tui.tui.dashboard import Dashboard
from rnn_tui.tui.lesson_panel import ChoiceList, LessonPanel
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import CostMapPane
from rnn_tui.tui.screens.dialogs import PaneHelpScreen
from tests.support.variants import variants
from tests.tui.pilot import FRAME_SECONDS, Drive, driving, run

LESSON = Path(__file__).parents[1] / "data" / "panel_lesson.toml"
SIZES = variants([(80, 24), (120, 40)], short=[(80, 24)])


@asynccontextmanager
async def lesson_over_a_run(size: tuple[int, int], **options: object) -> AsyncIterator[Drive]:
    """Open the lesson of the tests over a run, and leave it at the end."""
    async with driving(size, **options) as drive:  # type: ignore[arg-type]
        opening = drive.app.open_lesson(str(LESSON))
        assert not drive.app.is_dialog_pending()  # the key queue calls this before it is composed
        await opening
        await drive.wait_for_text("Counting with two weights")
        panel = drive.dashboard.query_one(LessonPanel)
        await drive.until(lambda _: panel._pane_requested)
        await drive.wait_until_handled()
        yield drive
        if drive.dashboard.query(LessonPanel):
            await drive.press("escape", "enter")
        await drive.until(lambda _: drive.app.screen is drive.dashboard)


def displayed_panes(drive: Drive) -> tuple[str, ...]:
    return drive.dashboard.query_one(PaneGrid).displayed_names


async def click(drive: Drive, label: str) -> None:
    """Click on a label in the last lines of the panel."""
    rows = drive.text.split("\n")
    row = max(index for index, text in enumerate(rows) if label in text)
    await drive.pilot.click(offset=(rows[row].index(label) + 1, row))


@pytest.mark.parametrize("size", SIZES)
def test_lesson_is_played_by_its_keys(size: tuple[int, int]) -> None:
    async def test() -> None:
        async with lesson_over_a_run(size) as drive:
            assert "Counting with two weights · 1 of 3" in drive.text
            assert drive.dashboard.query_one(CostMapPane).has_focus
            await drive.press("f4")
            if "F4 question" in drive.text:  # no room for it beside the text
                await drive.press("f4")
            assert "Does the loss fall?" in drive.text
            await drive.until(lambda _: drive.dashboard.query_one(ChoiceList).has_focus)
            assert "2 No [/]" in drive.text
            await drive.press("2")
            assert "It does: the" in drive.text
            await drive.press("up", "enter")
            await drive.wait_for_text("Step 250 is here.")
            assert drive.snapshot.step == 250
            await drive.press("f4")
            assert "goal: change" in drive.text
            panel = drive.dashboard.query_one(LessonPanel)
            panel._give_hint(panel.player.n_opened - 1)  # the timer of the page before
            await drive.settle()
            assert "hint: Press" not in drive.text
            await drive.press("f5")
            assert "hint: Press" in drive.text
            await drive.press("+")
            await drive.wait_for_text("F4 finish")
            await click(drive, "back")
            await drive.until(lambda snapshot: snapshot.step == 0)
            await drive.wait_for_text("2 of 3")

    run(test)


def test_question_stays_in_view_and_has_the_help_of_its_pane() -> None:
    async def test() -> None:
        async with lesson_over_a_run((120, 40)) as drive:
            player = drive.dashboard.query_one(LessonPanel).player
            first, asking, last = player.lesson.pages
            assert asking.question
            question = replace(
                asking.question, choices=("Yes, it does, in 3 of 35 columns.", "No [/]")
            )
            asking = replace(asking, pane="loss", text="A long text. " * 100, question=question)
            pages = first, asking, last
            player.lesson = replace(player.lesson, pages=pages)
            await drive.press("f4")
            choices = drive.dashboard.query_one(ChoiceList)
            await drive.until(lambda _: choices.has_focus)
            for size in ((120, 40), (120, 36), (111, 40)):
                await drive.resize(size)
                await drive.wait_for_text("2 No [/]")
                # The first choice would wrap beside a scrollbar, which would so be needed.
                for options in (tuple("abcd"), tuple(option.prompt for option in choices.options)):
                    choices.set_options(options)
                    choices._update_lines()  # as for a line that is drawn before the layout
                await drive.wait_for_text("2 No [/]")
            await drive.press("question_mark")
            assert isinstance(drive.app.screen, PaneHelpScreen)
            await drive.press("escape")

    run(test)


def test_page_about_a_pane_leaves_the_trace_of_a_step() -> None:
    async def test() -> None:
        async with lesson_over_a_run((120, 40)) as drive:
            await drive.press("full_stop")
            await drive.wait_for_text("step 1: forward · time step 1")
            request = LessonPanel.PaneRequested("gradient-map", is_asking=False)
            drive.dashboard.post_message(request)
            await drive.until(lambda snapshot: snapshot.step_trace is None)
            assert drive.dashboard.query_one(PaneGrid).view == "inside"

    run(test)


def test_digit_of_an_answer_switches_no_view_when_pressed_twice() -> None:
    async def test() -> None:
        async with lesson_over_a_run((120, 40)) as drive:
            player = drive.dashboard.query_one(LessonPanel).player
            first, asking, last = player.lesson.pages
            pages = first, replace(asking, pane="health", wait=None, after=""), last
            player.lesson = replace(player.lesson, pages=pages)
            await drive.press("2", "f4")
            await drive.until(lambda _: drive.dashboard.query_one(ChoiceList).has_focus)
            await drive.press("1", "1")
            assert drive.dashboard.query_one(PaneGrid).view == "inside"
            await drive.wait_for_text("answered; 1 now switches views")
            await drive.press("1")
            assert drive.dashboard.query_one(PaneGrid).view == "train"

    run(test)


def test_low_window_shows_the_pane_of_the_page_alone() -> None:
    async def test() -> None:
        async with lesson_over_a_run((80, 24)) as drive:
            grid = drive.dashboard.query_one(PaneGrid)
            await drive.until(lambda _: grid.maximized_name == "cost-map")
            assert displayed_panes(drive) == ("cost-map",)
            panel = drive.dashboard.query_one(LessonPanel)
            await drive.until(lambda _: (panel.region.y, panel.region.height) == (15, 8))
            await drive.resize((120, 40))
            await drive.until(lambda _: panel.region.x == 80)
            assert len(displayed_panes(drive)) == 1  # maximized as before

    run(test)


def test_run_below_a_lesson_of_the_palette_is_held_and_found_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    titles = {str(LESSON): "Lesson 1: Counting with two weights"}
    monkeypatch.setattr("rnn_tui.tui.app.stored_lesson_titles", lambda: titles)

    async def test() -> None:
        async with driving((80, 24), paused=False) as drive:
            await drive.press("2", "tab")
            below, focused = drive.dashboard, drive.app.focused
            await drive.until(lambda snapshot: snapshot.step > 10)
            await drive.press("ctrl+p", *"lesson", "enter")
            while drive.dashboard is below or not drive.dashboard.is_mounted:
                await asyncio.sleep(FRAME_SECONDS)
            await drive.wait_for_text("Counting with two weights · 1 of 3")
            latest = below.worker.latest_snapshot
            await drive.until(lambda _: latest().status is Status.PAUSED)
            step = latest().step
            await drive.press("f1")
            below.on_screen_suspend()  # handled late
            assert below._is_held
            await drive.press("escape")
            await drive.press("plus", "escape", "n", "escape", "enter")
            await drive.until(lambda _: drive.app.screen is below)
            snapshot = await drive.until(lambda snapshot: snapshot.step > step)
            assert (snapshot.log, snapshot.branch_number) == ((), 1)
            assert drive.app.focused is focused
            assert below.query_one(PaneGrid).view == "inside"

    run(test)


def test_keys_wait_for_the_page_with_which_the_lesson_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test() -> None:
        async with lesson_over_a_run((80, 24)) as drive:
            player = drive.dashboard.query_one(LessonPanel).player
            assert not drive.dashboard.is_playing_ahead
            monkeypatch.setattr(Dashboard, "is_playing_ahead", True)
            await drive.press("f4", "plus")
            assert (player.index, drive.snapshot.log) == (0, ())
            monkeypatch.undo()
            await drive.press("f4")
            assert player.index == 1

    run(test)


def test_dialogs_hold_the_run_of_a_lesson() -> None:
    async def test() -> None:
        async with lesson_over_a_run((120, 40)) as drive:
            await drive.press("1", "space")
            await drive.until(lambda snapshot: snapshot.status is Status.RUNNING)
            await drive.press("question_mark")
            await drive.until(lambda snapshot: snapshot.status is Status.PAUSED)
            await drive.press("escape")
            await drive.until(lambda snapshot: snapshot.status is not Status.PAUSED)

    run(test)


def test_last_page_ends_in_a_dialog() -> None:
    async def test() -> None:
        async with lesson_over_a_run((120, 40)) as drive:
            player = drive.dashboard.query_one(LessonPanel).player
            for page in ("1 of 3", "2 of 3", "3 of 3"):
                await drive.wait_for_text(page)
                if not player.is_complete:
                    await drive.press("f4")  # skips
                    await drive.until(lambda _: player.is_complete)
                await drive.press("f4")
            await drive.wait_for_text("lesson complete")
            await drive.press("enter")

    run(test)
