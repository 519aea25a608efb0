"""The hint of the first start: what it says, where it stands, and that it comes once."""

from pathlib import Path

import pytest

from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.session.start import NewRun
from rnn_tui.tui.app import FIRST_START_HINT, first_start_hint
from rnn_tui.tui.drawing.status_lines import message_lines
from tests.support.makers import SMALL


def test_hint_comes_once_and_only_for_a_recorded_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert first_start_hint(NewRun(SMALL)) == ""
    assert list(tmp_path.iterdir()) == []
    recorded = NewRun(SMALL, journal_target=JournalTarget(tmp_path, "run"))
    assert [first_start_hint(recorded) for _ in range(2)] == [FIRST_START_HINT, ""]


def test_hint_is_the_message_until_there_is_one() -> None:
    line = message_lines(EMPTY_SNAPSHOT, 58, 1, with_accuracy=False, hint=FIRST_START_HINT)
    assert line == FIRST_START_HINT
