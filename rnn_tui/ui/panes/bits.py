"""One sum, bit by bit: what was asked, what the net said and how sure it was."""

from typing import final

from textual.app import ComposeResult
from textual.widgets import Static

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.ui.drawing import bits
from rnn_tui.ui.panes.base import Pane

AIRY_HEIGHT = 14


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
        else:
            airy = self.content_size.height >= AIRY_HEIGHT
            drawn = bits.grid(snapshot.example, self.content_size.width, airy=airy)
            self.query_one(Static).update(drawn)
