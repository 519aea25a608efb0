"""The bit grid pane: one example by time step, with prediction, confidence and target."""

from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.report import weights_text
from rnn_tui.tui.drawing.bit_grid import grid
from rnn_tui.tui.panes.base import NO_EXAMPLE, Pane
from rnn_tui.tui.widgets.text_block import TextBlock

# Rows that other widgets need: controls, frame and loss pane; in windows that are not low also the
# accuracy or the changes.
OTHER_PANES_ROWS, ACCURACY_ROWS, CHANGES_ROWS = 13, 6, 3
MIN_HIGH_WINDOW_ROWS = 14  # rows within the frame in a high window


@final
class BitGridPane(Pane):
    """Displays the newest or the pinned example as a grid of bits."""

    title = "bits"

    DEFAULT_CSS = "BitGridPane TextBlock { height: auto; }"

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return not (settings.has_cost_surface or TASKS[settings.task].has_output_grid)

    def compose(self) -> ComposeResult:
        yield TextBlock()

    def update_from(self, snapshot: Snapshot) -> None:
        subtitle = "pinned" if snapshot.is_pinned else "newest"
        if snapshot.example is not None:
            subtitle += f", predicted {weights_text(snapshot.example)}"
        self.set_titles(self.title, subtitle)
        text_block = self.query_one(TextBlock)
        if snapshot.example is None:
            text_block.set_text(NO_EXAMPLE)
        else:
            width, (min_rows, max_rows) = self.content_size.width, self._row_budget
            text_block.set_text(
                grid(snapshot.example, width, max_rows, self.glyphs, min_rows=min_rows)
            )

    @property
    def _row_budget(self) -> tuple[int, int]:
        """The minimum and maximum of rows."""
        screen = self.screen
        if screen.has_class("-only"):
            return self.content_size.height, self.content_size.height
        max_rows = screen.size.height - OTHER_PANES_ROWS
        if screen.has_class("-low"):
            return 0, max_rows
        stacked = screen.has_class("-narrow") or screen.has_class("-normal")
        max_rows -= ACCURACY_ROWS if stacked else CHANGES_ROWS
        if screen.has_class("-high"):
            return MIN_HIGH_WINDOW_ROWS, MIN_HIGH_WINDOW_ROWS if stacked else max_rows
        return 0, max_rows
