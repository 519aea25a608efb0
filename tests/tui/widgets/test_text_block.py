"""Lines take the room that they need, whatever they took before."""

from textual.app import App, ComposeResult

from rnn_tui.tui.widgets.text_block import TextBlock
from tests.tui.pilot import run


class OneText(App[None]):
    CSS = "TextBlock { height: auto; }"

    def compose(self) -> ComposeResult:
        yield TextBlock()


def test_as_many_rows_at_another_width_are_laid_out_anew() -> None:
    async def test() -> None:
        app = OneText()
        async with app.run_test(size=(4, 20)) as pilot:
            lines = app.query_one(TextBlock)
            lines.set_text("12345678\n12345678")
            await pilot.pause()
            assert lines.size.height == 4
            await pilot.resize_terminal(20, 20)
            assert lines.size.height == 2
            lines.set_text("1\n2\n3\n4")
            await pilot.pause()
            assert lines.size.height == 4

    run(test)


def test_room_that_is_asked_for_twice_is_given() -> None:
    async def test() -> None:
        app = OneText()
        async with app.run_test(size=(20, 20)) as pilot:
            lines = app.query_one(TextBlock)
            lines.set_text("1\n2\n3")
            app.screen._refresh_layout()  # as for another widget, before it is the turn of this one
            assert lines.size.height == 3
            lines.set_text("1\n2\n3\n4")
            await pilot.pause()
            assert lines.size.height == 4

    run(test)
