"""The accuracy of a model on all examples of a task, or on a fixed sample of them.

An evaluation runs on a copy of the model and draws from its own generator, so that it never
changes a training run.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, NamedTuple, final
from weakref import WeakValueDictionary

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.losses import Loss
from rnn_tui.engine.models.base import Model, ModelSpec
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task, take
from rnn_tui.engine.tasks.base import EVAL_SEED, MAX_EXHAUSTIVE_EXAMPLES

if TYPE_CHECKING:
    import numpy.typing as npt

MAX_EVAL_SAMPLE_SIZE = MAX_EXHAUSTIVE_EXAMPLES
MAX_EVAL_MULTIPLICATIONS = 640_000_000  # of states by weights, in an evaluation of a sample
MIN_EVAL_SAMPLE_SIZE = 256
MAX_CHUNK_SEQUENCES = 512  # with 1024, an LSTM outgrows the processor's cache, at twice the time
MAX_CHUNK_VALUES = 1 << 16
MIN_CHUNK_SEQUENCES, MIN_CHUNK_TIME_STEPS = 16, 1024  # the smaller chunk of the two
MAX_HARD_EXAMPLES = 16


class Score(NamedTuple):
    """The numbers of correct sequences and bits; `exhaustive` if all examples were evaluated."""

    n_correct: int
    n_sequences: int
    n_correct_bits: int
    n_bits: int
    exhaustive: bool

    @property
    def is_exact(self) -> bool:
        """Whether every sequence is correct."""
        return self.n_correct == self.n_sequences

    @property
    def bit_accuracy(self) -> float:
        """The fraction of bits that are correct."""
        return self.n_correct_bits / self.n_bits


@final
class EvaluationExamples:
    """All examples of a task, or a fixed sample of `sample_size`, in chunks; never written to.

    The evaluators of many runs share them.
    """

    def __init__(self, task: Task, sample_size: int, chunk_size: int) -> None:
        all_examples = task.all_examples()
        self.exhaustive = all_examples is not None
        examples = all_examples or task.fixed_sample(sample_size, EVAL_SEED)
        self.n_sequences = int(examples.inputs.shape[1])
        self.n_bits = int((examples.loss_weights > 0).sum())
        self.chunks = [
            take(examples, slice(start, start + chunk_size))
            for start in range(0, self.n_sequences, chunk_size)
        ]


_examples: WeakValueDictionary[tuple[type[Task], int, int, int, int], EvaluationExamples] = (
    WeakValueDictionary()
)


def shared_examples(task: Task, sample_size: int, chunk_size: int) -> EvaluationExamples:
    """Return the examples of `task`, the same object for as long as an evaluator has them."""
    key = type(task), task.length, task.lag, sample_size, chunk_size
    examples = _examples.get(key)
    if examples is None:
        examples = _examples[key] = EvaluationExamples(task, sample_size, chunk_size)
    return examples


@final
class ScratchModels(local):
    """Models for forward passes with any weights, one of each architecture in a thread.

    The evaluators of many runs share them, so that their workspace stays cached.
    """

    def __init__(self) -> None:
        self._models: WeakValueDictionary[tuple[type[Model], ModelSpec], Model] = (
            WeakValueDictionary()
        )

    def like(self, model: Model) -> Model:
        """Return the model of the architecture of `model`, the same for as long as it is in use."""
        key = type(model), model.spec
        scratch = self._models.get(key)
        if scratch is None:
            scratch = self._models[key] = model.clone_architecture()
        return scratch


_scratch_models = ScratchModels()


def scratch_copy(model: Model) -> Model:
    """Return a model with the weights of `model`, which the next call in this thread overwrites.

    The models of a run with an evaluator have one already, with its workspaces.
    """
    scratch = _scratch_models.like(model)
    scratch.parameters.vector[:] = model.parameters.vector
    return scratch


@final
class Evaluator:
    """Evaluates models of `model`'s architecture on all examples of `task`, or on a fixed sample.

    The sample has up to 16,384 sequences, fewer for large models. Evaluation is done in one call of
    `evaluate`, or in chunks by `start` and `step`, with the weights at the time of `start`.
    """

    def __init__(self, task: Task, loss: Loss, model: Model, hidden: int) -> None:
        multiplications = task.sequence_length * hidden * (hidden + task.inputs)
        sample_size = max(
            MIN_EVAL_SAMPLE_SIZE,
            min(
                MAX_EVAL_SAMPLE_SIZE,
                MAX_EVAL_MULTIPLICATIONS // multiplications,
                task.max_sample_size,
            ),
        )
        self._task, self._threshold = task, loss.threshold
        self._model, self._weights = _scratch_models.like(model), model.parameters.vector.copy()
        chunk_size = max(
            min(MIN_CHUNK_SEQUENCES, -(-MIN_CHUNK_TIME_STEPS // task.sequence_length)),
            min(MAX_CHUNK_SEQUENCES, MAX_CHUNK_VALUES // (task.sequence_length * hidden)),
        )
        self._examples = shared_examples(task, sample_size, chunk_size)
        self.exhaustive, self._chunks = self._examples.exhaustive, self._examples.chunks
        self.n_sequences, self._n_bits = self._examples.n_sequences, self._examples.n_bits
        self._next_chunk = self._n_correct = self._n_incorrect_bits = 0
        self._hard_examples: Batch | None = None
        self._hard_chunk = 0  # that of the hard examples

    def start(self, model: Model) -> None:
        """Start an evaluation of the current weights of `model`; cancels an unfinished one."""
        self._weights[:] = model.parameters.vector
        self._next_chunk = self._n_correct = self._n_incorrect_bits = 0

    @property
    def progress(self) -> float:
        """The fraction of the chunks that are evaluated."""
        return self._next_chunk / len(self._chunks)

    def step(self) -> Score | None:
        """Evaluate the next chunk; return the score after the last one, else None."""
        incorrect = self._incorrect_mask(self._weights, self._chunks[self._next_chunk])
        self._next_chunk += 1
        self._n_correct += int(len(incorrect[0]) - incorrect.any(axis=0).sum())
        self._n_incorrect_bits += int(incorrect.sum())
        if self._next_chunk < len(self._chunks):
            return None
        n_correct_bits = self._n_bits - self._n_incorrect_bits
        return Score(
            self._n_correct, self.n_sequences, n_correct_bits, self._n_bits, self.exhaustive
        )

    def evaluate(self, model: Model) -> Score:
        """Return the score of the current weights of `model`."""
        self.start(model)
        score = None
        while score is None:
            score = self.step()
        return score

    def exact_score(self, model: Model) -> Score | None:
        """Return the score of `model` if every sequence is correct, else None.

        Does not affect an evaluation in chunks. Fast for imperfect models: the sequences that were
        incorrect last time come first, then their chunk; the first one with an error ends it.
        """
        weights = model.parameters.vector
        if (
            self._hard_examples is not None
            and self._incorrect_mask(weights, self._hard_examples).any()
        ):
            return None
        n_chunks = len(self._chunks)
        for index in (*range(self._hard_chunk, n_chunks), *range(self._hard_chunk)):
            chunk = self._chunks[index]
            missed = np.flatnonzero(self._incorrect_mask(weights, chunk).any(axis=0))
            if len(missed):
                every = -(-len(missed) // MAX_HARD_EXAMPLES)
                self._hard_examples, self._hard_chunk = take(chunk, missed[::every]), index
                return None
        return Score(
            self.n_sequences, self.n_sequences, self._n_bits, self._n_bits, self.exhaustive
        )

    @np.errstate(all="ignore")
    def _incorrect_mask(self, weights: FloatArray, batch: Batch) -> npt.NDArray[np.bool_]:
        """Return at which time steps a scored output is incorrect, (time, batch)."""
        self._model = _scratch_models.like(self._model)  # of this thread
        self._model.parameters.vector[:] = weights
        logits = self._model.logits(batch.inputs)
        correct = self._task.is_correct(logits, self._threshold, batch.targets)
        return np.asarray((~correct & (batch.loss_weights > 0)).any(axis=2))


class Baseline(NamedTuple):
    """The best result of a model without memory, which knows only the current baseline inputs.

    metric        the loss's metric, with ŷ the mean of y over all time steps with the same inputs,
                  which minimises every loss
    bit_accuracy  with the more frequent target as the prediction; for addition that is a XOR b
    """

    metric: float
    bit_accuracy: float


def memoryless_baseline(task: Task, loss: Loss, batch_size: int = 1) -> Baseline:
    """Return the baseline over up to 65,536 examples, or over a fixed sample of more.

    `batch_size` scales a loss that is summed over the batch.
    """
    examples = task.baseline_examples()
    weights = examples.loss_weights[:, :, 0]
    mask = examples.loss_weights[:, :, 0] > 0
    patterns = (task.baseline_inputs(examples.inputs) @ (1 << np.arange(task.inputs))).astype(int)
    patterns += mask * (1 << task.inputs)
    targets = examples.targets[:, :, 0]
    pattern_weights = np.bincount(patterns.ravel(), weights.ravel())
    sums = np.bincount(patterns.ravel(), (weights * targets).ravel())
    mean_targets = (sums / np.where(pattern_weights > 0, pattern_weights, 1))[patterns][:, :, None]
    logits = loss.logits(mean_targets)
    correct = task.is_correct(logits, loss.threshold, examples.targets)[:, :, 0]
    metric = loss.compute(logits, examples).metric
    if loss.metric_is_loss and loss.reduction == "sum":
        metric *= batch_size / examples.n_valid
    return Baseline(metric, float((correct * weights).sum() / weights.sum()))
