"""The argument parser of every command: help in groups, usage errors in one line."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, final

from rnn_tui.config.fields import GROUPS, UNSUPPORTED
from rnn_tui.config.settings import check_choice, nearest_choice
from rnn_tui.exit_status import EXIT_USAGE
from rnn_tui.recording.format_1 import SETTING_NAMES

EXAMPLES = {  # the examples of each command's help, with their meaning
    "rnn-tui": {
        "rnn-tui": "open the dashboard",
        "rnn-tui --recipe xor --optimizer adam": "another recipe, trained with Adam",
        "rnn-tui train --model lstm --steps 5000": "train an LSTM without a screen",
    },
    "rnn-tui train": {
        "rnn-tui train --task parity --model gru": "train a GRU on another task",
        "rnn-tui train --seed 3 --at 2000:lr=0.05": "lower the learning rate after step 2000",
        "rnn-tui train --until-exact --json": "stop at 100 % accuracy; print JSON",
    },
    "rnn-tui check": {
        "rnn-tui check": "check the gradient of the default recipe",
        "rnn-tui check --recipe nonlinear-addition": "check that of another recipe",
        "rnn-tui check --model lstm --task parity": "check that of an LSTM on parity",
    },
}


@final
class HelpFormatter(argparse.HelpFormatter):
    """Shows the usage without the options: each has its own line below."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        positionals = [action for action in actions if not action.option_strings]
        if prefix is None:  # a prefix: argparse asks for the name of a subcommand
            names = [
                f"[{action.metavar or 'COMMAND'}]" if action.nargs else str(action.metavar)
                for action in positionals
            ]
            usage = " ".join(["%(prog)s [OPTION]...", *names])
        super().add_usage(usage, positionals, groups, prefix)


@final
class Parser(argparse.ArgumentParser):
    """An argument parser that prints a usage error as one line on standard error.

    `groups` are the sections of --help by title; argparse leaves out those without options.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, formatter_class=HelpFormatter)
        self.groups = {title: self.add_argument_group(title) for title in GROUPS}

    def format_help(self) -> str:
        """Return the help, with examples below the usage."""
        usage, _, rest = super().format_help().partition("\n\n")
        examples = EXAMPLES.get(self.prog, {})
        width = max(map(len, examples), default=0)
        lines = [f"  {command:<{width}}  {meaning}" for command, meaning in examples.items()]
        sections = [usage, "\n".join(["examples:", *lines]), rest] if examples else [usage, rest]
        return "\n\n".join(sections)

    def parse_known_args(  # type: ignore[override]  # one signature, of argparse's overloads
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        words = sys.argv[1:] if args is None else args
        self._check_options(words)
        return super().parse_known_args(words, namespace)

    def _check_options(self, words: Sequence[str]) -> None:
        """Exit at the first unknown option; those after a subcommand are for its own parser."""
        options = self._option_string_actions
        commands = {name for action in self._actions for name in action.choices or ()}
        if commands and words and not words[0].startswith("-"):
            return
        for word in words:
            name = word.partition("=")[0]
            if word in commands or word == "--":
                return
            if name == "--epochs" and "--steps" in options:
                self.error(f"{name}: {UNSUPPORTED['epochs']}")
            if name.startswith("--") and not any(option.startswith(name) for option in options):
                if name[2:] in SETTING_NAMES:
                    self.error(f"unknown option {name} (now --{SETTING_NAMES[name[2:]]})")
                near = nearest_choice(name[2:], [option.lstrip("-") for option in options])
                advice = f" (did you mean --{near}?)" if near else f"; see {self.prog} --help"
                self.error(f"unknown option {name}{advice}")

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        """Return the options that an abbreviation may mean; aliases of one option are one."""
        matches = super()._get_option_tuples(option_string)
        return list({id(match[0]): match for match in matches}.values())

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print `message`; raises OSError for standard output, which argparse would ignore."""
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            check_choice("command", value, list(action.choices))
