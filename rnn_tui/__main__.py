"""`python -m rnn_tui` is `rnn-tui`."""

import sys

from rnn_tui.cli import main

sys.exit(main())
