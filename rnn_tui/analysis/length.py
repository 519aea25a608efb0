"""Arithmetic on numbers longer than in training: random pairs, and ripples as the worst case.

Random pairs seldom have a long carry chain: a net that adds all random 64-bit pairs correctly may
fail at (2^31 - 1) + 1. A ripple of k columns sets the carry in its first column, keeps it in the
k - 1 that follow, and clears it in the last of its k + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.accuracy import wilson_interval
from rnn_tui.analysis.column_machine import ColumnArray, ColumnMachine, column_codes, column_inputs
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import BoolArray

MAX_COLUMNS = 1000
RANDOM_COLUMNS = (16, 32, 64, MAX_COLUMNS)
MIN_RANDOM_PAIRS, MAX_RANDOM_PAIRS = 32, 1024
MAX_PAIR_MULTIPLICATIONS = 500_000_000  # of states by weights, for the random pairs of one length
RANDOM_SEED = 1000  # plus the number of columns
MIXED_SEED = 7  # of the ripples with a random order of the two propagate columns


@final
class Counterexample(NamedTuple):
    """Operands `a` and `b` whose result is incorrect, first at bit `incorrect_bit`, from 0."""

    a: int
    b: int
    incorrect_bit: int


@final
@dataclass(frozen=True, slots=True)
class RandomPairs:
    """`n_correct` of `n` random pairs of numbers of `columns` bits have a correct result.

    The highest bit of both numbers is 0, as in training.

    n_correct_bits   correct bits, of n · columns
    counterexample   the incorrect result that fails at the lowest bit; None if all are correct
    """

    columns: int
    n: int
    n_correct: int
    n_correct_bits: int
    counterexample: Counterexample | None

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson 95 % interval of the fraction of correct results."""
        return wilson_interval(self.n_correct, self.n)


@final
@dataclass(frozen=True, slots=True)
class Ripple:
    """Ripples of 1 to `max_columns` columns of one kind are correct up to `longest` columns.

    carry            the carry, or borrow, that is kept, 0 or 1
    order            of the propagate columns: "10", "01" for addition, "00", "11" for subtraction,
                     all the same, "alternating", or "mixed", in a fixed random order
    counterexample   the shortest incorrect ripple; None if all are correct
    """

    carry: int
    order: str
    max_columns: int
    longest: int
    counterexample: Counterexample | None


@final
@dataclass(frozen=True, slots=True)
class LengthResult:
    """The results for random pairs by number of columns, and for all kinds of ripples."""

    random: tuple[RandomPairs, ...]
    ripples: tuple[Ripple, ...]

    @property
    def longest(self) -> int:
        """The number of columns up to which every ripple is correct."""
        return min(ripple.longest for ripple in self.ripples)

    @property
    def counterexample(self) -> Counterexample | None:
        """The shortest incorrect ripple; None if all are correct."""
        failed = [ripple for ripple in self.ripples if ripple.counterexample]
        return min(failed, key=lambda ripple: ripple.longest).counterexample if failed else None


def length_evaluation(
    model: Model,
    task: Task,
    loss: Loss,
    random_pairs: Mapping[int, int] | None = None,
    max_columns: int = MAX_COLUMNS,
) -> LengthResult:
    """Return how many columns `model` computes `task` on, whatever the task's own length.

    `random_pairs` are numbers of pairs by columns, drawn from a fixed seed; by default up to 1,024
    of 16, 32, 64 and 1,000 columns, fewer for large models. Of a task that skips pairs with a < b,
    their operands are exchanged.

    Raises ValueError for a task that is not arithmetic, and a model without a recurrent state.
    """
    machine, transition = ColumnMachine.from_task(task), transition_of(model)
    if random_pairs is None:
        random_pairs = {columns: _affordable_pairs(model, columns) for columns in RANDOM_COLUMNS}
    return LengthResult(
        tuple(
            _random_pairs(transition, task, loss, machine, columns, n)
            for columns, n in random_pairs.items()
        ),
        tuple(_ripples(transition, task, loss, machine, max_columns)),
    )


def _affordable_pairs(model: Model, columns: int) -> int:
    hidden = model.spec.hidden_size
    affordable = MAX_PAIR_MULTIPLICATIONS // (columns * hidden * (hidden + 2))
    return max(MIN_RANDOM_PAIRS, min(MAX_RANDOM_PAIRS, affordable))


@np.errstate(all="ignore")
def _random_pairs(
    transition: Transition, task: Task, loss: Loss, machine: ColumnMachine, columns: int, n: int
) -> RandomPairs:
    random = np.random.RandomState(RANDOM_SEED + columns)
    bits = random.randint(0, 2, size=(columns, n, 2))
    bits[-1] = 0
    if not task.is_standard:
        _, negative = machine.run(column_codes(bits))
        bits = np.where(negative[:, np.newaxis] > 0, bits[:, :, ::-1], bits)
    codes = column_codes(bits)
    targets, _ = machine.run(codes)
    states = transition.initial_states(n)
    incorrect: BoolArray = np.empty((columns, n), dtype=np.bool_)
    for t, inputs in enumerate(bits.astype(np.float64)):
        states = transition.step(states, inputs)
        incorrect[t] = ~_correct(transition, task, loss, states, targets[t])
    failed, first = incorrect.any(axis=0), incorrect.argmax(axis=0)
    counterexample = None
    if failed.any():
        worst = int(np.where(failed, first, columns).argmin())
        counterexample = _counterexample(codes[:, worst], int(first[worst]))
    n_correct_bits = columns * n - int(np.count_nonzero(incorrect))
    return RandomPairs(
        columns, n, n - int(np.count_nonzero(failed)), n_correct_bits, counterexample
    )


def _correct(
    transition: Transition, task: Task, loss: Loss, states: FloatArray, targets: ColumnArray
) -> BoolArray:
    """Return which outputs in `states` (n, size) are the bits `targets` (n,), (n,)."""
    logits = transition.logits(states)[:, 0]
    return task.is_correct(logits, loss.threshold, targets.astype(np.float64))


@np.errstate(all="ignore")
def _ripples(
    transition: Transition, task: Task, loss: Loss, machine: ColumnMachine, max_columns: int
) -> Iterator[Ripple]:
    """Yield the results of all kinds of ripples, from one forward pass over the longest of each.

    The ripple of k columns begins with the first k columns of the longest one, and its last column
    is one transition from their state.
    """
    kinds = _ripple_kinds(machine, max_columns)
    codes = np.stack(list(kinds.values()), axis=1)
    targets, _ = machine.run(codes)
    states = transition.trajectory(column_inputs(codes))[1:]
    flat_states = states.reshape(codes.size, -1)
    correct = _correct(transition, task, loss, flat_states, targets.ravel()).reshape(codes.shape)
    end = np.full(codes.size, machine.kill)
    carries = np.array([carry for carry, _ in kinds])
    end_targets = machine.output[np.tile(carries, max_columns), end]
    ended = transition.step(flat_states, column_inputs(end))
    correct_ends = _correct(transition, task, loss, ended, end_targets).reshape(codes.shape)
    for number, (carry, order) in enumerate(kinds):
        failed = ~(correct[:, number] & correct_ends[:, number])
        longest, counterexample = max_columns, None
        if failed.any():
            longest = int(failed.argmax())
            ripple = np.append(codes[: longest + 1, number], machine.kill)
            incorrect_bit = longest + int(correct[longest, number])
            counterexample = _counterexample(ripple, incorrect_bit)
        yield Ripple(carry, order, max_columns, longest, counterexample)


def _ripple_kinds(machine: ColumnMachine, columns: int) -> dict[tuple[int, str], ColumnArray]:
    """Return the columns of the longest ripple, (columns,), by carry and order."""
    one, other = machine.propagate.tolist()
    places = np.arange(columns - 1)
    # The first 999 of 1,000 random bits, so that shorter ripples begin with the same columns.
    mixed = np.random.RandomState(MIXED_SEED).randint(0, 2, size=columns)[: columns - 1]
    orders = {
        _column_name(one): 0 * places,
        _column_name(other): 0 * places + 1,
        "alternating": places % 2,
        "mixed": mixed,
    }
    return {
        (carry, order): np.append(start, machine.propagate[choice])
        for carry, start in ((1, machine.generate), (0, machine.kill))
        for order, choice in orders.items()
    }


def _column_name(code: int) -> str:
    return f"{code & 1}{code >> 1}"


def _counterexample(codes: ColumnArray, incorrect_bit: int) -> Counterexample:
    a, b = (int("".join(map(str, bits[::-1].tolist())), 2) for bits in (codes & 1, codes >> 1))
    return Counterexample(a, b, incorrect_bit)
