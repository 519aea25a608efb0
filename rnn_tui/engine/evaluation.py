"""How well a net does the whole task, not just the examples it happened to train on.

Exams are held on a net's replica and draw from a random stream of their own: looking at a net
leaves no trace in its training.
"""

from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.tasks import Pairs, PairTask

EXAM_SIZE = 16_384
EXAM_SEED = 20_150_712
CHUNK = 1024  # sequences at a time: small enough to stay in a processor's cache
CHUNK_VALUES = 1 << 17
HARD_PAIRS = 64


class Score(NamedTuple):
    """How many of `total` results, and of `bits` result bits, are right.

    `exhaustive` says that these were all pairs there are, and not a sample.
    """

    exact: int
    total: int
    right_bits: int
    bits: int
    exhaustive: bool

    @property
    def bit_accuracy(self) -> float:
        return self.right_bits / self.bits


@final
class Examiner:
    """Examines nets of `model`'s make on `task`: all pairs, or a fixed sample of 16,384."""

    def __init__(self, task: PairTask, model: Model, hidden: int) -> None:
        self.exhaustive = 4 ** (task.bits - 1) <= EXAM_SIZE
        self._pairs = task.all_pairs() if self.exhaustive else _sample(task)
        self._task, self._replica = task, model.replica()
        chunk = max(16, min(CHUNK, CHUNK_VALUES // (task.time * hidden)))
        self._papers = [
            task.encode(self._pairs.where(slice(start, start + chunk)))
            for start in range(0, len(self._pairs.a), chunk)
        ]
        self._hard: Batch | None = None

    def examine(self, model: Model) -> Score:
        """Return the score of `model` as it is now."""
        self._replica.parameters.vector[:] = model.parameters.vector
        right = np.concatenate([self._right(paper) for paper in self._papers], axis=1)
        exact = right.all(axis=0)
        missed = np.flatnonzero(~exact)
        if len(missed):
            chosen = missed[:: max(1, len(missed) // HARD_PAIRS)]
            self._hard = self._task.encode(self._pairs.where(chosen))
        return Score(int(exact.sum()), exact.size, int(right.sum()), right.size, self.exhaustive)

    def surely_fails(self, model: Model) -> bool:
        """Return whether `model` misses a pair that some net before it missed: quick, and certain.

        False says nothing; only `examine` can pass a net.
        """
        if self._hard is None:
            return False
        self._replica.parameters.vector[:] = model.parameters.vector
        return not self._right(self._hard).all()

    def _right(self, paper: Batch) -> npt.NDArray[np.bool_]:
        """Return which bits are right, (time, count)."""
        logits = self._replica.forward(paper.inputs).logits
        right: npt.NDArray[np.bool_] = ((logits > 0) == (paper.targets > 0.5)).all(axis=2)
        return right


class Baseline(NamedTuple):
    """The best that a net without memory can do, seeing only the present column.

    error         Σ_t |y - ŷ| a result, where ŷ is the mean of y over all columns that look alike:
                  what lowers the squared error most
    bit_accuracy  where it says the likelier bit; for addition that is a XOR b
    """

    error: float
    bit_accuracy: float


def without_memory(task: PairTask) -> Baseline:
    """Return the baseline over all pairs, or over a fixed sample where there are too many."""
    pairs = task.all_pairs() if 4 ** (task.bits - 1) <= EXAM_SIZE else _sample(task)
    paper = task.encode(pairs)
    looks = (paper.inputs @ (1 << np.arange(task.inputs))).astype(int).ravel()
    bits = paper.targets.ravel()
    seen = np.maximum(np.bincount(looks), 1)
    guess = (np.bincount(looks, bits) / seen)[looks]
    return Baseline(
        float(np.abs(bits - guess).sum()) / len(pairs.a),
        float(((guess > 0.5) == (bits > 0.5)).mean()),
    )


def _sample(task: PairTask) -> Pairs:
    """Return EXAM_SIZE allowed pairs, the same ones every time."""
    random = np.random.RandomState(EXAM_SEED)
    drawn = task.draw(random, 4 * EXAM_SIZE)
    return drawn.where(drawn.allowed).where(slice(EXAM_SIZE))
