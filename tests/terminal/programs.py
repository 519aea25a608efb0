"""The real program without a terminal: its streams are pipes."""

import subprocess
import sys

COMMAND = (sys.executable, "-m", "rnn_tui")


def run_to_end(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `rnn-tui ARGUMENTS` with nothing to read, and return its status and output."""
    return subprocess.run(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Start `rnn-tui ARGUMENTS`, its output and errors in pipes."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
