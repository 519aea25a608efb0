"""The dialog of breakpoints: a list to switch and delete them, and an input of another."""

from collections.abc import Callable
from typing import ClassVar, final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label
from textual.widgets.option_list import Option

from rnn_tui.config.errors import UserError
from rnn_tui.run.breakpoints import Breakpoint
from rnn_tui.session.commands import edit_breakpoint
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import EditBreakpoint
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.explanations import condition_lines
from rnn_tui.tui.screens.dialogs import EXAMPLE_PREFIX, Dialog
from rnn_tui.tui.widgets.select import StableOptionList
from rnn_tui.tui.widgets.steady_input import SteadyInput


@final
class BreakpointList(StableOptionList):
    """The breakpoints of the run, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "screen.switch", "on or off"),
        Binding("delete,backspace,x", "screen.delete", "delete"),
    ]


@final
class BreakpointsScreen(Dialog[None]):
    """Lists the breakpoints of the latest `snapshot`, and sends requests to edit them."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "close")]
    DEFAULT_CSS = """
    BreakpointsScreen { align: center top; }
    BreakpointsScreen BreakpointList { height: auto; max-height: 6; border: none; padding: 0; }
    """

    def __init__(self, snapshot: Snapshot, send: Callable[[Request], object]) -> None:
        super().__init__()
        self._breakpoints, self._send = snapshot.breakpoints, send
        self._message = snapshot.message

    def compose(self) -> ComposeResult:
        with Vertical(classes="question") as box:
            box.border_title = "breakpoints"
            yield BreakpointList(*map(_option, self._breakpoints), compact=True)
            yield SteadyInput(placeholder=f"{EXAMPLE_PREFIX}loss<1 and exact; enter sets it")
            yield Label(condition_lines(""))

    def on_mount(self) -> None:
        self._show_list()
        self.query_one(BreakpointList if self._breakpoints else Input).focus()

    def show(self, snapshot: Snapshot) -> None:
        """Display the breakpoints of `snapshot`, and why the latest request was refused."""
        if snapshot.breakpoints != self._breakpoints:
            self._breakpoints = snapshot.breakpoints
            self._show_list()
        if snapshot.message != self._message:
            self._message = snapshot.message
            if snapshot.refused:
                self.query_one(Label).update(Content(snapshot.message))

    def _show_list(self) -> None:
        options = self.query_one(BreakpointList)
        index = options.highlighted or 0
        options.set_options(map(_option, self._breakpoints))
        options.highlighted = min(index, len(self._breakpoints) - 1) if self._breakpoints else None
        options.display = bool(self._breakpoints)
        if not self._breakpoints:
            self.query_one(Input).focus()
        self._show_hint()

    def on_descendant_focus(self) -> None:
        self._show_hint()

    def _show_hint(self) -> None:
        """Display the keys of the focused widget."""
        options = self.query_one(BreakpointList)
        hint = "enter sets"
        if options.has_focus:
            hint = "space on/off · x deletes · tab input"
        elif options.display:
            hint += " · tab list"
        self.query_one(Vertical).border_subtitle = f"{hint} · esc closes"

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value:  # else it is cleared, and a refusal may be displayed already
            self.query_one(Label).update(condition_lines(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            self.dismiss()
            return
        try:
            self._send(edit_breakpoint("set", event.value))
            event.input.value = ""
            self.query_one(Label).update(condition_lines(""))
        except UserError as reason:
            self.query_one(Label).update(Content(str(reason)))

    def action_switch(self) -> None:
        """Switch the highlighted breakpoint on or off."""
        for chosen in self._highlighted:
            self._send(EditBreakpoint("off" if chosen.enabled else "set", chosen.condition))

    def action_delete(self) -> None:
        """Delete the highlighted breakpoint."""
        for chosen in self._highlighted:
            self._send(EditBreakpoint("deleted", chosen.condition))

    @property
    def _highlighted(self) -> tuple[Breakpoint, ...]:
        index = self.query_one(BreakpointList).highlighted
        return () if index is None else self._breakpoints[index : index + 1]


def _option(entry: Breakpoint) -> Option:
    condition, hit = entry.condition, entry.hit_step
    details = condition.evaluated + ("" if hit is None else f", last hit at step {hit:,}")
    state = "on " if entry.enabled else "off"
    return Option(Content.assemble(f"{state}  ", (condition.text, "bold"), f"  {details}"))
