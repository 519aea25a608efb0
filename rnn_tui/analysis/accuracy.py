"""Accuracy by bit position, required state and length of the carry chain."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.subject import Subject
from rnn_tui.engine.tasks.base import BoolArray, StateArray

Z_95 = 1.959963984540054  # of a two-sided 95 % interval


@final
class Group(NamedTuple):
    """`n_correct` of the `n` scored outputs with the same `value` are correct; `n` is above 0."""

    value: int
    n_correct: int
    n: int

    @property
    def accuracy(self) -> float:
        """The fraction that is correct."""
        return self.n_correct / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson 95 % interval, for a sample; an exhaustive set has no such uncertainty."""
        return wilson_interval(self.n_correct, self.n)


def wilson_interval(n_correct: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Return the confidence interval of a fraction (Wilson 1927), (0, 1) for `n` = 0.

    `z` is the quantile of the normal distribution, 1.96 for 95 %.
    """
    if n == 0:
        return 0.0, 1.0
    fraction, denominator = n_correct / n, 1 + z * z / n
    center = (fraction + z * z / (2 * n)) / denominator
    margin = z * sqrt(fraction * (1 - fraction) / n + z * z / (4 * n * n)) / denominator
    low = center - margin if n_correct else 0.0
    return low, center + margin if n_correct < n else 1.0


def accuracy_by(values: IntArray, correct: BoolArray, mask: BoolArray) -> list[Group]:
    """Return the accuracy of the outputs with each of `values`, in ascending order.

    All arrays have the same shape; outputs outside of `mask` are not counted.
    """
    found, labels = np.unique(values[mask], return_inverse=True)
    n = np.bincount(labels.ravel(), minlength=len(found))
    n_correct = np.bincount(labels.ravel(), correct[mask], minlength=len(found)).astype(int)
    return [Group(*row) for row in zip(found.tolist(), n_correct.tolist(), n.tolist(), strict=True)]


def by_position(examples: EvaluationSet, correct: BoolArray) -> list[Group]:
    """Return the accuracy at each scored time step, the bit position; `correct` is (time, n)."""
    return accuracy_by(_positions(examples), correct, examples.mask)


def by_required_state(examples: EvaluationSet, correct: BoolArray) -> list[Group]:
    """Return the accuracy for each required state before the time step, such as a carry."""
    return accuracy_by(examples.state_before, correct, examples.mask)


def by_position_and_state(examples: EvaluationSet, correct: BoolArray) -> dict[int, list[Group]]:
    """Return the accuracy at each time step by required state before it: with and without carry."""
    return {
        state: accuracy_by(
            _positions(examples), correct, examples.mask & (examples.state_before == state)
        )
        for state in np.unique(examples.state_before).tolist()
    }


def by_chain_length(examples: EvaluationSet, correct: BoolArray) -> list[Group]:
    """Return the accuracy by the length of the chain of carries that ends at the output."""
    return accuracy_by(chain_lengths(examples.state_before), correct, examples.mask)


def chain_lengths(states: StateArray) -> StateArray:
    """Return for how many time steps `states` (time, n) has been other than 0, (time, n)."""
    lengths, length = np.empty_like(states), np.zeros_like(states[0])
    for t, state in enumerate(states):
        length = np.where(state != 0, length + 1, 0)
        lengths[t] = length
    return lengths


def _positions(examples: EvaluationSet) -> IntArray:
    return np.broadcast_to(np.arange(len(examples.mask))[:, np.newaxis], examples.mask.shape)


@final
@dataclass(frozen=True, slots=True, eq=False)
class AccuracyBreakdown:
    """The accuracy of all sequences and of their outputs by group.

    sequences                    all, as one group
    by_position                  of outputs, by time step
    by_position_and_state        the same by required state before the time step; None for a task
                                 without one, as are the others
    by_required_state            by the required state before the time step
    by_chain_length              by the length of the chain of carries that ends at the output
    exhaustive                   whether these are all examples of the task
    """

    sequences: Group
    by_position: list[Group]
    by_position_and_state: dict[int, list[Group]] | None
    by_required_state: list[Group] | None
    by_chain_length: list[Group] | None
    exhaustive: bool


def accuracy_breakdown(subject: Subject) -> AccuracyBreakdown:
    """Return the accuracies of `subject`; raises ValueError if hidden states are not finite."""
    examples, correct = subject.examples, subject.forward.correct
    all_correct = Group(0, int(correct.all(axis=0).sum()), examples.n)
    by_state, by_required, by_chain = None, None, None
    if subject.task.state_name:
        by_state = by_position_and_state(examples, correct)
        by_required = by_required_state(examples, correct)
        by_chain = by_chain_length(examples, correct)
    return AccuracyBreakdown(
        all_correct,
        by_position(examples, correct),
        by_state,
        by_required,
        by_chain,
        examples.exhaustive,
    )
