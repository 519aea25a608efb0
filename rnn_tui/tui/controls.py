"""Controls for the most used settings, each with its current value."""

from typing import Any, ClassVar, final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Label

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.increments import SPEEDS
from rnn_tui.config.parsing import format_float
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import Restart, SetSpeed
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.text.format import format_speed
from rnn_tui.tui.widgets.select import SettingSelect
from rnn_tui.tui.widgets.steady_input import SteadyInput

FIELD_NAMES = {
    "hidden": "hidden-size",
    "batch": "batch-size",
}  # of the settings with another name here


@final
class Controls(Horizontal):
    """Two rows of controls; posts `Requested` when another value is selected or typed."""

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)

    KEY_LABELS: ClassVar = {
        "task": "t",
        "optimizer": "o",
        "lr": "L",
        "speed": "<>",
        "seed": "D",
        "hidden": "H",
        "batch": "B",
    }

    SHORT_LABELS: ClassVar = {"optimizer": "opt"}  # at widths without room for keys

    @final
    class Requested(Message):
        """A control requests `request`."""

        def __init__(self, request: Request) -> None:
            super().__init__()
            self.request = request

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._speeds = list(SPEEDS)

    def compose(self) -> ComposeResult:
        with Horizontal(classes="controls-row"):
            yield from self._labelled("task", SettingSelect("task", {name: name for name in TASKS}))
            titles = {name: optimizer.title for name, optimizer in OPTIMIZERS.items()}
            yield from self._labelled("optimizer", SettingSelect("optimizer", titles))
            yield from self._labelled("lr", SteadyInput(id="lr", compact=True))
        with Horizontal(classes="controls-row"):
            speeds = {steps: format_speed(steps) for steps in self._speeds}
            yield from self._labelled("speed", SettingSelect("speed", speeds))
            for name in ("seed", "hidden", "batch"):
                yield from self._labelled(name, SteadyInput(id=name, compact=True))

    def _labelled(self, name: str, control: SettingSelect | Input) -> ComposeResult:
        label = Content.assemble((self.KEY_LABELS[name], "$key bold"), " ", (name, "$text-muted"))
        yield Label(label, classes="with-key")
        yield Label(self.SHORT_LABELS.get(name, name), classes="without-key")
        yield control

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        if not self.is_mounted:
            return
        settings = snapshot.settings
        self._select_value("task", settings.task)
        self._select_value("optimizer", settings.optimizer)
        self._add_speed(snapshot.speed)
        self._select_value("speed", snapshot.speed)
        for name, value in self._input_values(snapshot).items():
            typed = self.query_one(f"#{name}", Input)
            if not typed.has_focus:
                typed.value = value

    def _select_value(self, name: str, value: object) -> None:
        select = self.query_one(f"#{name}", SettingSelect)
        if select.value != value and not select.expanded:
            select.value = value

    def _add_speed(self, steps_per_second: float) -> None:
        """Add a speed that is not in the list."""
        if steps_per_second not in self._speeds:
            self._speeds = sorted([*self._speeds, steps_per_second])
            titles = {steps: format_speed(steps) for steps in self._speeds}
            self.query_one("#speed", SettingSelect).set_choices(titles)

    @staticmethod
    def _input_values(snapshot: Snapshot) -> dict[str, str]:
        settings = snapshot.settings
        return {
            "lr": format_float(settings.learning_rate),
            "seed": str(settings.seed),
            "hidden": str(settings.hidden_size)
            if "hidden_size" in MODELS[settings.model].spec_fields
            else "",
            "batch": str(settings.batch_size),
        }

    @on(SettingSelect.Chosen)
    def _send_selected(self, event: SettingSelect.Chosen) -> None:
        event.stop()
        match event.value:
            case float(steps_per_second):
                self.post_message(self.Requested(SetSpeed(steps_per_second)))
            case name:
                self.post_message(self.Requested(SetField(event.name, name)))

    @on(Input.Submitted)
    def _send_typed(self, event: Input.Submitted) -> None:
        """Send the typed value; text that cannot be parsed stays, with a message."""
        event.stop()
        try:
            request = parse_request(event.input.id or "", event.value)
        except UserError as reason:
            self.notify(str(reason), severity="warning", markup=False)
            return
        if request:
            self.post_message(self.Requested(request))
        self.screen.set_focus(None)

    @on(Input.Blurred)
    def _revert(self, event: Input.Blurred) -> None:
        event.input.value = self._input_values(self.snapshot)[event.input.id or ""]


def parse_request(control: str, text: str) -> Request | None:
    """Return the request for `text` in `control`, None for blank text.

    Raises UserError for text that the command line refuses too.
    """
    if not text.strip():
        return None
    field = FIELDS[FIELD_NAMES.get(control, control)]
    try:
        value = field.parse(text.strip())
    except UserError as reason:
        raise UserError(f"{field.title}: {reason}") from None
    return Restart(seed=value) if control == "seed" else SetField(field.name, value)
