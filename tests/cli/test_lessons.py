"""`rnn-tui lessons` and `lesson`: the list, the check, and what is refused."""

import shutil
import signal
from pathlib import Path

import pytest

from rnn_tui.cli.progress import ProgressLine
from rnn_tui.lessons import library
from tests.support.lessons import LESSON_FILE, altered_file
from tests.support.shell import objects, run


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the stored lessons by the lesson of the tests, as number 7."""
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    shutil.copy(LESSON_FILE, tmp_path / "07-counting.toml")


@pytest.mark.usefixtures("stored")
def test_lessons_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    status, output, errors = run(capsys, "lessons")
    assert (status, errors) == (0, "")
    assert output.splitlines() == [
        " 7  counting   1 min  Counting with two weights",
        "    a lesson of the tests: counting ones is learned in 250 steps",
    ]
    (lesson,) = objects(run(capsys, "lessons", "--json")[1])
    assert lesson == {
        "kind": "lesson",
        "number": 7,
        "name": "counting",
        "title": "Counting with two weights",
        "summary": "a lesson of the tests: counting ones is learned in 250 steps",
        "minutes": 1,
        "n_pages": 3,
    }


@pytest.mark.parametrize("lesson", ["7", "counting", str(LESSON_FILE)])
@pytest.mark.usefixtures("stored")
def test_lesson_that_holds_is_checked_with_status_0(
    lesson: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "lesson", lesson, "--check") == (0, "all 3 pages hold\n", "")


def test_check_prints_what_does_not_hold_and_ends_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = altered_file(tmp_path, ("cost-map", "cost"), ('"260" = "step"', '"260" = "lr"'))
    status, output, errors = run(capsys, "lesson", str(path), "--check")
    assert (status, errors) == (1, "")
    first, second = output.splitlines()
    assert first.startswith(f"{path}:7: page 1: unknown pane 'cost' (did you mean cost-map?).")
    assert second == f"{path}:39: page 3: 260 is in the text, but lr is 0"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["conting"], "unknown lesson 'conting' (did you mean counting?). Choose from: counting"),
        (["8"], "unknown lesson '8'. Choose from: 7"),
        (["7", "--page", "4"], "--page must be from 1 to 3, not 4"),
        (["7", "--check", "--plain"], "--check and --plain exclude each other"),
        (["7", "--check", "--page", "2"], "--check and --page exclude each other"),
        (["7", "--check", "--theme", "dark"], "--check and --theme exclude each other"),
        (["7", "--plain", "--fps", "5"], "--plain and --fps exclude each other"),
        (["7"], "the dashboard needs a terminal; without one, add --plain"),
        (["none.toml"], "none.toml: No such file or directory"),
    ],
)
@pytest.mark.usefixtures("stored")
def test_what_cannot_be_played_is_refused(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "lesson", *arguments) == (2, "", f"rnn-tui: {reason}\n")


def test_invalid_file_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = altered_file(tmp_path, ("minutes = 1", "minutes = 0"))
    reason = f"rnn-tui: {path}:3: minutes must be 1 or more, not 0\n"
    assert run(capsys, "lesson", str(path), "--check") == (2, "", reason)


def test_interrupted_check_ends_with_status_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        ProgressLine, "update", lambda _self, _text: signal.raise_signal(signal.SIGINT)
    )
    assert run(capsys, "lesson", str(LESSON_FILE), "--check") == (130, "", "")
