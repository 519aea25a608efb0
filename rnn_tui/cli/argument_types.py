"""How the words of the command line are read, with errors as argparse wants them."""

import argparse
from collections.abc import Callable
from math import inf
from typing import Any

from rnn_tui.config.settings import SettingsError, number, whole
from rnn_tui.run.changes import Change, parse_change


def read_by(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return `read` with its errors as argparse wants them."""

    def value(text: str) -> Any:
        try:
            return read(text)
        except SettingsError as reason:
            raise argparse.ArgumentTypeError(str(reason)) from None

    return value


whole_number, real_number = read_by(whole), read_by(number)


def speed(text: str) -> float:
    """Return steps a second, infinity for max."""
    wanted = inf if text == "max" else real_number(text)
    if not wanted > 0:
        raise argparse.ArgumentTypeError(f"a speed is above 0, not {text}")
    return wanted


def scheduled(text: str) -> tuple[int, Change]:
    """Return the step and the change of STEP:NAME=VALUE."""
    step, colon, spec = text.partition(":")
    try:
        if not colon:
            raise SettingsError(f"{text!r} should read STEP:NAME=VALUE, as in 2000:lr=0.2")
        return whole_number(step), parse_change(spec)
    except SettingsError as reason:
        raise argparse.ArgumentTypeError(str(reason)) from None
