"""The machine of a task has the task's targets as outputs, and does not depend on its length."""

import numpy as np
import pytest

from rnn_tui.analysis.automaton import random_words
from rnn_tui.analysis.machine import symbols_of, task_symbols
from rnn_tui.analysis.task_machine import example_inputs, task_machine
from rnn_tui.engine.tasks import TASKS

LENGTHS = (2, 3, 4, 5, 8, 20, 64)
# States of the minimal machine, None for tasks without one.
N_STATES = {
    "addition": 2,
    "subtraction": 2,
    "twos-complement": 2,
    "times-three": 3,
    "comparison": 2,
    "parity": 2,
    "echo": 2,
    "delayed-xor": 2,
    "flip-flop": 2,
    "temporal-order": None,
    "counting-ones": None,
    "xor": None,
}


@pytest.mark.parametrize("name", TASKS)
def test_task_has_same_minimal_machine_at_each_length(name: str) -> None:
    for length in LENGTHS:
        check_minimal_machine(name, length)


def check_minimal_machine(name: str, length: int) -> None:
    task = TASKS[name](length)
    machine = task_machine(task)
    if machine is None:
        assert N_STATES[name] is None
        return
    assert machine.n_states == machine.minimized().n_states == N_STATES[name]
    batch = task.fixed_sample(200, 1)
    scored, words = batch.loss_weights[:, :, 0] > 0, symbols_of(batch.inputs)
    assert np.array_equal(machine.run(words)[scored], batch.targets[scored][:, 0])
    shortest = task_machine(TASKS[name](LENGTHS[0]))
    assert shortest is not None
    assert np.array_equal(machine.transitions, shortest.transitions)
    assert np.array_equal(machine.outputs, shortest.outputs)


@pytest.mark.parametrize("name", TASKS)
def test_symbols_are_the_inputs_that_occur(name: str) -> None:
    task = TASKS[name](8)
    occurring = np.unique(symbols_of(task.fixed_sample(200, 1).inputs))
    assert symbols_of(task_symbols(task)).tolist() == occurring.tolist()


@pytest.mark.parametrize("name", sorted(set(TASKS) - {"xor"}))
def test_example_inputs_begin_with_the_word_and_are_scored(name: str) -> None:
    task = TASKS[name](8)
    for word in random_words(len(task_symbols(task)), length=5, count=40).T:
        inputs = example_inputs(word, task)
        assert symbols_of(inputs)[:5].tolist() == word.tolist()
        assert len(inputs) == 5 or (name == "subtraction" and len(inputs) == 6)
        if task.is_arithmetic:
            assert task.batch_from_inputs(inputs[:, np.newaxis]).n_valid == 1


@pytest.mark.parametrize("name", ["echo", "delayed-xor"])
@pytest.mark.parametrize("lag", [2, 3, 4, 7])
def test_lag_above_one_has_no_machine_of_its_required_state(name: str, lag: int) -> None:
    assert task_machine(TASKS[name](8, lag)) is None


@pytest.mark.parametrize(
    ("name", "generate", "kill", "propagate"),
    [("addition", 0b11, 0b00, [0b01, 0b10]), ("subtraction", 0b01, 0b10, [0b00, 0b11])],
)
def test_columns_generate_kill_or_propagate_the_carry(
    name: str, generate: int, kill: int, propagate: list[int]
) -> None:
    machine = task_machine(TASKS[name](8))
    assert machine is not None
    assert (machine.reset_symbol(1), machine.reset_symbol(0)) == (generate, kill)
    assert machine.holding_symbols == propagate
