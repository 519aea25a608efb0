"""`rnn-tui runs`, `replay` and `resume` on intact and on damaged journals."""

import json
import os
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest

from rnn_tui.recording.checkpoint import checkpoint_path
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import ChangeRecord, ResumeRecord, read_journal
from tests.support.makers import SMALL, settings_with
from tests.support.recorded import (
    alter_journal,
    record_in_state_directory,
    record_plan,
    write_journal,
)
from tests.support.shell import run

USAGE_ERROR = 2
IDENTICAL = "identical through step 1,200\n"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal in the state directory."""
    return record_in_state_directory(tmp_path, monkeypatch)


@pytest.fixture(autouse=True)
def _without_input(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let `resume --plain` read no command, so that it trains to its last step."""
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield


@pytest.mark.parametrize("name", ["20250101-run", "2025", "20250101-run.jsonl", None])
def test_replay_takes_a_name_or_a_unique_beginning(
    name: str | None, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "replay", name or str(path), "--headless") == (0, IDENTICAL, "")


@pytest.mark.parametrize("command", ["replay", "resume"])
def test_dashboard_without_a_terminal_suggests_headless_or_plain(
    command: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = "the dashboard needs a terminal; without one, add --headless or --plain"
    assert run(capsys, command, str(path)) == (USAGE_ERROR, "", f"rnn-tui: {message}\n")


def test_replay_of_an_altered_digest_is_status_1(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter_journal(path, lambda lines: lines[2].update(digest="0" * 32))
    before = path.read_bytes()
    status, output, errors = run(capsys, "replay", str(path), "--headless")
    assert (status, errors) == (1, "")
    assert output.startswith("differs first at step 1,000: ")
    assert output.count("\n") == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(("times", "status"), [(1 + 3e-10, 0), (1 + 3e-9, 1)])
def test_replay_tolerates_rounding_of_another_machine(
    times: float, status: int, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def move(lines: list[dict[str, object]]) -> None:
        machine = lines[0]["environment"]
        assert isinstance(machine, dict)
        machine["blas"] = "another"
        assert isinstance(lines[2]["metric"], float)
        lines[2].update(digest="0" * 32, metric=lines[2]["metric"] * times)

    alter_journal(path, move)
    found, output, _ = run(capsys, "replay", str(path), "--headless")
    assert found == status
    verdict = (
        "differs first at step 1,000: metric is " if status else "agrees to 1e-9 through step 1,200"
    )
    assert output.startswith(verdict)


def test_truncated_journal_is_replayed_and_resumed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    status, output, errors = run(capsys, "replay", str(path), "--headless")
    assert (status, output) == (0, "identical through step 1,000\n")
    assert errors == (
        f"rnn-tui: {path}: line 4: the file ends in the middle of the line; replayed up to there\n"
    )
    assert path.read_bytes() == whole[:-9]
    status, output, errors = run(capsys, "resume", "--plain", "--speed", "max")
    assert (status, errors) == (0, "")
    assert (
        ResumeRecord(1200, current_environment()) in read_journal(path).records
    )  # by its checkpoint
    assert run(capsys, "replay", "2025", "--headless") == (0, "identical through step 2,500\n", "")


def test_damaged_journal_is_status_1_and_is_not_resumed(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], *lines[3:]]))
    before = {file: file.read_bytes() for file in path.parent.iterdir()}
    status, output, errors = run(capsys, "replay", str(path), "--headless")
    assert (status, output) == (1, "identical through step 0\n")
    assert errors.startswith(f"rnn-tui: {path}: line 3: this line, or one before it, was altered")
    assert errors.count("\n") == 1
    status, output, errors = run(capsys, "resume", str(path), "--plain")
    assert (status, output) == (USAGE_ERROR, "")
    assert errors.startswith(f"rnn-tui: {path}: line 3: this line, or one before it, was altered")
    assert errors.count("\n") == 1
    assert {file: file.read_bytes() for file in path.parent.iterdir()} == before


@pytest.mark.parametrize("data", [b"", b"x\n", b"\0" * 99, bytes(range(256)), b"a" * (3 << 20)])
@pytest.mark.parametrize("command", [("replay", "--headless"), ("resume", "--plain")])
def test_file_that_is_no_journal_is_rejected(
    data: bytes, command: tuple[str, str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path.write_bytes(data)
    status, output, errors = run(capsys, command[0], str(path), command[1])
    assert (status, output) == (USAGE_ERROR, "")
    assert errors == f"rnn-tui: {path}: line 1: this is no rnn-tui journal\n"
    assert path.read_bytes() == data
    status, output, errors = run(capsys, "runs")
    assert (status, errors) == (0, "")
    assert output.splitlines()[1].endswith("line 1: this is no rnn-tui journal")


@pytest.mark.parametrize("command", [("replay", "--headless"), ("resume", "--plain")])
def test_missing_or_irregular_file_is_rejected(
    command: tuple[str, str],
    path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, fifo = str(path.parent), str(path.parent / "fifo")
    os.mkfifo(fifo)
    monkeypatch.chdir(folder)
    errors_by_name = {
        folder: f"{folder} is a directory",
        fifo: f"{fifo} is no regular file",
        "/dev/zero": "/dev/zero is no regular file",
        "fifo": "fifo is no regular file",
        "nowhere/at/all": "there is no file nowhere/at/all",
        "no-such-run": "unknown run ",
        "/dev/null/x": "there is no file /dev/null/x",
    }
    for name, error in errors_by_name.items():
        status, output, errors = run(capsys, command[0], name, command[1])
        assert (status, output) == (USAGE_ERROR, "")
        assert errors.startswith(f"rnn-tui: {error}")
        assert errors.count("\n") == 1


def test_resume_rejects_a_run_that_is_still_training(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, _ = Journal.open_append(path)
    before = path.read_bytes()
    status, output, errors = run(capsys, "resume", "--plain")
    journal.close()
    assert (status, output) == (USAGE_ERROR, "")
    assert errors == f"rnn-tui: {path}: this run is still active in another process\n"
    assert path.read_bytes() == before


def test_resumed_run_trains_to_its_last_step(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = read_journal(path).records
    checkpoint_path(path).write_bytes(b"damaged")
    status, output, errors = run(capsys, "resume", "2025", "--plain", "--speed", "max")
    assert (status, errors) == (0, "")
    assert "step 2,500: all planned steps are done" in output
    after = read_journal(path)
    assert after.records[: len(lines)] == lines
    assert isinstance(after.records[len(lines)], ResumeRecord)
    assert sum(isinstance(line, ChangeRecord) for line in after.records) == 1
    assert after.last_step == 2500
    assert run(capsys, "replay", "2025", "--headless")[0] == 0


def test_runs_are_listed_with_their_settings_and_accuracy(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = path.with_name("20250102-other.jsonl")
    record_plan(other, settings_with(length=5, hidden_size=6, seed=3), [], tail=1500)
    alter_journal(
        other,
        lambda lines: lines[0].update(
            parent=["20250101-run", 700], started_at="2025-01-02T03:04:05"
        ),
    )
    alter_journal(path, lambda lines: lines[3].update(score=[400, 512, 1200]))
    os.utime(path, (1000, 1000))
    status, output, errors = run(capsys, "runs")
    heading, latest, oldest = (line.split() for line in output.splitlines())
    assert (status, errors) == (0, "")
    assert heading == [
        *("run", "task", "model", "optimizer", "lr", "seed"),
        *("steps", "accuracy", "changes", "event", "started"),
    ]
    assert latest[:8] == ["20250102-other", "addition", "elman", "sgd", "0.1", "3", "1,500", "-"]
    assert latest[8:] == ["0", "-", "2025-01-02", "03:04", "from", "20250101-run", "at", "700"]
    assert oldest[:6] == ["20250101-run", "addition", "elman", "sgd", "0.2", "0"]
    assert oldest[6:10] == ["1,200", "78.12", "%", "1"]


def test_delete_rejects_a_run_that_is_still_training(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, _ = Journal.open_append(path)
    status, output, errors = run(capsys, "runs", "--delete", path.stem)
    journal.close()
    assert (status, output) == (2, "")
    assert "this run is still training" in errors
    assert path.exists()


def test_empty_state_directory_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert run(capsys, "runs") == (0, "", f"rnn-tui: no run in {tmp_path}/rnn-tui\n")
    for command in (("resume", "--plain"), ("replay", "x"), ("runs", "--delete", "x")):
        status, output, errors = run(capsys, *command)
        assert (status, output) == (USAGE_ERROR, "")
        assert errors.startswith(("rnn-tui: there is no run ", "rnn-tui: unknown run "))


def test_delete_removes_the_named_runs_only(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, outside = path.with_name("20250102-x.jsonl"), tmp_path / "outside.jsonl"
    record_plan(other, SMALL, [], tail=10)
    record_plan(outside, SMALL, [], tail=10)
    broken = path.with_name("broken.jsonl")
    broken.write_bytes(b"x")
    thesis = tmp_path / "thesis.txt"
    thesis.write_bytes(b"precious")
    checkpoint_path(thesis).write_bytes(b"precious, too")
    status, output, errors = run(capsys, "runs", "--delete", "20250102-x", str(thesis))
    assert (status, errors) == (
        USAGE_ERROR,
        f"rnn-tui: {thesis}: line 1: this is no rnn-tui journal\n",
    )
    assert thesis.read_bytes() == b"precious"
    assert checkpoint_path(thesis).exists()
    assert other.exists()  # all or nothing
    for unknown in ("2025", "20250102", "", "none"):
        assert run(capsys, "runs", "--delete", path.stem, unknown)[0] == USAGE_ERROR
        assert path.exists()
    names = "20250102-x", "20250102-x", str(outside)
    status, output, errors = run(capsys, "runs", "--delete", *names, "--yes")
    assert (status, output, errors) == (0, f"deleted {other}\ndeleted {outside}\n", "")
    assert run(capsys, "runs", "--delete", "broken", "--yes")[0] == 0
    left = sorted(file.name for file in path.parent.iterdir())
    assert left == ["20250101-run.jsonl", "20250101-run.npz"]


def test_journal_of_a_newer_format_is_rejected(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = json.loads(path.read_bytes().splitlines()[0])
    write_journal(path, [{"rnn-tui journal": 7, "new": header["settings"]}])
    for command in (("replay", "--headless"), ("resume", "--plain")):
        status, _, errors = run(capsys, command[0], str(path), command[1])
        assert status == USAGE_ERROR
        assert errors == (
            f"rnn-tui: {path}: line 1: it has format 7, from a newer rnn-tui; this one reads 2\n"
        )


@pytest.mark.parametrize("command", ["resume", "replay x"])
@pytest.mark.parametrize("option", ["--lr 0.7", "--no-journal", "--recipe xor", "--at 5:lr=1"])
def test_setting_arguments_are_rejected_for_a_recorded_run(
    command: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (f"{option} {command}", f"{command} {option}"):
        status, output, errors = run(capsys, *words.split())
        assert (status, output) == (USAGE_ERROR, "")
        assert errors == (
            f"rnn-tui: unknown option {option.split()[0]}; "
            f"see rnn-tui {command.split()[0]} --help\n"
        )


def test_finished_run_is_paused_when_resumed_in_line_mode(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = path.with_name("whole.jsonl")
    record_plan(whole, replace(SMALL, steps=500), [], tail=500)
    status, output, _ = run(capsys, "resume", "whole", "--plain")
    assert status == 0
    assert "after 500 steps" in output
    assert "running" not in output


@pytest.mark.parametrize("there", ["new.npz", "new.jsonl"])
def test_existing_files_are_not_overwritten(
    there: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / there).write_text("precious", "ascii")
    status, _, errors = run(capsys, "train", "--journal", str(tmp_path / "new.jsonl"))
    assert status == USAGE_ERROR
    assert f"{there} exists" in errors
    assert (tmp_path / there).read_text("ascii") == "precious"


def test_run_of_train_is_resumed_at_its_speed(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = str(path.with_name("trained.jsonl"))
    assert run(capsys, "train", "--steps", "5", "--journal", trained)[0] == 0
    speeds = []

    def launch(_parser: object, args: Namespace, _start: object) -> int:
        speeds.append(getattr(args, "speed", None))
        return 0

    monkeypatch.setattr("rnn_tui.cli.resume.launch", launch)
    for arguments in ((str(path),), (trained,), (trained, "--speed", "5")):
        assert run(capsys, "resume", *arguments)[0] == 0
    assert speeds == [None, inf, 5]
