"""The small screens over the dashboard: the help, and the questions for a sum and a change."""

import re
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from rnn_tui.session.changes import CHANGES, SettingChange, parse_change
from rnn_tui.settings import SettingsError
from rnn_tui.ui.commands import COMMANDS


@final
class HelpScreen(ModalScreen[None]):
    """Every command with its key, and what the panes show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "close")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "keys"
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(self._keys())

    @staticmethod
    def _keys() -> Content:
        lines = [
            Content.assemble((f"{command.shown:>6}", "$accent bold"), f"  {command.help}")
            for command in COMMANDS
        ]
        also = (
            ("tab", "Go from control to control; enter or space opens a list, esc leaves"),
            ("ctrl+p", "Find any of these by name"),
        )
        lines += [
            Content.assemble((f"{key:>6}", "$accent bold"), f"  {text}") for key, text in also
        ]
        return Content("\n").join(lines)


@final
class ProbeScreen(ModalScreen[tuple[int, int] | None]):
    """Asks for two numbers with the task's `symbol` between them, such as 37+101."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    def __init__(self, symbol: str) -> None:
        super().__init__()
        self._symbol = symbol

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "ask the net"
            yield Input(placeholder=f"101{self._symbol}37", restrict=r"[0-9 +\-−]*")
            yield Label("two numbers; enter holds them in the bits pane, esc cancels")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        asked = re.fullmatch(r"\s*(\d+)\s*([+−])\s*(\d+)\s*", event.value.replace("-", "−"))
        if asked and asked[2] == self._symbol:
            self.dismiss((int(asked[1]), int(asked[3])))
        else:
            self.query_one(Label).update(f"two numbers, please, as in 101{self._symbol}37")


@final
class ChangeScreen(ModalScreen[SettingChange | None]):
    """Asks for a change in the words of the command line, such as lr=0.2 or clip-norm=1."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "change"
            names = SuggestFromList([f"{name}=" for name in CHANGES])
            yield Input(placeholder="clip-norm=1", suggester=names)
            yield Label(f"{', '.join(CHANGES)}; → completes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(parse_change(event.value.replace(" ", "")))
        except SettingsError as reason:
            self.query_one(Label).update(Content(str(reason)))
