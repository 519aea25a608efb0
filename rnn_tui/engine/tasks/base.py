"""The interface of a task: a source of sequences with inputs and targets."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray

if TYPE_CHECKING:
    import numpy.typing as npt

    StateArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]
else:
    StateArray = Any
    BoolArray = Any

MIN_LENGTH, MAX_LENGTH = 2, 1024
MAX_TRAINING_LENGTH = 512
MAX_EXHAUSTIVE_EXAMPLES = 16_384  # tasks with more are evaluated on a sample
MAX_BASELINE_EXAMPLES = 65_536
MAX_SAMPLE_TIME_STEPS = 1 << 20  # of all sequences of a sample, which bounds its memory
EVAL_SEED = 20_150_712  # of the fixed sample


class Task(ABC):
    """A source of sequences of `sequence_length` time steps, with `inputs` features and a target.

    summary           one line for lists of tasks
    input_names       one name for each input feature
    state_name       short label of the required memory, "" for none
    lsb_first         time steps are the digits of numbers, lowest first
    is_arithmetic     inputs are two numbers a and b, outputs are one number
    is_regression     targets are numbers instead of bits
    skips_examples    some examples that are drawn are not scored, but count as steps
    exclusive_inputs  at most one input feature is 1 at a time step
    uses_length       sequences have `length` time steps instead of a single one
    uses_lag          targets depend on the input `lag` time steps before
    has_cost_surface  the target is one number at the last time step, so that a two-weight model
                      has a cost that can be drawn
    has_output_grid   outputs can be drawn over the unit square of two inputs
    baseline_name     short label of the baseline without memory
    defaults          the settings a run of this task starts with, by attribute of Settings, where
                      they differ from those of all tasks
    """

    summary: ClassVar[str]
    input_names: ClassVar[tuple[str, ...]]
    state_name: ClassVar[str] = ""
    lsb_first: ClassVar[bool] = False
    is_arithmetic: ClassVar[bool] = False
    is_regression: ClassVar[bool] = False
    skips_examples: ClassVar[bool] = False
    exclusive_inputs: ClassVar[bool] = False
    uses_length: ClassVar[bool] = True
    uses_lag: ClassVar[bool] = False
    has_cost_surface: ClassVar[bool] = False
    has_output_grid: ClassVar[bool] = False
    baseline_name: ClassVar[str] = "no memory"
    defaults: ClassVar[Mapping[str, Any]] = {}
    outputs: ClassVar[int] = 1

    def __init__(self, length: int = 8, lag: int = 1) -> None:
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            raise ValueError(f"length must be from {MIN_LENGTH} to {MAX_LENGTH}, not {length}")
        self.length, self.lag = length, lag
        self.sequence_length = length if self.uses_length else 1

    @property
    def inputs(self) -> int:
        """The number of input features."""
        return len(self.input_names)

    @abstractmethod
    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        """Draw `count` sequences; `random` ends as if they had been drawn one by one."""

    @abstractmethod
    def batch_from_inputs(self, inputs: FloatArray) -> Batch:
        """Return the batch of these `inputs` (time, count, features) with their targets."""

    @abstractmethod
    def all_examples(self, limit: int = MAX_EXHAUSTIVE_EXAMPLES) -> Batch | None:
        """Return every example if all are equally likely and at most `limit`, else None."""

    @abstractmethod
    def required_state(self, inputs: FloatArray) -> StateArray:
        """Return the state to be known before each time step, (time, count); 0 for none."""

    @property
    @abstractmethod
    def example_input(self) -> str:
        """An example of what `parse_input` accepts."""

    @abstractmethod
    def parse_input(self, text: str) -> FloatArray:
        """Return typed text as inputs (time, 1, features); raises ValueError for invalid text."""

    @abstractmethod
    def format_input(self, inputs: FloatArray) -> str:
        """Return inputs (time, features) as text, such as 81 + 113, or ""."""

    @abstractmethod
    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        """Return targets or outputs (time,) for inputs (time, features) as text, such as 194."""

    def baseline_examples(self) -> Batch:
        """Return the examples of the baseline: up to MAX_BASELINE_EXAMPLES, or a fixed sample."""
        limit = min(MAX_BASELINE_EXAMPLES, self.max_sample_size)
        sample_size = min(MAX_EXHAUSTIVE_EXAMPLES, self.max_sample_size)
        return self.all_examples(limit) or self.fixed_sample(sample_size, EVAL_SEED)

    @property
    def max_sample_size(self) -> int:
        """The number of sequences with MAX_SAMPLE_TIME_STEPS in all."""
        return MAX_SAMPLE_TIME_STEPS // self.sequence_length

    def fixed_sample(self, count: int, seed: int) -> Batch:
        """Return `count` valid sequences, always the same for a seed."""
        random, found, parts = np.random.RandomState(seed), 0, []
        while found < count:
            drawn = self.sample(random, count)
            parts.append(take(drawn, np.flatnonzero(drawn.loss_weights.any(axis=(0, 2)))))
            found += parts[-1].n_valid
        inputs = np.concatenate([part.inputs for part in parts], axis=1)
        targets = np.concatenate([part.targets for part in parts], axis=1)
        loss_weights = np.concatenate([part.loss_weights for part in parts], axis=1)
        return take(Batch(inputs, targets, loss_weights, found), slice(count))

    def make_dataset(self, random: np.random.RandomState, count: int) -> Batch:
        """Return a dataset of `count` sequences: all examples in order if there are as many."""
        all_examples = self.all_examples()
        if all_examples is not None and all_examples.inputs.shape[1] == count:
            return all_examples
        return self.sample(random, count)

    def baseline_inputs(self, inputs: FloatArray) -> FloatArray:
        """Return what the baseline without memory knows of `inputs`, (time, count, features)."""
        return inputs

    def is_correct(
        self, predictions: FloatArray, threshold: float, targets: FloatArray
    ) -> BoolArray:
        """Return which predictions are correct: bits by `threshold`, numbers after rounding.

        A bit at the threshold is 0; NaN is never correct.
        """
        if self.is_regression:
            return np.asarray(np.rint(predictions) == targets)
        is_one = np.asarray(targets > 0.5)
        # np.where takes three times as long.
        return (predictions > threshold) & is_one | (predictions <= threshold) & ~is_one


def take(batch: Batch, indices: npt.NDArray[Any] | slice) -> Batch:
    """Return the sequences of `batch` at `indices`, with uniform loss weights."""
    inputs, targets, loss_weights = (values[:, indices] for values in batch[:3])
    mask = loss_weights > 0
    n_valid = int(mask.any(axis=(0, 2)).sum())
    return Batch(inputs, targets, mask / max(n_valid, 1), n_valid)
