"""Saved runs: their folder, how a name is resolved, and what is deleted with one."""

import os
from pathlib import Path
from pwd import struct_passwd

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import DigestRecord
from rnn_tui.recording.run_store import (
    delete,
    list_runs,
    read_saved_run,
    resolve_run,
    summarize_saved,
)
from rnn_tui.recording.state_folder import journal_paths, mark_first_start, run_names, state_folder
from rnn_tui.run.changes import SetField, parse_change
from tests.support.makers import SMALL
from tests.support.plans import PlannedChange
from tests.support.recorded import (
    Line,
    alter_journal,
    end_recording,
    record_plan,
    start_recording,
)


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"XDG_STATE_HOME": "/var/state", "HOME": "/home/x"}, "/var/state/rnn-tui"),
        ({"XDG_STATE_HOME": "", "HOME": "/home/x"}, "/home/x/.local/state/rnn-tui"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/x"}, "/home/x/.local/state/rnn-tui"),
        ({"HOME": "/home/x"}, "/home/x/.local/state/rnn-tui"),
        ({"HOME": ""}, "/home/listed/.local/state/rnn-tui"),
        ({"HOME": "relative"}, "/home/listed/.local/state/rnn-tui"),
        ({}, "/home/listed/.local/state/rnn-tui"),
    ],
)
def test_state_folder_follows_xdg_specification(
    environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = struct_passwd(("x", "", os.getuid(), 0, "", "/home/listed", ""))
    monkeypatch.setattr("rnn_tui.recording.state_folder.getpwuid", {os.getuid(): entry}.__getitem__)
    assert state_folder(environment) == Path(folder)


def test_state_folder_of_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn_tui.recording.state_folder.getpwuid", {}.__getitem__)
    assert state_folder({}) == Path("/.local/state/rnn-tui")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with three runs, the oldest first by its name and the latest by its time."""
    folder = tmp_path / "rnn-tui"
    for number, name in enumerate(("20250101-a", "20250102-b", "20250102-c")):
        path = folder / f"{name}.jsonl"
        record_plan(path, SMALL, [PlannedChange(10, SetField("lr", 0.2))], tail=90 + number)
        os.utime(path, (1000 - number, 1000 - number))
    return folder


def test_run_is_resolved_by_file_name_or_prefix(folder: Path) -> None:
    assert resolve_run(None, folder) == folder / "20250101-a.jsonl"
    for run in ("20250102-b", "20250102-b.jsonl", str(folder / "20250102-b.jsonl")):
        assert resolve_run(run, folder) == folder / "20250102-b.jsonl"
    assert resolve_run("20250101", folder) == folder / "20250101-a.jsonl"
    record_plan(folder / "20250102-b-2.jsonl", SMALL, [], tail=10)
    assert resolve_run("20250102-b", folder) == folder / "20250102-b.jsonl"
    assert resolve_run("20250102-b-", folder) == folder / "20250102-b-2.jsonl"


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ("20250102", "'20250102' begins 2 names of runs: 20250102-c, 20250102-b"),
        ("20250103-b", "unknown run '20250103-b' (did you mean 20250102-b?). "),
        ("nothing/like/it", "there is no file nothing/like/it"),
        ("", "'' begins 3 names of runs: "),
        ("x" * 5000, "unknown run 'xxx"),
        ("a\0b", "unknown run "),
    ],
)
def test_unknown_or_ambiguous_name_is_rejected(run: str, why: str, folder: Path) -> None:
    with pytest.raises(UserError) as caught:
        resolve_run(run, folder)
    assert str(caught.value).startswith(why)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("run", [None, "20250102"])
def test_empty_folder_is_reported(run: str | None, tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(UserError, match=r"unknown run|there is no run"):
            resolve_run(run, folder)
        assert list(list_runs(folder)) == []


@pytest.mark.parametrize("run", [None, "20250102"])
def test_unreadable_folder_is_an_error_not_empty(run: str | None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()  # in the way
    for action in (list_runs, run_names, lambda folder: resolve_run(run, folder)):
        with pytest.raises(NotADirectoryError, match="file"):
            action(tmp_path / "file")


def test_runs_are_listed_latest_first_with_unreadable_ones(folder: Path) -> None:
    (folder / "broken.jsonl").write_bytes(b"x")
    (folder / "folder.jsonl").mkdir()
    (folder / "gone.jsonl").symlink_to(folder / "nowhere")
    (folder / "loop.jsonl").symlink_to(folder / "loop.jsonl")
    os.mkfifo(folder / "fifo.jsonl")
    found = list(list_runs(folder))
    assert sorted(run_names(folder)) == sorted(entry.name for entry in found)
    assert [entry.name for entry in found] == ["broken", "20250101-a", "20250102-b", "20250102-c"]
    broken, *others = found
    assert (broken.contents, broken.changes, broken.score) == (None, 0, None)
    assert broken.error.endswith("line 1: this is no rnn-tui journal")
    assert [entry.contents and entry.contents.last_step for entry in others] == [100, 101, 102]
    assert [(entry.changes, entry.error) for entry in others] == [(1, "")] * 3


def test_score_is_the_latest_of_a_finished_evaluation(folder: Path) -> None:
    record_plan(folder / "long.jsonl", SMALL, [], tail=4000)
    path = folder / "long.jsonl"

    def score(lines: list[Line]) -> None:
        for line, exact in zip(
            lines[1:], ([9, 100, 1], [3, 4, 2], [0, 0, 3], [70, 100, 4]), strict=True
        ):
            line["score"] = exact

    alter_journal(path, score)
    saved = read_saved_run(path)
    assert (saved.score, saved.accuracy) == ((70, 100, 4), 0.7)
    assert saved.score_until(2) == (3, 4, 2)
    assert saved.score_until(0) is None


SCOPE_CHANGES = [
    "task=parity", "length=6", "hidden-size=9", "activation=tanh", "loss=cross-entropy",
    "dataset-size=50", "model=gru",
]  # fmt: skip


@pytest.mark.parametrize("spec", SCOPE_CHANGES)
def test_score_of_another_scope_is_not_that_of_a_saved_run(tmp_path: Path, spec: str) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 0)
    branch.advance(1000)
    branch.apply(parse_change(spec))
    branch.advance(10)
    branch.run.evaluation_tracker.reset()
    end_recording(branch)
    saved = read_saved_run(tmp_path / "run.jsonl")
    assert saved.contents
    assert any(isinstance(r, DigestRecord) and r.score for r in saved.contents.records)
    assert (saved.score, summarize_saved(saved, -1).score) == (None, None)


@pytest.mark.parametrize("spec", SCOPE_CHANGES)
def test_score_after_a_change_without_a_step_is_not_that_of_a_saved_run(
    tmp_path: Path, spec: str
) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    branch.advance(1000)
    score = branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 1000)
    branch.activate()
    branch.deactivate()
    branch.apply(parse_change(spec))
    branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 1000)
    end_recording(branch)
    saved = read_saved_run(tmp_path / "run.jsonl")
    assert saved.score == (score.n_correct, score.n_sequences, 1000)
    summary = summarize_saved(saved, -1)
    assert summary.settings == saved.settings == SMALL
    assert summary.score
    assert (summary.score.n_correct, summary.score_step) == (score.n_correct, 1000)


@pytest.mark.parametrize("spec", ["lr=0.3", "optimizer=adam", "clip-norm=1"])
def test_score_of_a_saved_run_is_kept_where_weights_and_task_are(tmp_path: Path, spec: str) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 0)
    branch.advance(1000)
    branch.apply(parse_change(spec))
    branch.advance(10)
    end_recording(branch)
    saved, score = read_saved_run(tmp_path / "run.jsonl"), branch.run.evaluation_tracker.score
    assert score
    assert saved.score == (score.n_correct, score.n_sequences, 0)


def test_first_start_is_marked_once_and_never_where_nothing_can_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "rnn-tui"
    assert [mark_first_start(folder) for _ in range(3)] == [True, False, False]
    assert journal_paths(folder) == []
    (tmp_path / "file").touch()
    assert not mark_first_start(tmp_path / "file" / "rnn-tui")


def test_delete_removes_journal_and_checkpoints(folder: Path) -> None:
    (folder / ".20250102-b.npz.123").write_bytes(b"unfinished")
    (folder / ".20250102-bb.npz.123").write_bytes(b"of another")
    (folder / "20250102-b.npz.mine").write_bytes(b"no part")
    before = {entry.name for entry in folder.iterdir()}
    delete(folder / "20250102-b.jsonl")
    gone = {"20250102-b.jsonl", "20250102-b.npz", ".20250102-b.npz.123"}
    assert before - {entry.name for entry in folder.iterdir()} == gone
    delete(folder / "20250102-c.jsonl")
    assert [entry.name for entry in list_runs(folder)] == ["20250101-a"]


def test_journal_deleted_during_listing_is_skipped_or_reported(
    folder: Path,
) -> None:
    listed = list_runs(folder)
    first = next(listed)
    (folder / "20250102-b.jsonl").unlink()
    assert first.contents
    later = {entry.name: entry.error for entry in listed}
    assert later == {"20250102-b": "No such file or directory", "20250102-c": ""}


def test_journal_deleted_before_stat_is_skipped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paths(folder: Path) -> list[Path]:
        found = journal_paths(folder)
        (folder / "20250102-b.jsonl").unlink()
        return found

    monkeypatch.setattr("rnn_tui.recording.run_store.journal_paths", paths)
    assert [entry.name for entry in list_runs(folder)] == ["20250101-a", "20250102-c"]


def test_saved_run_has_the_settings_of_its_end_and_no_score_of_an_earlier_task(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    record_plan(path, SMALL, [PlannedChange(1200, SetField("task", "parity"))], tail=10)

    def score(lines: list[Line]) -> None:
        lines[1]["score"] = [7, 10, 1000]
        lines[-1]["score"] = [3, 10, 1210]

    alter_journal(path, score)
    saved = read_saved_run(path)
    assert saved.settings is not None
    assert saved.settings.task == "parity"
    assert saved.score == (3, 10, 1210)
