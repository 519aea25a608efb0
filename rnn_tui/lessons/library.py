"""The lessons that come with the program, and how a lesson is found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_tui.config.parsing import check_choice

if TYPE_CHECKING:  # completion lists the names without numpy
    from rnn_tui.lessons.lesson import Lesson

FOLDER = Path(__file__).parent / "files"
SUFFIX = ".toml"


def stored_lessons() -> Mapping[str, Path]:
    """Return the files of the lessons by name, in the order of their numbers."""
    paths = sorted(FOLDER.glob(f"[0-9][0-9]-*{SUFFIX}"))
    return {path.stem[3:]: path for path in paths}


def number_of(path: Path) -> int:
    """Return the number of a stored lesson."""
    return int(path.name[:2])


def find_lesson(word: str) -> Lesson:
    """Return the lesson of a name, a number or a file.

    Raises UserError for an unknown name, and for a file that cannot be read.
    """
    from rnn_tui.lessons.reader import read_lesson

    lessons = stored_lessons()
    if word.isdecimal():
        numbers = {str(number_of(path)): name for name, path in lessons.items()}
        word = numbers[check_choice("lesson", str(int(word)), numbers)]
    if word not in lessons and (word.endswith(SUFFIX) or "/" in word or Path(word).exists()):
        return read_lesson(Path(word))
    return read_lesson(lessons[check_choice("lesson", word.lower(), lessons)])
