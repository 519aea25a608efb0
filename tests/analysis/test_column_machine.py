import numpy as np
import pytest

from rnn_tui.analysis.column_machine import ColumnMachine, column_codes
from rnn_tui.engine.tasks import TASKS

ARITHMETIC = [name for name, task in TASKS.items() if task.is_arithmetic]


@pytest.mark.parametrize("name", ARITHMETIC)
def test_machine_computes_the_results_of_its_task(name: str) -> None:
    task = TASKS[name](20)
    batch = task.fixed_sample(200, 3)
    outputs, _ = ColumnMachine.from_task(task).run(column_codes(batch.inputs))
    np.testing.assert_array_equal(outputs, batch.targets[:, :, 0])


def test_columns_of_addition_generate_kill_or_propagate_the_carry() -> None:
    machine = ColumnMachine.from_task(TASKS["addition"](8))
    assert (machine.generate, machine.kill, machine.propagate.tolist()) == (0b11, 0b00, [1, 2])


def test_equal_bits_propagate_the_borrow_of_a_subtraction() -> None:
    machine = ColumnMachine.from_task(TASKS["subtraction"](8))
    assert sorted(machine.propagate.tolist()) == [0b00, 0b11]


@pytest.mark.parametrize("name", sorted(TASKS.keys() - set(ARITHMETIC)))
def test_tasks_without_two_operands_are_rejected(name: str) -> None:
    with pytest.raises(ValueError, match="choose addition or a subtraction"):
        ColumnMachine.from_task(TASKS[name](8))
