"""A widget with lines of text that scroll, laid out only when its scroll bar comes or goes."""

from collections.abc import Sequence
from typing import ClassVar, final

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


@final
class ScrolledLines(ScrollView, inherit_bindings=False):
    """Displays lines; in Textual's own containers each change of their number is a layout."""

    DEFAULT_CSS = "ScrolledLines { overflow-x: hidden; scrollbar-size-vertical: 1; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Scroll up"),
        Binding("down", "scroll_down", "Scroll down"),
        Binding("pageup", "page_up", "Page up"),
        Binding("pagedown", "page_down", "Page down"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[str] = ()

    def set_lines(self, lines: Sequence[str]) -> None:
        """Display `lines`, which are as wide as the widget at most."""
        self._lines = lines
        self.set_reactive(ScrollView.virtual_size, Size(1, len(lines)))
        self._scroll_update(self.virtual_size)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        line = "".join(self._lines[self.scroll_offset.y + y :][:1])
        style = self.rich_style
        return Strip([Segment(line, style)]).adjust_cell_length(self.size.width, style)
