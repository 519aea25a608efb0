"""The finite-state machine of an arithmetic task: one column of bits and a carry or borrow a step.

It computes results of any number of columns, where `Task` is limited to 64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np

from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.tasks.base import StateArray

if TYPE_CHECKING:
    import numpy.typing as npt

    ColumnArray = npt.NDArray[np.int64]
else:
    ColumnArray = Any

TABLE_LENGTH = 4  # columns of the examples in which every transition occurs before the last one


@final
@dataclass(frozen=True, slots=True, eq=False)
class ColumnMachine:
    """The transitions of an arithmetic task, indexed by state and column a + 2 b, (2, 4).

    next_state  the carry or borrow out of the column
    output      the bit of the result
    """

    next_state: StateArray
    output: StateArray

    @classmethod
    def from_task(cls, task: Task) -> Self:
        """Return the machine of `task`, read from its short examples.

        Raises ValueError for a task that is not arithmetic on two numbers.
        """
        if not task.is_arithmetic:
            raise ValueError(
                "Numbers of any length need an arithmetic task; choose addition or a subtraction."
            )
        examples = type(task)(TABLE_LENGTH).all_examples()
        assert examples is not None
        states = type(task)(TABLE_LENGTH).required_state(examples.inputs)
        columns = column_codes(examples.inputs)
        next_state, output = np.zeros((2, 2, 4), dtype=np.int64)
        next_state[states[:-1], columns[:-1]] = states[1:]
        output[states[:-1], columns[:-1]] = examples.targets[:-1, :, 0]
        return cls(next_state, output)

    @property
    def generate(self) -> int:
        """The column after which the state is 1 whatever it was before."""
        return int(np.flatnonzero(self.next_state.all(axis=0))[0])

    @property
    def kill(self) -> int:
        """The column after which the state is 0 whatever it was before."""
        return int(np.flatnonzero(~self.next_state.any(axis=0))[0])

    @property
    def propagate(self) -> ColumnArray:
        """The two columns that keep the state, the one with the larger a first, (2,)."""
        kept = np.flatnonzero((self.next_state == [[0], [1]]).all(axis=0))
        return kept[np.argsort(-(kept & 1), kind="stable")]

    def run(self, columns: ColumnArray) -> tuple[ColumnArray, StateArray]:
        """Return the bits of the results of `columns` (time, n), and the last state (n,)."""
        outputs, state = np.empty_like(columns), np.zeros_like(columns[0])
        for t, column in enumerate(columns):
            outputs[t] = self.output[state, column]
            state = self.next_state[state, column]
        return outputs, state


def column_codes(bits: npt.NDArray[Any]) -> ColumnArray:
    """Return the columns a + 2 b of `bits` (…, 2), (…,)."""
    return np.asarray(bits @ np.array([1, 2])).astype(np.int64)


def column_inputs(columns: ColumnArray) -> FloatArray:
    """Return `columns` (…,) as inputs (…, 2)."""
    return np.stack([columns & 1, columns >> 1], axis=-1).astype(np.float64)
