"""The argument parser of every command: help in groups, usage errors in one line."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, final

from rnn_tui.config.fields import explain_unknown
from rnn_tui.config.parsing import check_choice, nearest_choice
from rnn_tui.exit_status import EXIT_USAGE
from rnn_tui.text.ascii import printable

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
    "rnn-tui sweep": {
        "rnn-tui sweep lr=0.03,0.1,0.3 hidden-size=4,8 --seeds 20": "120 runs on all cores",
        "rnn-tui sweep task=parity,echo 2000:lr=0.02,0.5 --until-exact": "change the rate at 2000",
        "rnn-tui sweep grid.toml --csv": "a grid in a file; print a line for each run",
    },
    "rnn-tui check": {
        "rnn-tui check": "check the gradient of the default recipe",
        "rnn-tui check --recipe nonlinear-addition": "check that of another recipe",
        "rnn-tui check --model lstm --task parity": "check that of an LSTM on parity",
    },
    "rnn-tui runs": {
        "rnn-tui runs": "list all recorded runs",
        "rnn-tui runs adam lstm --sort accuracy": "list those of an LSTM with Adam, the best first",
        "rnn-tui runs --delete 20260101-xor": "delete a run",
    },
    "rnn-tui replay": {
        "rnn-tui replay 20260101": "replay a run in the dashboard",
        "rnn-tui replay run.jsonl --headless": "verify a journal without a screen",
        "rnn-tui replay 20260101 --headless --json": "print the verdict as JSON",
    },
    "rnn-tui resume": {
        "rnn-tui resume": "resume the latest run in the dashboard",
        "rnn-tui resume 20260101 --headless": "train a run to its last planned step",
        "rnn-tui resume --headless --steps 20000": "train the latest run to step 20,000",
    },
    "rnn-tui export": {
        "rnn-tui export": "export the latest run to the current directory",
        "rnn-tui export 20260101 --csv": "export only the losses of a run",
        "rnn-tui export 20260101 --npz --to /tmp": "export only its weights and state",
    },
    "rnn-tui inspect": {
        "rnn-tui inspect": "analyze the latest run",
        "rnn-tui inspect 20260101 memory --step 0,5000": "whether its carry is used, at two steps",
        "rnn-tui inspect --recipe xor --steps 250 health --json": "train first; print JSON",
    },
    "rnn-tui evaluate": {
        "rnn-tui evaluate": "try the latest run on longer numbers",
        "rnn-tui evaluate 20260101 --length 32,64 --pairs 4096": "more pairs of chosen lengths",
        "rnn-tui evaluate 20260101 --ripples 500 --json": "carries through 500 columns; print JSON",
    },
    "rnn-tui lessons": {
        "rnn-tui lessons": "list the lessons",
        "rnn-tui lessons --json": "list them with every key",
        "rnn-tui lesson 1": "play the first one",
    },
    "rnn-tui lesson": {
        "rnn-tui lesson 1": "play the first lesson in the dashboard",
        "rnn-tui lesson carry --plain --page 3": "play one as text, from its third page",
        "rnn-tui lesson mine.toml --check": "check a lesson of your own",
    },
    "rnn-tui recipes": {
        "rnn-tui recipes": "list the recipes",
        "rnn-tui recipes --json": "list them with every setting",
        "rnn-tui --recipe xor": "open the dashboard with a recipe",
    },
    "rnn-tui help": {
        "rnn-tui help train": "show the help of a command",
        "rnn-tui help json": "document the JSON that --json prints",
        "rnn-tui help npz": "document the arrays of an exported run",
    },
    "rnn-tui completion": {
        'eval "$(rnn-tui completion bash)"': "in ~/.bashrc",
        'eval "$(rnn-tui completion zsh)"': "in ~/.zshrc, after compinit",
        "rnn-tui completion fish | source": "in ~/.config/fish/config.fish",
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
                f"[{action.metavar or 'COMMAND'}]{'...' if action.nargs == '*' else ''}"
                if action.nargs
                else str(action.metavar)
                for action in positionals
            ]
            usage = " ".join(["%(prog)s [OPTION]...", *names])
        super().add_usage(usage, positionals, groups, prefix)


@final
class Parser(argparse.ArgumentParser):
    """An argument parser that prints a usage error as one line on standard error.

    `declare` adds its arguments when they are first needed: a command line uses one command.
    """

    def __init__(self, *, declare: Callable[["Parser"], None], **kwargs: Any) -> None:
        super().__init__(**kwargs, formatter_class=HelpFormatter)
        self._declare, self._is_complete = declare, False
        self._groups: dict[str, argparse._ArgumentGroup] = {}
        self._options_of_command: set[str] = set()
        self.takes_arguments_anywhere = False  # between options too, as argparse itself does not

    def complete(self) -> "Parser":
        """Return this parser with its arguments."""
        if not self._is_complete:
            self._is_complete = True
            self._declare(self)
        return self

    def add_option(self, title: str, *names: str, **kwargs: Any) -> None:
        """Add an option to the section `title` of --help.

        It has no default, so that one given before the command is not replaced.
        """
        if title not in self._groups:
            self._groups[title] = self.add_argument_group(title)
        self._groups[title].add_argument(*names, default=argparse.SUPPRESS, **kwargs)

    def set_run(self, run: Callable[["Parser", argparse.Namespace], int]) -> None:
        """Call `run` for this command; its docstring is the description."""
        self.description = run.__doc__
        self.set_defaults(run=run)

    @property
    def commands(self) -> dict[str, "Parser"]:
        """The parsers of the commands by name."""
        actions = (a for a in self.complete()._actions if isinstance(a, argparse._SubParsersAction))
        return {name: parser for action in actions for name, parser in action.choices.items()}

    def check_command(self, args: argparse.Namespace) -> None:
        """Exit at an option before the command that the command does not have."""
        command = self.commands.get(args.command, self)
        for action in self._actions:
            options = action.option_strings
            if action.dest in args and options and options[0] not in command._option_string_actions:
                command.reject_option(options[0])

    def reject_option(self, name: str) -> NoReturn:
        """Exit with the option nearest to the unknown `name`."""
        options = [option.lstrip("-") for option in self._option_string_actions]
        if "recipe" in options and (reason := explain_unknown(name[2:])):
            self.error(f"unknown option {name}: {reason}")
        near = nearest_choice(name[2:], options)
        advice = f" (did you mean --{near}?)" if near else f"; see {self.prog} --help"
        self.error(f"unknown option {name}{advice}")

    def format_help(self) -> str:
        """Return the help: usage, description, examples, options."""
        self.complete()
        sections = super().format_help().split("\n\n")
        examples = EXAMPLES[self.prog]
        width = max(map(len, examples))
        lines = [f"  {command:<{width}}  {meaning}" for command, meaning in examples.items()]
        return "\n\n".join([*sections[:2], "\n".join(["examples:", *lines]), *sections[2:]])

    def parse_known_args(  # type: ignore[override]  # one signature, of argparse's overloads
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        self.complete()
        words = sys.argv[1:] if args is None else args
        self._check_options(words)
        if self.takes_arguments_anywhere:
            words = self._with_arguments_first(words)
        commands = self.commands
        for command in [word for word in words if word in commands][:1]:
            self._options_of_command = {*commands[command].complete()._option_string_actions}
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
            if name.startswith("--") and name not in options:
                if not explain_unknown(name[2:]) and any(o.startswith(name) for o in options):
                    continue  # the beginning of an option
                self.reject_option(name)

    def _with_arguments_first(self, words: Sequence[str]) -> list[str]:
        """Return `words` with those that are neither options nor their values at the front."""
        arguments: list[str] = []
        options: list[str] = []
        rest = iter(words)
        for word in rest:
            if not word.startswith("-"):
                arguments.append(word)
                continue
            options.append(word)
            name, equals, _ = word.partition("=")
            action = self._option_string_actions.get(name)
            matches = [action] if action else [match[0] for match in self._get_option_tuples(name)]
            if not equals and any(match.nargs != 0 for match in matches):
                options += [value for value in [next(rest, None)] if value is not None]
        return arguments + options

    def _get_option_tuples(self, option_string: str) -> list[Any]:
        """Return the options that an abbreviation may mean; aliases of one option are one.

        Neither a former name nor an option of the command is one: its own parser handles it.
        """
        name = option_string.partition("=")[0]
        if explain_unknown(option_string[2:]) or name in self._options_of_command:
            return []
        matches = super()._get_option_tuples(option_string)
        return list({id(match[0]): match for match in matches}.values())

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print `message`; raises OSError for standard output, which argparse would ignore."""
        if file is sys.stdout:
            file.write(message)
        else:
            super()._print_message(message, file)

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"rnn-tui: {printable(message)}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            check_choice("command", value, list(action.choices))
