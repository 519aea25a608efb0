"""The Textual app: one dashboard of one run, and the summary printed when it closes."""

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import final

from textual.app import SystemCommand
from textual.events import Event, Key
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widget import AwaitMount

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.increments import SPEEDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.exit_status import EXIT_FAILURE
from rnn_tui.lessons.lesson import Lesson
from rnn_tui.lessons.library import find_lesson, number_of, stored_lessons
from rnn_tui.lessons.reader import read_lesson
from rnn_tui.recording.state_folder import mark_first_start, state_folder
from rnn_tui.run.changes import CHANGEABLE_FIELDS, SetField
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.session.commands import BREAK
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import SetSpeed, StartRecipe
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import NewRun, SessionStart
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.text.ascii import printable_lines
from rnn_tui.text.format import format_speed as speed_words
from rnn_tui.text.report import summary_lines
from rnn_tui.tui.base_app import BaseApp
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.dashboard import Dashboard
from rnn_tui.tui.screens.command_palette import StableCommandPalette
from rnn_tui.tui.terminal.tty import write_with_timeout

LEAVING_KEYS = {"escape", "q", "ctrl+q", "ctrl+c", "ctrl+z"}
FIRST_START_HINT = "new here? ? help · < slower · lessons: ctrl+p lesson enter"
SUMMARY_TIMEOUT_SECONDS = 3.0  # for a slow link to take them
FOCUS_KEEPING_KEYS = {
    key for command in COMMANDS if not command.takes_focus for key in command.keys.split(",")
}


@final
class RnnTui(BaseApp[None]):
    """Shows `dashboard`, and the dashboards of lessons over it."""

    TITLE = "rnn-tui"
    CSS_PATH = "dashboard.tcss"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, dashboard: Dashboard) -> None:
        super().__init__(dashboard.appearance)
        self._dashboards = [dashboard]

    @property
    def dashboard(self) -> Dashboard:
        """The uppermost dashboard: that of a lesson, or of the run."""
        return self._dashboards[-1]

    def open_lesson(self, name: str) -> AwaitMount:
        """Open a lesson over the run, which is held; one that is open already is left."""
        if len(self._dashboards) > 1:
            self._close_lesson()
        lesson = find_lesson(name)
        appearance = replace(self.appearance, dialogs_pause=True)
        self._dashboards.append(Dashboard(lesson_worker(lesson), appearance, lesson=lesson))
        return self.push_screen(self.dashboard)

    def stop_lessons(self) -> None:
        """Stop the workers of lessons that are open over the run."""
        for dashboard in self._dashboards[1:]:
            dashboard.worker.stop()

    def on_lesson_frame_lesson_left(self) -> None:
        if len(self._dashboards) > 1:
            self._close_lesson()
        else:
            self.exit()

    def _close_lesson(self) -> None:
        left = self._dashboards.pop()
        self.pop_screen()
        self.run_worker(left.worker.stop, group="lessons", thread=True)

    def on_mount(self) -> None:
        self.set_appearance()

    def on_ready(self) -> None:
        """Exempt all modules and widgets from garbage collection, which would delay a key."""
        gc.freeze()

    def get_default_screen(self) -> Screen[None]:
        """Return the dashboard: over a blank screen everything would be laid out twice."""
        return self.dashboard

    async def deliver(self, event: Event) -> None:
        """Handle an event, but no key that is meant for the page to which a lesson still plays."""
        acts = isinstance(event, Key) and event.key not in LEAVING_KEYS
        if not (acts and self.screen is self.dashboard and self.dashboard.is_playing_ahead):
            await super().deliver(event)

    def keeps_focus(self, event: Event) -> bool:
        if isinstance(event, Key) and self.screen is self.dashboard and not self.focused:
            return event.key in FOCUS_KEEPING_KEYS
        return super().keeps_focus(event)

    def is_dialog_pending(self) -> bool:
        return self.dashboard.dialog_pending

    def action_command_palette(self) -> None:
        self.push_screen(StableCommandPalette())

    def search_themes(self) -> None:
        self.push_screen(
            StableCommandPalette(providers=[ThemeProvider], placeholder="Search for themes…")
        )

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
        yield SystemCommand(
            "Dialogs: toggle holding training while one is open",
            "--dialogs-pause",
            dashboard.toggle_dialogs_pause,
        )
        for name, request in _named_requests():
            yield SystemCommand(name, "", partial(dashboard.send, request))
        for kind in CONDITIONS.values():
            spec = f"{BREAK} {kind.example}"
            yield SystemCommand(
                f"Breakpoint {kind.example}", kind.help, partial(dashboard.open_change_dialog, spec)
            )
        for name in (*CHANGEABLE_FIELDS, "steps"):
            meaning = FIELDS[name].description
            yield SystemCommand(
                f"Change {name}", meaning, partial(dashboard.open_change_dialog, f"{name}=")
            )
        # Last: of equal matches the first is chosen, as the optimizer for "adam".
        for name, title in stored_lesson_titles().items():
            yield SystemCommand(title, "", partial(self.open_lesson, name))


def _named_requests() -> Iterator[tuple[str, Request]]:
    """Yield every choice that has a name, with its request."""
    for name in RECIPES:
        yield f"Recipe: {name}", StartRecipe(name)
    for task in TASKS:
        yield f"Task: {task}", SetField("task", task)
    for name, optimizer in OPTIMIZERS.items():
        yield f"Optimizer: {optimizer.title}", SetField("optimizer", name)
    for model in MODELS:
        yield f"Model: {model}", SetField("model", model)
    for steps_per_second in SPEEDS:
        yield f"Speed: {speed_words(steps_per_second)}", SetSpeed(steps_per_second)


@cache
def stored_lesson_titles() -> dict[str, str]:
    """Return the titles of the lessons that come with the program, by name."""
    return {
        name: f"Lesson {number_of(path)}: {read_lesson(path).title}"
        for name, path in stored_lessons().items()
    }


def lesson_worker(lesson: Lesson) -> TrainingWorker:
    """Return the worker of a lesson, whose run is not recorded."""
    return TrainingWorker(NewRun(lesson.settings, lesson.schedule), lesson.speed, paused=True)


def show_lesson(lesson: Lesson, appearance: Appearance, page: int = 1) -> int:
    """Show `lesson` from `page` on a dashboard until it is left; return the exit status."""
    os.environ.pop("NO_COLOR", None)
    worker, appearance = lesson_worker(lesson), replace(appearance, dialogs_pause=True)
    app = RnnTui(Dashboard(worker, appearance, lesson=lesson, page=page))
    app.run(mouse=appearance.mouse)
    return _exit_status(app, worker.stop())


def first_start_hint(session_start: SessionStart) -> str:
    """Return the hint of the first start of this user, and mark it; "" for a later one.

    It is not given for a run that is not recorded, since then nothing is to be written.
    """
    is_recorded = isinstance(session_start, NewRun) and session_start.journal_target is not None
    is_first = is_recorded and mark_first_start(state_folder(os.environ))
    return FIRST_START_HINT if is_first else ""


def run_dashboard(
    session_start: SessionStart,
    speed: float,
    appearance: Appearance,
    *,
    paused: bool,
    view: str = "",
    n_siblings: int = 0,
) -> int:
    """Run the dashboard until it is closed, at first in `view`; return the exit status."""
    os.environ.pop("NO_COLOR", None)  # applied by `appearance`; Textual would draw greys
    worker = TrainingWorker(session_start, speed, paused=paused, n_siblings=n_siblings)
    app = RnnTui(Dashboard(worker, appearance, view, first_start_hint(session_start)))
    app.run(mouse=appearance.mouse)
    app.stop_lessons()
    snapshot = worker.stop()
    write_with_timeout(
        "\n".join(summary_lines(snapshot)) + "\n", sys.stdout, SUMMARY_TIMEOUT_SECONDS
    )
    return _exit_status(app, snapshot)


def _exit_status(app: RnnTui, snapshot: Snapshot) -> int:
    """Print the traceback of a failure, if there was one, and return the exit status."""
    if snapshot.failure or app.failure:
        failure = printable_lines(snapshot.failure + app.failure)
        write_with_timeout(failure, sys.stderr, SUMMARY_TIMEOUT_SECONDS)
        return EXIT_FAILURE
    return app.return_code or 0
