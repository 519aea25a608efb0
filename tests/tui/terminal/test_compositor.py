"""A partial update renders the widgets that have changed; regions are rendered in full."""

from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Static

from rnn_tui.tui.terminal.compositor import DirtyRegionCompositor, render_region
from tests.tui.pilot import run

NAMES = ("top", "middle", "bottom")


class Row(Static):
    rendered: list[str]

    def render_lines(self, crop: Region) -> list[Strip]:
        self.rendered.append(self.id or "")
        return super().render_lines(crop)


class Rows(Screen[None]):
    def __init__(self) -> None:
        super().__init__()
        self._compositor = DirtyRegionCompositor()

    def compose(self) -> ComposeResult:
        yield from (Row(name, id=name) for name in NAMES)


class RowsApp(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Rows()


def test_partial_update_renders_changed_widgets_alone() -> None:
    async def test() -> None:
        Row.rendered = []
        app = RowsApp()
        async with app.run_test(size=(20, 3)) as pilot:
            await pilot.pause()
            Row.rendered.clear()
            with app.batch_update():
                app.query_one("#top", Row).update("new")
                app.query_one("#bottom", Row).update("new")
            await pilot.pause()
            assert set(Row.rendered) == {"top", "bottom"}
            Row.rendered.clear()
            app.screen.refresh()
            await pilot.pause()
            assert set(Row.rendered) == {*NAMES}

    run(test)


def test_region_beyond_a_screen_that_is_yet_to_be_resized_is_blank() -> None:
    async def test() -> None:
        app = RowsApp()
        async with app.run_test(size=(20, 3)) as pilot:
            await pilot.pause()
            app.query_one("#middle", Row).update("a middle row")
            lines = render_region(app.screen, Region(2, 1, 30, 4))
            assert [line.text for line in lines] == [
                text.ljust(30) for text in ("middle row", "ttom", "", "")
            ]

    run(test)
