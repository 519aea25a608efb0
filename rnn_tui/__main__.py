"""`rnn-tui`, and `python -m rnn_tui`: what runs before anything else is loaded."""

import os
import signal
import sys

INTERRUPTED = 130  # 128 + SIGINT


def main() -> int:
    """Run the program; Ctrl-C ends it without a word, even while it is still being loaded.

    While modules are loaded KeyboardInterrupt may be raised where nobody passes it on.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda _number, _frame: os._exit(INTERRUPTED))
    from rnn_tui.cli.main import main as run

    signal.signal(signal.SIGINT, usual)
    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
