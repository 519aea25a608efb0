"""`rnn-tui help`: the help of a command, or a page of reference."""

import argparse
import sys
from collections.abc import Callable

from rnn_tui.cli.parser import Parser
from rnn_tui.config.parsing import check_choice
from rnn_tui.exit_status import EXIT_STATUSES


def _json_page() -> str:
    from rnn_tui.cli.json_lines import schema_lines

    return "\n".join(schema_lines())


def _npz_page() -> str:
    from rnn_tui.cli import npz_layout

    return str(npz_layout.__doc__).strip()


def _exit_status_page() -> str:
    return "\n".join(f"{status:>4}  {meaning}" for status, meaning in EXIT_STATUSES.items())


PAGES: dict[str, Callable[[], str]] = {
    "json": _json_page,
    "npz": _npz_page,
    "exit-status": _exit_status_page,
}
HELP_SUMMARY = f"show the help of a command, or: {', '.join(PAGES)}"


def declare_help(parser: Parser) -> None:
    """Add the arguments of the command."""
    parser.set_run(_help)
    parser.add_argument("topic", metavar="TOPIC", nargs="?", help=f"COMMAND, {', '.join(PAGES)}")


def _help(parser: Parser, args: argparse.Namespace) -> int:
    """Show the help of the program, of a command, or a page of reference."""
    commands = parser.commands
    if args.topic is None:
        parser.print_help()
    elif args.topic in commands:
        commands[args.topic].print_help()
    else:
        page = PAGES[check_choice("help topic", args.topic, [*commands, *PAGES])]
        sys.stdout.write(f"{page()}\n")
    return 0
