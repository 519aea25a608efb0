"""How the cost's gradient flows back through time, at the tutorial's six points and the cursor."""

from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.cost_map import Point
from rnn_tui.tui.drawing.plot import Series, series_legend, symlog_plot
from rnn_tui.tui.panes.base import Pane, PlotArea, has_cost_surface
from rnn_tui.tui.panes.cost_map import INITIAL_CURSOR
from rnn_tui.tui.widgets.text_block import TextBlock

SUBTITLE = "mean over sequences · 20× as much in the 2015 figure"
MIN_VERDICT_ROWS = 12  # rows from which more than the plot and its legend is said


@final
class GradientPathsPane(Pane):
    """`cursor` is the seventh point, (w_x, w_rec); nothing is drawn anew unless it moves."""

    pane_name = "backflow"
    slot = "gradient"
    title = "gradient over time ∂ξ/∂s_k"

    DEFAULT_CSS = """
    GradientPathsPane PlotArea { height: 1fr; }
    GradientPathsPane TextBlock { height: auto; }
    """

    cursor: var[Point] = var(INITIAL_CURSOR)

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return has_cost_surface(settings)

    def compose(self) -> ComposeResult:
        yield PlotArea()
        yield TextBlock(id="names")
        yield TextBlock(id="verdict")

    def on_mount(self) -> None:
        self._drawn_key: tuple[object, ...] = ()

    def watch_cursor(self) -> None:
        if self.is_mounted and self.display:
            self.update_from(self.snapshot)

    def update_from(self, snapshot: Snapshot) -> None:
        self.set_titles(self.title, SUBTITLE)
        cost = snapshot.cost_map.cost_surface if snapshot.cost_map else None
        plot = self.query_one(PlotArea)
        wanted = cost, self.cursor, self.size, plot.size
        if wanted == self._drawn_key:
            return
        self._drawn_key = wanted
        verdict, legend = self.query_one("#verdict", TextBlock), self.query_one("#names", TextBlock)
        if cost is None:
            plot.update(
                "only the counting task's net, of two weights, has these points", layout=False
            )
            legend.set_text("")
            verdict.set_text("")
            return
        series = _gradient_series(cost, self.cursor, self.glyphs.cursor)
        plot.update(symlog_plot(series, *plot.size, self.glyphs), layout=False)
        legend.set_text(series_legend(series, plot.size.width))
        verdict.display = self.content_size.height >= MIN_VERDICT_ROWS
        verdict.set_text(_trend_text(series[-1]))


def _gradient_series(cost: CostSurface, cursor: Point, cursor_glyph: str) -> list[Series]:
    """Return the gradients over 0, -1 … -n steps: from the answer back to the start.

    The six have about the colours of the published figure; the cursor has that of text.
    """
    points = [(str(number), point, number) for number, point in enumerate(SIX_POINTS, start=1)]
    return [
        Series(glyph, f"({wx:.3g}, {wrec:.3g})", color, cost.gradient_over_time(wx, wrec)[::-1])
        for glyph, (wx, wrec), color in (*points, (cursor_glyph, cursor, 0))
    ]


def _trend_text(series: Series) -> str:
    answer, start = float(series.values[0]), float(series.values[-1])
    near, far = words.format_short(answer), words.format_short(start)
    return (
        f"{series.glyph} k = 0, the answer: {near}  "
        f"k = -{len(series.values) - 1}, the start: {far}\n"
        f"  {words.gradient_trend(abs(start), abs(answer))}"
    )
