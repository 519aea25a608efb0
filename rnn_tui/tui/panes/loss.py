"""The loss pane: a bar chart of the loss with a mark for each change, or lines of several runs."""

from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.engine.losses import LOSSES
from rnn_tui.run.history import EMPTY_CURVE, RECENT_STEPS, Curve
from rnn_tui.run.settings_history import same_scope
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.siblings import SiblingsView
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.text.format import format_two_digits
from rnn_tui.text.siblings import exact_text
from rnn_tui.tui.drawing import loss_curve, loss_overlay
from rnn_tui.tui.drawing.events import events_of
from rnn_tui.tui.drawing.loss_curve import BaselineSpan
from rnn_tui.tui.drawing.loss_overlay import OverlayInput
from rnn_tui.tui.drawing.status_lines import deviations_text, loss_line
from rnn_tui.tui.panes.base import TITLE_FRAME_CELLS, Pane, PaneHelp
from rnn_tui.tui.panes.overlay_selection import OverlaySelection
from rnn_tui.tui.widgets.text_block import TextBlock

NON_PLOT_ROWS = 2  # marks and figures
COMPARING_WEIGHT_FACTOR = 2
BAND_TITLE = "10–90 % and median"
MIN_BAND_BUCKETS = 8  # of a band in the range of the plot
OTHER_CHANGES = "with other changes"  # of siblings, than those of the run


@final
class LossPane(Pane):
    """Plots the metric that is reported: the loss itself, or the L1 error beside it."""

    title = "loss"
    short_title = "loss"
    help_text = PaneHelp(
        shows="The loss by step, or the L1 error that the published programs print, and a line for "
        "the baseline without memory; ▲ marks a change or an event: both are listed among the "
        "changes. After a fork, or with runs selected in the table of runs, lines of several runs. "
        "With siblings (N), a line over the 10–90 % band and the median of their losses.",
        formula="loss as in the title: training lowers that one; L1 error = Σ|y−ŷ| over the bits "
        "of a sequence; mean = of the last 100 steps; no memory = the mean of the targets for the "
        "input at the same time step.",
        reading="Far below the baseline the model uses what came before. Bars start at 0, on a log "
        "scale at the lowest loss. w shows the last 1,000 steps.",
        caveat="Slightly below is no proof: for addition of 8 bits the L1 error without memory is "
        "3.74, but 3.33 if the bit position is an input, and 3.00 if outputs are rounded. A lower "
        "loss need not be a higher accuracy.",
    )

    DEFAULT_CSS = """
    LossPane #curve { height: 1fr; min-height: 1; }
    LossPane #marks, LossPane #figures { height: 1; }
    LossPane #legend { height: auto; display: none; }
    """

    shows_full_run = var(True)
    overlay_selection: var[OverlaySelection] = var(OverlaySelection())

    def compose(self) -> ComposeResult:
        yield TextBlock(id="curve")
        yield TextBlock(id="marks")
        yield TextBlock("legend")
        yield TextBlock(id="figures")

    def on_mount(self) -> None:
        self._curve = EMPTY_CURVE
        self._exact_text = ""  # of the siblings whose band is drawn
        self._margin = 0  # cells of the labels on the left of the bars
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
        self.query_one("#marks").display = self.content_size.height > NON_PLOT_ROWS
        self.query_one("#figures", TextBlock).set_text(loss_line(snapshot, width))
        settings = snapshot.settings
        view = (
            self.shows_full_run,
            snapshot.status,
            self.size,
            snapshot.latest_settings.loss,
            settings.update_rule,
            snapshot.branch_number,
            len(snapshot.summaries),
            self.overlay_selection,
        )
        if self.begin_redraw_if_due(view, (snapshot,)):
            self._overlaid_runs = self._runs_to_overlay(snapshot)
            self._set_comparing(bool(self._overlaid_runs))
            if self._overlaid_runs:
                self._draw_overlay(snapshot, width)
            else:
                self.query_one("#legend").display = False
                self._curve = snapshot.full_run if self.shows_full_run else snapshot.recent
                self._draw_curve(snapshot, width)
        if not self._overlaid_runs:
            marks = loss_curve.change_marks(
                self._curve,
                snapshot.log,
                width - self._margin,
                _viewed_step(snapshot),
                self.glyphs.model,
                events_of(snapshot),
            )
            self.query_one("#marks", TextBlock).set_text(" " * self._margin + marks)

    @property
    def _plot_rows(self) -> int:
        """The rows of the plot and the legend; the lowest pane has a row instead of the marks."""
        return max(1, self.content_size.height - NON_PLOT_ROWS)

    def _set_comparing(self, comparing: bool) -> None:
        """Take more rows for several runs."""
        self.set_class(comparing, "comparing")
        factor = COMPARING_WEIGHT_FACTOR if comparing else 1
        if factor != self.weight_factor:
            self.weight_factor = factor
            self.refresh(layout=True)

    def _runs_to_overlay(self, snapshot: Snapshot) -> tuple[RunSummary, ...]:
        """Return the runs to overlay, the current branch first; none if it is the only one."""
        drawn = self.overlay_selection.drawn_runs(snapshot)
        return drawn if len(drawn) > 1 else ()

    def _draw_curve(self, snapshot: Snapshot, width: int) -> None:
        loss = LOSSES[snapshot.latest_settings.loss]
        plot, bars = self.query_one("#curve", TextBlock), self.glyphs.bars
        band = loss_band_of(snapshot, self._curve)
        chart = loss_curve.draw_chart(
            self._curve,
            baseline_span(snapshot),
            width,
            self._plot_rows,
            self.glyphs,
            log=loss.metric_is_loss,
            band=band,
        )
        self._margin = chart.margin
        plot.set_text(chart.content)
        low, high = map(format_two_digits, chart.bounds or (0.0, 0.0))
        value_range = f"  {bars[0]} {low}  {bars[-1]} {high}" if chart.bounds else ""
        self._exact_text = ""
        if band and snapshot.siblings:
            self._exact_text = _siblings_text(snapshot.siblings)
            value_range = f"  {low} to {high}  {BAND_TITLE} of {len(snapshot.siblings.seeds)} seeds"
        formula = self.glyphs.transliterate(loss.formula)
        trained = "" if loss.metric_is_loss else f"training lowers {formula}"
        self._update_titles(snapshot, value_range, trained)

    def _draw_overlay(self, snapshot: Snapshot, width: int) -> None:
        recent = None if self.shows_full_run else snapshot.recent
        runs = self._overlaid_runs
        band = loss_band_of(snapshot, snapshot.full_run) if self.shows_full_run else ()
        overlay_input = OverlayInput(
            runs, snapshot.log, _viewed_step(snapshot), recent, band, events_of(snapshot)
        )
        plot_rows, legend_rows = loss_overlay.split_rows(self._plot_rows, len(runs))
        overlay = loss_overlay.draw_overlay(overlay_input, width, plot_rows, self.glyphs)
        self.query_one("#curve", TextBlock).set_text(overlay.plot)
        self.query_one("#marks", TextBlock).set_text(overlay.marks)
        legend = self.query_one("#legend", TextBlock)
        legend.display = legend_rows > 0
        names = loss_overlay.legend(runs, width, legend_rows, self.glyphs)
        legend.set_text(names)
        is_cut = "…" in names.plain
        plot_range = f"  {len(runs)} runs"
        if band and snapshot.siblings:
            plot_range += f", {BAND_TITLE} of {len(snapshot.siblings.seeds)} seeds"
            plot_range += f" {OTHER_CHANGES}" * snapshot.siblings.has_other_changes
        self._exact_text = ""
        self._update_titles(snapshot, plot_range, overlay.step_range, is_cut=is_cut)

    def _update_titles(
        self, snapshot: Snapshot, plot_range: str, extra: str = "", *, is_cut: bool = False
    ) -> None:
        """Set the title: metric, range, and `extra` where it fits; and the subtitle.

        `is_cut` says that the legend is cut: the table of runs has all of it.
        """
        loss = LOSSES[snapshot.latest_settings.loss]
        name = loss.title
        title = self.glyphs.transliterate(name) + plot_range
        if extra and len(title) + 2 + len(extra) <= self.outer_size.width - TITLE_FRAME_CELLS:
            title += f"  {extra}"
        restarted_at = 0 if self._overlaid_runs else snapshot.full_run.start
        window = f"from step {restarted_at:,}" if restarted_at else "full run"
        if not self.shows_full_run:
            window = f"last {RECENT_STEPS:,} steps"
        scale = ", log scale" if loss.metric_is_loss else ""
        window = f"{' · legend: see v' * is_cut} · {window}{scale}"
        room = self.outer_size.width - TITLE_FRAME_CELLS - len(window)
        lead = self._exact_text or deviations_text(snapshot.settings, room)
        self.set_titles(title, lead + window)


def _siblings_text(view: SiblingsView) -> str:
    """Return `exact_text`, marked where the siblings have other changes than the run."""
    return f"{OTHER_CHANGES}, " * view.has_other_changes + exact_text(view)


def loss_band_of(snapshot: Snapshot, curve: Curve) -> tuple[Curve, ...]:
    """Return the quantiles of the siblings' loss to draw behind `curve`; empty without any.

    They are left out where their loss is another one, and where their buckets are too long.
    """
    update = snapshot.siblings.update if snapshot.siblings else None
    if update is None or update.band is None:
        return ()
    n_buckets = len(curve.mean) * curve.stride // update.band.stride
    is_same = loss_overlay.same_metric(update.settings, snapshot.latest_settings)
    return update.band.curves() if is_same and n_buckets >= MIN_BAND_BUCKETS else ()


def baseline_span(snapshot: Snapshot) -> BaselineSpan | None:
    """Return the baseline, for the steps whose losses may be compared with it."""
    if snapshot.baseline is None:
        return None
    baseline, settings = BaselineSpan(snapshot.baseline.metric), snapshot.initial_settings
    for change in snapshot.log:
        if not same_scope(settings, change.settings):
            if change.step > snapshot.step:
                return baseline._replace(last=change.step)
            baseline = baseline._replace(first=change.step)
        settings = change.settings
    return baseline


def _viewed_step(snapshot: Snapshot) -> int | None:
    """Return the viewed step, or None at the latest step."""
    return snapshot.step if snapshot.status is Status.VIEWING else None
