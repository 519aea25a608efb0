"""The small screens over the dashboard: help, what runs, and the questions to the user."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar, final

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from rnn_tui.config.settings import Settings, UserError, parse_int
from rnn_tui.engine.tasks import Task
from rnn_tui.run.changes import CHANGE_NAMES, Change, parse_change
from rnn_tui.session.requests import SeekTo
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.drawing.explanations import about, matching
from rnn_tui.tui.drawing.glyphs import GlyphSet as Glyphs
from rnn_tui.tui.widgets.steady_input import SteadyInput

ASSIGNMENT = re.compile(r"\s*[=\s]\s*")
DialogResult = TypeVar("DialogResult")

FILE_KINDS = {".csv": "errors", ".npz": "state", ".svg": "screen"}


class Dialog(ModalScreen[DialogResult]):
    """A screen that is left once, and only while it is on top: keys may be quicker than it."""

    DEFAULT_CSS = "Dialog { align: center middle; }"

    def dismiss(self, result: DialogResult | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


@final
class HelpScreen(Dialog[None]):
    """Every command with its key, and what the panes show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "close")
    ]

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "keys"
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(self._key_lines())

    @staticmethod
    def _key_lines() -> Content:
        lines = [
            Content.assemble((f"{command.key_label:>6}", "$key bold"), f"  {command.help}")
            for command in COMMANDS
        ]
        also = (
            ("tab", "Go from control to control; enter or space opens a list, esc leaves"),
            ("ctrl+p", "Find any of these by name, and every setting"),
            ("arrows", "Cost map: walk; shift for five cells; a click goes there"),
            ("z x", "Cost map: zoom; race five optimizers from the start or the cursor"),
            ("enter", "Cost map: put the net where the cursor is"),
        )
        lines += [Content.assemble((f"{key:>6}", "$key bold"), f"  {text}") for key, text in also]
        return Content("\n").join(lines)


@final
class AboutScreen(Dialog[None]):
    """What runs: each of its parts by name, with a line that explains it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,i,enter", "dismiss", "close")]

    def __init__(self, settings: Settings, glyphs: Glyphs) -> None:
        super().__init__()
        self._settings, self._glyphs = settings, glyphs

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "what runs here"
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(about(self._settings, self._glyphs))


@final
class AskScreen(Dialog[str | None]):
    """Asks for an example of `task`, such as 37+101."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._example_task = task

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "ask the net"
            yield SteadyInput(placeholder=self._example_task.example_input)
            yield Label(
                f"as in {self._example_task.example_input}; enter holds it still, esc cancels"
            )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self._example_task.parse_input(event.value)
        except ValueError as reason:
            self.query_one(Label).update(Content(str(reason)))
        else:
            self.dismiss(event.value)


@final
class ExportResultScreen(Dialog[None]):
    """Says where the latest files of a run are."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,e,enter", "dismiss", "close")]

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot

    def compose(self) -> ComposeResult:
        named = [(FILE_KINDS[Path(path).suffix], path) for path in self._snapshot.exported]
        named += [("journal", self._snapshot.journal_path)] if self._snapshot.journal_path else []
        with VerticalScroll(id="help") as box:
            box.border_title = "written"
            box.border_subtitle = "esc closes"
            for name, path in named:
                yield Static(Content.assemble((f"{name:<8}", "$key bold"), path))


@final
class GotoStepScreen(Dialog[SeekTo | None]):
    """Asks for a step of a run that has come to step `present()`, and may go on meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    def __init__(self, latest_step: Callable[[], int]) -> None:
        super().__init__()
        self._latest_step = latest_step

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "look at a step"
            yield SteadyInput(placeholder=str(self._latest_step() // 2))
            yield Label(f"0 to {self._latest_step():,}; enter shows how it was, esc cancels")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            request = SeekTo(parse_int(event.value.replace(",", "")))
            request.resolve(self._latest_step())
        except UserError as reason:
            self.query_one(Label).update(Content(str(reason)))
        else:
            self.dismiss(request)


@final
class ChangeScreen(Dialog[Change | None]):
    """Asks for a change in the words of the command line, such as lr=0.2, lr 0.2 or clip-norm=1.

    Below stands what begins as what was typed, each with its present value and what it means.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    def __init__(self, settings: Settings, name: str = "") -> None:
        super().__init__()
        self._settings, self._name = settings, name

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "change"
            box.border_subtitle = "→ completes · enter changes · esc cancels"
            names = SuggestFromList([f"{name}=" for name in CHANGE_NAMES])
            typed = f"{self._name}=" if self._name else ""
            yield SteadyInput(
                typed, placeholder="clip-norm=1", suggester=names, select_on_focus=False
            )
            yield Label()

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one(Label).update(matching(self._settings, _normalize_change(event.value)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            change = parse_change(_normalize_change(event.value))
            change.apply_to(self._settings)
        except UserError as reason:
            self.query_one(Label).update(Content(str(reason)))
        else:
            self.dismiss(change)


def _normalize_change(typed: str) -> str:
    """Return `typed`, such as lr = 0.2 or lr 0.2, as lr=0.2."""
    return ASSIGNMENT.sub("=", typed.strip(), count=1)
