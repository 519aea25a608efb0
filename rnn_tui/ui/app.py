"""The application: one screen, one run, and what is left in the terminal afterwards."""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import final

from textual.app import App, SystemCommand
from textual.screen import Screen

from rnn_tui.appearance import Appearance
from rnn_tui.command import repeat_command
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.options import OPTIONS
from rnn_tui.session.changes import LIVE, Request, Set, SetSpeed
from rnn_tui.session.run import Schedule
from rnn_tui.session.runner import Runner
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.settings import Settings
from rnn_tui.ui.commands import COMMANDS
from rnn_tui.ui.dashboard import Dashboard
from rnn_tui.ui.drawing.words import speed as speed_words
from rnn_tui.ui.ladder import SPEEDS

FAILED = 1


@final
class RnnTui(App[None]):
    """Shows `runner`'s run."""

    TITLE = "rnn-tui"
    CSS_PATH = "dashboard.tcss"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, runner: Runner, appearance: Appearance) -> None:
        super().__init__()
        self.appearance = appearance
        self.dashboard = Dashboard(runner, appearance)

    def on_mount(self) -> None:
        self.animation_level = "none"
        self.push_screen(self.dashboard)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        themes = (it for it in super().get_system_commands(screen) if it.title == "Theme")
        yield from themes
        dashboard = self.dashboard
        for command in COMMANDS:

            async def run(action: str = command.action) -> None:
                await dashboard.run_action(action)

            yield SystemCommand(command.help, f"key {command.shown}", run)
        for name, request in _choices():
            yield SystemCommand(name, "", partial(dashboard.send, request))
        for name in LIVE:
            meaning = OPTIONS[name].meaning
            yield SystemCommand(f"Change {name}", meaning, partial(dashboard.ask_change, name))


def _choices() -> Iterator[tuple[str, Request]]:
    """Yield everything that can be chosen by name, with the request that chooses it."""
    for task in TASKS:
        yield f"Task: {task}", Set("task", task)
    for name, optimizer in OPTIMIZERS.items():
        yield f"Optimizer: {optimizer.title}", Set("optimizer", name)
    for model in MODELS:
        yield f"Net: {model}", Set("model", model)
    for steps_per_second in SPEEDS:
        yield f"Speed: {speed_words(steps_per_second)}", SetSpeed(steps_per_second)


def run_dashboard(
    settings: Settings,
    schedule: Schedule,
    speed: float,
    appearance: Appearance,
    *,
    paused: bool,
) -> int:
    """Open the dashboard and return the exit status."""
    runner = Runner(settings, speed, schedule=schedule, paused=paused)
    app = RnnTui(runner, appearance)
    app.run(mouse=appearance.mouse)
    last = runner.stop()
    sys.stdout.write(summary(last) + "\n")
    if last.failure:
        sys.stderr.write(last.failure)
        return FAILED
    return app.return_code or 0


def summary(snapshot: Snapshot) -> str:
    """Return what remains in the terminal: how the run stood, and how to repeat it."""
    score = snapshot.score
    lines = [f"{snapshot.settings.task}, after {snapshot.step:,} steps"]
    if score:
        whole = "all" if score.exhaustive else "a sample of"
        when = "" if snapshot.score_step == snapshot.step else f" at step {snapshot.score_step:,}"
        lines[0] += f": {score.exact:,} of {whole} {score.total:,} results right{when}"
    if snapshot.first_exact is not None:
        lines.append(f"every result first was right at step {snapshot.first_exact:,}")
    if snapshot.step:
        lines += [
            "to repeat it:",
            "  " + repeat_command(snapshot.start, snapshot.log, snapshot.step),
        ]
    return "\n".join(lines)
