"""`rnn-tui runs` filters, sorts and deletes; `resume --headless` trains on."""

import os
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from rnn_tui.config.switching import switched
from tests.support.makers import SMALL
from tests.support.recorded import alter_journal, record_plan
from tests.support.shell import run

USAGE_ERROR = 2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory with three runs, the latest first."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "rnn-tui"
    runs = {
        "2025-sgd": SMALL,
        "lstm-adam": replace(switched(SMALL, model="lstm", optimizer="adam"), seed=2),
        "gru-adam": replace(switched(SMALL, model="gru", optimizer="adam"), learning_rate=0.5),
    }
    for number, (name, settings) in enumerate(runs.items()):
        journal = folder / f"{name}.jsonl"
        record_plan(journal, settings, [], tail=(1200, 10, 20)[number])
        os.utime(journal, (1000 - number, 1000 - number))
    return folder


def listed(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines()[1:]]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["2025-sgd", "lstm-adam", "gru-adam"]),
        ("adam", ["lstm-adam", "gru-adam"]),
        ("adam lstm", ["lstm-adam"]),
        ("ADAM gru", ["gru-adam"]),
        ("2025 elman", ["2025-sgd"]),
        ("--sort run", ["2025-sgd", "gru-adam", "lstm-adam"]),
        ("--sort lr", ["lstm-adam", "2025-sgd", "gru-adam"]),
        ("--sort steps adam", ["gru-adam", "lstm-adam"]),
        ("--sort seed", ["2025-sgd", "gru-adam", "lstm-adam"]),
        ("rmsprop", []),
    ],
)
def test_runs_are_filtered_and_sorted(
    words: str, names: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "runs", *words.split())
    assert (status, listed(output)) == (0, names)
    assert errors == ("" if names else f"rnn-tui: no run in {folder} matches {words}\n")


def test_runs_without_an_accuracy_are_sorted_last(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alter_journal(folder / "gru-adam.jsonl", lambda lines: lines[-1].update(score=[1, 2, 20]))
    alter_journal(folder / "lstm-adam.jsonl", lambda lines: lines[-1].update(score=[2, 2, 10]))
    (folder / "damaged.jsonl").write_bytes(b"x")
    _, output, _ = run(capsys, "runs", "--sort", "accuracy")
    names = listed(output)
    assert names[:2] == ["lstm-adam", "gru-adam"]
    assert sorted(names[2:]) == ["2025-sgd", "damaged"]


def test_names_prints_names_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "runs", "--names")[1] == "lstm-adam\ngru-adam\n2025-sgd\n"


def test_unknown_run_lists_the_nearest_five(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(9):
        (folder / f"other-{number}.jsonl").write_bytes(b"x")
    status, _, errors = run(capsys, "export", "2025-sgb")
    assert status == USAGE_ERROR
    assert "2025-sgd" in errors
    assert errors.count(", ") == 4


@pytest.mark.parametrize(("answer", "deleted"), [("y\n", True), ("n\n", False), ("", False)])
def test_delete_asks_on_a_terminal(
    answer: str,
    deleted: bool,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    journal, terminal = folder / "gru-adam.jsonl", StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    status, _, errors = run(capsys, "runs", "--delete", "gru-adam")
    assert (status == 0, not journal.exists()) == (deleted, deleted)
    assert errors.endswith("[y/N] ")
    if not deleted:
        assert run(capsys, "runs", "--delete", "gru-adam", "--yes") == (
            0,
            f"deleted {journal}\n",
            "",
        )
        assert not journal.exists()


def test_resume_headless_ends_as_an_uninterrupted_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = run(capsys, "resume", "2025", "--headless")
    assert status == 0
    assert errors.endswith("at step 1,200\n")
    assert "step 2000\n" in output
    assert "step 1000\n" not in output
    assert output.splitlines()[-1].startswith("10,000 steps, ")
    command = shlex.split(output.split("to repeat the run: ")[1].splitlines()[0])
    _, uninterrupted, _ = run(capsys, *command[1:], "--no-journal")
    accuracy = next(line for line in output.splitlines() if line.startswith("sequence accuracy"))
    assert accuracy in uninterrupted.splitlines()
    verdict = run(capsys, "replay", "2025", "--headless")[1]
    assert verdict == "identical through step 10,000\n"
    status, output, _ = run(capsys, "resume", "2025", "--headless")
    assert (status, output.splitlines()[-1]) == (0, "10,000 steps, 0 steps/s")


@pytest.mark.parametrize("command", ["resume", "replay"])
def test_json_needs_headless(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, errors = run(capsys, command, "2025", "--json")
    assert (status, errors) == (USAGE_ERROR, "rnn-tui: --json needs --headless\n")
    status, _, errors = run(capsys, command, "2025", "--headless", "--plain")
    assert (status, errors) == (USAGE_ERROR, "rnn-tui: --headless and --plain exclude each other\n")
