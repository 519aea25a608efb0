"""The error of every step so far, as bars with a mark at each change; of several runs, as lines."""

from time import monotonic
from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.engine.losses import LOSSES
from rnn_tui.run.history import EMPTY_CURVE, RECENT_STEPS
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing import loss_curve as curve
from rnn_tui.tui.drawing import loss_overlay as strands
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.loss_overlay import OverlayInput, OverlaySelection
from rnn_tui.tui.panes.base import TITLE_FRAME_CELLS, Pane
from rnn_tui.tui.widgets.text_block import TextBlock

REDRAW_INTERVAL_SECONDS = 0.5  # seconds between two curves; the figures are as new as the snapshot
NON_PLOT_ROWS = 2  # marks and figures


@final
class LossPane(Pane):
    pane_name = "loss"
    slot = "loss"
    title = "error"

    shows_full_run = var(True)
    overlay_selection: var[OverlaySelection] = var(OverlaySelection())

    def compose(self) -> ComposeResult:
        yield TextBlock(id="curve")
        yield TextBlock(id="marks")
        yield TextBlock("legend")
        yield TextBlock(id="figures")

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._curve = EMPTY_CURVE
        self._overlaid_runs: tuple[RunSummary, ...] = ()

    def watch_shows_full_run(self) -> None:
        self._redraw()

    def watch_overlay_selection(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        if self.is_mounted:
            self.update_from(self.snapshot)

    def update_from(self, snapshot: Snapshot) -> None:
        width = self.content_size.width
        self.query_one("#figures", TextBlock).set_text(words.loss_line(snapshot, width))
        settings = snapshot.settings
        urgent = (
            self.shows_full_run,
            snapshot.status,
            self.size,
            settings.loss,
            settings.update_rule,
            snapshot.branch_number,
            len(snapshot.summaries),
            self.overlay_selection,
        )
        if urgent != self._drawn_key or not self.throttled(
            snapshot, self._drawn_at, REDRAW_INTERVAL_SECONDS
        ):
            self._drawn_key, self._drawn_at = urgent, monotonic()
            self._overlaid_runs = self._runs_to_overlay(snapshot)
            self.set_class(bool(self._overlaid_runs), "comparing")
            if self._overlaid_runs:
                self._draw_overlay(snapshot, width)
            else:
                self.query_one("#legend").display = False
                self._curve = snapshot.full_run if self.shows_full_run else snapshot.recent
                self._draw_curve(snapshot, width)
        if not self._overlaid_runs:
            back, glyph = _viewed_step(snapshot), self.glyphs.model
            row = curve.change_marks(self._curve, snapshot.log, width, back, glyph)
            self.query_one("#marks", TextBlock).set_text(row)

    def _runs_to_overlay(self, snapshot: Snapshot) -> tuple[RunSummary, ...]:
        """Return what is to be compared, the current branch first; nothing where it is alone."""
        if not snapshot.summaries and self.overlay_selection.chosen is None:
            return ()
        drawn = self.overlay_selection.drawn_runs(snapshot)
        return drawn if len(drawn) > 1 else ()

    def _draw_curve(self, snapshot: Snapshot, width: int) -> None:
        loss = LOSSES[snapshot.settings.loss]
        values = curve.resample(self._curve, width)
        drawn, bars = self.query_one("#curve", TextBlock), self.glyphs.bars
        heights = curve.log10(values) if loss.metric_is_loss else values
        drawn.set_text(curve.bar_rows(heights, drawn.size.height, bars))
        low, high = (words.format_two_digits(bound(values, default=0.0)) for bound in (min, max))
        value_range = f"  {bars[0]} {low}  {bars[-1]} {high}" if values else ""
        self._update_titles(snapshot, value_range)

    def _draw_overlay(self, snapshot: Snapshot, width: int) -> None:
        recent = None if self.shows_full_run else snapshot.recent
        overlay_input = OverlayInput(
            self._overlaid_runs, snapshot.log, _viewed_step(snapshot), recent
        )
        room = self.content_size.height - NON_PLOT_ROWS
        height, rows = strands.split_rows(room, len(self._overlaid_runs))
        picture = strands.draw_overlay(overlay_input, width, height, self.glyphs)
        drawn = self.query_one("#curve", TextBlock)
        drawn.set_text(picture.plot)
        drawn.update(picture.plot, layout=False)  # other colours alone are news as well
        self.query_one("#marks", TextBlock).set_text(picture.marks)
        legend = self.query_one("#legend", TextBlock)
        legend.display = rows > 0
        legend.set_text(strands.legend(self._overlaid_runs, width, rows, self.glyphs))
        self._update_titles(snapshot, f"  {len(self._overlaid_runs)} runs", picture.step_range)

    def _update_titles(self, snapshot: Snapshot, plot_range: str, more: str = "") -> None:
        """Name the box: what is drawn, from where to where, and `more` where it fits."""
        loss = LOSSES[snapshot.settings.loss]
        title = self.glyphs.transliterate(loss.title) + plot_range
        if more and len(title) + 2 + len(more) <= self.outer_size.width - TITLE_FRAME_CELLS:
            title += f"  {more}"
        window = "whole run" if self.shows_full_run else f"last {RECENT_STEPS:,} steps"
        scale = ", log scale" if loss.metric_is_loss else ""
        window = f" · {window}{scale}"
        room = self.outer_size.width - TITLE_FRAME_CELLS - len(window)
        self.set_titles(title, words.deviations_text(snapshot.settings, room) + window)


def _viewed_step(snapshot: Snapshot) -> int | None:
    """Return the step of the past that is looked at."""
    return snapshot.step if snapshot.status is Status.VIEWING else None
