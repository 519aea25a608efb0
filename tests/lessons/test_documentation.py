"""The lesson in LESSONS.md holds, and the page of help names all that a file may have."""

import re
from pathlib import Path

import pytest

from rnn_tui.lessons.checker import check_lesson
from rnn_tui.lessons.quantities import QUANTITIES
from rnn_tui.lessons.reader import PAGE_KEYS, QUESTION_KEYS, read_lesson
from rnn_tui.run.conditions import CONDITIONS
from rnn_tui.tui.panes import PANES
from tests.support.shell import run

GUIDE = Path(__file__).parents[2] / ".github" / "LESSONS.md"


def test_lesson_in_the_guide_holds(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "example.toml"
    path.write_text(example, "utf-8")
    assert list(check_lesson(read_lesson(path), PANES, ["<", ">", "+", "space"])) == []


def test_help_page_names_keys_conditions_and_quantities(capsys: pytest.CaptureFixture[str]) -> None:
    page = run(capsys, "help", "lesson-file")[1]
    names = {line.split()[0] for line in page.splitlines() if line.startswith("  ")}
    examples = {kind.example for kind in CONDITIONS.values()}
    assert {*PAGE_KEYS, *QUESTION_KEYS, *QUANTITIES, *examples} <= names
