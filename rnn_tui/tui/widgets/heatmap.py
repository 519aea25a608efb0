"""A widget that displays strips, such as a heat map."""

from typing import final

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


@final
class HeatMap(Widget):
    """Displays strips, and refreshes only the rows that have changed."""

    DEFAULT_CSS = "HeatMap { width: 1fr; height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._strips: list[Strip] = []

    def set_strips(self, strips: list[Strip]) -> None:
        """Display `strips`, from the top."""
        before, self._strips = self._strips, strips
        changed = [
            Region(0, y, self.size.width, 1)
            for y in range(max(len(before), len(strips)))
            if before[y : y + 1] != strips[y : y + 1]
        ]
        if changed:
            self.refresh(*changed)

    def render_line(self, y: int) -> Strip:
        style = self.rich_style
        if y >= len(self._strips):
            return Strip.blank(self.size.width, style)
        return self._strips[y].apply_style(style).adjust_cell_length(self.size.width, style)
