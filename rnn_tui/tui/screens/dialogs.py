"""Dialogs over the dashboard: help, about, and input of examples, steps and changes."""

import re
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar, final

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import ScreenResume
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label, Static

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import find_field
from rnn_tui.config.parsing import parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.engine.tasks import Task
from rnn_tui.run.changes import CHANGE_NAMES, parse_change
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.session.commands import BREAK, RUN_COMMANDS_BY_NAME
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import SeekTo
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.drawing.explanations import about, condition_lines, matching
from rnn_tui.tui.drawing.glyphs import GlyphSet
from rnn_tui.tui.panes import PaneHelp
from rnn_tui.tui.terminal.compositor import render_region
from rnn_tui.tui.widgets.steady_input import SteadyInput

ASSIGNMENT = re.compile(r"\s*[=\s]\s*")
DialogResult = TypeVar("DialogResult")

# What is typed as if it were a setting, each the name of a command that acts on the run.
TYPED_COMMANDS = {
    "seeds": "siblings of the run, with other seeds, trained along; 0 stops them",
    "steps": "the last planned step, after which training pauses",
    "recipe": f"start a run of a recipe on a new branch: {', '.join(RECIPES)}",
}
EXAMPLE_PREFIX = "e.g. "  # so that no placeholder is taken for text


class Dialog(ModalScreen[DialogResult]):
    """A modal screen that ignores repeated dismissals, which fast typing can cause."""

    DEFAULT_CSS = "Dialog { align: center middle; }"

    def on_screen_resume(self, event: ScreenResume) -> None:
        event.refresh_styles = False  # styled when it was new, and by each change of the theme

    def dismiss(self, result: DialogResult | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of the screen below, of which Textual's copy costs four times more."""
        screens = self.app.screen_stack
        below = screens[screens.index(self) - 1 if self in screens else -1]
        return render_region(below, crop)


class InputDialog(Dialog[DialogResult]):
    """A dialog with an input; enter returns its parsed text, or closes it if that is blank.

    It covers the controls, so that the step and the panes stay visible.
    """

    DEFAULT_CSS = "InputDialog { align: center top; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "cancel")]

    @abstractmethod
    def parse(self, text: str) -> DialogResult:
        """Return the result for `text`; raises ValueError with a message for the user."""

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            self.dismiss(self.parse(event.value) if event.value.strip() else None)
        except ValueError as reason:
            self.query_one(Label).update(Content(str(reason)))


@final
class HelpScreen(Dialog[None]):
    """Every command with its key."""

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
        other_keys = (
            ("tab", "Next pane, then next control; shift+tab: previous"),
            ("esc", "Show all panes again; or leave a pane, control or list"),
            ("ctrl+p", "Command palette: find commands, settings and lessons by name"),
            ("pgdn", "Trace: next phase; ↑ ↓ term; ← → unit; tab: what ← → change"),
            ("F2-F5", "Lesson: back, again, next or skip, hint; esc leaves it"),
            ("x", "List of breakpoints: delete one; space switches it on or off"),
            ("arrows", "Cost map: move the cursor; shift: by five cells; or click"),
            ("z x", "Cost map: zoom; race five optimizers from the start or cursor"),
            ("enter", "Cost map: set the weights to those of the cursor (Z maximizes)"),
            ("space", "Table of runs: draw or hide the run, as enter does; arrows scroll"),
            ("enter", "Seeds: open the chosen sibling on a branch (Z maximizes); arrows choose"),
        )
        lines += [
            Content.assemble((f"{key:>6}", "$key bold"), f"  {text}") for key, text in other_keys
        ]
        return Content("\n").join(lines)


@final
class PaneHelpScreen(Dialog[bool]):
    """The help of a pane; returns True for the help of all keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close"),
        Binding("question_mark,f1", "dismiss(True)", "all keys"),
    ]

    def __init__(self, title: str, help_text: PaneHelp) -> None:
        super().__init__()
        self._title, self._help_text = title, help_text

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = self._title
            box.border_subtitle = "↑ ↓ scroll · ? all keys · esc closes"
            for name, text in self._help_text._asdict().items():
                with Horizontal(classes="paragraph"):
                    yield Label(name)
                    yield Static(text, markup=False)


@final
class AboutScreen(Dialog[None]):
    """The components of the run by name, each with an explanation."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,i,enter", "dismiss", "close")]

    def __init__(self, settings: Settings, glyphs: GlyphSet) -> None:
        super().__init__()
        self._settings, self._glyphs = settings, glyphs

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as box:
            box.border_title = "components of this run"
            box.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(about(self._settings, self._glyphs))


@final
class ExampleScreen(InputDialog[str]):
    """Input of an example of `task`, such as 37+101, to pin."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._example_task = task

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "pin an example"
            yield SteadyInput(placeholder=EXAMPLE_PREFIX + self._example_task.example_input)
            yield Label("enter pins it · esc cancels")

    def parse(self, text: str) -> str:
        self._example_task.parse_input(text)
        return text


@final
class GotoStepScreen(InputDialog[SeekTo]):
    """Input of a step to view; `latest_step` returns the upper bound, which may grow."""

    def __init__(self, latest_step: Callable[[], int]) -> None:
        super().__init__()
        self._latest_step = latest_step

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "view a step"
            yield SteadyInput(placeholder=f"{EXAMPLE_PREFIX}{self._latest_step() // 2:,}")
            yield Label(f"0 to {self._latest_step():,} · enter views that step · esc cancels")

    def parse(self, text: str) -> SeekTo:
        request = SeekTo(parse_int(text.replace(",", "")))
        request.resolve(self._latest_step())
        return request


@final
class ChangeScreen(InputDialog[Request]):
    """Input of a change by setting name, such as lr=0.2 or lr 0.2, or of a typed command.

    Matching settings are listed below, each with its value and an explanation; for a breakpoint,
    as in break loss<1, the conditions.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "complete", "complete")]
    COMPLETIONS = (
        *(f"{name}=" for name in (*CHANGE_NAMES, *TYPED_COMMANDS)),
        *(f"recipe={name}" for name in RECIPES),
        *(f"{BREAK} {kind.example}" for kind in CONDITIONS.values()),
    )

    def __init__(self, settings: Settings, typed: str = "") -> None:
        super().__init__()
        self._settings, self._typed = settings, typed

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "change a setting"
            box.border_subtitle = "tab completes · enter changes · esc cancels"
            yield SteadyInput(
                self._typed,
                placeholder=f"{EXAMPLE_PREFIX}clip-norm=1",
                suggester=SuggestFromList(self.COMPLETIONS),
                select_on_focus=False,
            )
            yield Label()

    def action_complete(self) -> None:
        """Complete the typed name to the suggested one, which may not be drawn yet."""
        typed = self.query_one(Input)
        names = (name for name in self.COMPLETIONS if typed.value and name.startswith(typed.value))
        typed.value = next(names, typed.value)
        typed.cursor_position = len(typed.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        spec = _normalize_change(event.value)
        name, _, condition = spec.partition("=")
        if name in TYPED_COMMANDS:
            lines = Content(TYPED_COMMANDS[name])
        elif name == BREAK:
            lines = condition_lines(condition)
        else:
            lines = matching(self._settings, spec)
        self.query_one(Label).update(lines)

    def parse(self, text: str) -> Request:
        spec = _normalize_change(text)
        name, _, value = spec.partition("=")
        if name in (*TYPED_COMMANDS, BREAK):
            return RUN_COMMANDS_BY_NAME[name].make_request(value)
        try:
            change = parse_change(spec)
        except UserError as reason:
            raise UserError(f"{reason}{_restart_key(name)}") from None
        change.apply_to(self._settings)
        return change


def _restart_key(name: str) -> str:
    """Return the advice which key restarts with another value of the setting, if one does."""
    field = find_field(name)
    keys = [command.keys for command in COMMANDS if command.action == f"focus_control('{name}')"]
    return f", or restart with {keys[0]}" if keys and field and not field.changeable else ""


def _normalize_change(typed: str) -> str:
    """Return `typed`, such as lr = 0.2 or lr 0.2, as lr=0.2."""
    return ASSIGNMENT.sub("=", typed.strip(), count=1)
