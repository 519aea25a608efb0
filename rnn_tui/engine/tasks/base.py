"""What a net can be asked to learn."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray

if TYPE_CHECKING:
    import numpy.typing as npt

    MemoryArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]
else:
    MemoryArray = Any
    BoolArray = Any

MIN_BITS, MAX_BITS = 2, 64
MAX_EXHAUSTIVE_EXAMPLES = 16_384  # that are still called all there are


class Task(ABC):
    """A source of examples, `time` steps long, with `inputs` features and one target a step.

    `summary` says in a line what it probes. `input_names` name the rows of its inputs, and
    `memory_name` what has to be remembered from step to step ("" for nothing). `lowest_first`
    says that the steps are the digits of numbers, `numeric` that targets are numbers rather than
    bits, `uses_lag` that it asks `lag` steps back, `chance_name` what a net is called that sees
    only the `clues`.
    """

    summary: ClassVar[str]
    input_names: ClassVar[tuple[str, ...]]
    memory_name: ClassVar[str] = ""
    lsb_first: ClassVar[bool] = False
    is_regression: ClassVar[bool] = False
    uses_lag: ClassVar[bool] = False
    baseline_name: ClassVar[str] = "memoryless"
    outputs: ClassVar[int] = 1

    def __init__(self, bits: int = 8, lag: int = 1) -> None:
        if not MIN_BITS <= bits <= MAX_BITS:
            raise ValueError(f"bits must be from {MIN_BITS} to {MAX_BITS}, not {bits}")
        self.time = self.bits = bits
        self.lag = lag

    @property
    def inputs(self) -> int:
        return len(self.input_names)

    @abstractmethod
    def sample(self, random: np.random.RandomState, count: int) -> Batch:
        """Draw `count` sequences, leaving `random` as if they had been drawn one by one."""

    @abstractmethod
    def solve(self, inputs: FloatArray) -> Batch:
        """Return the batch with these `inputs` (time, count, features) and their right answers."""

    @abstractmethod
    def all_examples(self) -> Batch | None:
        """Return every example there is, or None if they are more than MOST_EXAMPLES."""

    @abstractmethod
    def required_memory(self, inputs: FloatArray) -> MemoryArray:
        """Return what has to be known from before at each step, (time, count); 0 for nothing."""

    @property
    @abstractmethod
    def example_input(self) -> str:
        """An example as somebody would type it."""

    @abstractmethod
    def parse_input(self, text: str) -> FloatArray:
        """Return what somebody typed as inputs (time, 1, features); raises ValueError."""

    @abstractmethod
    def format_input(self, inputs: FloatArray) -> str:
        """Say what the inputs (time, features) ask, such as 81 + 113; "" if nothing is to say."""

    @abstractmethod
    def format_output(self, inputs: FloatArray, outputs: FloatArray) -> str:
        """Say what targets, or a net's outputs, (time,), answer to it, such as 194."""

    def fixed_sample(self, count: int, seed: int) -> Batch:
        """Return `count` sequences to learn from, the same ones for a seed."""
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
        """Return a set of `count` to train on: all there are, in order, if they are so many."""
        all_examples = self.all_examples()
        if all_examples is not None and all_examples.inputs.shape[1] == count:
            return all_examples
        return self.sample(random, count)

    def baseline_inputs(self, inputs: FloatArray) -> FloatArray:
        """Return what the net of the chance line sees, (time, count, features)."""
        return inputs

    def is_correct(
        self, predictions: FloatArray, threshold: float, targets: FloatArray
    ) -> BoolArray:
        """Return which answers are right: bits by the side of `halfway`, numbers when rounded."""
        correct: BoolArray = (
            np.rint(predictions) == targets
            if self.is_regression
            else (predictions > threshold) == (targets > 0.5)
        )
        return correct


def take(batch: Batch, indices: npt.NDArray[Any] | slice) -> Batch:
    """Return those sequences of `batch` that the index `which` chooses, their shares evened."""
    inputs, targets, loss_weights = (values[:, indices] for values in batch[:3])
    mask = loss_weights > 0
    n_valid = int(mask.any(axis=(0, 2)).sum())
    return Batch(inputs, targets, mask / max(n_valid, 1), n_valid)
