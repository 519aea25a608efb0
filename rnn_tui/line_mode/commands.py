"""The commands of line mode: those that act on the run, and those of line mode itself."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.components import components
from rnn_tui.config.deviations import deviations
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import Field, find_field
from rnn_tui.config.parsing import check_choice, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_STEPS
from rnn_tui.line_mode.client import LineClient
from rnn_tui.line_mode.replies import send
from rnn_tui.run.changes import CHANGE_NAMES
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.session.commands import (
    RUN_COMMANDS,
    RunCommand,
    check_argument,
    request_of,
    split_words,
    unknown_command_message,
)
from rnn_tui.session.requests import Analyze, EvaluateLengths, SeekTo
from rnn_tui.session.siblings import NO_SIBLINGS
from rnn_tui.session.snapshot import Status
from rnn_tui.text.siblings import progress_sentence, sibling_lines, sibling_notes

# What an argument may be, for the help of the commands that take it.
ARGUMENT_LINES = {
    "RECIPE": [f"{name}: {recipe.summary}" for name, recipe in RECIPES.items()],
    "CONDITION": [
        *(f"{kind.example}: {kind.explanation}" for kind in CONDITIONS.values()),
        "several conditions are joined by and",
    ],
}


@final
@dataclass(frozen=True, slots=True)
class LineCommand:
    """A line that begins with one of `words` calls `handler` with the text after it."""

    words: tuple[str, ...]
    argument: str
    help: str
    handler: Callable[[LineClient, str], None]

    @property
    def usage(self) -> str:
        """Its words, its argument and its help."""
        call = f"{', '.join(self.words) or 'an empty line'} {self.argument}".rstrip()
        return f"{call}: {self.help}"

    @classmethod
    def from_command(cls, command: RunCommand) -> "LineCommand":
        """Return the line for a `command` that acts on the run."""
        return cls(
            command.words,
            command.argument,
            command.help,
            lambda client, text: send(client, command.make_request(text)),
        )


def execute(client: LineClient, line: str) -> None:
    """Execute `line`, or print why not."""
    word, text = split_words(line)
    try:
        if command := LINE_COMMANDS.get(word):
            check_argument(command.words[0], command.argument, command.help, text)
            command.handler(client, text)
        elif (field := find_field(word)) and not text:
            _print_setting(client, field)
        elif request := request_of(line):
            send(client, request)
        else:
            raise UserError(_unknown_command_message(word))
    except UserError as reason:
        client.print_error(str(reason))


def _unknown_command_message(word: str) -> str:
    return f"{unknown_command_message(word, LINE_COMMANDS)}; ? lists all"


def _print_setting(client: LineClient, field: Field) -> None:
    value = field.format_value(client.snapshot.settings)
    client.print_line(f"{field.name} is {value}: {field.help}")


def _print_report(client: LineClient, _: str) -> None:
    client.report()


def _train_to(client: LineClient, text: str) -> None:
    step = parse_int(text) if text else client.snapshot.planned_steps
    if not 0 <= step <= MAX_STEPS:
        raise UserError(f"steps must be from 0 to {MAX_STEPS:,}, not {step:,}")
    if client.snapshot.status is Status.VIEWING:
        client.send(SeekTo(None))
    if not client.train_to(step):
        client.report()
        return
    if client.snapshot.step > step:
        client.print_at_step(f"already past step {step:,}")
    is_paused = client.snapshot.status is Status.PAUSED
    client.paused_for_input = is_paused and client.snapshot.step >= step


def _print_components(client: LineClient, _: str) -> None:
    kind = ""
    for component in components(client.snapshot.settings):
        kind = component.kind or kind
        client.print_line(f"{kind}: {component.name}: {component.summary}")
    for deviation in deviations(client.snapshot.settings):
        client.print_line(f"non-standard: {deviation}")


def _inspect(client: LineClient, text: str) -> None:
    names = [check_choice("analysis", name, ANALYSES) for name in text.split()]
    send(client, Analyze(tuple(names or ANALYSES)))


def _evaluate(client: LineClient, text: str) -> None:
    send(client, EvaluateLengths(tuple(map(parse_int, text.replace(",", " ").split()))))


def _set_report_interval(client: LineClient, text: str) -> None:
    steps = parse_int(text)
    if steps < 0:
        raise UserError(f"the report interval must be 0 (never) or more steps, not {steps}")
    client.report_every, client.min_report_interval = steps, 0.0
    client.print_line(f"a report every {steps:,} steps" if steps else "no regular reports")


def _print_siblings(client: LineClient, _: str) -> None:
    """Print how many siblings are exact, and the results of each; those of this step if paused."""
    if client.snapshot.status is not Status.RUNNING:
        client.wait_for_siblings(with_accuracy=True)
    view, step = client.snapshot.siblings, client.snapshot.latest_step
    if view is None:
        raise UserError(NO_SIBLINGS)
    for line in (progress_sentence(view, step), *sibling_notes(view), *sibling_lines(view)):
        client.print_line(line)


def _print_events(client: LineClient, _: str) -> None:
    """Print the events of the run and its breakpoints that were hit, oldest first."""
    now = client.snapshot
    lines = [(event.step, f"step {event.step:,}: {event.text}") for event in now.events]
    lines += [(hit.step, hit.message) for hit in now.breakpoint_hits]
    for _step, line in sorted(lines, key=itemgetter(0)):
        client.print_line(line)
    if not lines:
        client.print_at_step("no events yet")


def _help(client: LineClient, text: str) -> None:
    if command := LINE_COMMANDS.get(text) if text else None:
        client.print_line(command.usage)
        for line in ARGUMENT_LINES.get(command.argument.strip("[]"), ()):
            client.print_line(f"  {line}")
        return
    if text:
        if not (field := find_field(text)):
            raise UserError(_unknown_command_message(text))
        _print_setting(client, field)
        return
    for command in _ALL_COMMANDS:
        client.print_line(command.usage)
    names = ", ".join(CHANGE_NAMES)
    client.print_line(f"NAME VALUE: change a setting, as in lr 0.3; NAME alone prints it: {names}")
    input_format = client.snapshot.settings.make_task().example_input
    client.print_line(f"{input_format}: predict this example, and pin it")


def _quit(client: LineClient, _: str) -> None:
    client.quit_requested = True


_ALL_COMMANDS = (
    LineCommand(("",), "", "Print a report", _print_report),
    *map(LineCommand.from_command, RUN_COMMANDS),
    LineCommand(
        ("wait", "train-to"), "[N]", "Train unpaced to step N, or the last planned one", _train_to
    ),
    LineCommand(("i", "about"), "", "Components, and non-standard settings", _print_components),
    LineCommand(("inspect",), "[ANALYSIS]", f"Analyze the model: {', '.join(ANALYSES)}", _inspect),
    LineCommand(
        ("evaluate",),
        "[N]",
        "Evaluate on sequences of length N, and on the worst carries",
        _evaluate,
    ),
    LineCommand(("every",), "N", "Report every N steps; 0 for never", _set_report_interval),
    LineCommand(("siblings",), "", "Results of the siblings", _print_siblings),
    LineCommand(("events",), "", "Events of the run, and breakpoints hit", _print_events),
    LineCommand(("?", "help"), "[WORD]", "This help, or that of a command or setting", _help),
    LineCommand(
        ("q", "quit", "exit"), "", "Quit; prints a summary and the command to repeat it", _quit
    ),
)
LINE_COMMANDS = {word: command for command in _ALL_COMMANDS for word in command.words}
