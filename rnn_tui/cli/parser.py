"""The argument parser of every command: usage errors in one line."""

import argparse
from typing import Any, NoReturn, final

from rnn_tui.config.settings import check_choice

EXIT_USAGE = 2


@final
class Parser(argparse.ArgumentParser):
    """An argument parser that prints a usage error as one line on standard error."""

    def error(self, message: str) -> NoReturn:
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None:
            check_choice("command", value, list(action.choices))
