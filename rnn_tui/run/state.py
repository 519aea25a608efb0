"""A run at one moment, copied: all that decides how it goes on, and what it has come through."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import StreamState
from rnn_tui.engine.optimizers import OptimizerState as Memory
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.history import HistoryArrays
from rnn_tui.run.settings_track import SettingsTrack

DIGEST_BYTES = 16


@final
@dataclass(frozen=True, slots=True)
class RollbackPoint:
    """Weights and optimizer memory that training goes back to when it fails."""

    step: int
    weights: FloatArray
    optimizer_state: Memory
    mean_loss: float  # the mean of 100 then


@final
@dataclass(frozen=True, slots=True, eq=False)
class RunState:
    """A run after `step`, when so many `changes` had been made; nothing of it is ever written to.

    course, weights, memory, position, refuge    what training goes on from
    unmoved, halted, learnt, skipped             how it has gone: see `Trainer` and `Run`
    examples, shown                              the fixed set, if there is one; the inputs on show
    history, path, first_exact                   what is drawn of it
    """

    step: int
    n_changes: int
    settings_track: SettingsTrack
    weights: FloatArray
    optimizer_state: Memory
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

    @property
    def nbytes(self) -> int:
        """Bytes in memory, without what it shares with other states."""
        arrays: list[Any] = [self.weights, *self.optimizer_state.values(), *self.history.values()]
        arrays += [self.stream_state.key] + ([] if self.weight_path is None else [self.weight_path])
        return sum(int(array.nbytes) for array in arrays)


def compute_digest(weights: FloatArray, optimizer_state: Memory, stream_state: StreamState) -> str:
    """Return a short hash of every bit that training goes on from."""
    digest = sha256(weights.tobytes())
    for name in sorted(optimizer_state):
        digest.update(name.encode())
        digest.update(optimizer_state[name].tobytes())
    digest.update(stream_state.key.tobytes())
    digest.update(
        repr((*map(int, stream_state[1:3]), float(stream_state[3]), int(stream_state[4]))).encode()
    )
    return digest.hexdigest()[: 2 * DIGEST_BYTES]


def l2_norm(values: FloatArray) -> float:
    """Return the Euclidean norm, a sum in a fixed order."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.square(values.ravel()).sum()))


def optimizer_state_norm(optimizer_state: Memory) -> float:
    """Return the norm of all that an optimizer remembers."""
    return l2_norm(np.array([l2_norm(optimizer_state[name]) for name in sorted(optimizer_state)]))
