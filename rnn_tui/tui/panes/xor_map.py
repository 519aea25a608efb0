"""Exclusive or: the truth table, and how the net divides the square of inputs between 0 and 1."""

from time import monotonic
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import xor_map as truth_table
from rnn_tui.tui.drawing.heatmap import HeatMap
from rnn_tui.tui.panes.base import Pane
from rnn_tui.tui.widgets.text_block import Lines

REDRAW = 0.5  # seconds between two maps; the numbers are as new as the snapshot


@final
class XorPane(Pane):
    pane_name = "xor"
    place = "picture"
    title = "output over the square of inputs"

    DEFAULT_CSS = f"""
    XorPane Lines {{ height: {truth_table.TABLE_ROWS + 1}; }}
    XorPane HeatMap {{ color: $text-muted; }}
    XorPane.beside {{ layout: horizontal; }}
    XorPane.beside Lines {{ width: {truth_table.TABLE + truth_table.GAP}; height: 1fr; }}
    """

    @classmethod
    def suits(cls, settings: Settings) -> bool:
        return settings.task == "xor"

    def compose(self) -> ComposeResult:
        yield Lines()
        yield HeatMap()

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0

    def show(self, snapshot: Snapshot) -> None:
        self.label(self.title, f"corners: the true value, {self.look.contour * 3} the net says 0.5")
        shown, size = snapshot.output_map, self.content_size
        place = truth_table.arrange(size.width, size.height)
        self.set_class(place.beside, "beside")
        self.query_one(Lines).say(
            "no output yet: it comes with the next step"
            if shown is None
            else truth_table.table(shown)
        )
        urgent = place, snapshot.status
        early = self.early(snapshot, self._drawn_at, REDRAW)
        if urgent == self._drawn[1:] and (early or shown is self._drawn[0]):
            return
        self._drawn, self._drawn_at = (shown, *urgent), monotonic()
        square = truth_table.square(shown, place.columns, place.rows, self.look) if shown else []
        self.query_one(HeatMap).show(square)
