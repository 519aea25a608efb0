"""Lines that scroll, and are laid out only when the scroll bar comes or goes."""

from textual.app import App, ComposeResult

from rnn_tui.tui.widgets.scrolled_lines import ScrolledLines
from tests.tui.pilot import run


class OneText(App[None]):
    def compose(self) -> ComposeResult:
        yield ScrolledLines()


def rows(lines: ScrolledLines) -> list[str]:
    return [lines.render_line(y).text.rstrip() for y in range(lines.size.height)]


def test_more_lines_scroll_without_a_layout() -> None:
    async def test() -> None:
        app = OneText()
        layouts = 0

        def count(_screen: object) -> None:
            nonlocal layouts
            layouts += 1

        async with app.run_test(size=(20, 3)) as pilot:
            lines = app.query_one(ScrolledLines)
            lines.set_lines("123456")
            await pilot.pause()
            app.screen.screen_layout_refresh_signal.subscribe(lines, count)
            lines.set_lines("12345678")
            await pilot.pause()
            assert (rows(lines), layouts) == (["1", "2", "3"], 0)
            await pilot.press("pagedown", "down")
            assert rows(lines) == ["5", "6", "7"]
            lines.set_lines("12")
            await pilot.pause()
            assert rows(lines) == ["1", "2", ""]
            assert layouts == 1

    run(test)
