"""What is analyzed: a model at one moment, its task, and what several analyses of it share."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import final

from rnn_tui.analysis.automaton import ModelSystem
from rnn_tui.analysis.evaluation_set import (
    DEFAULT_SEQUENCES,
    EvaluationSet,
    ForwardStates,
    max_sequences_for,
)
from rnn_tui.analysis.swap import max_pairs_for, swap_pairs
from rnn_tui.analysis.transition import TRANSITIONS, Transition, transition_of
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.trainer import Trainer


@final
class Subject:
    """The model of a `trainer` of `task`, which must not be trained while it is analyzed.

    Analyses work on copies of the model, and on up to `max_sequences` sequences of the task, fewer
    for large models. `example` is one sequence, by default the first of them.
    """

    def __init__(
        self,
        task: Task,
        trainer: Trainer,
        example: Batch | None = None,
        max_sequences: int = DEFAULT_SEQUENCES,
    ) -> None:
        self.task, self.trainer = task, trainer
        self.model, self.loss = trainer.model, type(trainer.loss)(trainer.loss.reduction)
        self.n_sequences = min(max_sequences, max_sequences_for(task, self.model))
        self.examples = self.examples_up_to(self.n_sequences)
        self.example = example or self.examples.first_example

    def examples_up_to(self, count: int) -> EvaluationSet:
        """Return the evaluation set of at most `count` sequences."""
        task = self.task
        return _evaluation_set(type(task), task.length, task.lag, min(count, self.n_sequences))

    @property
    def swap_pairs(self) -> tuple[FloatArray, FloatArray]:
        """The inputs of up to `n_sequences` pairs of sequences to swap states between."""
        task, count = self.task, min(self.n_sequences, max_pairs_for(self.task, self.model))
        return _swap_pairs(type(task), task.length, task.lag, count)

    @cached_property
    def forward(self) -> ForwardStates:
        """The forward pass over the evaluation set; raises ValueError if it is not finite."""
        return self.examples.run(self.model, self.loss)

    @property
    def is_recurrent(self) -> bool:
        """Whether the model has a recurrent state."""
        return type(self.model) in TRANSITIONS

    @cached_property
    def transition(self) -> Transition:
        """The transition of a copy of the model; raises ValueError without a recurrent state."""
        return transition_of(self.model)

    @cached_property
    def system(self) -> ModelSystem:
        """The model as a system that reads words of symbols; raises as `transition`."""
        return ModelSystem(self.model, self.task, self.loss)


@lru_cache(maxsize=4)
def _evaluation_set(task: type[Task], length: int, lag: int, count: int) -> EvaluationSet:
    return EvaluationSet.from_task(task(length, lag), count)


@lru_cache(maxsize=4)
def _swap_pairs(
    task: type[Task], length: int, lag: int, count: int
) -> tuple[FloatArray, FloatArray]:
    return swap_pairs(task(length, lag), count)
