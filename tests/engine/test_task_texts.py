"""Every task parses typed examples and formats its inputs and outputs."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.tasks import MAX_LENGTH, MIN_LENGTH, TASKS
from tests.engine.makers import LENGTHS, Check, check_name
from tests.engine.task_references import (
    TASK_REFERENCES,
    columns_of,
    feature_rows,
    from_lsb_first,
)
from tests.support.texts import TEXTS

# Tasks whose input text can be typed again, with the output text for the numbers in it.
ARITHMETIC: dict[str, Callable[..., str]] = {
    "addition": lambda a, b: str(a + b),
    "subtraction": lambda a, b: str(a - b),
    "twos-complement": lambda a, b: str(a - b).replace("-", "−"),
    "times-three": lambda n: str(3 * n),
    "comparison": lambda a, b: "yes" if a < b else "no",
}


def check_typed_example_is_parsed_and_formatted(name: str) -> None:
    reference = TASK_REFERENCES[name]
    task = TASKS[name](reference.length)
    batch = task.batch_from_inputs(task.parse_input(f" {reference.text} "))
    inputs, targets = batch.inputs[:, 0], batch.targets[:, 0, 0]
    assert batch.inputs.shape == (task.sequence_length, 1, task.inputs)
    assert task.format_input(inputs) == reference.input_text
    assert task.format_output(inputs, targets) == reference.output_text


def check_example_input_is_valid_at_any_length(name: str) -> None:
    for length in (MIN_LENGTH, 3, 8, 12, MAX_LENGTH):
        task = TASKS[name](length)
        batch = task.batch_from_inputs(task.parse_input(task.example_input))
        assert batch.n_valid == 1
        assert batch.inputs.shape == (task.sequence_length, 1, task.inputs)


def check_invalid_text_is_rejected_with_one_line(name: str) -> None:
    task = TASKS[name](TASK_REFERENCES[name].length)
    for text in TASK_REFERENCES[name].invalid_texts:
        with pytest.raises(ValueError, match=r".") as error:
            task.parse_input(text)
        assert str(error.value).isprintable()


@settings(max_examples=10, deadline=None)
@given(text=st.text("01<+-−×3 ,") | TEXTS, length=LENGTHS)
def check_any_text_is_an_example_or_rejected(name: str, text: str, length: int) -> None:
    task = TASKS[name](length)
    try:
        inputs = task.parse_input(text)
    except ValueError:
        return
    assert inputs.shape == (task.sequence_length, 1, task.inputs)
    columns = columns_of(task.batch_from_inputs(inputs), 0)
    assert np.array_equal(inputs[:, 0], columns)
    # Set and reset together can be typed, but are never drawn.
    assert name == "flip-flop" or TASK_REFERENCES[name].in_domain(columns)


def check_short_rows_are_padded_with_zeros(name: str) -> None:
    task = TASKS[name](6)
    if name in ARITHMETIC or not task.uses_length:
        return
    short, full = ("1 01", "1000 010000") if task.inputs == 2 else ("101", "101000")
    assert np.array_equal(task.parse_input(short), task.parse_input(full))


def check_outputs_are_thresholded_or_rounded(name: str) -> None:
    task, targets = TASKS[name](4), np.ones((4, 1, 1))
    for output in (0.1, 0.49, 0.51, 0.9):
        outputs = np.full((4, 1, 1), output)
        assert task.is_correct(outputs, 0.5, targets).all() == (output > 0.5)
    assert task.is_correct(np.full((4, 1, 1), 1.6), 0.5, targets).all() != task.is_regression


CHECKS: list[Check] = [
    check_typed_example_is_parsed_and_formatted,
    check_example_input_is_valid_at_any_length,
    check_invalid_text_is_rejected_with_one_line,
    check_any_text_is_an_example_or_rejected,
    check_short_rows_are_padded_with_zeros,
    check_outputs_are_thresholded_or_rounded,
]


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", TASKS)
def test_task(name: str, check: Check) -> None:
    check(name)


@pytest.mark.parametrize("name", ARITHMETIC)
@settings(max_examples=10, deadline=None)
@given(length=LENGTHS, seed=st.integers(0, 2**32 - 1))
def test_input_text_can_be_typed_again_and_output_text_is_the_result(
    name: str, length: int, seed: int
) -> None:
    task = TASKS[name](length)
    batch = task.fixed_sample(1, seed)
    inputs, targets = batch.inputs[:, 0], batch.targets[:, 0, 0]
    assert np.array_equal(task.parse_input(task.format_input(inputs)), batch.inputs)
    numbers = [from_lsb_first(row) for row in feature_rows(columns_of(batch, 0))]
    assert task.format_output(inputs, targets) == ARITHMETIC[name](*numbers)


def test_xor_inputs_may_be_separated_by_a_comma() -> None:
    task = TASKS["xor"]()
    assert np.array_equal(task.parse_input("1,0"), task.parse_input("1 0"))


@pytest.mark.parametrize(
    ("name", "text", "maximum"),
    [
        ("addition", "{}+0", "2^511 − 1"),
        ("subtraction", "{}-0", "2^511 − 1"),
        ("comparison", "{}<0", "2^512 − 1"),
        ("times-three", "{}", "(2^512 − 1) / 3"),
    ],
)
def test_long_numbers_have_a_formula_as_their_maximum(name: str, text: str, maximum: str) -> None:
    task = TASKS[name](512)
    largest = {"2^511 − 1": 2**511 - 1, "2^512 − 1": 2**512 - 1}.get(maximum, (2**512 - 1) // 3)
    parsed = task.parse_input(text.format(largest))
    assert task.format_input(parsed[:, 0]).replace(" ", "").startswith(("3×", str(largest)))
    for number in (largest + 1, "9" * 5000):
        with pytest.raises(ValueError, match=re.escape(f"numbers must be from 0 to {maximum}")):
            task.parse_input(text.format(number))
