"""One sum, bit by bit: what was asked, what the net said and how sure it was."""

from typing import final

from textual.app import ComposeResult
from textual.widgets import Static

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import bits
from rnn_tui.ui.panes.base import Pane

OTHERS = 13  # rows of the screen that other things need at the least


@final
class BitsPane(Pane):
    pane_name = "bits"
    title = "bits"

    def compose(self) -> ComposeResult:
        yield Static()

    def show(self, snapshot: Snapshot) -> None:
        if not self.is_mounted:
            return
        self.border_subtitle = "held: the net's answer now" if snapshot.held else "newest example"
        if snapshot.example is None:
            self.query_one(Static).update("no example yet")
            return
        room = max(self.screen.size.height - OTHERS, self.content_size.height)
        self.query_one(Static).update(bits.grid(snapshot.example, self.content_size.width, room))
