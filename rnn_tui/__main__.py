"""`rnn-tui`, and `python -m rnn_tui`: what runs before anything else is loaded."""

import sys

INTERRUPTED = 130  # 128 + SIGINT


def main() -> int:
    """Run the program; Ctrl-C ends it without a word, even while it is still being loaded."""
    try:
        from rnn_tui.cli import main as run

        return run()
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
