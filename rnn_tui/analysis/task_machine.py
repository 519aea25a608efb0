"""The finite-state machine of a task, read from its labels on random words."""

from __future__ import annotations

import numpy as np

from rnn_tui.analysis.machine import Machine, binary_symbols
from rnn_tui.engine.tasks import Task

N_WORDS = 2048
SEED = 20_150_713
UNKNOWN = -1


def task_machine(task: Task) -> Machine | None:
    """Return the minimal Mealy machine whose outputs are the targets of `task`, of any length.

    Its states are those of `Task.required_state`. None where they and the input do not determine
    the next state, as with a lag above 1, or have no end, as with a count.
    """
    symbols = binary_symbols(task.inputs)
    words = np.random.RandomState(SEED).randint(0, len(symbols), size=(task.time, N_WORDS))
    batch = task.batch_from_inputs(symbols[words])
    valid = (batch.loss_weights > 0).any(axis=(0, 2))
    words, required = words[:, valid], task.required_state(batch.inputs)[:, valid]
    targets = np.rint(batch.targets[:, valid, 0]).astype(np.int64)
    scored = batch.loss_weights[:, valid, 0] > 0
    # State 0 is that before the first time step.
    names, states = np.unique(required, return_inverse=True)
    states = states.reshape(required.shape)
    states = (states - states[0, 0]) % len(names)
    transitions, outputs = np.full((2, len(names), len(symbols)), UNKNOWN)
    transitions[states[:-1], words[:-1]] = states[1:]
    outputs[states[scored], words[scored]] = targets[scored]
    is_deterministic = (transitions[states[:-1], words[:-1]] == states[1:]).all() and (
        outputs[states[scored], words[scored]] == targets[scored]
    ).all()
    is_total = (transitions != UNKNOWN).all() and (outputs != UNKNOWN).all()
    return Machine(transitions, outputs).minimized() if is_deterministic and is_total else None
