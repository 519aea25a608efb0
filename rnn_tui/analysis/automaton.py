"""Extracts a finite-state machine from a recurrent model (Omlin & Giles 1996).

States are quantized into cells, floor(s / q) in each element. Breadth first from the initial state
over all binary inputs, the first state found in a cell represents it; the cells that are reached
are the states of a machine, which is then minimized. Its size means nothing without its fidelity:
one transition that differs can multiply the number of states (Weiss, Goldberg & Yahav 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, final

import numpy as np

from rnn_tui.analysis.machine import (
    IntArray,
    Machine,
    task_symbols,
)
from rnn_tui.analysis.transition import transition_of
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task

CELL_SIZE = 0.5
MAX_CELLS = 4096
FLOOR_OFFSET = 1e-12  # so that rounding errors do not move a state on a boundary to the cell below
WORD_LENGTH, N_RANDOM_WORDS, WORDS_SEED = 64, 2000, 64


class StateSystem(Protocol):
    """A deterministic system of states in vectors that reads binary inputs.

    initial_state  (size,)
    symbols        its inputs, (symbols, features)
    """

    @property
    def initial_state(self) -> FloatArray: ...

    @property
    def symbols(self) -> FloatArray: ...

    def step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        """Return the next states (n, size) from `states` (n, size) and `inputs` (n, features)."""

    def output(self, states: FloatArray) -> IntArray:
        """Return the output in `states` (n, size), (n,)."""


@final
class ModelSystem:
    """A copy of a model with its predictions on a task: bits, or integers for a regression.

    Raises ValueError for a model without a recurrent state.
    """

    def __init__(self, model: Model, task: Task, loss: Loss) -> None:
        self.transition = transition_of(model)
        self.initial_state = self.transition.initial_state
        self.symbols = task_symbols(task)
        self.is_regression, self.threshold = task.is_regression, loss.threshold

    def step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        return self.transition.step(states, inputs)

    def output(self, states: FloatArray) -> IntArray:
        logits = self.transition.logits(states)[:, 0]
        outputs = np.rint(logits) if self.is_regression else logits > self.threshold
        return np.asarray(outputs, dtype=np.int64)


def run_system(system: StateSystem, words: IntArray) -> IntArray:
    """Return the outputs (time, n) of `system` on `words` (time, n) of symbols."""
    states = np.tile(system.initial_state, (words.shape[1], 1))
    outputs = np.empty_like(words)
    for t, symbols in enumerate(words):
        states = system.step(states, system.symbols[symbols])
        outputs[t] = system.output(states)
    return outputs


@final
@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """The machine extracted from a system; without one if the limit of cells was reached.

    n_cells         number of cells found
    max_cells       their limit
    mealy           the minimal machine with outputs on transitions
    n_moore_states  number of states of the minimal equivalent machine with outputs in states, at
                    least as many: those of `mealy`, each with the outputs on the way to it
    """

    n_cells: int
    max_cells: int
    mealy: Machine | None
    n_moore_states: int | None


def extract_automaton(
    system: StateSystem, cell_size: float = CELL_SIZE, max_cells: int = MAX_CELLS
) -> Automaton:
    """Return the machine of `system` with cells of `cell_size` in each element of a state."""
    symbols = system.symbols
    frontier = system.initial_state[np.newaxis]
    cells = {_cells(frontier, cell_size)[0]: 0}
    transitions, outputs, n_explored = [], [], 0
    while len(frontier) and len(cells) <= max_cells:
        successors = system.step(
            np.repeat(frontier, len(symbols), axis=0), np.tile(symbols, (len(frontier), 1))
        )
        transitions.append(
            [cells.setdefault(cell, len(cells)) for cell in _cells(successors, cell_size)]
        )
        outputs.append(system.output(successors))
        _, first = np.unique(transitions[-1], return_index=True)
        n_explored += len(frontier)
        is_new = np.take(transitions[-1], first) >= n_explored
        frontier = successors[first[is_new]]
    if len(cells) > max_cells:
        return Automaton(len(cells), max_cells, None, None)
    table = np.concatenate(transitions).reshape(-1, len(symbols))
    machine = Machine(table, np.concatenate(outputs).reshape(table.shape))
    mealy = machine.minimized()
    states = np.append(mealy.transitions, 0)
    arrivals = np.append(mealy.outputs, system.output(system.initial_state[np.newaxis]))
    n_moore_states = len(set(zip(states.tolist(), arrivals.tolist(), strict=True)))
    return Automaton(len(cells), max_cells, mealy, n_moore_states)


def _cells(states: FloatArray, cell_size: float) -> list[bytes]:
    cells = np.floor(states / cell_size + FLOOR_OFFSET) + 0.0  # + 0 turns -0 into 0
    return [cell.tobytes() for cell in cells]


@final
@dataclass(frozen=True, slots=True)
class Fidelity:
    """How often two systems agree: on outputs, and on all outputs of a word.

    n_outputs, n_words                    number compared
    n_matching_outputs, n_matching_words  number that agree
    """

    n_outputs: int
    n_words: int
    n_matching_outputs: int
    n_matching_words: int

    @property
    def output_agreement(self) -> float:
        """The fraction of outputs that agree."""
        return self.n_matching_outputs / self.n_outputs

    @property
    def word_agreement(self) -> float:
        """The fraction of words on which all outputs agree."""
        return self.n_matching_words / self.n_words


def fidelity(system: StateSystem, machine: Machine, words: IntArray) -> Fidelity:
    """Return the agreement of `machine` with `system` on `words` (time, n) of symbols."""
    matches = run_system(system, words) == machine.run(words)
    return Fidelity(
        matches.size, matches.shape[1], int(matches.sum()), int(matches.all(axis=0).sum())
    )


def random_words(
    n_symbols: int, length: int = WORD_LENGTH, count: int = N_RANDOM_WORDS
) -> IntArray:
    """Return fixed random words of symbols, (length, count)."""
    random = np.random.RandomState(WORDS_SEED)
    return np.asarray(random.randint(0, n_symbols, size=(length, count)), dtype=np.int64)
