"""Textual's Static, redrawn only when its text changes, laid out only when its height does."""

from typing import final

from textual.content import Content
from textual.widgets import Static


@final
class TextBlock(Static):
    """A `Static` whose height is fixed by the style sheet or follows its text."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, markup=False)
        self._text = Content("")
        self._rows_at_width = 0, 0  # rows at a width

    def set_text(self, text: str | Content) -> None:
        """Show `text`; the screen is laid out again only if the number of rows changes."""
        text = Content(text) if isinstance(text, str) else text
        if text.is_same(self._text):
            return
        self._text = text
        width = max(1, self.size.width)
        rows = sum(max(1, -(-len(line) // width)) for line in text.plain.split("\n"))
        relayout = self.styles.is_auto_height and (rows, width) != self._rows_at_width
        self.update(text, layout=relayout)
        # Static's count misses a second request for layout before the first has been processed.
        self._layout_updates += relayout
        self._rows_at_width = rows, width
