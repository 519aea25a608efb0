"""How well a net does the whole task, not just the examples it happened to train on.

Exams are held on a net's replica and draw from a random stream of their own: looking at a net
leaves no trace in its training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model
from rnn_tui.engine.tasks import Task, take
from rnn_tui.engine.tasks.base import MAX_EXHAUSTIVE_EXAMPLES

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_EVAL_SAMPLE_SIZE = MAX_EXHAUSTIVE_EXAMPLES
EVAL_SEED = 20_150_712
MAX_EVAL_MULTIPLICATIONS = (
    640_000_000  # multiplications of states by weights in an exam of a sample
)
MIN_EVAL_SAMPLE_SIZE = 256
MAX_CHUNK_SEQUENCES = 1024  # sequences at a time: small enough to stay in a processor's cache
MAX_CHUNK_VALUES = 1 << 17
MAX_HARD_EXAMPLES = 64


class Score(NamedTuple):
    """How many of `total` results, and of `bits` single answers, are right.

    `exhaustive` says that these were all examples there are, and not a sample.
    """

    n_correct: int
    n_sequences: int
    n_correct_bits: int
    n_bits: int
    exhaustive: bool

    @property
    def bit_accuracy(self) -> float:
        return self.n_correct_bits / self.n_bits


@final
class Evaluator:
    """Examines nets of `model`'s make on `task`: all examples, or a fixed sample of up to 16,384.

    The sample is smaller for nets that take long to run, so that an exam never does.

    An exam can be held at once, by `examine`, or paper by paper, by `begin` and `proceed`, so that
    nobody has to wait for it. The weights examined are those of the beginning.
    """

    def __init__(self, task: Task, loss: Loss, model: Model, hidden: int) -> None:
        all_examples = task.all_examples()
        self.exhaustive = all_examples is not None
        multiplications = task.time * hidden * (hidden + task.inputs)
        sample_size = max(
            MIN_EVAL_SAMPLE_SIZE,
            min(MAX_EVAL_SAMPLE_SIZE, MAX_EVAL_MULTIPLICATIONS // multiplications),
        )
        examples = all_examples or task.fixed_sample(sample_size, EVAL_SEED)
        self._task, self._threshold = task, loss.threshold
        self._model_copy, self._check_copy = model.clone_architecture(), model.clone_architecture()
        chunk_size = max(16, min(MAX_CHUNK_SEQUENCES, MAX_CHUNK_VALUES // (task.time * hidden)))
        self._n_sequences = examples.inputs.shape[1]
        self._n_bits = int((examples.loss_weights > 0).sum())
        self._chunks = [
            take(examples, slice(start, start + chunk_size))
            for start in range(0, self._n_sequences, chunk_size)
        ]
        self._next_chunk = self._n_correct = self._n_incorrect_bits = 0
        self._hard_examples: Batch | None = None

    def start(self, model: Model) -> None:
        """Begin an exam of `model` as it is now; one that is under way is dropped."""
        self._model_copy.parameters.vector[:] = model.parameters.vector
        self._next_chunk = self._n_correct = self._n_incorrect_bits = 0

    def step(self) -> Score | None:
        """Hold one paper of the exam that has begun; the score after the last one."""
        incorrect = self._incorrect_mask(self._model_copy, self._chunks[self._next_chunk])
        self._next_chunk += 1
        self._n_correct += int(len(incorrect[0]) - incorrect.any(axis=0).sum())
        self._n_incorrect_bits += int(incorrect.sum())
        if self._next_chunk < len(self._chunks):
            return None
        n_correct_bits = self._n_bits - self._n_incorrect_bits
        return Score(
            self._n_correct, self._n_sequences, n_correct_bits, self._n_bits, self.exhaustive
        )

    def evaluate(self, model: Model) -> Score:
        """Return the score of `model` as it is now."""
        self.start(model)
        score = None
        while score is None:
            score = self.step()
        return score

    def perfect_score(self, model: Model) -> Score | None:
        """Return the score of `model` if every result is right, else None.

        An exam that is under way is not disturbed.

        Quick to say no: examples that were missed the last time are asked first, and the first
        paper with a mistake ends it.
        """
        self._check_copy.parameters.vector[:] = model.parameters.vector
        if (
            self._hard_examples is not None
            and self._incorrect_mask(self._check_copy, self._hard_examples).any()
        ):
            return None
        for chunk in self._chunks:
            missed = np.flatnonzero(self._incorrect_mask(self._check_copy, chunk).any(axis=0))
            if len(missed):
                self._hard_examples = take(
                    chunk, missed[:: max(1, len(missed) // MAX_HARD_EXAMPLES)]
                )
                return None
        return Score(
            self._n_sequences, self._n_sequences, self._n_bits, self._n_bits, self.exhaustive
        )

    def _incorrect_mask(self, model: Model, batch: Batch) -> npt.NDArray[np.bool_]:
        """Return which of the answers that count `model` has wrong, (time, count)."""
        logits = model.forward(batch.inputs).logits
        correct = self._task.is_correct(logits, self._threshold, batch.targets)
        return np.asarray((~correct & (batch.loss_weights > 0)).any(axis=2))


class Baseline(NamedTuple):
    """The best that a net can do which sees only the task's clues, such as the present column.

    error         the figure that the loss is reported by, where ŷ is the mean of y over all steps
                  that look alike: what lowers every loss most
    bit_accuracy  where it says the likelier answer; for addition that is a XOR b
    """

    metric: float
    bit_accuracy: float


def memoryless_baseline(task: Task, loss: Loss, batch_size: int = 1) -> Baseline:
    """Return the baseline over all examples, or over a fixed sample where there are too many.

    `batch` is the size of a batch, for a loss that is summed over it.
    """
    examples = task.all_examples() or task.fixed_sample(MAX_EVAL_SAMPLE_SIZE, EVAL_SEED)
    mask = examples.loss_weights[:, :, 0] > 0
    patterns = (task.baseline_inputs(examples.inputs) @ (1 << np.arange(task.inputs))).astype(int)
    patterns += mask * (1 << task.inputs)
    targets = examples.targets[:, :, 0]
    counts = np.maximum(np.bincount(patterns.ravel()), 1)
    mean_targets = (np.bincount(patterns.ravel(), targets.ravel()) / counts)[patterns][:, :, None]
    logits = loss.logits(mean_targets)
    correct = task.is_correct(logits, loss.threshold, examples.targets)[mask]
    metric = loss.compute(logits, examples).metric
    if loss.metric_is_loss and loss.reduction == "sum":
        metric *= batch_size / examples.n_valid
    return Baseline(metric, float(correct.mean()))
