"""The exit statuses of the program, in one table, and that of an error of writing."""

import os
import sys

from rnn_tui.error_text import error_text
from rnn_tui.signals import EXIT_SIGINT

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell reports a program cut off by `| head`

EXIT_STATUSES = {
    0: "success",
    EXIT_FAILURE: "halted, --until-exact missed, gradient or lesson incorrect, replay differs, "
    "sweep incomplete, or an I/O error",
    EXIT_USAGE: "invalid command line, setting or journal",
    EXIT_SIGINT: "Ctrl-C (128 + number of the signal; SIGTERM 143, SIGHUP 129)",
    EXIT_BROKEN_PIPE: "broken pipe: standard output was closed, as with | head",
}


def report_os_error(error: OSError) -> int:
    """Print `error`, unless it is a broken pipe, and return the exit status.

    Output that cannot be written is dropped, or Python would fail to write it at exit.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return EXIT_BROKEN_PIPE
    sys.stderr.write(f"rnn-tui: {error_text(error)}\n")
    return EXIT_FAILURE
