"""The gradient paths pane: ∂ξ/∂s_k over time at the tutorial's six points and the cursor."""

from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.text.format import format_short
from rnn_tui.text.gradient import gradient_trend
from rnn_tui.tui.drawing.cost_map import Point
from rnn_tui.tui.drawing.plot import Series, series_legend, symlog_plot
from rnn_tui.tui.panes.base import NO_COST_SURFACE, Pane, PaneHelp, PlotArea
from rnn_tui.tui.panes.cost_map import INITIAL_CURSOR
from rnn_tui.tui.widgets.text_block import TextBlock

SUBTITLE = "mean over sequences · 20× as much in the 2015 figure"
MIN_TREND_ROWS = 12  # height from which the trend at the cursor is shown


@final
class GradientPathsPane(Pane):
    """Plots gradients over time; `cursor`, (w_x, w_rec), is the seventh point."""

    title = "gradient over time ∂ξ/∂s_k"
    short_title = "gradient"
    help_text = PaneHelp(
        shows="The gradient of the loss with respect to the state, from the last time step back to "
        "the first, from left to right as in the published figure, at its six points of the cost "
        "map and at the cursor.",
        formula="∂ξ/∂s_(k−1) = ∂ξ/∂s_k · w_rec, mean over sequences; the axis is symmetric "
        "logarithmic.",
        reading="With |w_rec| > 1 it grows by the same factor per time step, with |w_rec| < 1 it "
        "vanishes, and with w_rec < 0 its sign alternates.",
        caveat="It is the gradient at fixed weights, not along the path of the run.",
    )

    DEFAULT_CSS = """
    GradientPathsPane PlotArea { height: 1fr; }
    GradientPathsPane TextBlock { height: auto; }
    """

    cursor: var[Point] = var(INITIAL_CURSOR)

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return settings.has_cost_surface

    def compose(self) -> ComposeResult:
        yield PlotArea()
        yield TextBlock(id="names")
        yield TextBlock(id="trend")

    def watch_cursor(self) -> None:
        if self.is_mounted and self.display:
            self.update_from(self.snapshot)

    def update_from(self, snapshot: Snapshot) -> None:
        self.set_titles(f"{self.title}, last time step left", SUBTITLE)
        cost = snapshot.cost_map.cost_surface if snapshot.cost_map else None
        plot = self.query_one(PlotArea)
        if not self.begin_redraw_if_due((cost, self.cursor, self.size, plot.size)):
            return
        trend, legend = self.query_one("#trend", TextBlock), self.query_one("#names", TextBlock)
        if cost is None:
            plot.update(NO_COST_SURFACE, layout=False)
            legend.set_text("")
            trend.set_text("")
            return
        series = _gradient_series(cost, self.cursor, self.glyphs.cursor)
        plot.update(symlog_plot(series, *plot.size, self.glyphs), layout=False)
        legend.set_text(series_legend(series, plot.size.width))
        trend.display = self.content_size.height >= MIN_TREND_ROWS
        trend.set_text(_trend_text(series[-1]))


def _gradient_series(cost: CostSurface, cursor: Point, cursor_glyph: str) -> list[Series]:
    """Return the gradients over k = 0, -1 … -n: from the last time step back to the first.

    The six points have about the colours of the published figure, the cursor that of text.
    """
    points = [(str(number), point, number) for number, point in enumerate(SIX_POINTS, start=1)]
    return [
        Series(glyph, f"({wx:.3g}, {wrec:.3g})", color, cost.gradient_over_time(wx, wrec)[::-1])
        for glyph, (wx, wrec), color in (*points, (cursor_glyph, cursor, 0))
    ]


def _trend_text(series: Series) -> str:
    last, first = float(series.values[0]), float(series.values[-1])
    at_last, at_first = format_short(last), format_short(first)
    return (
        f"{series.glyph} k = 0, last time step: {at_last}  "
        f"k = -{len(series.values) - 1}, first: {at_first}\n"
        f"  {gradient_trend(abs(first), abs(last), len(series.values) - 1)}"
    )
