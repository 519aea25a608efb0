"""The height of a text block follows its text."""

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from rnn_tui.tui.widgets.text_block import TextBlock
from tests.tui.pilot import run


class OneText(App[None]):
    CSS = "TextBlock { height: auto; }"

    def compose(self) -> ComposeResult:
        yield TextBlock()


async def until_height(pilot: Pilot[None], lines: TextBlock, height: int) -> None:
    """Wait until `lines` are laid out in so many rows, on a machine however busy."""
    while lines.size.height != height:
        await pilot.pause(0.01)


def test_height_follows_the_text_at_another_width() -> None:
    async def test() -> None:
        app = OneText()
        async with app.run_test(size=(4, 20)) as pilot:
            lines = app.query_one(TextBlock)
            lines.set_text("12345678\n12345678")
            await until_height(pilot, lines, 4)
            await pilot.resize_terminal(20, 20)
            await until_height(pilot, lines, 2)
            lines.set_text("1\n2\n3\n4")
            await until_height(pilot, lines, 4)

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
            await until_height(pilot, lines, 4)

    run(test)
