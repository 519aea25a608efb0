"""The key line: as many of the most used keys as fit, with what they do."""

from collections.abc import Sequence

from textual.content import Content

from rnn_tui.tui.commands import COMMANDS, Command

LAST_ACTIONS = ("help", "quit_run")  # always there, at the end


def key_line(width: int, *, is_running: bool) -> Content:
    """Return one line of at most `width` cells; a click on a key does what the key does."""
    labelled = [command for command in COMMANDS if command.label]
    last = [command for command in labelled if command.action in LAST_ACTIONS]
    others = [command for command in labelled if command not in last]
    shown = [*others, *last]
    gap = 2 if _width(shown, 2) <= width else 1
    while others and _width(shown, gap) > width:
        others.pop()
        shown = [*others, *last]
    return Content.from_markup((" " * gap).join(_markup(command, is_running) for command in shown))


def _width(commands: Sequence[Command], gap: int) -> int:
    words = sum(
        len(command.line_key or command.key_label) + 1 + len(command.label) for command in commands
    )
    return words + gap * (len(commands) - 1)


def _markup(command: Command, is_running: bool) -> str:
    label = command.label
    if command.action == "request('pause')" and not is_running:
        label = "go on"
    action = f"@click=screen.{command.action}"
    key = command.line_key or command.key_label
    return f"[bold $key]{key}[/] [{action}]{label}[/]"
