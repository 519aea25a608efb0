"""The rows of text around the panes: headline, message, tab line and keys."""

from dataclasses import replace
from typing import final

from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing.status_lines import header, message_lines
from rnn_tui.tui.key_line import key_line
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import PANES, AccuracyPane, BitGridPane
from rnn_tui.tui.tab_line import tab_line
from rnn_tui.tui.widgets.text_block import TextBlock


@final
class StatusRows:
    """Fills the rows from snapshots and the display of `grid`; `hint` is the first message."""

    def __init__(self, grid: PaneGrid, hint: str) -> None:
        self._grid, self._hint = grid, hint
        self.headline, self.message = TextBlock("headline"), TextBlock("notice")
        self.tabs, self.keys = TextBlock("tabs"), TextBlock("keys")
        self._own_message: tuple[str, str, int] = "", "", 0

    def set_message(self, text: str, snapshot: Snapshot, n_requests: int) -> None:
        """Show `text` until `snapshot` is followed by another message, or a request is sent.

        `n_requests` is the number of requests sent so far.
        """
        self._own_message = text, snapshot.message, n_requests

    def update(
        self,
        snapshot: Snapshot,
        n_requests: int,
        width: int,
        max_message_rows: int,
        *,
        shows_keys: bool,
    ) -> None:
        """Update the headline, the message and the keys for a window of `width` cells."""
        text, *before = self._own_message
        if text and before == [snapshot.message, n_requests]:
            snapshot = replace(snapshot, message=text)
        self.headline.set_text(header(snapshot, width))
        message = message_lines(
            snapshot,
            width - 2,
            max_message_rows,
            with_accuracy=not self._grid.query_one(AccuracyPane).display,
            with_bits=BitGridPane.applies_to(snapshot.settings),
            hint=self._hint,
        )
        self.message.set_text(message)
        running = snapshot.status is Status.RUNNING
        self.keys.set_text(key_line(width, is_running=running) if shows_keys else "")

    def update_tabs(self, width: int) -> None:
        """Update the tab line for the views and the panes without room."""
        grid = self._grid
        names = [PANES[name].pane.short_title for name in grid.names_without_room]
        restore_key = grid.restore_key if grid.maximized_name else ""
        self.tabs.set_text(tab_line(width, grid.view, names, restore_key=restore_key))
