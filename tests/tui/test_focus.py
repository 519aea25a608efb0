"""Focused and chosen widgets stand out from the others with every palette, and without colours."""

from collections.abc import Iterator
from itertools import product
from typing import final

import pytest
from rich.color import ColorSystem
from rich.style import Style
from rich.text import Text
from textual.app import App, ComposeResult
from textual.filter import NoColor
from textual.widget import Widget
from textual.widgets import Static

from rnn_tui.config.appearance import PALETTES
from rnn_tui.tui import dashboard
from rnn_tui.tui.colors import css_variables
from rnn_tui.tui.drawing.heatmap import luminance
from rnn_tui.tui.widgets.select import CommandResults, SettingSelect
from rnn_tui.tui.widgets.table import WholeColumnTable
from tests.tui.pilot import run
from tests.tui.test_colors import contrast

THEMES = ("textual-dark", "textual-light", "ansi-dark", "ansi-light")
MIN_CONTRAST = 3.0  # of WCAG for the state of a control
DISTINCT_ATTRIBUTES = ("reverse", "underline")


@final
class Frame(Static, can_focus=True):
    """A pane without contents."""


@final
class Sample(App[None]):
    """Two lists, a table and results of the command palette, with the dashboard's style sheet."""

    CSS_PATH = f"{dashboard.__file__.removesuffix('.py')}.tcss"

    def __init__(self, *, colored: bool) -> None:
        self.palette = "standard"
        super().__init__()
        self.animation_level = "none"
        self.no_color = not colored
        if not colored:
            self._filters.append(NoColor())

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables(self.palette, self.current_theme)

    def compose(self) -> ComposeResult:
        for name in ("focused", "other"):
            yield SettingSelect(name, {"a": "alpha"})
        yield WholeColumnTable(cursor_type="row", fixed_columns=1)
        yield CommandResults("alpha", "beta")
        for name in ("one", "two"):
            yield Frame(id=name, classes="pane")

    def on_mount(self) -> None:
        table = self.query_one(WholeColumnTable)
        table.add_columns("name", "steps")
        for name in ("alpha", "beta"):
            table.add_row(Text(name), Text("10"))
        results = self.query_one(CommandResults)
        results.add_class("--visible")
        results.highlighted = 0

    def style_at(self, widget: Widget, x: int, y: int) -> Style:
        """Return the style of a cell of `widget`'s contents."""
        strips = self.screen._compositor.render_strips()
        region = widget.content_region
        cell = strips[region.y + y].crop(region.x + x, region.x + x + 1)
        return next(segment.style for segment in cell if segment.style)

    def chosen_and_other(self) -> Iterator[tuple[str, Style, Style]]:
        """Yield the styles of what is focused or chosen, each with that of what is not."""
        if self.focused is self.query_one("#focused"):
            other = self.query_one("#other")
            yield "list", self.style_at(self.focused, 1, 0), self.style_at(other, 1, 0)
        else:
            table = self.query_one(WholeColumnTable)
            yield "fixed column", self.style_at(table, 1, 1), self.style_at(table, 1, 2)
            yield "column", self.style_at(table, 9, 1), self.style_at(table, 9, 2)
        results = self.query_one(CommandResults)
        yield "result", self.style_at(results, 3, 0), self.style_at(results, 3, 1)


def is_distinct(chosen: Style, other: Style) -> bool:
    """Return whether the backgrounds have contrast, or an attribute differs."""
    if any(getattr(chosen, name) != getattr(other, name) for name in DISTINCT_ATTRIBUTES):
        return True
    if chosen.bgcolor is None or other.bgcolor is None:
        return chosen.bgcolor is not other.bgcolor
    if chosen.bgcolor.is_default or other.bgcolor.is_default:  # configured by the user
        return chosen.bgcolor != other.bgcolor
    low, high = sorted((luminance(chosen.bgcolor), luminance(other.bgcolor)))
    return (high + 0.05) / (low + 0.05) >= MIN_CONTRAST


def assert_focused_border_has_contrast(app: Sample) -> None:
    one, two = app.query(Frame)
    focused, other = (frame.styles.border_top[1] for frame in (one, two))
    if "ansi" in app.theme:  # configured by the user
        assert focused != other
    else:
        for system in (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT):
            assert contrast(focused, other, system) >= MIN_CONTRAST, (app.theme, app.palette)
    assert one.styles.border_title_style.reverse
    assert not two.styles.border_title_style.reverse


@pytest.mark.parametrize(
    ("colored", "themes"), [(True, THEMES), (False, THEMES[2:])], ids=["colours", "no colours"]
)
def test_focused_and_chosen_widgets_stand_out(colored: bool, themes: tuple[str, ...]) -> None:
    async def test() -> None:
        app = Sample(colored=colored)
        async with app.run_test(size=(40, 24)) as pilot:
            for theme, palette in product(themes, PALETTES):
                app.theme, app.palette = theme, palette
                app.mutate_reactive(App.theme)
                for selector in ("#focused", "WholeColumnTable"):
                    app.query_one(selector).focus()
                    await pilot.pause()
                    for name, chosen, other in app.chosen_and_other():
                        assert is_distinct(chosen, other), (theme, palette, name)
                if colored:
                    app.query(Frame).first().focus()
                    await pilot.pause()
                    assert_focused_border_has_contrast(app)

    run(test)
