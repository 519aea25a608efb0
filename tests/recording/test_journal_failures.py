"""A run continues where its journal cannot be written, locked or found again."""

import errno
import os
import re
import subprocess
import sys
from math import inf
from pathlib import Path
from shutil import rmtree

import pytest

from rnn_tui.recording.checkpoint import checkpoint_path, load
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import (
    ChangeRecord,
    read_journal,
)
from rnn_tui.recording.resume import resume
from rnn_tui.recording.run_store import delete
from rnn_tui.run.changes import SetField
from tests.recording.test_journal import header
from tests.support.makers import SMALL
from tests.support.recorded import (
    change_at,
    end_recording,
    exact_state,
    record_plan,
    start_recording,
    uninterrupted_run,
)

FILL = """
import resource, signal, sys
from pathlib import Path
from rnn_tui.run.changes import parse_change
from rnn_tui.session.start import start_run
from rnn_tui.recording.run_store import JournalTarget
from tests.support.makers import SMALL
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
branch = start_run(SMALL, (), JournalTarget.from_path(Path(sys.argv[1])))
branch.apply(parse_change("lr=0.2"))
for _ in range(5):
    branch.advance(600)
    print(branch.observer.warning)
branch.deactivate()
branch.observer.close()
print(branch.run.step, branch.observer.warning)
"""


@pytest.mark.parametrize("where", ["file/run.jsonl", "file/deep/run.jsonl", "/proc/none/run.jsonl"])
def test_run_continues_where_folder_is_not_writable(where: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    branch = start_recording(tmp_path / where, SMALL)
    branch.advance(1500)
    reasons = "File exists|Not a directory|No such file or directory"
    assert re.fullmatch(rf"recording stopped: /\S+: ({reasons})", branch.observer.warning)
    change_at(branch, 1600, "lr=0.2")
    branch.advance(1000)
    end_recording(branch)
    assert branch.observer.next_due_step == inf
    assert exact_state(branch.run) == exact_state(
        uninterrupted_run(SMALL, [(1600, SetField("lr", 0.2))], 2600)
    )


def on_a_full_disk(path: Path, room: int) -> list[str]:
    """Return the news of a run in a process none of whose files may have more bytes than `room`."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path), str(room)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_run_continues_on_full_disk_and_written_records_stay(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(tmp_path / "other.jsonl", SMALL)
    change_at(branch, 0, "lr=0.2")
    branch.observer.close()
    room = (tmp_path / "other.jsonl").stat().st_size + 100
    first, why, *rest = on_a_full_disk(path, room)
    assert first == ""
    assert why.startswith("recording stopped: only 100 of ")
    assert rest == [why, why, why, f"3000 {why}"]
    recording = read_journal(path)
    assert (recording.truncated, recording.records) == (
        True,
        (ChangeRecord(0, SetField("lr", 0.2)),),
    )
    resumed, _ = resume(path)
    assert resumed.run.step == 0
    end_recording(resumed)


def test_no_file_is_left_where_header_does_not_fit(tmp_path: Path) -> None:
    first, *rest = on_a_full_disk(tmp_path / "run.jsonl", 100)
    assert first.startswith("recording stopped: only 100 of ")
    assert rest == [first, first, first, first, f"3000 {first}"]
    assert list(tmp_path.iterdir()) == []


def test_journal_continues_without_room_for_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1000)
    checkpoint_path(path).mkdir()
    branch.deactivate()
    assert branch.observer.warning.startswith(f"checkpoints stopped: {tmp_path}/")
    assert branch.observer.warning.endswith(": Is a directory")
    change_at(branch, 1200, "lr=0.2")
    end_recording(branch)
    assert [line.step for line in read_journal(path).records] == [1000, 1200, 1200]


def test_unfinished_checkpoint_of_killed_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1000)
    (tmp_path / f".run.npz.{os.getpid()}").write_bytes(b"half")
    end_recording(branch)
    assert branch.observer.warning == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.jsonl", "run.npz"]


@pytest.mark.parametrize("action", ["delete", "move", "replace", "delete the folder"])
def test_recording_stops_where_journal_is_gone(action: str, tmp_path: Path) -> None:
    path = tmp_path / "runs" / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1000)
    match action:
        case "delete":
            path.unlink()
        case "move":
            path.rename(tmp_path / "moved.jsonl")
        case "replace":
            path.unlink()
            path.write_text("another file", "ascii")
        case _:
            rmtree(path.parent)
    before = sorted(tmp_path.rglob("*"))
    end_recording(branch)
    assert branch.observer.warning == f"recording stopped: {path} was deleted or moved"
    assert branch.observer.path is None
    assert sorted(tmp_path.rglob("*")) == before


def test_resumed_run_without_a_step_reports_deleted_journal(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [], tail=1000)
    branch, _ = resume(path)
    delete(path)
    end_recording(branch)
    assert branch.observer.warning == f"recording stopped: {path} was deleted or moved"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_journal_is_written_and_resumed_where_files_have_no_locks(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("rnn_tui.recording.journal.flock", flock)
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, SMALL)
    branch.advance(1000)
    warnings = [branch.observer.warning]
    assert not Journal.is_locked(path)
    end_recording(branch)
    branch, _ = resume(path)
    warnings.append(branch.observer.warning)
    branch.advance(1000)
    end_recording(branch)
    assert warnings == [f"the journal is not locked: {os.strerror(number)}"] * 2
    assert read_journal(path).last_step == 2000


def test_other_errors_of_locks_are_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("rnn_tui.recording.journal.flock", flock)
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    branch.advance(1000)
    assert branch.observer.warning == f"recording stopped: {os.strerror(errno.EIO)}"
    assert list(tmp_path.iterdir()) == []


def test_errors_show_paths_as_text(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "run.jsonl"
    for action in (
        lambda: Journal.begin(missing, header()),
        lambda: Journal.open_append(missing),
        lambda: Journal.is_locked(missing),
        lambda: read_journal(missing),
        lambda: load(checkpoint_path(missing), SMALL),
    ):
        with pytest.raises(
            FileNotFoundError, match=f"directory: '{tmp_path}/missing/run"
        ) as raised:
            action()
        assert "Path(" not in str(raised.value)
