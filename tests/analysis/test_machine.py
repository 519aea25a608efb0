"""Machines are minimized to the fewest states with the same outputs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnn_tui.analysis.machine import Machine, binary_symbols, symbols_of


@given(st.integers(1, 12), st.integers(0, 10_000))
def test_minimized_machine_has_same_outputs_and_pairwise_distinct_states(
    n_states: int, seed: int
) -> None:
    random = np.random.RandomState(seed)
    machine = Machine(
        random.randint(0, n_states, (n_states, 2)), random.randint(0, 2, (n_states, 2))
    )
    minimal, words = machine.minimized(), random.randint(0, 2, (40, 60))
    assert np.array_equal(machine.run(words), minimal.run(words))
    assert minimal.minimized().n_states == minimal.n_states <= n_states
    for state in range(minimal.n_states):
        for other in range(state):
            assert distinguishes(minimal, state, other)


def distinguishes(machine: Machine, first: int, second: int) -> bool:
    """Return whether a word from the two states has different outputs, by a search of pairs."""
    pending, seen = [(first, second)], {(first, second)}
    for a, b in pending:
        if (machine.outputs[a] != machine.outputs[b]).any():
            return True
        pairs = zip(machine.transitions[a].tolist(), machine.transitions[b].tolist(), strict=True)
        new = set(pairs) - seen
        seen |= new
        pending += new
    return False


def test_machines_are_compared_from_the_first_scored_time_step() -> None:
    outputs = np.array([[0, 0], [1, 1]])  # the input of the time step before
    transitions = np.array([[0, 1], [0, 1]])
    delay, from_one = Machine(transitions, outputs), Machine(transitions[:, ::-1], outputs[::-1])
    other = Machine(transitions, 1 - outputs)
    assert delay.equals_from(delay, 0)
    assert not delay.equals_from(from_one, 0)
    assert delay.equals_from(from_one, 1)
    assert not delay.equals_from(other, 1)
    start = Machine(np.array([[1, 2], [1, 2], [1, 2]]), np.array([[1, 0], [0, 0], [1, 1]]))
    assert [delay.equals_from(start, n) for n in (0, 1)] == [False, True]


def test_symbols_number_binary_inputs_in_counting_order() -> None:
    assert binary_symbols(2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert symbols_of(binary_symbols(3)).tolist() == list(range(8))
