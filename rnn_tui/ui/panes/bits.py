"""One sum, bit by bit: what was asked, what the net said and how sure it was."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.session.snapshot import Snapshot
from rnn_tui.settings import Settings
from rnn_tui.ui.drawing import bits
from rnn_tui.ui.lines import Lines
from rnn_tui.ui.panes.base import Pane, two_weights_count

OTHERS = 13  # rows of the screen that other things need at the least


@final
class BitsPane(Pane):
    pane_name = "bits"
    place = "picture"
    title = "bits"

    @classmethod
    def suits(cls, settings: Settings) -> bool:
        return not two_weights_count(settings) and settings.task != "xor"

    def compose(self) -> ComposeResult:
        yield Lines()

    def show(self, snapshot: Snapshot) -> None:
        self.label(self.title, "held: the net's answer now" if snapshot.held else "newest example")
        lines = self.query_one(Lines)
        if snapshot.example is None:
            lines.say("no example yet: it comes with the next step")
        else:
            room = max(self.screen.size.height - OTHERS, self.content_size.height)
            fixed = self.screen.has_class("-high")  # else the pane would grow with what it says
            width = self.content_size.width
            lines.say(bits.grid(snapshot.example, width, room, self.look, about=fixed))
