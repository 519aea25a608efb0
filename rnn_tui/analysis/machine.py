"""Finite-state machines and their minimization by partition refinement (Moore 1956)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.bit_sequences import all_bits

if TYPE_CHECKING:
    import numpy.typing as npt

    IntArray = npt.NDArray[np.int64]
else:
    IntArray = Any


@final
@dataclass(frozen=True, slots=True, eq=False)
class Machine:
    """A Mealy machine, which reads a word of symbols from its state 0.

    transitions  (states, symbols), the next state
    outputs      (states, symbols), the output on reading a symbol in a state
    """

    transitions: IntArray
    outputs: IntArray

    @property
    def n_states(self) -> int:
        return len(self.transitions)

    @property
    def holding_symbols(self) -> list[int]:
        """The symbols under which at least two states stay as they are."""
        stays = self.transitions == np.arange(self.n_states)[:, np.newaxis]
        return [int(symbol) for symbol in np.flatnonzero(stays.sum(axis=0) >= 2)]

    def reset_symbol(self, state: int) -> int:
        """Return the first symbol after which the machine is in `state` whatever it was before."""
        return int(np.flatnonzero((self.transitions == state).all(axis=0))[0])

    def run(self, words: IntArray) -> IntArray:
        """Return the outputs (time, n) on `words` (time, n)."""
        outputs = np.empty_like(words)
        states = np.zeros(words.shape[1], dtype=np.int64)
        for t, symbols in enumerate(words):
            outputs[t] = self.outputs[states, symbols]
            states = self.transitions[states, symbols]
        return outputs

    def minimized(self) -> Machine:
        """Return the machine with the fewest states that has the same outputs on every word.

        Its states are numbered in the order in which they first occur; all states are taken to be
        reachable from state 0.
        """
        classes = equivalence_classes(self.transitions, self.outputs)
        _, representatives = np.unique(classes, return_index=True)
        return Machine(classes[self.transitions[representatives]], self.outputs[representatives])

    def equals_from(self, other: Machine, n_steps: int) -> bool:
        """Return whether both have the same outputs on every word, except its first `n_steps`."""
        if self.outputs.shape[1] != other.outputs.shape[1]:
            return False
        classes = equivalence_classes(
            np.concatenate([self.transitions, other.transitions + self.n_states]),
            np.concatenate([self.outputs, other.outputs]),
        )
        pairs = {(0, 0)}
        for _ in range(n_steps):
            nexts = (zip(self.transitions[a], other.transitions[b], strict=True) for a, b in pairs)
            pairs = set(chain.from_iterable(nexts))
        return all(classes[a] == classes[b + self.n_states] for a, b in pairs)


def equivalence_classes(transitions: IntArray, labels: IntArray) -> IntArray:
    """Return the class of each state, (states,): those of one class no word can tell apart.

    `transitions` (states, symbols) are refined from the partition by `labels` (states, k): the
    outputs of the symbols for a Mealy machine, the states' own outputs for a Moore machine. Classes
    are numbered in the order of their first states.
    """
    classes, n_classes = _numbered(labels), 0
    while n_classes < (n_classes := int(classes.max()) + 1):
        classes = _numbered(np.column_stack([classes, classes[transitions]]))
    return classes


def _numbered(rows: IntArray) -> IntArray:
    """Return the number of each row (n, k), equal for equal rows, in order of occurrence."""
    numbers: dict[bytes, int] = {}
    rows = np.ascontiguousarray(rows)
    return np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in rows])


def binary_symbols(features: int) -> FloatArray:
    """Return all inputs of binary `features` in counting order, (2^features, features)."""
    return np.asarray(all_bits(1, features)[0])


def task_symbols(task: Task) -> FloatArray:
    """Return the inputs of a time step that occur in `task`, (n, features), in counting order.

    Those of one or two features are the first ones of `binary_symbols`, and have the same indices.
    """
    symbols = binary_symbols(task.inputs)
    return symbols[symbols.sum(axis=1) <= 1] if task.exclusive_inputs else symbols


def symbols_of(inputs: FloatArray) -> IntArray:
    """Return the indices in `binary_symbols` of `inputs` (…, features), (…)."""
    places = 1 << np.arange(inputs.shape[-1])[::-1]
    return np.asarray((inputs > 0.5) @ places, dtype=np.int64)
