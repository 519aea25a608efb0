"""What is analyzed: a model at one moment, its task, and what several analyses of it share."""

from __future__ import annotations

from functools import cached_property
from typing import final

from rnn_tui.analysis.automaton import ModelSystem
from rnn_tui.analysis.evaluation_set import EvaluationSet, ForwardStates
from rnn_tui.analysis.transition import TRANSITIONS, Transition, transition_of
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.trainer import Trainer


@final
class Subject:
    """The model of a `trainer` of `task`, which must not be trained while it is analyzed.

    Analyses work on copies. `example` is one sequence (time, 1, features), by default the first of
    the evaluation set; `examples`, the evaluation set, depends on the task and on the shape of the
    model alone, so that subjects may share it.
    """

    def __init__(
        self,
        task: Task,
        trainer: Trainer,
        example: Batch | None = None,
        examples: EvaluationSet | None = None,
    ) -> None:
        self.task, self.trainer = task, trainer
        self.model, self.loss = trainer.model, type(trainer.loss)(trainer.loss.reduction)
        self.examples = examples or EvaluationSet.for_model(task, self.model)
        self.example = example or self.examples.first_example

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
