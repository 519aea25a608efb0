"""The lesson of the tests, and lessons that differ from it in a line."""

from pathlib import Path

from rnn_tui.lessons.lesson import Lesson
from rnn_tui.lessons.reader import read_lesson

LESSON_FILE = Path(__file__).parents[1] / "data" / "lesson.toml"


def example_lesson() -> Lesson:
    return read_lesson(LESSON_FILE)


def altered_file(folder: Path, *replacements: tuple[str, str]) -> Path:
    """Return a file in `folder` with the lesson of the tests, in which texts are replaced."""
    text = LESSON_FILE.read_text("utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "altered.toml"
    path.write_text(text, "utf-8")
    return path
