"""The machine of a task has the task's labels as outputs."""

import numpy as np
import pytest

from rnn_tui.analysis.machine import symbols_of
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.engine.tasks import TASKS

N_STATES = {"addition": 2, "subtraction": 2, "times-three": 3, "parity": 2, "flip-flop": 2}


@pytest.mark.parametrize("name", N_STATES)
def test_task_machine_is_minimal_and_has_targets_as_outputs(name: str) -> None:
    task = TASKS[name](8)
    machine = task_machine(task)
    assert machine is not None
    assert machine.n_states == N_STATES[name]
    batch = task.fixed_sample(500, 1)
    assert np.array_equal(machine.run(symbols_of(batch.inputs)), batch.targets[:, :, 0])


@pytest.mark.parametrize("name", ["counting-ones", "temporal-order"])
def test_task_scored_at_last_step_has_no_machine(name: str) -> None:
    assert task_machine(TASKS[name](8)) is None


def test_lag_above_one_has_no_machine_of_its_required_state() -> None:
    assert task_machine(TASKS["echo"](8, lag=2)) is None
