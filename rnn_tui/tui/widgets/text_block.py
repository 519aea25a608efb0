"""Text that is drawn again only when it says something else: bytes are dear at the far end."""

from typing import final

from textual.content import Content
from textual.widgets import Static


@final
class TextBlock(Static):
    """A `Static` whose height is fixed by the style sheet, or else follows what it says."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, markup=False)
        self._text: str | Content = ""
        self._rows_at_width = 0, 0  # rows at a width

    def set_text(self, text: str | Content) -> None:
        """Show `text`; the screen is laid out anew only when that takes another number of rows."""
        if text == self._text:
            return
        self._text = text
        width = max(1, self.size.width)
        rows = sum(max(1, -(-len(line) // width)) for line in str(text).split("\n"))
        relayout = (rows, width) != self._rows_at_width
        self.update(text, layout=relayout)
        self._layout_updates += (
            relayout  # Textual's own count misses a second wish before it has idled
        )
        self._rows_at_width = rows, width
