"""The expected targets of every task, computed column by column with Python's integers.

A sequence is a list of columns, each a tuple of the input bits at a time step.
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import MAX_LENGTH, TASKS, Task

Columns = list[tuple[int, ...]]


class Expected(NamedTuple):
    """Per time step, the target, None where it is not scored, and the required memory."""

    targets: list[int | None]
    memory: list[int]


class TaskReference(NamedTuple):
    """The expected behaviour of a task.

    solve                    the expected result for a sequence and a lag
    max_exhaustive_length    the largest `length` with `all_examples`, 0 for none
    length, text             a typed example for a task of this length,
    input_text, output_text  and how it and its targets are displayed
    invalid_texts            typed text that the same task rejects
    in_domain                whether the task can draw a sequence
    """

    solve: Callable[[Columns, int], Expected]
    max_exhaustive_length: int
    length: int
    text: str
    input_text: str
    output_text: str
    invalid_texts: list[str]
    in_domain: Callable[[Columns], bool] = lambda _columns: True


def from_lsb_first(bits: list[int]) -> int:
    """Return the number with these bits, lowest first."""
    return sum(bit << place for place, bit in enumerate(bits))


def feature_rows(columns: Columns) -> list[list[int]]:
    """Return one list of bits per input feature."""
    return [list(row) for row in zip(*columns, strict=True)]


def columns_of(batch: Batch, index: int) -> Columns:
    """Return one sequence of a batch."""
    return [tuple(int(bit) for bit in column) for column in batch.inputs[:, index].tolist()]


def automaton(
    transition: Callable[[tuple[int, ...], int], tuple[int, int]],
) -> Callable[[Columns, int], Expected]:
    """Return the solver of an automaton: (column, state) → (target, next state), from state 0."""

    def solve(columns: Columns, _lag: int) -> Expected:
        state, expected = 0, Expected([], [])
        for column in columns:
            expected.memory.append(state)
            target, state = transition(column, state)
            expected.targets.append(target)
        return expected

    return solve


def borrow(column: tuple[int, ...], state: int) -> tuple[int, int]:
    difference = column[0] - column[1] - state
    return difference % 2, int(difference < 0)


def subtraction(columns: Columns, lag: int) -> Expected:
    targets, memory = automaton(borrow)(columns, lag)
    a, b = map(from_lsb_first, feature_rows(columns))
    return Expected(targets if a >= b else [None for _ in targets], memory)


def comparison(columns: Columns, _lag: int) -> Expected:
    a, b = feature_rows(columns)
    less = [
        int(from_lsb_first(a[:count]) < from_lsb_first(b[:count]))
        for count in range(len(columns) + 1)
    ]
    return Expected(list(less[1:]), less[:-1])


def echo(columns: Columns, lag: int) -> Expected:
    (x,) = feature_rows(columns)
    return Expected([*[None] * lag, *x[:-lag]], [0] * lag + x[:-lag])


def delayed_xor(columns: Columns, lag: int) -> Expected:
    (x,) = feature_rows(columns)
    different = [int(x[t] != x[t - lag]) for t in range(lag, len(x))]
    return Expected([*[None] * lag, *different], [0] * lag + x[:-lag])


def flip_flop(column: tuple[int, ...], state: int) -> tuple[int, int]:
    set_bit, reset_bit = column
    state = 0 if reset_bit else 1 if set_bit else state
    return state, state


def temporal_order(columns: Columns, _lag: int) -> Expected:
    a, b = (row.index(1) for row in feature_rows(columns))
    first, first_step = (1, a) if a < b else (2, b)
    memory = [first if t > first_step else 0 for t in range(len(columns))]
    return Expected([*[None] * (len(columns) - 1), int(a < b)], memory)


def counting_ones(columns: Columns, _lag: int) -> Expected:
    (x,) = feature_rows(columns)
    counts = [sum(x[:count]) for count in range(len(x) + 1)]
    return Expected([*[None] * (len(x) - 1), counts[-1]], counts[:-1])


def below_half(columns: Columns) -> bool:
    return columns[-1] == (0, 0)


TASK_REFERENCES: dict[str, TaskReference] = {
    "addition": TaskReference(
        automaton(lambda column, carry: ((sum(column) + carry) % 2, (sum(column) + carry) // 2)),
        8,
        *(8, "37+101", "37 + 101", "138"),
        ["", "37", "37-1", "37+", "1+2+3", "128+0", "0+128", "1.5+2", "a+b"],
        below_half,
    ),
    "subtraction": TaskReference(
        subtraction,
        8,
        *(8, "101-37", "101 − 37", "64"),
        ["", "37+1", "37-101", "128-1", "--1"],
        below_half,
    ),
    "twos-complement": TaskReference(
        automaton(borrow),
        8,
        *(8, "37-101", "37 − 101", "−64"),
        ["", "37+1", "128-1", "1-128"],
        below_half,
    ),
    "times-three": TaskReference(
        automaton(lambda n, carry: ((3 * n[0] + carry) % 2, (3 * n[0] + carry) // 2)),
        15,
        *(8, "25", "3 × 25", "75"),
        ["", "86", "-1", "1 2", "3*3*3", "2×3"],
        lambda columns: 3 * from_lsb_first(feature_rows(columns)[0]) < 1 << len(columns),
    ),
    "comparison": TaskReference(
        comparison, 7, *(8, "37<101", "37 < 101", "yes"), ["", "1>2", "256<0", "0<256", "<"]
    ),
    "parity": TaskReference(
        automaton(lambda x, odd: ((x[0] + odd) % 2, (x[0] + odd) % 2)),
        14,
        *(8, "01101001", "", "01001110"),
        ["", "2", "011010010", "0110 1001"],
    ),
    "echo": TaskReference(echo, 14, *(8, "01101001", "", "0110100"), ["", "x", "011010010"]),
    "delayed-xor": TaskReference(
        delayed_xor, 14, *(8, "01101001", "", "1011101"), ["", "01b", "1 1"]
    ),
    "flip-flop": TaskReference(
        automaton(flip_flop),
        0,
        *(8, "01000010 00010000", "", "01100011"),
        ["", "01000010", "1 0 1", "012 000", "000000001 0"],
        lambda columns: (1, 1) not in columns,
    ),
    "temporal-order": TaskReference(
        temporal_order,
        128,
        *(8, "01000000 00001000", "", "1"),
        ["", "1 1", "1 0", "0 1", "11 00", "101 010", "1", "100000000 01"],
        lambda columns: (
            [sum(row) for row in feature_rows(columns)] == [1, 1] and (1, 1) not in columns
        ),
    ),
    "counting-ones": TaskReference(
        counting_ones,
        14,
        *(10, "0110100101", "ones in 0110100101", "5"),
        ["", "01101001012", "01101001010", "5"],
    ),
    "xor": TaskReference(
        lambda columns, _lag: Expected([int(a != b) for a, b in columns], [0] * len(columns)),
        MAX_LENGTH,
        *(8, "1 0", "1 XOR 0", "1"),
        ["", "1", "10 1", "1 2", "1 0 1", "00 00"],
    ),
}


def expected_targets(name: str, columns: Columns, lag: int) -> list[int | None]:
    return TASK_REFERENCES[name].solve(columns, lag).targets


def all_scored_sequences(
    name: str, length: int, lag: int = 1
) -> list[tuple[Columns, list[int | None]]]:
    """Return every sequence of the domain that has a scored time step, with its targets."""
    task: Task = TASKS[name](length, lag)
    column = list(product((0, 1), repeat=task.inputs))
    sequences = map(list, product(column, repeat=task.sequence_length))
    solved = [
        (columns, expected_targets(name, columns, lag))
        for columns in sequences
        if TASK_REFERENCES[name].in_domain(columns)
    ]
    return [(columns, targets) for columns, targets in solved if set(targets) != {None}]
