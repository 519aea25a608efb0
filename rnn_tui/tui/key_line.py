"""The key line: as many of the labelled keys as fit."""

from collections.abc import Sequence
from functools import lru_cache

from textual.content import Content

from rnn_tui.tui.commands import COMMANDS, KeyCommand

PAUSE_ACTION = "request('toggle-pause')"
LAST_ACTIONS = ("help", "quit_run")  # shown at the end at any width


@lru_cache(maxsize=16)  # called for each snapshot
def key_line(width: int, *, is_running: bool) -> Content:
    """Return one line of at most `width` cells; a click on a label runs its command."""
    labelled = [command for command in COMMANDS if command.label]
    last = [command for command in labelled if command.action in LAST_ACTIONS]
    others = [command for command in labelled if command not in last]
    shown = [*others, *last]
    gap = 2 if _width(shown, 2) <= width else 1
    while others and _width(shown, gap) > width:
        others.pop()
        shown = [*others, *last]
    return Content.from_markup((" " * gap).join(_markup(command, is_running) for command in shown))


def _width(commands: Sequence[KeyCommand], gap: int) -> int:
    """Return the width of the line when paused, so that it keeps its keys when running."""
    labels = (_label(command, is_running=False) for command in commands)
    words = [
        f"{command.key_line_keys} {label}" for command, label in zip(commands, labels, strict=True)
    ]
    return sum(map(len, words)) + gap * (len(words) - 1)


def _label(command: KeyCommand, *, is_running: bool) -> str:
    return "resume" if command.action == PAUSE_ACTION and not is_running else command.label


def _markup(command: KeyCommand, is_running: bool) -> str:
    label = _label(command, is_running=is_running)
    action = f"@click=screen.{command.action}"
    return f"[bold $key]{command.key_line_keys}[/] [{action}]{label}[/]"
