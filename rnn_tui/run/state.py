"""The full state of a run at one step, copied: what training depends on, and its history."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import StreamState
from rnn_tui.engine.optimizers import OptimizerState
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.evaluation_history import Evaluation
from rnn_tui.run.events import Event
from rnn_tui.run.history import HistoryArrays
from rnn_tui.run.rollback import RollbackPoint
from rnn_tui.run.settings_state import SettingsState

DIGEST_BYTES = 16
# The names hashed for arrays of the optimizer state, which are part of all recorded digests.
DIGEST_NAMES = {"first_moment": "mean", "second_moment": "square"}


@final
@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class RunState:
    """A run after `step` steps and `n_changes` changes; its arrays are never written to.

    settings_state, weights, optimizer_state, stream_state, rollback_point
        what training continues from
    vanished_steps, halt_reason, last_step_valid, skipped_steps
        as in `Trainer` and `Run`
    dataset, shown_inputs
        the fixed dataset, if there is one; the inputs displayed (time, 1, features)
    history, weight_path, first_exact, known_exact_step, evaluations
        what is displayed of the past; the last two depend on the evaluations, which are in the
        journal, not in checkpoints
    events
        as in `EventTracker`
    n_breakpoint_actions, satisfied_conditions
        the length of the log of breakpoints, and `Breakpoints.satisfied`
    """

    step: int
    n_changes: int
    settings_state: SettingsState
    weights: FloatArray
    optimizer_state: OptimizerState
    stream_state: StreamState
    rollback_point: RollbackPoint
    vanished_steps: int
    halt_reason: str | None
    last_step_valid: bool
    skipped_steps: int
    dataset: Batch | None
    shown_inputs: FloatArray | None
    history: HistoryArrays
    weight_path: FloatArray | None
    first_exact: int | None
    evaluations: tuple[Evaluation, ...] = ()
    known_exact_step: int | None = None
    events: tuple[Event, ...] = ()
    n_breakpoint_actions: int = 0
    satisfied_conditions: frozenset[str] = frozenset()

    @property
    def weights_step(self) -> int:
        """The step of the weights, as in `Run`."""
        return self.rollback_point.step if self.halt_reason else self.step

    @property
    def nbytes(self) -> int:
        """Bytes in memory, but for arrays shared with other states."""
        arrays: list[Any] = [self.weights, *self.optimizer_state.values(), *self.history.values()]
        arrays += [self.stream_state.key] + ([] if self.weight_path is None else [self.weight_path])
        return sum(int(array.nbytes) for array in arrays)


def compute_digest(
    weights: FloatArray, optimizer_state: OptimizerState, stream_state: StreamState
) -> str:
    """Return a short hash of every bit that training continues from."""
    digest = sha256(weights.tobytes())
    for name in sorted(optimizer_state):
        digest.update(DIGEST_NAMES.get(name, name).encode())
        digest.update(optimizer_state[name].tobytes())
    digest.update(stream_state.key.tobytes())
    digest.update(
        repr((*map(int, stream_state[1:3]), float(stream_state[3]), int(stream_state[4]))).encode()
    )
    return digest.hexdigest()[: 2 * DIGEST_BYTES]


@np.errstate(all="ignore")
def l2_norm(values: FloatArray) -> float:
    """Return the Euclidean norm, summed in a fixed order."""
    return float(np.sqrt(np.square(values.ravel()).sum()))


def optimizer_state_norm(optimizer_state: OptimizerState) -> float:
    """Return the Euclidean norm of all arrays of an optimizer state."""
    return l2_norm(np.array([l2_norm(optimizer_state[name]) for name in sorted(optimizer_state)]))
