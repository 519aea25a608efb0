"""The Textual app: one dashboard of one run, and the summary printed when it closes."""

import os
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from traceback import format_exc
from typing import ClassVar, final

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.filter import NoColor
from textual.reactive import var
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widgets import Input

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.increments import SPEEDS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.run.changes import CHANGEABLE_FIELDS, SetField
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.session.commands import BREAK
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import SetSpeed
from rnn_tui.session.start import SessionStart
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import EXIT_SIGINT
from rnn_tui.text.ascii import printable_lines
from rnn_tui.text.format import format_speed as speed_words
from rnn_tui.text.report import summary_lines
from rnn_tui.tui.colors import css_variables, next_palette, theme_name
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.dashboard import Dashboard
from rnn_tui.tui.key_queue import KeyQueue
from rnn_tui.tui.screens.command_palette import StableCommandPalette
from rnn_tui.tui.terminal.ascii_filter import AsciiFilter
from rnn_tui.tui.terminal.driver import TerminalDriver
from rnn_tui.tui.terminal.tty import write_with_timeout

SUMMARY_TIMEOUT_SECONDS = 3.0  # for a slow link to take them
FOCUS_KEEPING_KEYS = {
    key for command in COMMANDS if not command.takes_focus for key in command.keys.split(",")
}


@final
class RnnTui(App[None]):
    """Shows the run of `worker` on a dashboard."""

    TITLE = "rnn-tui"
    CSS_PATH = "dashboard.tcss"
    ENABLE_COMMAND_PALETTE = True
    ALLOW_SELECT = False  # text is selected by the terminal, with --no-mouse or the shift key

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
        Binding("ctrl+l", "redraw", "Redraw the screen", show=False, priority=True),
    ]

    palette: var[str] = var("standard", init=False)

    def __init__(self, worker: TrainingWorker, appearance: Appearance) -> None:
        self.set_reactive(RnnTui.palette, appearance.palette)  # before the style sheet is read
        super().__init__(driver_class=TerminalDriver)
        self.appearance = appearance
        self.no_color = not appearance.colored  # an empty NO_COLOR does not count
        if not appearance.colored:
            self._filters.append(NoColor())
        if appearance.glyphs == "ascii":
            self._filters.append(AsciiFilter())
        self.dashboard = Dashboard(worker, appearance)
        self.failure = ""  # the traceback of an error in the screen
        self.key_queue = KeyQueue(
            self,
            super().on_event,
            keeps_focus=self._keeps_focus,
            dialog_pending=lambda: self.dashboard.dialog_pending,
        )

    async def on_event(self, event: Event) -> None:
        await self.key_queue.handle(event)

    def on_mount(self) -> None:
        self.run_worker(self.key_queue.deliver(), group="key queue")
        self.animation_level = "none"
        self.theme = self._theme_for(self.appearance.theme)

    def get_default_screen(self) -> Screen[None]:
        """Return the dashboard: over a blank screen everything would be laid out twice."""
        return self.dashboard

    def _theme_for(self, background: str) -> str:
        color_system = self.console.color_system
        return theme_name(background, colored=self.appearance.colored, color_system=color_system)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return css_variables(self.palette, self.current_theme)

    def watch_palette(self) -> None:
        self.mutate_reactive(RnnTui.theme)

    def action_next_palette(self) -> None:
        self.palette = next_palette(self.palette)
        self._notify_choice("palette", self.palette)

    def action_toggle_theme(self) -> None:
        background = "light" if self.current_theme.dark else "dark"
        self.theme = self._theme_for(background)
        self._notify_choice("theme", background)

    def _keeps_focus(self, event: Event) -> bool:
        """Return whether the focus is certain to stay where it is when `event` is handled."""
        if not isinstance(event, Key):
            return False
        if self.screen is self.dashboard and not self.focused:
            return event.key in FOCUS_KEEPING_KEYS
        return event.is_printable and isinstance(self.focused, Input)

    def _notify_choice(self, option: str, chosen: str) -> None:
        message = f"{option}: {chosen}; start with it by --{option} {chosen}"
        no_color_message = "NO_COLOR is set: unset it to choose colours"
        self.clear_notifications()
        self.notify(
            message if self.appearance.colored else no_color_message, markup=False, timeout=3
        )

    def action_command_palette(self) -> None:
        self.push_screen(StableCommandPalette())

    def search_themes(self) -> None:
        self.push_screen(
            StableCommandPalette(providers=[ThemeProvider], placeholder="Search for themes…")
        )

    def action_interrupt(self) -> None:
        self.exit(return_code=EXIT_SIGINT)

    def action_redraw(self) -> None:
        """Redraw the screen, over which another program may have written."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.redraw()

    def _fatal_error(self) -> None:
        """Keep Python's own traceback, not Textual's hundreds of boxed lines."""
        self.failure = self.failure or format_exc()
        self._close_messages_no_wait()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        themes = (
            command for command in super().get_system_commands(screen) if command.title == "Theme"
        )
        yield from themes
        dashboard = self.dashboard
        for command in COMMANDS:

            async def run(action: str = command.action) -> None:
                await dashboard.run_action(action)

            yield SystemCommand(command.help, f"key {command.key_label}", run)
        for name, request in _named_requests():
            yield SystemCommand(name, "", partial(dashboard.send, request))
        for kind in CONDITIONS.values():
            spec = f"{BREAK} {kind.example}"
            yield SystemCommand(
                f"Breakpoint {kind.example}", kind.help, partial(dashboard.open_change_dialog, spec)
            )
        for name in CHANGEABLE_FIELDS:
            meaning = FIELDS[name].description
            yield SystemCommand(
                f"Change {name}", meaning, partial(dashboard.open_change_dialog, f"{name}=")
            )


def _named_requests() -> Iterator[tuple[str, Request]]:
    """Yield every choice that has a name, with its request."""
    for task in TASKS:
        yield f"Task: {task}", SetField("task", task)
    for name, optimizer in OPTIMIZERS.items():
        yield f"Optimizer: {optimizer.title}", SetField("optimizer", name)
    for model in MODELS:
        yield f"Model: {model}", SetField("model", model)
    for steps_per_second in SPEEDS:
        yield f"Speed: {speed_words(steps_per_second)}", SetSpeed(steps_per_second)


def run_dashboard(
    session_start: SessionStart, speed: float, appearance: Appearance, *, paused: bool
) -> int:
    """Run the dashboard until it is closed; return the exit status."""
    os.environ.pop("NO_COLOR", None)  # applied by `appearance`; Textual would draw greys
    worker = TrainingWorker(session_start, speed, paused=paused)
    app = RnnTui(worker, appearance)
    app.run(mouse=appearance.mouse)
    snapshot = worker.stop()
    write_with_timeout(
        "\n".join(summary_lines(snapshot)) + "\n", sys.stdout, SUMMARY_TIMEOUT_SECONDS
    )
    if snapshot.failure or app.failure:
        failure = printable_lines(snapshot.failure + app.failure)
        write_with_timeout(failure, sys.stderr, SUMMARY_TIMEOUT_SECONDS)
        return EXIT_FAILURE
    return app.return_code or 0
