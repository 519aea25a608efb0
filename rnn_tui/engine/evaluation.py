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
EXAM_WORK = 640_000_000  # multiplications of states by weights in an exam of a sample
LEAST_SAMPLE = 256
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
    """Examines nets of `model`'s make on `task`: all pairs, or a fixed sample of up to 16,384.

    The sample is smaller for nets that take long to run, so that an exam never does.

    An exam can be held at once, by `examine`, or paper by paper, by `begin` and `proceed`, so that
    nobody has to wait for it. The weights examined are those of the beginning.
    """

    def __init__(self, task: PairTask, model: Model, hidden: int) -> None:
        self.exhaustive = 4 ** (task.bits - 1) <= EXAM_SIZE
        work = task.time * hidden * (hidden + task.inputs)
        sample = max(LEAST_SAMPLE, min(EXAM_SIZE, EXAM_WORK // work))
        self._pairs = task.all_pairs() if self.exhaustive else _sample(task, sample)
        self._task = task
        self._candidate, self._checked = model.replica(), model.replica()
        self._size = max(16, min(CHUNK, CHUNK_VALUES // (task.time * hidden)))
        self._papers = [
            task.encode(self._pairs.where(slice(start, start + self._size)))
            for start in range(0, len(self._pairs.a), self._size)
        ]
        self._next = self._exact = self._right_bits = 0
        self._hard: Batch | None = None

    def begin(self, model: Model) -> None:
        """Begin an exam of `model` as it is now; one that is under way is dropped."""
        self._candidate.parameters.vector[:] = model.parameters.vector
        self._next = self._exact = self._right_bits = 0

    def proceed(self) -> Score | None:
        """Hold one paper of the exam that has begun; the score after the last one."""
        right = _right(self._candidate, self._papers[self._next])
        self._next += 1
        self._exact += int(right.all(axis=0).sum())
        self._right_bits += int(right.sum())
        if self._next < len(self._papers):
            return None
        total = len(self._pairs.a)
        bits = total * self._task.bits
        return Score(self._exact, total, self._right_bits, bits, self.exhaustive)

    def examine(self, model: Model) -> Score:
        """Return the score of `model` as it is now."""
        self.begin(model)
        score = None
        while score is None:
            score = self.proceed()
        return score

    def passes(self, model: Model) -> Score | None:
        """Return the score of `model` if every result is right, else None.

        An exam that is under way is not disturbed.

        Quick to say no: pairs that were missed the last time are asked first, and the first paper
        with a mistake ends it.
        """
        self._checked.parameters.vector[:] = model.parameters.vector
        if self._hard is not None and not _right(self._checked, self._hard).all():
            return None
        for number, paper in enumerate(self._papers):
            missed = np.flatnonzero(~_right(self._checked, paper).all(axis=0))
            if len(missed):
                hard = number * self._size + missed[:: max(1, len(missed) // HARD_PAIRS)]
                self._hard = self._task.encode(self._pairs.where(hard))
                return None
        total = len(self._pairs.a)
        bits = total * self._task.bits
        return Score(total, total, bits, bits, self.exhaustive)


def _right(model: Model, paper: Batch) -> npt.NDArray[np.bool_]:
    """Return which bits `model` has right, (time, count)."""
    logits = model.forward(paper.inputs).logits
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
    exhaustive = 4 ** (task.bits - 1) <= EXAM_SIZE
    pairs = task.all_pairs() if exhaustive else _sample(task, EXAM_SIZE)
    paper = task.encode(pairs)
    looks = (paper.inputs @ (1 << np.arange(task.inputs))).astype(int).ravel()
    bits = paper.targets.ravel()
    seen = np.maximum(np.bincount(looks), 1)
    guess = (np.bincount(looks, bits) / seen)[looks]
    return Baseline(
        float(np.abs(bits - guess).sum()) / len(pairs.a),
        float(((guess > 0.5) == (bits > 0.5)).mean()),
    )


def _sample(task: PairTask, size: int) -> Pairs:
    """Return `size` allowed pairs, the same ones every time."""
    drawn = task.draw(np.random.RandomState(EXAM_SEED), 4 * size)
    return drawn.where(drawn.allowed).where(slice(size))
