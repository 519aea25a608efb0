"""How the cost's gradient flows back through time, at the tutorial's six points and the cursor."""

from typing import final

from textual.app import ComposeResult
from textual.reactive import var

from rnn_tui.config.settings import Settings
from rnn_tui.engine.cost_surface import SIX_POINTS, CostSurface
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.cost_map import Point
from rnn_tui.tui.drawing.plot import Series, names, symlog_plot
from rnn_tui.tui.panes.base import Pane, Plot, two_weights_count
from rnn_tui.tui.panes.cost_map import FIRST_CURSOR
from rnn_tui.tui.widgets.text_block import Lines

SCALE = "mean over sequences · 20× as much in the 2015 figure"
ROOMY = 12  # rows from which more than the plot and its legend is said


@final
class BackflowPane(Pane):
    """`cursor` is the seventh point, (w_x, w_rec); nothing is drawn anew unless it moves."""

    pane_name = "backflow"
    place = "gradient"
    title = "gradient over time ∂ξ/∂s_k"

    DEFAULT_CSS = """
    BackflowPane Plot { height: 1fr; }
    BackflowPane Lines { height: auto; }
    """

    cursor: var[Point] = var(FIRST_CURSOR)

    @classmethod
    def suits(cls, settings: Settings) -> bool:
        return two_weights_count(settings)

    def compose(self) -> ComposeResult:
        yield Plot()
        yield Lines(id="names")
        yield Lines(id="verdict")

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()

    def watch_cursor(self) -> None:
        if self.is_mounted and self.display:
            self.show(self.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        self.label(self.title, SCALE)
        cost = snapshot.surface.cost if snapshot.surface else None
        plot = self.query_one(Plot)
        wanted = cost, self.cursor, self.size, plot.size
        if wanted == self._drawn:
            return
        self._drawn = wanted
        verdict, legend = self.query_one("#verdict", Lines), self.query_one("#names", Lines)
        if cost is None:
            plot.update(
                "only the counting task's net, of two weights, has these points", layout=False
            )
            legend.say("")
            verdict.say("")
            return
        series = _series(cost, self.cursor, self.look.cursor)
        plot.update(symlog_plot(series, *plot.size, self.look), layout=False)
        legend.say(names(series, plot.size.width))
        verdict.display = self.content_size.height >= ROOMY
        verdict.say(_fate(series[-1]))


def _series(cost: CostSurface, cursor: Point, mark: str) -> list[Series]:
    """Return the gradients over 0, -1 … -n steps: from the answer back to the start.

    The six have about the colours of the published figure; the cursor has that of text.
    """
    points = [(str(number), point, number) for number, point in enumerate(SIX_POINTS, start=1)]
    return [
        Series(glyph, f"({wx:.3g}, {wrec:.3g})", color, cost.gradient_over_time(wx, wrec)[::-1])
        for glyph, (wx, wrec), color in (*points, (mark, cursor, 0))
    ]


def _fate(one: Series) -> str:
    answer, start = float(one.values[0]), float(one.values[-1])
    near, far = words.short(answer), words.short(start)
    return (
        f"{one.glyph} k = 0, the answer: {near}  k = -{len(one.values) - 1}, the start: {far}\n"
        f"  {words.fate(abs(start), abs(answer))}"
    )
