"""`rnn-tui help`: the help of a command, or a page of reference."""

import argparse
import sys
from collections.abc import Callable
from typing import Any

from rnn_tui.cli import npz_layout
from rnn_tui.cli.json_lines import schema_lines
from rnn_tui.config.parsing import check_choice
from rnn_tui.exit_status import EXIT_STATUSES


def _exit_status_page() -> str:
    return "\n".join(f"{status:>4}  {meaning}" for status, meaning in EXIT_STATUSES.items())


PAGES: dict[str, Callable[[], str]] = {
    "json": lambda: "\n".join(schema_lines()),
    "npz": lambda: str(npz_layout.__doc__).strip(),
    "exit-status": _exit_status_page,
}


def add_help_command(subparsers: Any) -> None:
    """Add the command to argparse's `subparsers`."""
    parser = subparsers.add_parser(
        "help",
        help="show the help of a command, or: " + ", ".join(PAGES),
        description=_help.__doc__,
    )
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help=f"COMMAND, {', '.join(PAGES)}")
    parser.set_defaults(run=_help)


def subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands by name."""
    found: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= action.choices
    return found


def _help(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    """Show the help of the program, of a command, or a page of reference."""
    commands = subcommands(parser)
    if args.topic is None:
        parser.print_help()
    elif args.topic in commands:
        commands[args.topic].print_help()
    else:
        page = PAGES[check_choice("help topic", args.topic, [*commands, *PAGES])]
        sys.stdout.write(f"{page()}\n")
    return 0
