"""`rnn-tui record` writes the replay of a run as an asciinema recording, whole or not at all."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from rnn_tui.cli.progress import ProgressLine
from rnn_tui.recording.asciicast import CastWriter
from tests.support.recorded import Line, alter_journal, record_in_state_directory
from tests.support.shell import run

SHORT = ("--until", "400", "--speed", "200", "--fps", "1")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal in the state directory."""
    for name in ("TERM", "COLORTERM"):
        monkeypatch.setenv(name, "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    return record_in_state_directory(tmp_path, monkeypatch)


def test_recording_is_the_same_on_every_terminal(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = Path(f"{path.stem}.cast")
    status, output, errors = run(capsys, "record", *SHORT)
    assert (status, errors) == (0, "")
    assert output == f"wrote {target.absolute()}: 2 s, 3 frames\n"
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert run(capsys, "record", *SHORT, "--to", "-") == (0, target.read_text("utf-8"), "")
    header, *events = map(json.loads, target.read_text("utf-8").splitlines())
    assert header["title"] == f"rnn-tui: {path.stem}"
    assert sum(interval for interval, _, _ in events) == pytest.approx(2)
    assert "38;2;" not in target.read_text("utf-8")


def test_existing_file_is_kept_without_force(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = path.with_suffix(".cast")
    target.write_text("mine", "ascii")
    for given in (target, target.parent):  # a directory gets a file named as the run
        status, output, errors = run(capsys, "record", *SHORT, "--to", str(given))
        assert (status, output) == (2, "")
        assert errors == f"rnn-tui: {target} exists; add --force to replace it\n"
    assert target.read_text("ascii") == "mine"


def test_interrupted_recording_leaves_no_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ProgressLine, "update", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    before = {*path.parent.iterdir()}
    assert run(capsys, "record", *SHORT, "--to", str(path.parent)) == (130, "", "")
    assert {*path.parent.iterdir()} == before


def test_full_disk_is_named_and_leaves_the_file_before(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(CastWriter, "end", fail)
    target = path.with_suffix(".cast")
    target.write_text("mine", "ascii")
    before = {*path.parent.iterdir()}
    status, output, errors = run(capsys, "record", *SHORT, "--to", str(target), "--force")
    assert (status, output) == (1, "")
    assert errors == f"rnn-tui: {target}: No space left on device\n"
    assert {*path.parent.iterdir()} == before
    assert target.read_text("ascii") == "mine"


def test_recording_of_a_run_that_differs_has_status_1(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(lines: list[Line]) -> None:
        lines[-1]["digest"] = "0" * 32

    alter_journal(path, change)
    first = ("--from", "1200", "--fps", "1")
    status, output, errors = run(capsys, "record", *first)
    assert (status, output.startswith("wrote ")) == (1, True)
    assert errors.startswith("rnn-tui: differs first at step 1,200: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--until 1201", "--from and --until must be steps of 0 to 1,200, in this order"),
        ("--from 9 --until 8", "--from and --until must be steps of 0 to 1,200, in this order"),
        ("--speed 0", "--speed must be above 0 and finite, not 0"),
        ("--speed inf", "--speed must be above 0 and finite, not inf"),
        ("--speed 0.001", "more than 100,000 frames: raise --speed, or lower --fps"),
        ("--size 59x24", "--size must be 60x20 to 1000x400, not 59x24"),
        ("--size 80", "argument --size: '80' is not COLUMNSxROWS, as in 80x24"),
        ("--view insid", "unknown view 'insid' (did you mean inside?)"),
    ],
)
def test_impossible_recording_is_rejected(
    options: str, message: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "record", path.stem, *options.split())
    assert (status, output) == (2, "")
    assert errors.startswith(f"rnn-tui: {message}")
