"""The lessons that come with the program hold, and have the form of a lesson of five minutes."""

import os
import subprocess
import sys

import numpy as np
import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.lessons.checker import check_lesson
from rnn_tui.lessons.library import find_lesson, stored_lessons
from rnn_tui.run.factory import model_with_weights
from rnn_tui.run.run import Run
from rnn_tui.tui.commands import COMMANDS
from rnn_tui.tui.panes import PANES

KEYS = [*(key for command in COMMANDS for key in command.key_names.split()), "tab", "escape"]


def test_there_are_ten_lessons_numbered_from_1() -> None:
    assert [path.name[:2] for path in stored_lessons().values()] == [
        f"{i:02d}" for i in range(1, 11)
    ]


@pytest.mark.parametrize("name", stored_lessons())
def test_shipped_lesson_holds(name: str) -> None:
    assert list(check_lesson(find_lesson(name), PANES, KEYS)) == []


@pytest.mark.long
@pytest.mark.parametrize("name", stored_lessons())
def test_shipped_lesson_holds_with_the_rounding_of_another_processor(name: str) -> None:
    vector_extensions = np.show_config(mode="dicts")["SIMD Extensions"]["found"]
    old_processor = {
        "OPENBLAS_CORETYPE": "Prescott",
        "NPY_DISABLE_CPU_FEATURES": ",".join(vector_extensions),
    }
    command = [sys.executable, "-m", "rnn_tui", "lesson", name, "--check"]
    check = subprocess.run(command, env=os.environ | old_processor, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", stored_lessons())
def test_shipped_lesson_asks_for_predictions(name: str) -> None:
    lesson = find_lesson(name)
    assert 6 <= len(lesson.pages) <= 11
    assert sum(page.question is not None for page in lesson.pages) >= 3
    assert all(page.pane and page.heading for page in lesson.pages)


@pytest.mark.long
def test_ripple_of_31_columns_fails_in_56_of_100_states_and_then_in_1_of_100() -> None:
    ripple = np.zeros((32, 1, 2))
    ripple[:31, 0, 0] = ripple[0, 0, 1] = 1
    run = Run(RECIPES["binary-addition"].settings)
    run.advance(10_000)
    incorrect = []
    for _ in range(200):
        run.advance(100)
        model = model_with_weights(run.settings, run.weights.vector)
        bits = model.forward(ripple).logits[:, 0, 0] > 0
        incorrect.append(bits.tolist() != [False] * 31 + [True])
    assert (sum(incorrect[:100]), sum(incorrect[100:])) == (56, 1)
