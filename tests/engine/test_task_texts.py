"""What is typed becomes the example that it names, and every task can say what it is about."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.engine.tasks import MAX_BITS, MIN_BITS, TASKS
from tests.engine.truths import belongs, columns_of, number, rows

# What may be typed, what it asks, and what the answer is.
READ = {
    "addition": (8, "37+101", "37 + 101", "138"),
    "subtraction": (8, "101-37", "101 − 37", "64"),
    "twos-complement": (8, "37-101", "37 − 101", "−64"),
    "times-three": (8, "25", "3 × 25", "75"),
    "comparison": (8, "37<101", "37 < 101", "yes"),
    "parity": (8, "01101001", "", "01001110"),
    "echo": (8, "01101001", "", "0110100"),
    "delayed-xor": (8, "01101001", "", "1011101"),
    "flip-flop": (8, "01000010 00010000", "", "01100011"),
    "temporal-order": (8, "01000000 00001000", "", "1"),
    "counting-ones": (10, "0110100101", "ones in 0110100101", "5"),
    "xor": (8, "1 0", "1 XOR 0", "1"),
}

WRONG = {
    "addition": ["", "37", "37-1", "37+", "1+2+3", "128+0", "0+128", "1.5+2", "a+b"],
    "subtraction": ["", "37+1", "37-101", "128-1", "--1"],
    "twos-complement": ["", "37+1", "128-1", "1-128"],
    "times-three": ["", "86", "-1", "1 2", "3*3*3", "2×3"],
    "comparison": ["", "1>2", "256<0", "0<256", "<"],
    "parity": ["", "2", "011010010", "0110 1001"],
    "echo": ["", "x", "011010010"],
    "delayed-xor": ["", "01b", "1 1"],
    "flip-flop": ["", "01000010", "1 0 1", "012 000", "000000001 0"],
    "temporal-order": ["", "1 1", "1 0", "0 1", "11 00", "101 010", "1", "100000000 01"],
    "counting-ones": ["", "01101001012", "01101001010", "5"],
    "xor": ["", "1", "10 1", "1 2", "1 0 1", "00 00"],
}

# Each is a question that can be typed again, with its answer from the numbers asked about.
ARITHMETIC: dict[str, Callable[..., str]] = {
    "addition": lambda a, b: str(a + b),
    "subtraction": lambda a, b: str(a - b),
    "twos-complement": lambda a, b: str(a - b).replace("-", "−"),
    "times-three": lambda n: str(3 * n),
    "comparison": lambda a, b: "yes" if a < b else "no",
}


@pytest.mark.parametrize("name", TASKS)
def test_what_is_typed_is_asked_and_answered(name: str) -> None:
    bits, text, question, answer = READ[name]
    task = TASKS[name](bits)
    batch = task.solve(task.parse_input(f" {text} "))
    assert batch.inputs.shape == (task.time, 1, task.inputs)
    assert task.format_input(batch.inputs[:, 0]) == question
    assert task.format_output(batch.inputs[:, 0], batch.targets[:, 0, 0]) == answer


@pytest.mark.parametrize("bits", [MIN_BITS, 3, 8, 12, MAX_BITS])
@pytest.mark.parametrize("name", TASKS)
def test_the_prompt_can_be_asked_at_any_width(name: str, bits: int) -> None:
    task = TASKS[name](bits)
    asked = task.solve(task.parse_input(task.example_input))
    assert asked.n_valid == 1
    assert asked.inputs.shape == (task.time, 1, task.inputs)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name in WRONG for text in WRONG[name]])
def test_wrong_text_is_refused_in_one_line(name: str, text: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        TASKS[name](READ[name][0]).parse_input(text)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=60, deadline=None)
@given(st.text("01<+-−×3 ,") | st.text(), st.integers(MIN_BITS, MAX_BITS))
def test_any_text_is_an_example_of_the_task_or_refused(name: str, text: str, bits: int) -> None:
    task = TASKS[name](bits)
    try:
        inputs = task.parse_input(text)
    except ValueError:
        return
    assert inputs.shape == (task.time, 1, task.inputs)
    columns = columns_of(task.solve(inputs), 0)
    assert np.array_equal(inputs[:, 0], columns)
    assert name == "flip-flop" or belongs(name, columns)


@pytest.mark.parametrize("name", ARITHMETIC)
@settings(max_examples=50, deadline=None)
@given(bits=st.integers(MIN_BITS, MAX_BITS), seed=st.integers(0, 2**32 - 1))
def test_a_question_about_numbers_can_be_typed_and_its_answer_is_the_arithmetic(
    name: str, bits: int, seed: int
) -> None:
    task = TASKS[name](bits)
    batch = task.fixed_sample(1, seed)
    question = task.format_input(batch.inputs[:, 0])
    assert np.array_equal(task.parse_input(question), batch.inputs)
    numbers = [number(row) for row in rows(columns_of(batch, 0))]
    assert task.format_output(batch.inputs[:, 0], batch.targets[:, 0, 0]) == ARITHMETIC[name](
        *numbers
    )


@pytest.mark.parametrize("name", [name for name in TASKS if name not in ARITHMETIC])
def test_short_rows_of_bits_are_filled_up_with_zeros(name: str) -> None:
    task = TASKS[name](6)
    short, full = ("1 01", "1000 010000") if task.inputs == 2 else ("101", "101000")
    if name == "xor":
        short, full = "1,0", "1 0"
    assert np.array_equal(task.parse_input(short), task.parse_input(full))


@pytest.mark.parametrize("said", [0.1, 0.49, 0.51, 0.9])
@pytest.mark.parametrize("name", TASKS)
def test_an_answer_is_read_off_by_halves_or_rounded(name: str, said: float) -> None:
    task, target = TASKS[name](4), np.ones((4, 1, 1))
    outputs = np.full((4, 1, 1), said)
    assert task.is_correct(outputs, 0.5, target).all() == (said > 0.5)
    numbers = np.full((4, 1, 1), 1.6)
    assert task.is_correct(numbers, 0.5, target).all() == (not task.is_regression)
