"""One sum, bit by bit: what was asked, what the net said and how sure it was."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import bit_grid as bits
from rnn_tui.tui.panes.base import Pane, two_weights_count
from rnn_tui.tui.widgets.text_block import Lines

# Rows of the screen that others need at the least: the controls and the frame, with the pane above
# or the scores below; in a window that is not low the scores below, too, or the changes.
OTHERS, SCORES, CHANGES = 13, 6, 3
LEAST = 14  # rows within the frame in a high window, by the style sheet's min-height


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
            width, (least, most) = self.content_size.width, self._room
            lines.say(bits.grid(snapshot.example, width, most, self.look, least=least))

    @property
    def _room(self) -> tuple[int, int]:
        """How many rows the pane has in any case, and how many it may come to have."""
        screen = self.screen
        if screen.has_class("-only"):
            return self.content_size.height, self.content_size.height
        most = screen.size.height - OTHERS
        if screen.has_class("-low"):
            return 0, most
        stacked = screen.has_class("-narrow") or screen.has_class("-normal")
        most -= SCORES if stacked else CHANGES
        if screen.has_class("-high"):
            return LEAST, LEAST if stacked else most
        return 0, most
