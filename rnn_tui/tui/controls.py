"""The settings of the run, each with its present value, to be changed where it stands."""

from typing import Any, ClassVar, final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Label

from rnn_tui.config.increments import SPEEDS
from rnn_tui.config.settings import plain
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import (
    Request,
    Restart,
    Set,
    SetSpeed,
)
from rnn_tui.session.snapshot import EMPTY, Snapshot
from rnn_tui.tui.drawing.status_lines import speed
from rnn_tui.tui.widgets.select import Choice
from rnn_tui.tui.widgets.steady_input import NUMBER, WHOLE, Field


@final
class Controls(Horizontal):
    """Two rows of controls; says `Asked` when the user has chosen or typed another value."""

    snapshot: var[Snapshot] = var(EMPTY)

    KEYS: ClassVar = {
        "task": "t",
        "optimizer": "o",
        "rate": "L",
        "speed": "<>",
        "seed": "D",
        "hidden": "H",
        "batch": "B",
    }

    SHORT: ClassVar = {"optimizer": "opt"}  # where there is no room for keys either

    @final
    class Asked(Message):
        """`request` was asked for by a control."""

        def __init__(self, request: Request) -> None:
            super().__init__()
            self.request = request

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._speeds = list(SPEEDS)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="controls-row"):
            yield from self._named("task", Choice("task", {name: name for name in TASKS}))
            titles = {name: optimizer.title for name, optimizer in OPTIMIZERS.items()}
            yield from self._named("optimizer", Choice("optimizer", titles))
            yield from self._named("rate", Field(id="rate", restrict=NUMBER, compact=True))
        with Horizontal(classes="controls-row"):
            speeds = {steps: speed(steps) for steps in self._speeds}
            yield from self._named("speed", Choice("speed", speeds))
            for name in ("seed", "hidden", "batch"):
                typed = Field(id=name, restrict=WHOLE, compact=True)
                yield from self._named(name, typed)

    def _named(self, name: str, control: Choice | Input) -> ComposeResult:
        label = Content.assemble((self.KEYS[name], "$key bold"), " ", (name, "$text-muted"))
        yield Label(label, classes="with-key")
        yield Label(self.SHORT.get(name, name), classes="without-key")
        yield control

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if not self.is_mounted:
            return
        settings = snapshot.settings
        self._choose("task", settings.task)
        self._choose("optimizer", settings.optimizer)
        self._offer_speed(snapshot.speed)
        self._choose("speed", snapshot.speed)
        for name, value in self._typed(snapshot).items():
            typed = self.query_one(f"#{name}", Input)
            if not typed.has_focus:
                typed.value = value

    def _choose(self, name: str, value: object) -> None:
        select = self.query_one(f"#{name}", Choice)
        if select.value != value and not select.expanded:
            select.value = value

    def _offer_speed(self, wanted: float) -> None:
        """Put a speed that is not on the ladder, but was asked for, into the list."""
        if wanted not in self._speeds:
            self._speeds = sorted([*self._speeds, wanted])
            titles = {steps: speed(steps) for steps in self._speeds}
            self.query_one("#speed", Choice).offer(titles)

    @staticmethod
    def _typed(snapshot: Snapshot) -> dict[str, str]:
        settings = snapshot.settings
        return {
            "rate": plain(settings.learning_rate),
            "seed": str(settings.seed),
            "hidden": str(settings.hidden) if "hidden" in MODELS[settings.model].uses else "",
            "batch": str(settings.batch),
        }

    @on(Choice.Chosen)
    def _ask_chosen(self, event: Choice.Chosen) -> None:
        event.stop()
        match event.value:
            case float(steps_per_second):
                self.post_message(self.Asked(SetSpeed(steps_per_second)))
            case name:
                self.post_message(self.Asked(Set(event.name, name)))

    @on(Input.Submitted)
    def _ask_typed(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.input.id or ""
        try:
            self.post_message(self.Asked(_request(name, event.value)))
        except ValueError:
            self.notify(f"{name} needs a number", severity="warning", markup=False)
        self.screen.set_focus(None)

    @on(Input.Blurred)
    def _revert(self, event: Input.Blurred) -> None:
        event.input.value = self._typed(self.snapshot)[event.input.id or ""]


def _request(name: str, text: str) -> Request:
    """Return what was typed into the control `name`; raises ValueError where it is no number."""
    if name == "rate":
        return Set("lr", float(text))
    number = int(text)
    if name == "seed":
        return Restart(seed=number)
    return Set(name, number)
