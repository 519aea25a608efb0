"""What every task should answer, worked out one column at a time with Python's integers.

A sequence is a list of columns, each a tuple of the bits that come in at a step. Its truth is what
should be said at each step, None where nothing is asked, and what has to be known before the step.
"""

from collections.abc import Callable
from itertools import product

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import TASKS, Task

Columns = list[tuple[int, ...]]
Truth = tuple[list[int | None], list[int]]


def number(bits: list[int]) -> int:
    """Return the number whose bits are `bits`, the lowest first."""
    return sum(bit << place for place, bit in enumerate(bits))


def rows(columns: Columns) -> list[list[int]]:
    """Return one list a feature, instead of one tuple a step."""
    return [list(row) for row in zip(*columns, strict=True)]


def columns_of(batch: Batch, index: int) -> Columns:
    return [tuple(int(bit) for bit in step) for step in batch.inputs[:, index].tolist()]


def by_carry(step: Callable[[tuple[int, ...], int], tuple[int, int]]) -> Callable[..., Truth]:
    """Return the truth of a machine that says a bit and hands a carry on at each `step`."""

    def truth(columns: Columns, _lag: int) -> Truth:
        carry, said, held = 0, list[int | None](), []
        for column in columns:
            held.append(carry)
            bit, carry = step(column, carry)
            said.append(bit)
        return said, held

    return truth


def borrowed(column: tuple[int, ...], borrow: int) -> tuple[int, int]:
    difference = column[0] - column[1] - borrow
    return difference % 2, int(difference < 0)


def subtraction(columns: Columns, lag: int) -> Truth:
    said, held = by_carry(borrowed)(columns, lag)
    a, b = map(number, rows(columns))
    return (said if a >= b else [None] * len(said)), held


def comparison(columns: Columns, _lag: int) -> Truth:
    a, b = rows(columns)
    less = [int(number(a[:count]) < number(b[:count])) for count in range(len(columns) + 1)]
    return list(less[1:]), less[:-1]


def echo(columns: Columns, lag: int) -> Truth:
    (x,) = rows(columns)
    held = [0] * lag + x[:-lag]
    return [None] * lag + list[int | None](x[:-lag]), held


def delayed_xor(columns: Columns, lag: int) -> Truth:
    (x,) = rows(columns)
    unlike = [int(x[step] != x[step - lag]) for step in range(lag, len(x))]
    return [None] * lag + list[int | None](unlike), [0] * lag + x[:-lag]


def switched(column: tuple[int, ...], state: int) -> tuple[int, int]:
    on, off = column
    state = 0 if off else 1 if on else state
    return state, state


def temporal_order(columns: Columns, _lag: int) -> Truth:
    a, b = (row.index(1) for row in rows(columns))
    first, when = (1, a) if a < b else (2, b)
    held = [first if step > when else 0 for step in range(len(columns))]
    return [None] * (len(columns) - 1) + [int(a < b)], held


def counting_ones(columns: Columns, _lag: int) -> Truth:
    (x,) = rows(columns)
    counts = [sum(x[:count]) for count in range(len(x) + 1)]
    return [None] * (len(x) - 1) + [counts[-1]], counts[:-1]


TRUTHS: dict[str, Callable[[Columns, int], Truth]] = {
    "addition": by_carry(
        lambda column, carry: ((sum(column) + carry) % 2, (sum(column) + carry) // 2)
    ),
    "subtraction": subtraction,
    "twos-complement": by_carry(borrowed),
    "times-three": by_carry(lambda n, carry: ((3 * n[0] + carry) % 2, (3 * n[0] + carry) // 2)),
    "comparison": comparison,
    "parity": by_carry(lambda x, odd: ((x[0] + odd) % 2, (x[0] + odd) % 2)),
    "echo": echo,
    "delayed-xor": delayed_xor,
    "flip-flop": by_carry(switched),
    "temporal-order": temporal_order,
    "counting-ones": counting_ones,
    "xor": lambda columns, _lag: ([int(a != b) for a, b in columns], [0] * len(columns)),
}


def below_half(columns: Columns) -> bool:
    return columns[-1] == (0, 0)


# Which sequences a task is about, where it is not all there are.
DOMAINS: dict[str, Callable[[Columns], bool]] = {
    "addition": below_half,
    "subtraction": below_half,
    "twos-complement": below_half,
    "times-three": lambda columns: 3 * number(rows(columns)[0]) < 1 << len(columns),
    "flip-flop": lambda columns: (1, 1) not in columns,
    "temporal-order": lambda columns: (
        [sum(row) for row in rows(columns)] == [1, 1] and (1, 1) not in columns
    ),
}


def belongs(name: str, columns: Columns) -> bool:
    return name not in DOMAINS or DOMAINS[name](columns)


def every_example(name: str, bits: int, lag: int = 1) -> list[tuple[Columns, list[int | None]]]:
    """Return all sequences from which there is something to learn, with what should be said."""
    task: Task = TASKS[name](bits, lag)
    column = list(product((0, 1), repeat=task.inputs))
    every = map(list, product(column, repeat=task.time))
    asked = [
        (columns, TRUTHS[name](columns, lag)[0]) for columns in every if belongs(name, columns)
    ]
    return [(columns, said) for columns, said in asked if set(said) != {None}]
