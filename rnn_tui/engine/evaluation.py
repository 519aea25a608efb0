"""How well a net does the whole task, not just the examples it happened to train on.

Exams are held on a net's replica and draw from a random stream of their own: looking at a net
leaves no trace in its training.
"""

from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.tasks import Task, chosen
from rnn_tui.engine.tasks.base import MOST_EXAMPLES

EXAM_SIZE = MOST_EXAMPLES
EXAM_SEED = 20_150_712
EXAM_WORK = 640_000_000  # multiplications of states by weights in an exam of a sample
LEAST_SAMPLE = 256
CHUNK = 1024  # sequences at a time: small enough to stay in a processor's cache
CHUNK_VALUES = 1 << 17
HARD_EXAMPLES = 64


class Score(NamedTuple):
    """How many of `total` results, and of `bits` single answers, are right.

    `exhaustive` says that these were all examples there are, and not a sample.
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
    """Examines nets of `model`'s make on `task`: all examples, or a fixed sample of up to 16,384.

    The sample is smaller for nets that take long to run, so that an exam never does.

    An exam can be held at once, by `examine`, or paper by paper, by `begin` and `proceed`, so that
    nobody has to wait for it. The weights examined are those of the beginning.
    """

    def __init__(self, task: Task, loss: Loss, model: Model, hidden: int) -> None:
        everything = task.everything()
        self.exhaustive = everything is not None
        work = task.time * hidden * (hidden + task.inputs)
        sample = max(LEAST_SAMPLE, min(EXAM_SIZE, EXAM_WORK // work))
        whole = everything or task.sample_of(sample, EXAM_SEED)
        self._task, self._halfway = task, loss.halfway
        self._candidate, self._checked = model.replica(), model.replica()
        size = max(16, min(CHUNK, CHUNK_VALUES // (task.time * hidden)))
        self._total = whole.inputs.shape[1]
        self._bits = int((whole.weights > 0).sum())
        self._papers = [
            chosen(whole, slice(start, start + size)) for start in range(0, self._total, size)
        ]
        self._next = self._exact = self._wrong_bits = 0
        self._hard: Batch | None = None

    def begin(self, model: Model) -> None:
        """Begin an exam of `model` as it is now; one that is under way is dropped."""
        self._candidate.parameters.vector[:] = model.parameters.vector
        self._next = self._exact = self._wrong_bits = 0

    def proceed(self) -> Score | None:
        """Hold one paper of the exam that has begun; the score after the last one."""
        wrong = self._wrong(self._candidate, self._papers[self._next])
        self._next += 1
        self._exact += int(len(wrong[0]) - wrong.any(axis=0).sum())
        self._wrong_bits += int(wrong.sum())
        if self._next < len(self._papers):
            return None
        right = self._bits - self._wrong_bits
        return Score(self._exact, self._total, right, self._bits, self.exhaustive)

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

        Quick to say no: examples that were missed the last time are asked first, and the first
        paper with a mistake ends it.
        """
        self._checked.parameters.vector[:] = model.parameters.vector
        if self._hard is not None and self._wrong(self._checked, self._hard).any():
            return None
        for paper in self._papers:
            missed = np.flatnonzero(self._wrong(self._checked, paper).any(axis=0))
            if len(missed):
                self._hard = chosen(paper, missed[:: max(1, len(missed) // HARD_EXAMPLES)])
                return None
        return Score(self._total, self._total, self._bits, self._bits, self.exhaustive)

    def _wrong(self, model: Model, paper: Batch) -> npt.NDArray[np.bool_]:
        """Return which of the answers that count `model` has wrong, (time, count)."""
        logits = model.forward(paper.inputs).logits
        right = self._task.right(logits, self._halfway, paper.targets)
        return np.asarray((~right & (paper.weights > 0)).any(axis=2))


class Baseline(NamedTuple):
    """The best that a net can do which sees only the task's clues, such as the present column.

    error         the figure that the loss is reported by, where ŷ is the mean of y over all steps
                  that look alike: what lowers every loss most
    bit_accuracy  where it says the likelier answer; for addition that is a XOR b
    """

    error: float
    bit_accuracy: float


def without_memory(task: Task, loss: Loss, batch: int = 1) -> Baseline:
    """Return the baseline over all examples, or over a fixed sample where there are too many.

    `batch` is the size of a batch, for a loss that is summed over it.
    """
    paper = task.everything() or task.sample_of(EXAM_SIZE, EXAM_SEED)
    asked = paper.weights[:, :, 0] > 0
    looks = (task.clues(paper.inputs) @ (1 << np.arange(task.inputs))).astype(int)
    looks += asked * (1 << task.inputs)
    targets = paper.targets[:, :, 0]
    seen = np.maximum(np.bincount(looks.ravel()), 1)
    guess = (np.bincount(looks.ravel(), targets.ravel()) / seen)[looks][:, :, None]
    logits = loss.logits(guess)
    right = task.right(logits, loss.halfway, paper.targets)[asked]
    error = loss.judge(logits, paper).error
    if loss.reports_loss and loss.reduction == "sum":
        error *= batch / paper.learnt
    return Baseline(error, float(right.mean()))
