"""The runs of earlier sessions, as the table of runs reads them."""

from pathlib import Path

import pytest

from rnn_tui.recording.journal import Journal
from rnn_tui.recording.recorded_runs import RecordedRunReader
from tests.support.makers import SMALL
from tests.support.recorded import record_plan


def test_recorded_runs_are_read_again_only_after_a_change(tmp_path: Path) -> None:
    reader = RecordedRunReader()
    for name in ("a", "b", "mine"):
        record_plan(tmp_path / f"{name}.jsonl", SMALL, [], tail=10)

    def read() -> dict[str, object]:
        return {run.saved_run.name: run for run in reader.read(tmp_path, {"mine"})}

    before = read()
    assert sorted(before) == ["a", "b"]
    assert read() == before
    (tmp_path / "b.npz").unlink()
    numbers = {run.number: run.reason for run in reader.read(tmp_path, {"mine"})}
    assert (sorted(numbers), sorted(numbers.values())) == ([-2, -1], ["", "no checkpoint"])
    after = read()
    assert [after[name] is before[name] for name in ("a", "b")] == [True, False]


def test_recorded_runs_are_those_that_no_process_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_plan(tmp_path / "a.jsonl", SMALL, [], tail=10)
    monkeypatch.setattr(Journal, "is_locked", lambda _path: True)
    assert list(RecordedRunReader().read(tmp_path, set())) == []


def test_no_recorded_runs_in_an_unreadable_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert list(RecordedRunReader().read(tmp_path / "file", set())) == []
