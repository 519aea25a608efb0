"""The message line and the header: nothing is cut without a place to read all of it."""

from dataclasses import replace

import pytest

from rnn_tui.run.change_messages import gradient_check_message
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.tui.drawing.status_lines import message_lines

CHECKED = gradient_check_message({"recurrent_weight": 1.2e-8})


@pytest.mark.parametrize("width", [58, 78])
def test_long_message_is_wrapped(width: int) -> None:
    snapshot = replace(EMPTY_SNAPSHOT, message=f"step 100,000: {CHECKED}")
    lines = message_lines(snapshot, width, 2, with_accuracy=True).split("\n")
    assert " ".join(lines) == snapshot.message
    assert max(map(len, lines)) <= width


def test_message_without_room_names_the_pane_that_shows_it() -> None:
    snapshot = replace(EMPTY_SNAPSHOT, message=f"step 100,000: {CHECKED}")
    line = message_lines(snapshot, 58, 1, with_accuracy=False)
    assert line.endswith("…: see 5")
    assert len(line) <= 58
