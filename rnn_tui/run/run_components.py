"""What a run trains with, and which of these components a change of its settings rebuilds."""

from typing import final

import numpy as np

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.models import Model
from rnn_tui.run.change_messages import NEW_WEIGHTS, transfer_message
from rnn_tui.run.evaluation_history import EvaluationHistory
from rnn_tui.run.evaluation_tracker import EvaluationTracker
from rnn_tui.run.factory import (
    build_dataset,
    build_gradient_transforms,
    build_model,
    build_stream,
    build_trainer,
    model_with_weights,
    transfer_weights,
)
from rnn_tui.run.inspector import ExampleInspector
from rnn_tui.run.rollback import restore_optimizer_state
from rnn_tui.run.state import RunState
from rnn_tui.run.weight_path import WeightPath, cost_surface_for

DATASET_FIELDS = {"task", "length", "lag", "dataset_size"}
STREAM_FIELDS = DATASET_FIELDS | {"batch_size", "batching"}
OPTIMIZER_FIELDS = {"optimizer", "update_rule", "hyperparameter_overrides"}
LOSS_FIELDS = {"loss", "reduction"}
OBSERVER_FIELDS = DATASET_FIELDS | LOSS_FIELDS | {"lesion"}


@final
class RunComponents:
    """What a run with `settings` trains and is observed by.

    task, dataset          the task and its fixed dataset, None if batches are fresh samples
    trainer                with the model, the stream of batches, the loss and the optimizer
    inspector              selects the displayed example
    evaluation_tracker     adds its scores to `evaluations`
    weight_path            of a model with a cost surface, else None
    cost_surface           the surface of such a model, else None
    """

    inspector: ExampleInspector
    evaluation_tracker: EvaluationTracker
    weight_path: WeightPath | None
    cost_surface: CostSurface | None

    def __init__(
        self,
        settings: Settings,
        random: np.random.RandomState,
        dataset: Batch | None,
        model: Model,
        evaluations: EvaluationHistory,
    ) -> None:
        self.task, self.dataset = settings.make_task(), dataset
        self._evaluations = evaluations
        stream = build_stream(settings, self.task, random, dataset)
        self.trainer = build_trainer(settings, model, stream)
        self._start_weight_path()
        self._build_observers(settings, None)

    @classmethod
    def initial(cls, settings: Settings, evaluations: EvaluationHistory) -> "RunComponents":
        """Return the components before the first step.

        The dataset is drawn before the weights, as the tutorials do.
        """
        random = np.random.RandomState(settings.seed)
        dataset = build_dataset(settings, settings.make_task(), random)
        return cls(settings, random, dataset, build_model(settings, random), evaluations)

    @classmethod
    def from_state(cls, state: RunState, evaluations: EvaluationHistory) -> "RunComponents":
        """Return the components of a run at `state`."""
        settings = state.settings_state.settings
        model = model_with_weights(settings, state.weights)
        components = cls(settings, np.random.RandomState(), state.dataset, model, evaluations)
        trainer, tracker = components.trainer, components.evaluation_tracker
        trainer.stream.restore(state.stream_state)
        trainer.vanished_steps = state.vanished_steps
        restore_optimizer_state(trainer, state.optimizer_state)
        components.inspector.show_inputs(state.shown_inputs)
        tracker.first_exact_step = state.first_exact
        tracker.start_from_exact_step(state.known_exact_step)
        if state.weight_path is not None:
            components.weight_path = WeightPath.from_array(state.weight_path)
        return components

    def set_weights(self, values: tuple[float, ...], settings: Settings) -> None:
        """Set all weights of the model; reset the optimizer state and the evaluation tracker."""
        self.trainer.model.parameters.vector[:] = values
        self._set_optimizer(settings)
        self.evaluation_tracker.reset()
        if self.weight_path is not None:
            self.weight_path.append(*values)

    def change_settings(self, old: Settings, new: Settings, step: int) -> str:
        """Rebuild after `step` the components for which `old` and `new` settings differ.

        Return a message on the weights, empty if there is nothing to report.
        """
        changed = old.differing_fields(new)
        if not (self.task.uses_lag or "task" in changed):
            changed.discard("lag")
        weights_message = "weights kept" if "task" in changed else ""
        model_changed = "model" in changed or new.architecture != old.architecture
        if model_changed or changed & STREAM_FIELDS:
            random = self.trainer.stream.sync_rng()
            if changed & DATASET_FIELDS:
                self.task = new.make_task()
                self.dataset = build_dataset(new, self.task, random)
            if model_changed:
                weights_message = self._replace_model(old, new, random)
            self.trainer.stream = build_stream(new, self.task, random, self.dataset)
        self.trainer.model.set_lesion(new.lesion)
        if changed & LOSS_FIELDS:
            self.trainer.loss = new.make_loss()
        if changed & OPTIMIZER_FIELDS or new.hyperparameters != old.hyperparameters:
            self._set_optimizer(new)
        self.trainer.learning_rate = new.learning_rate
        self.trainer.update_rule.gradient_transforms = build_gradient_transforms(new)
        if model_changed or changed & OBSERVER_FIELDS:
            self.inspector.freeze()
            self.trainer.last_result = None
            self._build_observers(new, self.inspector)
            if step and weights_message != NEW_WEIGHTS:
                self.evaluation_tracker.check_exact(self.trainer.model, step)
        return weights_message

    def _replace_model(self, old: Settings, new: Settings, random: np.random.RandomState) -> str:
        """Replace the model, transferring weights of equal name and shape; return a message."""
        model = build_model(new, random)
        transferred = transfer_weights(old, self.trainer.model, new, model)
        self.trainer = build_trainer(new, model, self.trainer.stream)
        self._start_weight_path()
        return transfer_message(
            transferred, [name for name in model.parameters if name not in transferred]
        )

    def _set_optimizer(self, settings: Settings) -> None:
        self.trainer.set_optimizer(settings.make_optimizer(), settings.update_rule)

    def _start_weight_path(self) -> None:
        model = self.trainer.model
        self.weight_path = WeightPath() if model.has_cost_surface else None
        if self.weight_path is not None:
            self.weight_path.append(*model.parameters.vector)

    def _build_observers(self, settings: Settings, previous: ExampleInspector | None) -> None:
        """Build what observes the model; the example is that of the `previous` inspector."""
        loss, model = settings.make_loss, self.trainer.model
        self.inspector = ExampleInspector(self.task, self.trainer, loss(), previous)
        has_surface = self.weight_path is not None
        self.cost_surface = cost_surface_for(self.task, self.dataset) if has_surface else None
        self.evaluation_tracker = EvaluationTracker(
            self.task, loss(), model, settings.used_hidden_size, self._evaluations
        )
