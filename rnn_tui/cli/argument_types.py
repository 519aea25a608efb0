"""How the words of the command line are read, with errors as argparse wants them."""

import argparse
from collections.abc import Callable
from math import inf
from typing import Any

from rnn_tui.config.settings import UserError, parse_float, parse_int
from rnn_tui.run.changes import Change, parse_change


def argparse_type(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return `read` with its errors as argparse wants them."""

    def convert(text: str) -> Any:
        try:
            return parse(text)
        except UserError as reason:
            raise argparse.ArgumentTypeError(str(reason)) from None

    return convert


int_arg, float_arg = argparse_type(parse_int), argparse_type(parse_float)


def speed_arg(text: str) -> float:
    """Return steps a second, infinity for max."""
    steps_per_second = inf if text == "max" else float_arg(text)
    if not steps_per_second > 0:
        raise argparse.ArgumentTypeError(f"a speed is above 0, not {text}")
    return steps_per_second


def scheduled_change(text: str) -> tuple[int, Change]:
    """Return the step and the change of STEP:NAME=VALUE."""
    step, colon, spec = text.partition(":")
    try:
        if not colon:
            raise UserError(f"{text!r} should read STEP:NAME=VALUE, as in 2000:lr=0.2")
        return int_arg(step), parse_change(spec)
    except UserError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from None
