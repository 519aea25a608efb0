"""How much of the error reaches back through time: ‖∂L/∂h_k‖ for each step k."""

from time import monotonic
from typing import final

from textual.app import ComposeResult

from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing import status_lines as words
from rnn_tui.tui.drawing.plot import gradient_plot, legend
from rnn_tui.tui.panes.base import Pane, Plot, two_weights_count
from rnn_tui.tui.widgets.text_block import Lines

REDRAW = 0.5  # seconds between two plots: one costs as much as ten numbers


@final
class GradientPane(Pane):
    pane_name = "gradient"
    place = "gradient"
    title = "gradient over time ‖∂L/∂h_k‖"

    @classmethod
    def suits(cls, settings: Settings) -> bool:
        return not two_weights_count(settings) and settings.task != "xor"

    def compose(self) -> ComposeResult:
        yield Plot()
        yield Lines(id="verdict")

    def on_mount(self) -> None:
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0

    def show(self, snapshot: Snapshot) -> None:
        first = "lowest bit" if TASKS[snapshot.settings.task].lowest_first else "first step"
        self.label(self.title, f"{legend(self.look)} · k = 1 is the {first}")
        plot = self.query_one(Plot)
        urgent = plot.size, snapshot.status, snapshot.held
        if urgent == self._drawn[1:] and (
            snapshot.example is self._drawn[0] or self.early(snapshot, self._drawn_at, REDRAW)
        ):
            return
        self._drawn, self._drawn_at = (snapshot.example, *urgent), monotonic()
        verdict = self.query_one("#verdict", Lines)
        if snapshot.example is None:
            plot.update("no example yet: it comes with the next step", layout=False)
            verdict.say("")
            return
        felt, alone = snapshot.example.felt, snapshot.example.felt_from_last
        plot.update(gradient_plot(felt, alone, *plot.size, self.look), layout=False)
        verdict.say(
            f"last column alone: {words.fate(alone[0], alone[-1])}\n"
            f"all columns: {words.fate(felt[0], felt[-1])}"
        )
