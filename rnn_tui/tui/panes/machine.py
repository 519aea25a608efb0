"""The machine pane: the finite-state machine that the model has learned."""

from typing import ClassVar, final

from textual.binding import Binding, BindingType
from textual.content import Content

from rnn_tui.analysis.automaton import CELL_SIZE
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import TASKS
from rnn_tui.session.requests import PinExample
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.machine import draw_machine, pin_text
from rnn_tui.tui.panes.analysis import AnalysisPane
from rnn_tui.tui.panes.base import PaneHelp


@final
class MachinePane(AnalysisPane):
    """Draws the machine; a key pins the counterexample of the model."""

    title = "machine"
    short_title = "machine"
    analyses = ("machine",)
    help_text = PaneHelp(
        shows="The finite-state machine extracted from the model, its agreement with the model, "
        "and the shortest sequence found on which the model is incorrect; p pins that one.",
        formula="Hidden states are rounded to cells of "
        f"{CELL_SIZE:g} in each unit, followed breadth first from "
        "h_0 under every input, and states that no sequence can tell apart are merged (Moore "
        "1956). Table and arrows: next state/output for each input.",
        reading="A machine that agrees with the model on all outputs describes it on the sequences "
        "tried. One that equals the task's machine is correct at every length, and so is the model "
        "as far as the two agree.",
        caveat="The number of states means nothing without the agreement. No counterexample "
        "among the sequences tried does not prove that there is none: see the length pane.",
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pin_counterexample", "Pin the counterexample")
    ]

    @classmethod
    def applies_to(cls, settings: Settings) -> bool:
        return TASKS[settings.task].uses_length

    def action_pin_counterexample(self) -> None:
        value, task = self.value, self.snapshot.settings.make_task()
        search = None if value is None else value.against_task
        if search is not None and search.word is not None and (text := pin_text(search.word, task)):
            self.post_message(self.Requested(PinExample(text)))

    def draw(self, value: LearnedMachine, snapshot: Snapshot) -> Content:
        return draw_machine(value, snapshot.settings.make_task(), *self.content_size)

    def subtitle_parts(self, value: LearnedMachine) -> list[str]:
        return []
