"""The finite-state machine of a task, read from its targets on all words of one short length."""

from __future__ import annotations

import numpy as np

from rnn_tui.analysis.machine import IntArray, Machine, symbols_of, task_symbols
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task, take
from rnn_tui.engine.tasks.bit_sequences import all_bits

READ_LENGTH = 4  # every transition of a carry of 0, 1 or 2 occurs before the last time step
UNKNOWN = -1


def task_machine(task: Task) -> Machine | None:
    """Return the Mealy machine whose outputs are the targets of `task`, the same for any length.

    Its states are those of `Task.required_state`. None where they and the input do not determine
    the next state and the target: a count, a lag above 1, a single time step, or a target that is
    scored at the last time step only.
    """
    short = type(task)(READ_LENGTH, task.lag)
    batch = short.batch_from_inputs(all_bits(short.sequence_length, short.inputs))
    batch = take(batch, np.flatnonzero(batch.loss_weights.any(axis=(0, 2))))
    words, states = symbols_of(batch.inputs), short.required_state(batch.inputs)
    targets = np.where(batch.loss_weights > 0, batch.targets, UNKNOWN)[:, :, 0].astype(np.int64)
    occurs = (words < len(task_symbols(task))).all(axis=0)
    words, states, targets = words[:, occurs], states[:, occurs], targets[:, occurs]
    shape = int(states.max(initial=0)) + 1, len(task_symbols(task))
    transitions = _table(shape, states[:-1], words[:-1], states[1:])
    # A lag of 1 leaves the first time step without a target.
    outputs = _table(shape, states[1:], words[1:], targets[1:])
    return None if transitions is None or outputs is None else Machine(transitions, outputs)


def n_unscored_time_steps(task: Task) -> int:
    """Return how many time steps at the start of a sequence have no target, as with a lag."""
    short = type(task)(READ_LENGTH, task.lag)
    batch = short.batch_from_inputs(np.zeros((short.sequence_length, 1, short.inputs)))
    return int((batch.loss_weights[:, 0, 0] > 0).argmax())


def example_inputs(word: IntArray, task: Task) -> FloatArray:
    """Return inputs of `task` that begin with `word` (time,) and are scored, (time, features).

    They are those of the word itself, unless its operands are not valid, as those of a − b with
    a < b: then one more time step makes them so, and leaves all outputs before it as they are.
    """
    symbols = task_symbols(task)
    inputs: FloatArray = symbols[word]
    if not task.is_arithmetic or task.batch_from_inputs(inputs[:, np.newaxis]).n_valid:
        return inputs
    longer = np.stack([np.vstack([inputs, symbol]) for symbol in symbols], axis=1)
    is_scored = task.batch_from_inputs(longer).loss_weights[-1, :, 0] > 0
    return longer[:, int(is_scored.argmax())]


def _table(
    shape: tuple[int, int], states: IntArray, symbols: IntArray, values: IntArray
) -> IntArray | None:
    """Return the value by state and symbol, `shape`; None where one is unknown or ambiguous."""
    table = np.full(shape, UNKNOWN)
    table[states, symbols] = values
    is_function = (table[states, symbols] == values).all() and (table != UNKNOWN).all()
    return table if is_function else None
