"""The lessons that come with the program are found by name, number and file."""

import shutil
import tomllib
from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.lessons import library
from rnn_tui.lessons.headless import HeadlessSession
from rnn_tui.lessons.library import find_lesson, number_of, stored_lessons
from rnn_tui.lessons.player import PageState
from rnn_tui.lessons.reader import read_lesson
from tests.support.lessons import LESSON_FILE

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two lessons, in place of the stored ones."""
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    for name in ("02-second.toml", "01-first.toml", "draft.toml"):
        shutil.copy(LESSON_FILE, tmp_path / name)
    return tmp_path


def test_stored_lessons_are_in_the_order_of_their_numbers(folder: Path) -> None:
    assert list(stored_lessons()) == ["first", "second"]


def test_lesson_is_found_by_name_number_and_file(folder: Path) -> None:
    second = folder / "02-second.toml"
    assert {find_lesson(word).path for word in ("second", "SECOND", "2", "02")} == {second}
    assert find_lesson(str(folder / "draft.toml")).path == folder / "draft.toml"


def test_unknown_lesson_is_refused_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UserError, match=r"unknown lesson 'secnd' \(did you mean second\?\)"):
        find_lesson("secnd")
    with pytest.raises(UserError, match=r"unknown lesson '3'\. Choose from: 1, 2"):
        find_lesson("3")
    with pytest.raises(UserError, match="none/x: No such file or directory"):
        find_lesson("none/x")


def test_wheel_contains_the_stored_lessons() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["rnn_tui.lessons"]
    package = PROJECT / "rnn_tui" / "lessons"
    packaged = {path for pattern in patterns for path in package.glob(pattern)}
    assert packaged == set(stored_lessons().values())


@pytest.mark.parametrize("name", stored_lessons())
def test_every_incorrect_answer_gets_a_reply_and_changes_nothing(name: str) -> None:
    session = HeadlessSession(find_lesson(name))
    player = session.player
    for page in player.lesson.pages:
        question = page.question
        if question is None:
            continue
        player.open(player.lesson.pages.index(page))
        for choice in range(1, len(question.choices) + 1):
            if choice != question.answer:
                assert not player.answer(choice)
                assert player.reply
                assert player.state is PageState.ASKING
        assert player.answer(question.answer)
    session.close()


def test_stored_lessons_are_numbered_from_1() -> None:
    numbers = [number_of(path) for path in stored_lessons().values()]
    assert numbers == sorted(set(numbers))
    for path in stored_lessons().values():
        assert 3 <= read_lesson(path).minutes <= 10
