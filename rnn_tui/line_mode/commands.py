"""The one table of what can be typed, line by line, while a run trains without a screen."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import final

from rnn_tui.config.fields import find_field
from rnn_tui.config.settings import SUGGESTION_CUTOFF, UserError
from rnn_tui.line_mode import handlers as driving
from rnn_tui.line_mode import looking, settling, travelling
from rnn_tui.line_mode.client import LineClient
from rnn_tui.run.changes import CHANGE_NAMES

ALIASES = {"quit": "q", "exit": "q", "help": "?", "race": "x"}  # words that are typed as well

Handler = Callable[[LineClient, str], None]


@final
@dataclass(frozen=True, slots=True)
class LineCommand:
    """`word` begins the line, `takes` names what may follow it, and `obey` is handed that."""

    name: str
    argument: str
    help: str
    handler: Handler

    def check(self, text: str) -> None:
        """Raise SettingsError where `text` is not what may follow the word."""
        if text and not self.argument:
            raise UserError(f"nothing may follow {self.name}: {self.help}")
        if self.argument == "N" and not text:
            raise UserError(f"{self.name} needs a number after it: {self.help}")


def execute(client: LineClient, line: str) -> None:
    """Do what `line` says, or say in a line what would be understood."""
    word, text = _split(line)
    command = LINE_COMMANDS.get(ALIASES.get(word, word))
    try:
        if command is not None:
            command.check(text)
            command.handler(client, text)
        elif (field := find_field(word)) or word in CHANGE_NAMES:
            settling.change_setting(client, field.name if field else word, text)
        elif not word[:1].isalpha() and any(letter.isdigit() for letter in line):
            looking.pin_input(client, line)
        else:
            client.print_line(_unknown_command_message(word))
    except UserError as reason:
        client.print_line(f"not done: {reason}")


def _split(line: str) -> tuple[str, str]:
    """Return the first word and the rest, with blanks or a = between; a : before it is idle."""
    word, *rest = re.split(r"[\s=]+", line.removeprefix(":").strip(), maxsplit=1)
    return word, "".join(rest)


def _unknown_command_message(word: str) -> str:
    names = [*(name for name in LINE_COMMANDS if len(name) > 1), *CHANGE_NAMES]
    matches = get_close_matches(word.lower(), names, n=1, cutoff=SUGGESTION_CUTOFF)
    suggestion = f"did you mean {matches[0]}? " if matches else ""
    return f"there is no command {word!r}: {suggestion}A line with ? lists all"


def _help(client: LineClient, _: str) -> None:
    for command in LINE_COMMANDS.values():
        client.print_line(
            f"{f'{command.name} {command.argument}'.strip() or 'an empty line'}: {command.help}"
        )
    client.print_line(
        f"NAME VALUE: change a setting, as in lr 0.3; NAME alone says it: {', '.join(CHANGE_NAMES)}"
    )
    input_format = client.snapshot.settings.make_task().example_input
    client.print_line(f"{input_format}: ask the net that, and hold the example")


LINE_COMMANDS: dict[str, LineCommand] = {
    order.name: order
    for order in (
        LineCommand("", "", "how the run stands now", driving.print_report),
        LineCommand("p", "", "pause, or go on (past the planned end too)", driving.toggle_pause),
        LineCommand("s", "[N]", "train one step, or N, then pause", driving.train_steps),
        LineCommand("S", "", "train 100 steps, then pause", driving.train_hundred_steps),
        LineCommand("wait", "[N]", "train fast to step N, or the planned end", driving.train_until),
        LineCommand("t", "", "the next task; weights stay where shapes agree", settling.next_task),
        LineCommand("m", "", "the next net that fits the task", settling.next_model),
        LineCommand("o", "", "the next optimizer, fresh, at its own rate", settling.next_optimizer),
        LineCommand("O", "", "the optimizer before", settling.previous_optimizer),
        LineCommand(
            "+", "", "learning rate up, as 0.1, 0.2, 0.5, 1", settling.increase_learning_rate
        ),
        LineCommand("-", "", "learning rate down", settling.decrease_learning_rate),
        LineCommand("speed", "[N]", "steps a second, or max; alone says it", settling.set_speed),
        LineCommand(">", "", "faster, at last without limit", settling.speed_up),
        LineCommand("<", "", "slower, down to a step a second", settling.slow_down),
        LineCommand("r", "", "start again with the same seed", driving.restart),
        LineCommand("R", "", "start again with a new seed", driving.restart_with_new_seed),
        LineCommand("seed", "N", "start again with this seed", driving.restart_with_seed),
        LineCommand("u", "", "take the last change back, on a branch", travelling.undo),
        LineCommand("f", "", "begin a branch here, with the same examples", travelling.fork),
        LineCommand("b", "", "turn to the next branch, where it was left", travelling.next_branch),
        LineCommand("at", "N", "look at the run as it was after step N", travelling.seek_to),
        LineCommand("[", "", "look back at the change before", travelling.seek_to_previous_change),
        LineCommand("]", "", "look on at the change after", travelling.seek_to_next_change),
        LineCommand("{", "", "look 100 steps back", travelling.seek_back_hundred),
        LineCommand("}", "", "look 100 steps on", travelling.seek_forward_hundred),
        LineCommand("home", "", "look at the first step", travelling.seek_to_start),
        LineCommand("end", "", "look at the present again", travelling.seek_to_latest),
        LineCommand(
            "e", "[DIR]", "write errors (CSV) and state (npz) into files", travelling.export
        ),
        LineCommand(
            "h", "", "hold the example while the net learns, or let go", looking.toggle_pin
        ),
        LineCommand("n", "", "hold the newest example instead", looking.pin_newest),
        LineCommand("g", "", "gradient check, by central differences", looking.check_gradient),
        LineCommand(
            "x",
            "",
            "optimizers race on the cost of two weights that count ones",
            looking.race_optimizers,
        ),
        LineCommand(
            "i", "", "what runs here, part by part, and what is unusual", looking.print_components
        ),
        LineCommand("every", "N", "report every N steps; 0 for never", driving.set_report_interval),
        LineCommand("?", "", "these commands", _help),
        LineCommand(
            "q",
            "",
            "quit, with a summary and the command that repeats the run",
            driving.quit_session,
        ),
    )
}
