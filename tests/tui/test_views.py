"""Views: each is found as it was left, and the focus goes through its panes."""

from contextlib import suppress

from rnn_tui.session.requests import Step
from rnn_tui.session.snapshot import Status
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import LossPane
from tests.tui.pilot import Drive, driving, run


def state(drive: Drive) -> tuple[object, ...]:
    grid = drive.dashboard.query_one(PaneGrid)
    return grid.view, grid.displayed_names, grid.maximized_name, grid.focused_name


def current_tab(drive: Drive) -> str:
    """Return what is reversed in the tab line."""
    row = drive.app.screen._compositor.render_strips()[drive.dashboard.query_one("#tabs").region.y]
    return "".join(segment.text for segment in row if segment.style and segment.style.reverse)


def is_painted(drive: Drive) -> bool:
    """Return whether all that has changed is painted."""
    widgets = drive.dashboard._compositor.visible_widgets
    return not any(widget._repaint_regions for widget in widgets)


def test_view_is_found_as_it_was_left() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("P", "P")
            chosen = state(drive)
            assert chosen == ("train", ("loss", "gradient-norms"), "", "gradient-norms")
            await drive.press("4", "tab", "enter")
            assert state(drive) == ("map", ("bit-grid",), "bit-grid", "bit-grid")
            await drive.press("2")
            assert state(drive)[0] == "inside"
            assert state(drive)[2:] == ("", "")
            await drive.press("1")
            assert state(drive) == chosen
            await drive.press("Z", "2", "1")
            assert state(drive) == (
                "train",
                ("gradient-norms",),
                "gradient-norms",
                "gradient-norms",
            )
            await drive.press("escape")
            assert state(drive) == chosen
            await drive.press("escape")
            assert state(drive) == (*chosen[:3], "")

    run(test)


def test_reset_views_have_no_term_of_the_step_view() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            grid = drive.dashboard.query_one(PaneGrid)
            await drive.press("full_stop")
            await drive.until(lambda _: grid.highlight is not None)
            grid.reset_views()
            await drive.settle()
            assert grid.highlight is None

    run(test)


def test_tab_visits_the_panes_before_the_controls() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            grid = drive.dashboard.query_one(PaneGrid)
            visited = []
            for _ in range(6):
                await drive.press("tab")
                visited.append(grid.focused_name)
            assert {*visited[:5]} == {*grid.displayed_names}
            assert visited[5] == ""
            await drive.press("shift+tab")
            assert grid.focused_name == visited[4]

    run(test)


def test_focus_repaints_the_widgets_whose_style_changes() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.press("tab")
            drive.dashboard.focus_next()
            assert not drive.dashboard._repaint_required  # of the whole screen

    run(test)


def test_all_that_changes_with_a_view_is_painted() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            for key in ("Z", "escape", "2", "1"):
                await drive.press(key)
                await drive.until(lambda _: is_painted(drive))

    run(test)


def test_double_click_maximizes_a_pane() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.pilot.click(".accuracy", times=2)
            await drive.until(lambda _: state(drive)[1:] == (("accuracy",), "accuracy", "accuracy"))

    run(test)


def test_click_on_a_tab_shows_its_view() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.pilot.click("#tabs", offset=(11, 0))
            await drive.until(lambda _: state(drive)[0] == "inside")
            await drive.wait_for_text("─ hidden states")
            assert current_tab(drive) == " 2 inside "
            displayed = state(drive)[1]
            await drive.pilot.click("#tabs", offset=(110, 0))  # the panes without room
            await drive.until(lambda _: state(drive)[1] != displayed)
            await drive.press("4")
            assert current_tab(drive) == " 4 map "

    run(test)


def test_choices_survive_restarts_and_branches() -> None:
    async def test() -> None:
        async with driving((80, 24)) as drive:
            await drive.press("s", "p", *"3+4", "enter", "w", "P")
            await drive.wait_until_handled()
            chosen = state(drive)
            for keys in ("r", "S", "f", "R", "b"):
                await drive.press(keys)
                snapshot = await drive.wait_until_handled()
                assert snapshot.is_pinned
                assert snapshot.example is not None
                assert not drive.dashboard.query_one(LossPane).shows_full_run
                assert state(drive) == chosen

    run(test)


def test_training_is_held_while_a_dialog_is_open() -> None:
    async def test() -> None:
        async with driving((80, 24), paused=False) as drive:
            drive.dashboard.toggle_dialogs_pause()
            await drive.until(lambda snapshot: snapshot.step > 10)
            await drive.press("question_mark")
            held = await drive.until(lambda snapshot: snapshot.status is Status.PAUSED)
            await drive.press("escape")
            await drive.until(lambda snapshot: snapshot.step > held.step + 10)
            await drive.press("colon", *"steps=20000", "enter")
            await drive.until(lambda snapshot: snapshot.planned_steps == 20_000)
            await drive.until(lambda snapshot: snapshot.status is Status.RUNNING)
            await drive.press(" ", "i", "escape")
            assert (await drive.wait_until_handled()).status is Status.PAUSED
            drive.dashboard.toggle_dialogs_pause()

    run(test)


def test_view_is_laid_out_once_where_no_text_changes_its_height() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            await drive.press("2", "1")
            layouts: list[object] = []
            drive.dashboard.screen_layout_refresh_signal.subscribe(
                drive.dashboard, layouts.append, immediate=True
            )
            try:
                await drive.press("2", "1")
            finally:
                drive.dashboard.screen_layout_refresh_signal.unsubscribe(drive.dashboard)
            assert len(layouts) == 2

    run(test)


def test_no_snapshot_is_displayed_while_the_view_changes() -> None:
    async def test() -> None:
        async with driving((120, 40)) as drive:
            dashboard, before = drive.dashboard, drive.snapshot
            with suppress(ZeroDivisionError), dashboard.single_update():
                drive.runner.send(Step())
                await drive.pilot.pause(0.1)
                dashboard.poll()
                assert dashboard.snapshot is before
                raise ZeroDivisionError
            await drive.until(lambda snapshot: snapshot.step == before.step + 1)

    run(test)
