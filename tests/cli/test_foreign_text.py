"""Names of files, contents of journals and typed words: shown as they are, or escaped."""

import os
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest

from rnn_tui.cli.main import UNENCODABLE
from rnn_tui.line_mode import session
from rnn_tui.line_mode.stdin import StdinLines
from rnn_tui.text.ascii import printable
from tests.support.makers import SMALL
from tests.support.recorded import alter_journal, change_at, end_recording, start_recording
from tests.support.shell import run

EVIL = "evil\x1b]0;pwn\x07\x1b[31m"
ESCAPED = r"evil\x1b]0;pwn\x07\x1b[31m"
QUIET = ("--steps", "20", "--every", "20")
SETTINGS = replace(SMALL, steps=50)


def record(folder: Path, *names: str) -> None:
    """Record a run of each of these names in `folder`."""
    for name in names:
        branch = start_recording(folder / f"{name}.jsonl", SETTINGS)
        change_at(branch, 10, "lr=0.2")
        branch.advance(10)
        end_recording(branch)


def type_lines(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Put `lines` on the standard input of line mode."""
    read_end, write_end = os.pipe()
    os.write(write_end, "".join(f"{line}\n" for line in lines).encode())
    os.close(write_end)
    monkeypatch.setattr(session, "StdinLines", lambda: StdinLines(read_end))


@pytest.fixture(scope="module")
def evil_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs with control characters in a name and in a journal, and a name that is not UTF-8."""
    folder = tmp_path_factory.mktemp("evil")
    record(folder, EVIL, "damaged", "\udcff")

    def spoil(lines: list[dict[str, object]]) -> None:
        lines[0]["settings"] = {"task": EVIL, EVIL: EVIL}
        lines[1]["change"] = EVIL

    alter_journal(folder / "damaged.jsonl", spoil)
    return folder


@pytest.fixture
def evil_folder(evil_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory with these runs, with control characters in its path as well."""
    folder = tmp_path / "home\x1b[31m\x9b" / "rnn-tui"
    copytree(evil_runs, folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent))
    monkeypatch.setattr("sys.stdin", StringIO())
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ["runs"],
        ["runs", EVIL + "x"],
        ["runs", "--names"],
        ["runs", "--json"],
        ["runs", "--sort", EVIL],
        ["runs", "--delete", "nosuch"],
        ["runs", "--delete", EVIL],
        ["runs", "--delete", EVIL, "--yes"],
        ["replay", "x"],
        ["replay", EVIL + "x"],
        ["replay", f"./{EVIL}x"],
        ["replay", "evil", "--headless"],
        ["replay", "damaged", "--headless"],
        ["resume", "evil", "--headless", "--steps", "20"],
        ["resume", "evil", "--headless"],
        ["resume", "damaged", "--headless"],
        ["export", EVIL],
        ["export", "damaged"],
        ["export", "evil", "--to", EVIL],
        ["train", *QUIET],
        ["train", *QUIET, "--journal", f"{EVIL}2.jsonl"],
        ["train", *QUIET, "--journal", f"{EVIL}.jsonl"],
        ["train", *QUIET, "--journal", f"{EVIL}/{EVIL}.jsonl"],
        ["train", "--task", EVIL],
        ["train", "--lr", EVIL],
        ["train", "--at", EVIL],
        ["train", "--at", f"5:{EVIL}={EVIL}"],
        ["train", f"--{EVIL}"],
        ["train", EVIL],
        [EVIL],
        ["help", EVIL],
    ],
    ids=lambda words: " ".join(words).replace(EVIL, "EVIL"),
)
def test_no_command_prints_a_control_character(
    words: list[str], evil_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, output, errors = run(capsys, *words)
    assert output or errors
    assert all(line.isprintable() for line in f"{output}\n{errors}".split("\n"))


def test_line_mode_prints_no_control_character(
    evil_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        "wait 20",
        "lr 0.2",
        "e",
        f"e /dev/null/{EVIL}",
        EVIL,
        f"lr {EVIL}",
        f"task {EVIL}",
        "S",
        "q",
    )
    type_lines(monkeypatch, *lines)
    status, output, errors = run(capsys, "--plain", "--steps", "200")
    assert (status, errors) == (0, "")
    assert all(line.isprintable() for line in output.split("\n"))
    assert output.count("error: ") == 4
    assert ESCAPED in output


def test_names_are_printed_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "zürich·σ空" / "rnn-tui"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent))
    record(folder, "größe→")
    target = tmp_path / "to−"
    target.mkdir()
    assert "größe→" in run(capsys, "runs")[1]
    _, output, _ = run(capsys, "export", "größe", "--to", str(target))
    assert output == "".join(f"wrote {target}/größe→-step20.{kind}\n" for kind in ("csv", "npz"))
    assert f"journal: {folder}/" in run(capsys, "train", *QUIET)[1]
    type_lines(monkeypatch, "wait 20", "lr 0.2", f"e {target}", "größe", "q")
    _, output, _ = run(capsys, "--plain", "--steps", "200")
    assert f"wrote {target}/" in output
    assert "unknown command 'größe'" in output
    program, *command = shlex.split(output.splitlines()[-1])
    assert program == "rnn-tui"
    assert run(capsys, *command, "--headless")[0] == 0
    _, output, _ = run(capsys, "runs", "--delete", "größe", "--yes")
    assert output == f"deleted {folder}/größe→.jsonl\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("zürich 空間/a b.jsonl", "zürich 空間/a b.jsonl"),
        (EVIL, ESCAPED),
        ("a\r\n\t\0b\x7f\x85\x9b", r"a\r\n\t\x00b\x7f\x85\x9b"),
        ("\u202egnp\u200b\ue000", r"\u202egnp\u200b\ue000"),
        ("\udcc3\udcbc", r"\xc3\xbc"),  # bytes that are not of the locale's encoding
    ],
)
def test_printable_escapes_only_what_is_not_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_ascii_stream_gets_own_characters_in_ascii_and_others_escaped() -> None:
    assert "σ − 1 → ŷ…".encode("ascii", UNENCODABLE) == b"sigma - 1 -> y_hat..."
    assert "zürich 空".encode("ascii", UNENCODABLE) == rb"z\xfcrich \u7a7a"
