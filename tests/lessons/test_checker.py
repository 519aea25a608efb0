"""The check of lessons finds what does not hold, page by page, and the file and line."""

from pathlib import Path

import pytest

from rnn_tui.lessons.checker import check_lesson
from rnn_tui.lessons.reader import read_lesson
from tests.support.lessons import altered_file, example_lesson

PANES, KEYS = ("loss", "cost-map"), ("space",)
LINES = {1: 7, 2: 22, 3: 39}  # of the pages
# A replacement in the lesson of the tests, the page that does not hold, and why.
PROBLEMS = {
    ("is 2.25", "is 2.26"): (1, "2.26 is not in figures: add it with its quantity, or as constant"),
    ('"0" = "step"', '"0" = "step"\n"7" = "step"'): (
        1,
        "7 is in figures, but not in the text: remove it",
    ),
    ('"2.25" = "baseline"', '"2.25" = "loss"'): (1, "2.25 is in the text, but loss is nan"),
    ('"2" = "parameters"', '"2" = "over parameters"'): (
        1,
        "over 2 is in the text, but parameters is 2",
    ),
    (
        'It does: that is what the gradient is for.", ""]\n\n[pages.figures]',
        'It does in 9 steps.", ""]\n\n[pages.figures]\n"9" = "under step"',
    ): (
        2,
        "under 9 is in the text, but step is 250",
    ),
    ('"2" = "parameters"', '"2" = "hidden-size"'): (1, "2 is in the text, but hidden-size is 1"),
    ('\n[pages.figures]\n"2" = "parameters"', '[pages.figures]\n"2" = "ripple-longest"'): (
        1,
        "2 is in the text, but ripple-longest is not measured: the task has no ripples",
    ),
    ("cost-map", "costmap"): (
        1,
        "unknown pane 'costmap' (did you mean cost-map?). Choose from: loss, cost-map",
    ),
    ('["space",', '["spce",'): (
        1,
        "unknown key 'spce' (did you mean space?). Choose from: space",
    ),
    ("pin 1001010111", "pin 8"): (1, "refused: expected 1 row of up to 10 bits, as in 1001010111"),
    ("has taken", "has taken " + "x" * 400): (
        1,
        "text has 480 characters: shorten it to 420",
    ),
    ('wait = "exact"', 'wait = "loss>1000000"'): (
        2,
        "wait loss>1000000 does not hold up to step 2,000",
    ),
    ("what the gradient", "what all 7 of the gradients"): (
        2,
        "7 is not in figures: add it with its quantity, or as constant",
    ),
    (
        'It does: that is what the gradient is for.", ""]\n\n[pages.figures]',
        'It does in 9 steps.", ""]\n\n[pages.figures]\n"9" = "parameters"',
    ): (2, "9 is in the text, but parameters is 2"),
    ("all 1,024", "all 1024"): (2, "1024 is not in figures"),
    ('"250" = "exact-step"', '"250" = "parameters"'): (
        2,
        "250 is in the text, but parameters is 2",
    ),
    ('"step 5", "optimizer=adam"', '"step 5"'): (
        3,
        "goal change and optimizer=adam does not hold up to step 265",
    ),
    ('"step 5", "optimizer=adam"', '"step 6", "optimizer=adam"'): (
        3,
        "265 is in the text, but step is 266",
    ),
    ('"260" = "step"', '"260" = "exact-step"'): (3, "260 is in the text, but exact-step is 250"),
}


def test_lesson_that_holds_has_no_problem() -> None:
    steps: list[tuple[int, int]] = []
    found = check_lesson(example_lesson(), PANES, KEYS, lambda *place: steps.append(place))
    assert list(found) == []
    assert {page for page, _ in steps} == {2, 3}
    assert steps[-1] == (3, 265)


@pytest.mark.parametrize(("replacement", "expected"), PROBLEMS.items())
def test_what_does_not_hold_is_found(
    replacement: tuple[str, str], expected: tuple[int, str], tmp_path: Path
) -> None:
    path, (page, reason) = altered_file(tmp_path, replacement), expected
    found = next(check_lesson(read_lesson(path), PANES, KEYS))
    assert found.startswith(f"{path}:{LINES[page]}: page {page}: {reason}")
