"""`rnn-tui runs` filters, sorts and deletes; `resume --headless` trains on."""

import os
import re
import shlex
from dataclasses import replace
from io import StringIO
from pathlib import Path
from shutil import copytree

import pytest

from rnn_tui.config.switching import switched
from rnn_tui.recording.journal import Journal
from rnn_tui.recording.journal_format import JournalContents, read_journal
from tests.support.makers import SMALL
from tests.support.recorded import alter_journal, record_plan
from tests.support.shell import objects, run

USAGE_ERROR = 2


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three runs, the latest first."""
    folder = tmp_path_factory.mktemp("recorded")
    runs = {
        "2025-sgd": replace(SMALL, steps=2500),
        "lstm-adam": replace(switched(SMALL, model="lstm", optimizer="adam"), seed=2),
        "gru-adam": replace(switched(SMALL, model="gru", optimizer="adam"), learning_rate=0.5),
    }
    for number, (name, settings) in enumerate(runs.items()):
        journal = folder / f"{name}.jsonl"
        record_plan(journal, settings, [], tail=(1200, 10, 20)[number])
        os.utime(journal, (1000 - number, 1000 - number))
    return folder


@pytest.fixture
def folder(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory with copies of the three runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return copytree(recorded, tmp_path / "rnn-tui")


def listed(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines()[1:]]


def test_runs_shows_the_latest_event_and_resume_ends_at_breakpoints(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resume = ("resume", "lstm-adam", "--headless", "--break", "step=15", "--break", "step=9")
    status, output, errors = run(capsys, *resume)
    assert status == 0
    assert "training ended at breakpoint step=15" in output
    assert errors.endswith("resumed at step 10; step=9 cannot be hit after step 10\n")
    listing = {line["name"]: line for line in objects(run(capsys, "runs", "--json")[1])}
    assert listing["lstm-adam"]["event"] == "breakpoint step=15: the step is reached"
    assert listing["lstm-adam"]["event_step"] == 15
    assert listing["gru-adam"]["event"] is listing["gru-adam"]["event_step"] is None
    _, table, _ = run(capsys, "runs", "--sort", "event")
    assert re.search(r"\n?lstm-adam .* 0  breakpoint at 15  \d", table)
    assert listed(table)[-1] == "gru-adam"
    assert run(capsys, "replay", "lstm-adam", "--headless")[1] == "identical through step 15\n"


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
    assert run(capsys, "runs", "--names", "adam", "lstm")[1] == "lstm-adam\n"
    assert run(capsys, "runs", "--names", "--sort", "steps")[1].split()[0] == "2025-sgd"


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
    assert output.splitlines()[-1].startswith("addition: 2,500 steps, ")
    command = shlex.split(output.split("to repeat the run: ")[1].splitlines()[0])
    _, uninterrupted, _ = run(capsys, *command[1:], "--no-journal")
    accuracy = next(line for line in output.splitlines() if line.startswith("sequence accuracy"))
    assert accuracy in uninterrupted.splitlines()
    verdict = run(capsys, "replay", "2025", "--headless")[1]
    assert verdict == "identical through step 2,500\n"


def test_resume_reads_the_journal_once_and_unlocks_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, paths = folder / "gru-adam.jsonl", []

    def read(path: Path) -> JournalContents:
        paths.append(path)
        return read_journal(path)

    for module in ("cli.journals", "recording.journal", "recording.run_store"):
        monkeypatch.setattr(f"rnn_tui.{module}.read_journal", read)
    assert run(capsys, "resume", "gru-adam", "--headless", "--steps", "30")[0] == 0
    assert paths == [journal]
    status, _, errors = run(capsys, "resume", "gru-adam", "--theme", "purple")
    assert (status, errors.partition(" '")[0]) == (USAGE_ERROR, "rnn-tui: unknown theme")
    assert not Journal.is_locked(journal)


@pytest.mark.parametrize("task", ["addition", "counting-ones"])
def test_finished_run_is_reported_again_and_trains_on(
    task: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = folder / "short.jsonl"
    words = ("--task", task, "--steps", "60", "--journal", str(journal))
    _, trained, _ = run(capsys, "train", *words, "--json")
    status, output, errors = run(capsys, "resume", "short", "--headless", "--json")
    assert status == 0
    assert errors.endswith(
        "\nrnn-tui: the run is finished at step 60; add --steps 120 to train on\n"
    )
    ends = [objects(text)[-1] | {"steps_per_second": None} for text in (trained, output)]
    assert ends[0] == ends[1]
    assert ends[1]["loss"] > 0
    _, output, _ = run(capsys, "resume", "short", "--headless")
    assert "after step 60;" in output
    assert output.endswith(f"\n{task}: 60 steps\n")
    status, output, errors = run(capsys, "resume", "short", "--headless", "--steps", "120")
    assert (status, errors) == (0, "rnn-tui: resumed at step 60\n")
    assert f"\n{task}: 120 steps, " in output
    assert run(capsys, "replay", "short", "--headless")[1] == "identical through step 120\n"


@pytest.mark.parametrize("command", ["resume", "replay"])
def test_json_needs_headless(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, errors = run(capsys, command, "2025", "--json")
    assert (status, errors) == (USAGE_ERROR, "rnn-tui: --json needs --headless\n")
    for option in ("--plain", "--paused", "--no-mouse", "--speed max", "--theme dark"):
        status, _, errors = run(capsys, command, "2025", "--headless", *option.split())
        assert status == USAGE_ERROR
        assert errors == f"rnn-tui: --headless and {option.split()[0]} exclude each other\n"


def test_headless_replay_has_no_reports(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, errors = run(capsys, "replay", "2025", "--headless", "--every", "5")
    assert (status, errors) == (USAGE_ERROR, "rnn-tui: --headless and --every exclude each other\n")


def test_steps_of_resume_need_headless(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, errors = run(capsys, "resume", "2025", "--steps", "20000")
    assert status == USAGE_ERROR
    assert errors.startswith("rnn-tui: --steps needs --headless; ")
