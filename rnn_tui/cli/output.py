"""Prints lines that may quote untrusted text: names of files, contents of journals, typed words."""

import sys

from rnn_tui.text.ascii import printable


def print_line(text: str) -> None:
    sys.stdout.write(f"{printable(text)}\n")
    sys.stdout.flush()


def print_notice(text: str) -> None:
    """Print `text` as a line of standard error."""
    sys.stderr.write(f"rnn-tui: {printable(text)}\n")
