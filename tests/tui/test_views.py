"""Views: each is found as it was left, and the focus goes through its panes."""

from rnn_tui.tui.pane_grid import PaneGrid
from tests.tui.pilot import Drive, driving, run


def state(drive: Drive) -> tuple[object, ...]:
    grid = drive.dashboard.query_one(PaneGrid)
    return grid.view, grid.displayed_names, grid.maximized_name, grid.focused_name


def current_tab(drive: Drive) -> str:
    """Return what is reversed in the tab line."""
    row = drive.app.screen._compositor.render_strips()[drive.dashboard.query_one("#tabs").region.y]
    return "".join(segment.text for segment in row if segment.style and segment.style.reverse)


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
