"""Exclusive or: the truth table, and how the net divides the square of inputs between 0 and 1."""

from time import monotonic
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import xor_map as truth_table
from rnn_tui.tui.drawing.heatmap import HeatMap
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import TextBlock

REDRAW_INTERVAL_SECONDS = 0.5  # seconds between two maps; the numbers are as new as the snapshot


@final
class XorMapPane(Pane):
    pane_name = "xor"
    slot = "picture"
    title = "output over the square of inputs"

    DEFAULT_CSS = f"""
    XorMapPane TextBlock {{ height: {truth_table.TABLE_ROWS + 1}; }}
    XorMapPane HeatMap {{ color: $text-muted; }}
    XorMapPane.beside {{ layout: horizontal; }}
    XorMapPane.beside TextBlock {{
        width: {truth_table.TABLE_CELLS + truth_table.GAP_CELLS}; height: 1fr;
    }}
    """

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return TASKS[settings.task].has_output_grid

    def compose(self) -> ComposeResult:
        yield TextBlock()
        yield HeatMap()

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()
        self._drawn_at = 0.0

    def update_from(self, snapshot: Snapshot) -> None:
        self.set_titles(
            self.title, f"corners: the true value, {self.glyphs.contour * 3} the net says 0.5"
        )
        shown, size = snapshot.output_grid, self.content_size
        place = truth_table.xor_layout(size.width, size.height)
        self.set_class(place.beside, "beside")
        self.query_one(TextBlock).set_text(
            "no output yet: it comes with the next step"
            if shown is None
            else truth_table.draw_table(shown)
        )
        urgent = place, snapshot.status
        early = self.throttled(snapshot, self._drawn_at, REDRAW_INTERVAL_SECONDS)
        if urgent == self._drawn_key[1:] and (early or shown is self._drawn_key[0]):
            return
        self._drawn_key, self._drawn_at = (shown, *urgent), monotonic()
        square = (
            truth_table.draw_map(shown, place.columns, place.rows, self.glyphs) if shown else []
        )
        self.query_one(HeatMap).set_strips(square)
