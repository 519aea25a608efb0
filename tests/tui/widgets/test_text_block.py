"""The height of a text block follows its text."""

from textual.app import App, ComposeResult

from rnn_tui.tui.widgets.text_block import TextBlock
from tests.tui.pilot import run


class OneText(App[None]):
    CSS = "TextBlock { height: auto; }"

    def compose(self) -> ComposeResult:
        yield TextBlock()


def test_height_follows_the_text_at_another_width() -> None:
    async def test() -> None:
        app = OneText()
        async with app.run_test(size=(4, 20)) as pilot:
            lines = app.query_one(TextBlock)
            lines.set_text("12345678\n12345678")
            await pilot.pause()
            assert lines.size.height == 4
            await pilot.resize_terminal(20, 20)
            while lines.size.width < 20:  # its own wait ends on a busy machine before the layout
                await pilot.pause()
            assert lines.size.height == 2
            lines.set_text("1\n2\n3\n4")
            await pilot.pause()
            assert lines.size.height == 4

    run(test)


def test_second_change_of_height_before_a_layout_takes_effect() -> None:
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
