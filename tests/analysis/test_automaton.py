"""Extraction finds the minimal machine of known systems and of the default recipe's model."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from rnn_tui.analysis.automaton import (
    ModelSystem,
    extract_automaton,
    fidelity,
    random_words,
    run_system,
)
from rnn_tui.analysis.machine import IntArray, Machine, binary_symbols, symbols_of
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import TASKS
from tests.analysis.trained import Trained
from tests.engine.makers import random_model
from tests.support.reference import load

REFERENCE = load("inside")["steps"]

State = tuple[int, ...]


class Language(NamedTuple):
    """A recognizer of words of bits with more states than needed."""

    initial_state: State
    next_state: Callable[[State, int], State]
    accepts: Callable[[State], bool]


def after_odd_ones(state: State, bit: int) -> State:
    last, odd_run, odd_ones, rejected = state
    if bit == last:
        return last, 1 - odd_run, odd_ones, rejected
    if bit == 1:  # a run of zeros has ended
        return 1, 1, 0, int(rejected or (odd_run and odd_ones))
    return 0, 1, odd_run, rejected


def zeros_in_a_row(state: State, bit: int) -> State:
    return (3,) if state[0] == 3 else (0 if bit else state[0] + 1,)


def phase(state: State, bit: int) -> State:
    return (min(4, state[0] + (bit != state[0] % 2)),)


# The languages of Tomita (1982), and the states of their minimal complete automata.
TOMITA = {
    "1: ones": (Language((0,), lambda s, bit: (s[0] or 1 - bit,), lambda s: s[0] == 0), 2),
    "2: (10)*": (
        Language((0,), lambda s, bit: (1 - s[0] if bit == 1 - s[0] else 2,), lambda s: s[0] == 0),
        3,
    ),
    "3: no odd zeros after odd ones": (
        Language(
            (0, 0, 0, 0), after_odd_ones, lambda s: not s[3] and not (s[0] == 0 and s[1] and s[2])
        ),
        5,
    ),
    "4: no 000": (Language((0,), zeros_in_a_row, lambda s: s[0] < 3), 4),
    "5: even zeros and ones": (
        Language(
            (0, 0),
            lambda s, bit: ((s[0] + bit) % 4, (s[1] + 1 - bit) % 4),
            lambda s: s[0] % 2 == s[1] % 2 == 0,
        ),
        4,
    ),
    "6: zeros minus ones": (
        Language((0,), lambda s, bit: ((s[0] + 1 - 2 * bit) % 6,), lambda s: s[0] % 3 == 0),
        3,
    ),
    "7: 0*1*0*1*": (Language((0,), phase, lambda s: s[0] < 4), 5),
}


class LanguageSystem:
    """A language as a system whose states also count the time steps, modulo 2."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.initial_state: FloatArray = np.array([*language.initial_state, 0.0])
        self.symbols = binary_symbols(1)

    def step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        rows = zip(states.astype(int).tolist(), inputs[:, 0].astype(int).tolist(), strict=True)
        return np.array(
            [
                [*self.language.next_state(tuple(state[:-1]), bit), 1 - state[-1]]
                for state, bit in rows
            ],
            dtype=float,
        )

    def output(self, states: FloatArray) -> IntArray:
        rows = states[:, :-1].astype(int).tolist()
        return np.array([int(self.language.accepts(tuple(row))) for row in rows])


class MachineSystem:
    """A machine as a system whose states are one-hot, with the latest output."""

    def __init__(self, machine: Machine, features: int) -> None:
        self.machine = machine
        self.symbols = binary_symbols(features)[: machine.transitions.shape[1]]
        self.initial_state: FloatArray = np.array([*np.eye(machine.n_states)[0], 0.0])

    def step(self, states: FloatArray, inputs: FloatArray) -> FloatArray:
        at = states[:, :-1].argmax(axis=1), symbols_of(inputs)
        following = np.eye(self.machine.n_states)[self.machine.transitions[at]]
        return np.column_stack([following, self.machine.outputs[at]])

    def output(self, states: FloatArray) -> IntArray:
        return states[:, -1].astype(np.int64)


@pytest.mark.parametrize("name", TOMITA)
def test_tomita_language_has_its_minimal_automaton(name: str) -> None:
    language, n_states = TOMITA[name]
    system = LanguageSystem(language)
    automaton = extract_automaton(system)
    assert automaton.n_moore_states == n_states
    assert automaton.n_cells > n_states
    assert automaton.mealy is not None
    assert fidelity(system, automaton.mealy, random_words(2, 12, 200)).word_agreement == 1


@pytest.mark.parametrize(
    ("name", "n_states"),
    [("addition", 2), ("parity", 2), ("times-three", 3), ("flip-flop", 2)],
)
def test_machine_of_task_is_extracted_again(name: str, n_states: int) -> None:
    task = TASKS[name](8)
    machine = task_machine(task)
    assert machine is not None
    mealy = extract_automaton(MachineSystem(machine, task.inputs)).mealy
    assert mealy is not None
    assert mealy.n_states == n_states
    assert np.array_equal(mealy.transitions, machine.transitions)
    assert np.array_equal(mealy.outputs, machine.outputs)


@pytest.mark.parametrize("step", REFERENCE)
@pytest.mark.parametrize("cell_size", ["0.1", "0.25", "0.5"])
def test_automaton_of_default_recipe_equals_reference(
    step: str, cell_size: str, trained: Trained
) -> None:
    expected, task = REFERENCE[step]["automaton"][cell_size], trained.task
    system = ModelSystem(trained.model(int(step)), task, trained.loss)
    automaton, words = extract_automaton(system, float(cell_size)), random_words(4)
    adder = task_machine(task)
    assert automaton.mealy is not None
    assert adder is not None
    assert automaton.n_cells == expected["cells"]
    assert automaton.mealy.n_states == expected["mealy"]
    assert automaton.n_moore_states is not None
    assert automaton.n_moore_states >= automaton.mealy.n_states
    if expected["agrees_with_net"] == 1:  # else the reference has outputs of representatives
        assert automaton.n_moore_states == expected["moore"]
    agreement = fidelity(system, automaton.mealy, words)
    assert agreement.output_agreement == pytest.approx(expected["agrees_with_net"], abs=1e-9)
    assert (agreement.n_words, agreement.n_outputs) == (2000, 128_000)
    with_adder = (automaton.mealy.run(words) == adder.run(words)).mean()
    assert with_adder == pytest.approx(expected["agrees_with_adder"], abs=1e-9)


def test_extraction_stops_at_its_limit_of_cells(trained: Trained) -> None:
    system = ModelSystem(trained.model(10_000), trained.task, trained.loss)
    automaton = extract_automaton(system, 0.1, max_cells=100)
    assert automaton.mealy is None
    assert automaton.n_moore_states is None
    assert automaton.n_cells > automaton.max_cells == 100


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_outputs_of_gated_system_are_predictions_of_its_model(kind: str) -> None:
    model, task = random_model(1, (1, 3, 1), kind=kind), TASKS["parity"](8)
    system, words = ModelSystem(model, task, HalfSquaredError()), random_words(2, 8, 50)
    predicted = model.forward(system.symbols[words]).logits[:, :, 0] > 0
    assert np.array_equal(run_system(system, words), predicted)
    automaton = extract_automaton(system, 0.5)
    assert automaton.mealy is not None
    assert fidelity(system, automaton.mealy, words).output_agreement > 0.5
