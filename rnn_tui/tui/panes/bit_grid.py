"""One sum, bit by bit: what was asked, what the net said and how sure it was."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import bit_grid as bits
from rnn_tui.tui.panes.base import Pane, has_cost_surface
from rnn_tui.tui.widgets.text_block import TextBlock

# Rows of the screen that others need at the least: the controls and the frame, with the pane above
# or the scores below; in a window that is not low the scores below, too, or the changes.
OTHER_PANES_ROWS, ACCURACY_ROWS, CHANGES_ROWS = 13, 6, 3
MIN_HIGH_WINDOW_ROWS = 14  # rows within the frame in a high window, by the style sheet's min-height


@final
class BitGridPane(Pane):
    pane_name = "bits"
    slot = "picture"
    title = "bits"

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return not (has_cost_surface(settings) or TASKS[settings.task].has_output_grid)

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def update_from(self, snapshot: Snapshot) -> None:
        self.set_titles(
            self.title, "held: the net's answer now" if snapshot.is_pinned else "newest example"
        )
        lines = self.query_one(TextBlock)
        if snapshot.example is None:
            lines.set_text("no example yet: it comes with the next step")
        else:
            width, (least, most) = self.content_size.width, self._row_budget
            lines.set_text(bits.grid(snapshot.example, width, most, self.glyphs, min_rows=least))

    @property
    def _row_budget(self) -> tuple[int, int]:
        """How many rows the pane has in any case, and how many it may come to have."""
        screen = self.screen
        if screen.has_class("-only"):
            return self.content_size.height, self.content_size.height
        most = screen.size.height - OTHER_PANES_ROWS
        if screen.has_class("-low"):
            return 0, most
        stacked = screen.has_class("-narrow") or screen.has_class("-normal")
        most -= ACCURACY_ROWS if stacked else CHANGES_ROWS
        if screen.has_class("-high"):
            return MIN_HIGH_WINDOW_ROWS, MIN_HIGH_WINDOW_ROWS if stacked else most
        return 0, most
