"""Lessons are read from TOML files; an invalid file is refused with the line and the reason."""

import re
from math import inf
from pathlib import Path

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.toml_file import MAX_FILE_BYTES
from rnn_tui.lessons.lesson import without_emphasis
from rnn_tui.lessons.options import parse_options
from rnn_tui.lessons.reader import read_lesson
from rnn_tui.run.conditions import parse_condition
from tests.support.lessons import altered_file, example_lesson

# A replacement in the lesson of the tests, the line at which it is refused, and why.
ERRORS = {
    ('title = "Counting with two weights"', ""): (1, "a lesson needs title: text in quotes"),
    ("title =", "titel ="): (1, r"unknown key 'titel' \(did you mean title\?\)\. .*"),
    ("minutes = 1", "minutes = 0"): (3, "minutes must be 1 or more, not 0"),
    ("minutes = 1", "minutes = "): (3, "this is no TOML: invalid value"),
    ('speed = "unlimited"', "speed = 0"): (5, "the speed must be above 0, not 0"),
    ('speed = "unlimited"', "speed = " + "9" * 400): (5, "speed must be steps .*, not 999.*"),
    ("minutes = 1", "minutes = " + "9" * 5000): (3, "a number has too many digits"),
    ('options = "--recipe counting-ones --seed 1 --steps 2000"', "options = 3"): (
        4,
        "options must be text in quotes, not 3",
    ),
    ('"unlimited"', '"fast"'): (5, 'speed must be steps per second, or "unlimited", not .fast.'),
    ("--recipe counting-ones", "--recipe counting"): (4, r"unknown recipe .*did you mean count.*"),
    ("--seed 1", "--sed 1"): (4, r"unknown option --sed \(did you mean --seed\?\)"),
    ("--seed 1", "--seed x"): (4, "--seed: 'x' is not an integer"),
    ("--seed 1", "seed 1"): (4, "'seed' is no option, as --lr 0.1 is"),
    (" --steps 2000", " --steps"): (4, "--steps needs a value"),
    ("--seed 1", "--seed '1"): (4, "a quote in .* is not closed"),
    ("--seed 1", "--at 5:lr"): (4, "'lr' is not NAME=VALUE, as in lr=0.2: enter a change"),
    ('pane = "cost-map"', 'pain = "x"'): (9, r"unknown key 'pain' \(did you mean pane\?\)\. .*"),
    ('pane = "cost-map"', "pane = 3"): (9, "pane must be text in quotes, not 3"),
    ('text = "Train until all is correct."', ""): (22, "a page needs text: text in quotes"),
    ("speed 500", "sped 500"): (14, r"unknown command 'sped' \(did you mean speed\?\)"),
    ("speed 500", "seed"): (14, "seed needs a number: Restart with seed N"),
    ("speed 500", "export /tmp"): (14, "a lesson writes no files: let the learner press e"),
    ("speed 500", "lr=x"): (14, "lr: 'x' is not a number"),
    ('commands = ["step 10"]', 'commands = "step"'): (
        41,
        "commands must be a list of texts in quotes",
    ),
    ('["space", "pause and resume"]', '"space"'): (15, "keys must be pairs of a key and .*"),
    ('wait = "exact"', 'wait = "exakt"'): (25, r"unknown condition .*did you mean exact\?.*"),
    (
        'goal = "change and optimizer=adam"\nhint = "Press o until it is Adam."\nsolution',
        "solution",
    ): (43, "after needs a question, a wait or a goal before it"),
    ("keys =", 'solution = ["step"]\nkeys ='): (15, "a solution needs a goal"),
    ('wait = "exact"', 'wait = "exact"\ngoal = "exact"'): (26, "a page has a wait or a goal, .*"),
    ('hint = "Press o', 'wait = "exact"\nhint = "Press o'): (42, "a page has a wait or a goal, .*"),
    ('solution = ["step 5", "optimizer=adam"]', ""): (
        42,
        "a goal needs a solution, by which it is checked",
    ),
    ("answer = 1", "answer = 4"): (31, "answer must be from 1 to 3, not 4"),
    ("answer = 1", "answer = true"): (31, "answer must be from 1 to 3, not True"),
    ("answer = 1", "answer = 1.0"): (31, "answer must be from 1 to 3, not 1.0"),
    ("answer = 1", "answer = 0"): (31, "answer must be from 1 to 3, not 0"),
    ('"Only with Adam"', '" "'): (30, "a choice is empty: enter its text"),
    ('text = "Train until all is correct."', 'text = " "'): (
        24,
        "a page needs text: text in quotes",
    ),
    ("answer = 1", ""): (28, "a question needs answer: the number of a choice"),
    ('["Yes", "No", "Only with Adam"]', '["Yes"]'): (
        30,
        "a question needs 2 to 9 choices, not 1",
    ),
    ('wrong = ["", ', "wrong = ["): (32, "wrong needs a text for each of the 3 choices, not 2"),
    ('"250" = "exact-step"', '"250" = "exact"'): (
        35,
        r"unknown quantity 'exact' \(did you mean exact-step\?\).*",
    ),
    ('"250" = "exact-step"', '"250" = 250'): (35, "250 must be text in quotes, not 250"),
}


def test_lesson_is_read_with_the_lines_of_its_pages() -> None:
    lesson = example_lesson()
    assert (lesson.title, lesson.minutes, lesson.speed) == ("Counting with two weights", 1, inf)
    assert (lesson.settings.recipe, lesson.settings.seed) == ("counting-ones", 1)
    first, second, third = lesson.pages
    assert [page.line for page in lesson.pages] == [7, 22, 39]
    text = "This net has *only* **2 weights**, and has taken 0 steps. The baseline is 2.25."
    assert first.text == text
    assert without_emphasis(text).startswith("This net has only 2 weights, and")
    assert first.keys == (("space", "pause and resume"),)
    assert second.wait == parse_condition("exact")
    assert second.question
    assert second.question.reply(2) == "It does: that is what the gradient is for."
    assert second.question.reply(3) == "Not quite."
    assert third.solution == ("step 5", "optimizer=adam")


@pytest.mark.parametrize(("replacement", "expected"), ERRORS.items())
def test_invalid_file_is_refused_with_line_and_reason(
    replacement: tuple[str, str], expected: tuple[int, str], tmp_path: Path
) -> None:
    path = altered_file(tmp_path, replacement)
    line, reason = expected
    with pytest.raises(UserError) as error:
        read_lesson(path)
    assert re.fullmatch(f"{re.escape(str(path))}:{line}: {reason}", str(error.value))


def test_file_without_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text('title = "a"\nsummary = "b"\npages = 3\n')
    with pytest.raises(UserError, match=r"empty\.toml:3: pages must be a table of each page, as"):
        read_lesson(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\n\ntitle = \xff", "3: this is no text in UTF-8"),
        (b"#" * (MAX_FILE_BYTES + 1), "1: it has more than 1,048,576 bytes"),
        (b"title = " + b"[" * 10_000, "1: its lists are nested too deeply"),
    ],
    ids=["encoding", "size", "depth"],
)
def test_file_that_is_no_lesson_is_refused(content: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "binary.toml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"binary.toml:{expected}"):
        read_lesson(path)


def test_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "marked.toml"
    path.write_text('title = "a"\nsummary = "b"\n[[pages]]\ntext = "c"\n', "utf-8-sig")
    assert read_lesson(path).title == "a"


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none\.toml: No such file or directory"):
        read_lesson(tmp_path / "none.toml")


def test_options_are_those_of_train() -> None:
    settings, schedule = parse_options("--recipe=xor --optimizer adam --lr 0.05 --at 20:lr=0.1")
    assert (settings.recipe, settings.optimizer, settings.learning_rate) == ("xor", "adam", 0.05)
    assert [(step, change.spec) for step, change in schedule] == [(20, "lr=0.1")]
