"""A run at one moment, copied: all that decides how it goes on, and what it has come through."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import Position
from rnn_tui.engine.optimizers import State as Memory
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.history import Saved
from rnn_tui.run.settings_track import Course

DIGEST_BYTES = 16


@final
@dataclass(frozen=True, slots=True)
class Refuge:
    """Weights and optimizer memory that training goes back to when it fails."""

    step: int
    weights: FloatArray
    memory: Memory
    error: float  # the mean of 100 then


@final
@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A run after `step`, when so many `changes` had been made; nothing of it is ever written to.

    course, weights, memory, position, refuge    what training goes on from
    unmoved, halted, learnt, skipped             how it has gone: see `Trainer` and `Run`
    examples, shown                              the fixed set, if there is one; the inputs on show
    history, path, first_exact                   what is drawn of it
    """

    step: int
    changes: int
    course: Course
    weights: FloatArray
    memory: Memory
    position: Position
    refuge: Refuge
    unmoved: int
    halted: str | None
    learnt: bool
    skipped: int
    examples: Batch | None
    shown: FloatArray | None
    history: Saved
    path: FloatArray | None
    first_exact: int | None

    @property
    def size(self) -> int:
        """Bytes in memory, without what it shares with other states."""
        arrays: list[Any] = [self.weights, *self.memory.values(), *self.history.values()]
        arrays += [self.position.key] + ([] if self.path is None else [self.path])
        return sum(int(array.nbytes) for array in arrays)


def digest_of(weights: FloatArray, memory: Memory, position: Position) -> str:
    """Return a short hash of every bit that training goes on from."""
    found = sha256(weights.tobytes())
    for name in sorted(memory):
        found.update(name.encode())
        found.update(memory[name].tobytes())
    found.update(position.key.tobytes())
    found.update(repr((*map(int, position[1:3]), float(position[3]), int(position[4]))).encode())
    return found.hexdigest()[: 2 * DIGEST_BYTES]


def norm(values: FloatArray) -> float:
    """Return the Euclidean norm, a sum in a fixed order."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(np.square(values.ravel()).sum()))


def norm_of(memory: Memory) -> float:
    """Return the norm of all that an optimizer remembers."""
    return norm(np.array([norm(memory[name]) for name in sorted(memory)]))
