"""`rnn-tui`, and `python -m rnn_tui`: what runs before anything else is loaded."""

import os
import signal
import sys

EXIT_SIGINT = 130  # 128 + SIGINT


def main() -> int:
    """Run the program; Ctrl-C ends it without a word, even while it is still being loaded.

    While modules are loaded KeyboardInterrupt may be raised where nobody passes it on.
    """
    previous_handler = signal.getsignal(signal.SIGINT)
    if previous_handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(EXIT_SIGINT))
    from rnn_tui.cli.main import main as run

    signal.signal(signal.SIGINT, previous_handler)
    try:
        return run()
    except KeyboardInterrupt:
        return EXIT_SIGINT


if __name__ == "__main__":
    sys.exit(main())
