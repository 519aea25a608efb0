"""The error of every step so far, as bars with a mark at each change; of several runs, as lines."""

from time import monotonic
from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.engine.losses import LOSSES
from rnn_tui.run.history import EMPTY_CURVE, RECENT
from rnn_tui.run.summary import Strand
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import loss_overlay as strands
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.loss_overlay import Comparison, Sight
from rnn_tui.tui.panes.base import LABEL_FRAME, Pane
from rnn_tui.tui.widgets.text_block import Lines

REDRAW = 0.5  # seconds between two curves; the figures are as new as the snapshot
OTHER_ROWS = 2  # marks and figures


@final
class LossPane(Pane):
    pane_name = "loss"
    place = "loss"
    title = "error"

    whole_run = var(True)
    comparison: var[Comparison] = var(Comparison())

    def compose(self) -> ComposeResult:
        yield Lines(id="curve")
        yield Lines(id="marks")
        yield Lines("legend")
        yield Lines(id="figures")

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._curve = EMPTY_CURVE
        self._compared: tuple[Strand, ...] = ()

    def watch_whole_run(self) -> None:
        self._show_again()

    def watch_comparison(self) -> None:
        self._show_again()

    def _show_again(self) -> None:
        if self.is_mounted:
            self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        width = self.content_size.width
        self.query_one("#figures", Lines).say(words.figures(snapshot, width))
        settings = snapshot.settings
        urgent = (
            self.whole_run,
            snapshot.status,
            self.size,
            settings.loss,
            settings.update,
            snapshot.branch,
            len(snapshot.strands),
            self.comparison,
        )
        if urgent != self._drawn or not self.early(snapshot, self._drawn_at, REDRAW):
            self._drawn, self._drawn_at = urgent, monotonic()
            self._compared = self._to_compare(snapshot)
            self.set_class(bool(self._compared), "comparing")
            if self._compared:
                self._draw_strands(snapshot, width)
            else:
                self.query_one("#legend").display = False
                self._curve = snapshot.whole if self.whole_run else snapshot.recent
                self._draw_curve(snapshot, width)
        if not self._compared:
            back, glyph = _moment(snapshot), self.look.net
            row = curve.marks(self._curve, snapshot.log, width, back, glyph)
            self.query_one("#marks", Lines).say(row)

    def _to_compare(self, snapshot: Snapshot) -> tuple[Strand, ...]:
        """Return what is to be compared, the current branch first; nothing where it is alone."""
        if not snapshot.strands and self.comparison.chosen is None:
            return ()
        drawn = self.comparison.drawn(snapshot)
        return drawn if len(drawn) > 1 else ()

    def _draw_curve(self, snapshot: Snapshot, width: int) -> None:
        loss = LOSSES[snapshot.settings.loss]
        values = curve.fit(self._curve, width)
        drawn, bars = self.query_one("#curve", Lines), self.look.bars
        heights = curve.powers(values) if loss.reports_loss else values
        drawn.say(curve.heights(heights, drawn.size.height, bars))
        low, high = (words.rough(bound(values, default=0.0)) for bound in (min, max))
        extent = f"  {bars[0]} {low}  {bars[-1]} {high}" if values else ""
        self._label(snapshot, extent)

    def _draw_strands(self, snapshot: Snapshot, width: int) -> None:
        recent = None if self.whole_run else snapshot.recent
        sight = Sight(self._compared, snapshot.log, _moment(snapshot), recent)
        room = self.content_size.height - OTHER_ROWS
        height, rows = strands.rooms(room, len(self._compared))
        picture = strands.picture(sight, width, height, self.look)
        drawn = self.query_one("#curve", Lines)
        drawn.say(picture.plot)
        drawn.update(picture.plot, layout=False)  # other colours alone are news as well
        self.query_one("#marks", Lines).say(picture.marks)
        legend = self.query_one("#legend", Lines)
        legend.display = rows > 0
        legend.say(strands.legend(self._compared, width, rows, self.look))
        self._label(snapshot, f"  {len(self._compared)} runs", picture.extent)

    def _label(self, snapshot: Snapshot, extent: str, more: str = "") -> None:
        """Name the box: what is drawn, from where to where, and `more` where it fits."""
        loss = LOSSES[snapshot.settings.loss]
        title = self.look.said(loss.title) + extent
        if more and len(title) + 2 + len(more) <= self.outer_size.width - LABEL_FRAME:
            title += f"  {more}"
        window = "whole run" if self.whole_run else f"last {RECENT:,} steps"
        scale = ", log scale" if loss.reports_loss else ""
        window = f" · {window}{scale}"
        room = self.outer_size.width - LABEL_FRAME - len(window)
        self.label(title, words.unlike_a_textbook(snapshot.settings, room) + window)


def _moment(snapshot: Snapshot) -> int | None:
    """Return the step of the past that is looked at."""
    return snapshot.step if snapshot.status is Status.PAST else None
