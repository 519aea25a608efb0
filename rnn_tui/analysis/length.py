"""Accuracy on sequences longer than in training, and on the worst case of arithmetic.

Random pairs seldom have a long carry chain: a net that adds all random 64-bit pairs correctly may
fail at (2^31 - 1) + 1. A ripple of k columns sets the carry in its first column, keeps it in the
k - 1 that follow, and clears it in the last of its k + 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.accuracy import wilson_interval
from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.machine import IntArray, Machine, binary_symbols, symbols_of
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.analysis.transition import Transition, transition_of
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import EVAL_SEED, MAX_LENGTH, BoolArray

MAX_COLUMNS = 1000  # of ripples, unless chosen otherwise
MAX_EVALUATED_LENGTH, MAX_TIME_STEPS = 1024, 1 << 22  # of a sequence, and of all of one length
LENGTH_FACTORS = (2, 4, 8)  # of the task's own length, at which its accuracy is evaluated as well
RANDOM_COLUMNS = (16, 32, 64, MAX_COLUMNS)
MIN_RANDOM_PAIRS, MAX_RANDOM_PAIRS = 32, 1024
MAX_PAIR_MULTIPLICATIONS = 500_000_000  # of states by weights, for the random pairs of one length
RANDOM_SEED = 1000  # plus the number of columns
MIXED_SEED = 7  # of the ripples with a random order of the two propagate columns


@final
class IncorrectPair(NamedTuple):
    """Operands `a` and `b` whose result is incorrect, first at bit `incorrect_bit`, from 0."""

    a: int
    b: int
    incorrect_bit: int


@final
@dataclass(frozen=True, slots=True)
class LengthAccuracy:
    """`n_correct` of `n` sequences of `length` time steps have every scored output correct.

    Of an arithmetic task these are random pairs of numbers whose highest bit is 0, as in training.

    n_correct_outputs   correct ones, of the `n_outputs` that are scored
    counterexample      the incorrect pair that fails at the lowest bit; None if all are correct,
                        and for a task that is not arithmetic
    """

    length: int
    n: int
    n_correct: int
    n_outputs: int
    n_correct_outputs: int
    counterexample: IncorrectPair | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson 95 % interval of the fraction of correct sequences."""
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
    counterexample: IncorrectPair | None


@final
@dataclass(frozen=True, slots=True)
class LengthResult:
    """The accuracy by length, and of an arithmetic task the results for all kinds of ripples."""

    samples: tuple[LengthAccuracy, ...]
    ripples: tuple[Ripple, ...] = ()

    @property
    def longest(self) -> int | None:
        """The number of columns up to which every ripple is correct; None without ripples."""
        return min((ripple.longest for ripple in self.ripples), default=None)

    @property
    def counterexample(self) -> IncorrectPair | None:
        """The shortest incorrect ripple; None if all are correct."""
        failed = [ripple for ripple in self.ripples if ripple.counterexample]
        return min(failed, key=lambda ripple: ripple.longest).counterexample if failed else None


@np.errstate(all="ignore")
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
    machine = task_machine(task) if task.is_arithmetic else None
    if machine is None:
        raise ValueError(
            "Numbers of any length need an arithmetic task; choose addition or a subtraction."
        )
    transition = transition_of(model)
    if random_pairs is None:
        random_pairs = {columns: _affordable_pairs(model, columns) for columns in RANDOM_COLUMNS}
    return LengthResult(
        tuple(
            _random_pairs(transition, task, loss, machine, columns, n)
            for columns, n in random_pairs.items()
        ),
        tuple(_ripples(transition, task, loss, machine, max_columns)),
    )


def length_of_subject(subject: Subject) -> LengthResult:
    """Return the result of `subject`; raises as `evaluate_lengths`."""
    return evaluate_lengths(subject.model, subject.task, subject.loss)


def evaluate_lengths(
    model: Model,
    task: Task,
    loss: Loss,
    lengths: Sequence[int] = (),
    n: int | None = None,
    max_columns: int | None = None,
) -> LengthResult:
    """Return the accuracy of `model` on `n` sequences of each of `lengths`.

    Of an arithmetic task by `length_evaluation`, with ripples of up to `max_columns`; of others by
    `accuracy_at_length`, by default up to 8 times the task's own length. Raises ValueError as
    these, for ripples without arithmetic, and for more than can be evaluated at once.
    """
    counts = {length: n or _affordable_pairs(model, max(1, length)) for length in lengths}
    for length, count in counts.items():
        if not (1 <= length <= MAX_EVALUATED_LENGTH and 1 <= count <= MAX_TIME_STEPS // length):
            raise ValueError(
                f"{count:,} sequences of length {length:,} cannot be evaluated; choose up to "
                f"{MAX_EVALUATED_LENGTH:,} time steps, and up to {MAX_TIME_STEPS:,} in all."
            )
    if task.is_arithmetic:
        columns = MAX_COLUMNS if max_columns is None else max_columns
        if not 1 <= columns <= MAX_EVALUATED_LENGTH:
            raise ValueError(
                f"Ripples have 1 to {MAX_EVALUATED_LENGTH:,} columns, not {columns:,}."
            )
        return length_evaluation(model, task, loss, counts or None, columns)
    if max_columns is not None:
        raise ValueError("Ripples need an arithmetic task; choose lengths only.")
    own = task.length
    chosen = lengths or [own] + [own * k for k in LENGTH_FACTORS if own * k <= MAX_LENGTH]
    return LengthResult(
        tuple(accuracy_at_length(model, task, loss, length, n) for length in chosen)
    )


def accuracy_at_length(
    model: Model, task: Task, loss: Loss, length: int, n: int | None = None
) -> LengthAccuracy:
    """Return the accuracy of `model` on `n` sequences of `task` with another `length`.

    A fixed sample of sequences; by default up to 1,024, fewer for large models.

    Raises ValueError for a task of a single time step, a length that the task cannot have, and if
    hidden states are not finite.
    """
    if not task.uses_length:
        raise ValueError("Sequences of this task have one time step; choose a task with a length.")
    longer = type(task)(length, task.lag)
    sample = longer.fixed_sample(n or _affordable_pairs(model, length), EVAL_SEED)
    examples = EvaluationSet.from_batch(longer, sample)
    correct, mask = examples.run(model, loss).correct, examples.mask
    n_outputs = int(np.count_nonzero(mask))
    n_correct_outputs = int(np.count_nonzero(correct & mask))
    n_correct = int(np.count_nonzero(correct.all(axis=0)))
    return LengthAccuracy(length, examples.n, n_correct, n_outputs, n_correct_outputs)


def _affordable_pairs(model: Model, columns: int) -> int:
    hidden = model.spec.hidden_size
    multiplications = columns * hidden * (hidden + 2)
    return affordable_count(
        MAX_PAIR_MULTIPLICATIONS, multiplications, MIN_RANDOM_PAIRS, MAX_RANDOM_PAIRS
    )


def _random_pairs(
    transition: Transition, task: Task, loss: Loss, machine: Machine, columns: int, n: int
) -> LengthAccuracy:
    random = np.random.RandomState(RANDOM_SEED + columns)
    bits = random.randint(0, 2, size=(columns, n, 2)).astype(np.float64)
    bits[-1] = 0
    if task.skips_examples:
        is_negative = machine.run(symbols_of(bits))[-1] > 0  # the sign, as the highest bits are 0
        bits = np.where(is_negative[:, np.newaxis], bits[:, :, ::-1], bits)
    words = symbols_of(bits)
    targets = machine.run(words)
    states = transition.initial_states(n)
    incorrect: BoolArray = np.empty((columns, n), dtype=np.bool_)
    for t, inputs in enumerate(bits):
        states = transition.step(states, inputs)
        incorrect[t] = ~_correct(transition, task, loss, states, targets[t])
    failed, first = incorrect.any(axis=0), incorrect.argmax(axis=0)
    counterexample = None
    if failed.any():
        worst = int(np.where(failed, first, columns).argmin())
        counterexample = _counterexample(words[:, worst], int(first[worst]))
    n_correct_bits = columns * n - int(np.count_nonzero(incorrect))
    n_correct = n - int(np.count_nonzero(failed))
    return LengthAccuracy(columns, n, n_correct, columns * n, n_correct_bits, counterexample)


def _correct(
    transition: Transition, task: Task, loss: Loss, states: FloatArray, targets: IntArray
) -> BoolArray:
    """Return which outputs in `states` (n, size) are the bits `targets` (n,), (n,)."""
    logits = transition.logits(states)[:, 0]
    return task.is_correct(logits, loss.threshold, targets.astype(np.float64))


def _ripples(
    transition: Transition, task: Task, loss: Loss, machine: Machine, max_columns: int
) -> Iterator[Ripple]:
    """Yield the results of all kinds of ripples, from one forward pass over the longest of each.

    The ripple of k columns begins with the first k columns of the longest one, and its last column
    is one transition from their state.
    """
    kinds = _ripple_kinds(machine, max_columns)
    words, inputs = np.stack(list(kinds.values()), axis=1), binary_symbols(2)
    targets, kill = machine.run(words), machine.reset_symbol(0)
    states = transition.trajectory(inputs[words])[1:]
    flat_states = states.reshape(words.size, -1)
    correct = _correct(transition, task, loss, flat_states, targets.ravel()).reshape(words.shape)
    carries = np.array([carry for carry, _ in kinds])
    end_targets = machine.outputs[np.tile(carries, max_columns), kill]
    ended = transition.step(flat_states, inputs[np.full(words.size, kill)])
    correct_ends = _correct(transition, task, loss, ended, end_targets).reshape(words.shape)
    for number, (carry, order) in enumerate(kinds):
        failed = ~(correct[:, number] & correct_ends[:, number])
        longest, counterexample = max_columns, None
        if failed.any():
            longest = int(failed.argmax())
            ripple = np.append(words[: longest + 1, number], kill)
            incorrect_bit = longest + int(correct[longest, number])
            counterexample = _counterexample(ripple, incorrect_bit)
        yield Ripple(carry, order, max_columns, longest, counterexample)


def _ripple_kinds(machine: Machine, columns: int) -> dict[tuple[int, str], IntArray]:
    """Return the word of the longest ripple, (columns,), by carry and order."""
    propagate = machine.holding_symbols[::-1]  # the larger a first
    places = np.arange(columns - 1)
    # The first 999 of 1,000 random bits, so that shorter ripples begin with the same columns.
    mixed = np.random.RandomState(MIXED_SEED).randint(0, 2, size=columns)[: columns - 1]
    orders = {
        f"{propagate[0]:02b}": 0 * places,
        f"{propagate[1]:02b}": 0 * places + 1,
        "alternating": places % 2,
        "mixed": mixed,
    }
    return {
        (carry, order): np.append(machine.reset_symbol(carry), np.take(propagate, choice))
        for carry in (1, 0)
        for order, choice in orders.items()
    }


def _counterexample(word: IntArray, incorrect_bit: int) -> IncorrectPair:
    a, b = (int("".join(map(str, bits[::-1].tolist())), 2) for bits in (word >> 1, word & 1))
    return IncorrectPair(a, b, incorrect_bit)
