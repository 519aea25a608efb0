"""One deterministic training run, which changes only between two steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import nan
from typing import NamedTuple, final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS, Settings
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.evaluation import Baseline, Score
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray, Parameters
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.trainer import StepResult, Trainer, TrainingHalted
from rnn_tui.run.breakpoints import BreakpointAction, Breakpoints
from rnn_tui.run.change_messages import describe_change
from rnn_tui.run.changes import AppliedChange, Change, Schedule, SetWeights
from rnn_tui.run.evaluation_history import EvaluationHistory
from rnn_tui.run.evaluation_tracker import EvaluationTracker
from rnn_tui.run.events import EventTracker
from rnn_tui.run.factory import compute_baseline
from rnn_tui.run.history import MetricHistory
from rnn_tui.run.inspector import ExampleInspector
from rnn_tui.run.rollback import ROLLBACK_INTERVAL_STEPS, RollbackPoint, copy_optimizer_state
from rnn_tui.run.run_components import LOSS_FIELDS, RunComponents
from rnn_tui.run.settings_history import SettingsHistory, same_scope, settings_history
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.state import RunState
from rnn_tui.run.weight_path import WeightPath


@final
class RunResults(NamedTuple):
    """What a run has reached; see `RunSummary`."""

    mean_metric: float
    score: Score | None
    score_step: int
    known_exact_step: int | None


NO_RESULTS = RunResults(nan, None, -1, None)


@final
class Run:
    """A run that starts with `settings`, is advanced by `advance` and changed by `apply`.

    The same settings and changes at the same steps give the same numbers, bit for bit, however
    `advance` is sliced, and whether a change comes by `apply` or by `schedule`: pairs of a step and
    the change that takes effect after it. A run may continue past `settings.steps`. It belongs to
    one thread; numpy's warnings about overflow are ignored within `advance` and predictions.
    """

    components: RunComponents
    rollback_point: RollbackPoint  # restored when training diverges

    def __init__(self, settings: Settings, schedule: Schedule = ()) -> None:
        self._init(settings, SettingsState.from_settings(settings), schedule)
        self.components = RunComponents.initial(settings, self.evaluation_history)
        self._save_rollback()

    def _init(
        self, initial_settings: Settings, settings_state: SettingsState, schedule: Schedule
    ) -> None:
        self.initial_settings, self.settings_state = initial_settings, settings_state
        self.planned_steps = initial_settings.steps  # at which a session pauses
        self.step = self.skipped_steps = 0  # skipped: without a valid target
        self.last_step_valid = False  # whether the latest step had a valid target
        self.log: list[AppliedChange] = []
        self.message = ""  # of the latest change
        self.halt_reason: str | None = None
        self.set_schedule(schedule)
        self.history = MetricHistory()
        self.evaluation_history = EvaluationHistory()
        self.events, self.breakpoints = EventTracker(), Breakpoints()
        self._earlier_results = NO_RESULTS

    @classmethod
    def from_state(
        cls,
        state: RunState,
        initial_settings: Settings,
        log: Sequence[AppliedChange],
        schedule: Schedule = (),
        breakpoint_log: Sequence[BreakpointAction] = (),
    ) -> "Run":
        """Return the run at `state`, after the first `state.n_changes` of `log`.

        The later actions of `breakpoint_log` are applied at their steps.
        """
        run = cls.__new__(cls)
        run._init(initial_settings, state.settings_state, schedule)
        run.step, run.skipped_steps, run.last_step_valid = (
            state.step,
            state.skipped_steps,
            state.last_step_valid,
        )
        run.log, run.halt_reason = list(log[: state.n_changes]), state.halt_reason
        run.history = MetricHistory.from_arrays(state.history)
        run.evaluation_history = EvaluationHistory(state.evaluations)
        run.events = EventTracker(state.events)
        run.breakpoints = Breakpoints.at(
            breakpoint_log, state.n_breakpoint_actions, state.satisfied_conditions
        )
        run.components = RunComponents.from_state(state, run.evaluation_history)
        run.rollback_point = state.rollback_point
        return run

    @property
    def state(self) -> RunState:
        """A copy of the full state."""
        trainer = self.trainer
        return RunState(
            step=self.step,
            n_changes=len(self.log),
            settings_state=self.settings_state,
            weights=trainer.model.parameters.vector.copy(),
            optimizer_state=copy_optimizer_state(trainer),
            stream_state=trainer.stream.state,
            rollback_point=self.rollback_point,
            vanished_steps=trainer.vanished_steps,
            halt_reason=self.halt_reason,
            last_step_valid=self.last_step_valid,
            skipped_steps=self.skipped_steps,
            dataset=self.components.dataset,
            shown_inputs=self.inspector.shown_inputs,
            history=self.history.to_arrays(),
            weight_path=None if self.weight_path is None else self.weight_path.to_array(),
            first_exact=self.evaluation_tracker.first_exact_step,
            evaluations=self.evaluation_history.evaluations,
            known_exact_step=self.evaluation_tracker.known_exact_step,
            events=tuple(self.events.events),
            n_breakpoint_actions=len(self.breakpoints.log),
            satisfied_conditions=self.breakpoints.satisfied,
        )

    @property
    def task(self) -> Task:
        return self.components.task

    @property
    def trainer(self) -> Trainer:
        return self.components.trainer

    @property
    def inspector(self) -> ExampleInspector:
        return self.components.inspector

    @property
    def evaluation_tracker(self) -> EvaluationTracker:
        return self.components.evaluation_tracker

    @property
    def weight_path(self) -> WeightPath | None:
        return self.components.weight_path

    @property
    def cost_surface(self) -> CostSurface | None:
        return self.components.cost_surface

    @property
    def weights_step(self) -> int:
        """The step of the weights: before `step` if they were restored when training diverged."""
        return self.rollback_point.step if self.halt_reason else self.step

    @property
    def pending_changes(self) -> Schedule:
        """The changes of the schedule that have not been applied, the next one first."""
        return self._schedule[::-1]

    def set_schedule(self, schedule: Schedule) -> None:
        """Replace the pending changes by `schedule`."""
        self._schedule = sorted(schedule, key=lambda entry: entry[0])[::-1]  # the next one last

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self.settings_state.settings

    @property
    def results(self) -> RunResults:
        """The results under the settings of the last step.

        After a change by which losses and accuracies start anew, those before it, until the next
        step.
        """
        if not same_scope(self.settings, self.settings_history[-1].settings):
            return self._earlier_results
        tracker = self.evaluation_tracker
        return RunResults(
            self.history.mean_metric, tracker.score, tracker.score_step, tracker.known_exact_step
        )

    @property
    def settings_history(self) -> SettingsHistory:
        """The settings over the steps taken."""
        changes = ((applied.step, applied.settings) for applied in self.log)
        return settings_history(self.initial_settings, changes, self.step)

    @property
    def baseline(self) -> Baseline:
        """The accuracy and loss of a model without memory."""
        return compute_baseline(self.settings)

    @property
    def weights(self) -> Parameters:
        """The parameters by name, as views: writing to one changes the model."""
        return self.trainer.model.parameters

    def hidden_states(self, input_text: str) -> FloatArray:
        """Return the hidden states for an input such as "81 + 113", (time, hidden).

        Raises UserError where the task cannot read the text.
        """
        _, cache = self.inspector.forward(input_text)
        return cache.hidden_states[:, 0].copy()

    def predict(self, input_text: str) -> str:
        """Return the model's answer to an input such as "81 + 113"; raises UserError."""
        inputs, cache = self.inspector.forward(input_text)
        outputs = self.settings.make_loss().outputs(cache.logits)
        return self.task.format_output(inputs[:, 0], outputs[:, 0, 0])

    # -- training --------------------------------------------------------------------------------

    @np.errstate(all="ignore")
    def advance(self, count: int, is_interrupted: Callable[[], bool] = lambda: False) -> bool:
        """Take `count` steps, or fewer where training diverges or a breakpoint is hit.

        Where it diverges `halt_reason` is set; the step that is halted counts, and the weights of
        the rollback point are restored. A hit is added to `breakpoints.hits`. `is_interrupted` is
        called after each step: no more are taken where it returns True, which is then returned.
        """
        end, n_hits = self.step + count, len(self.breakpoints.hits)
        self.apply_scheduled_changes()
        interrupted = False
        while (
            self.step < end
            and not (self.halt_reason or interrupted)
            and len(self.breakpoints.hits) == n_hits
        ):
            interrupted = self.train(min(end, self.next_due_step) - self.step, is_interrupted)
        return interrupted

    @property
    def next_due_step(self) -> int:
        """The step at which training stops for a check, a scheduled change or a breakpoint."""
        next_check = (self.step // EXACT_CHECK_INTERVAL_STEPS + 1) * EXACT_CHECK_INTERVAL_STEPS
        next_break = self.breakpoints.next_due_step(self.step, len(self.log))
        return int(min(next_check, next_break, *(step for step, _ in self._schedule[-1:])))

    def apply_scheduled_changes(self) -> None:
        """Apply the pending changes that take effect before the next step."""
        while self._schedule and self._schedule[-1][0] <= self.step:
            try:
                self.apply(self._schedule.pop()[1])
            except UserError as reason:  # valid before another change was applied
                self.message = f"scheduled change rejected: {reason}"

    def train(self, count: int, is_interrupted: Callable[[], bool] = lambda: False) -> bool:
        """Take `count` steps, up to `next_due_step` at most; return whether interrupted."""
        weight_path, weights = self.weight_path, self.trainer.model.parameters.vector
        losses: list[float] = []
        halt_reason, interrupted = None, False

        def record(result: StepResult | None) -> bool:
            nonlocal interrupted
            losses.append(float(result.loss_result.metric) if result else nan)
            if weight_path is not None:
                weight_path.append(*weights)
            interrupted = is_interrupted()
            return interrupted

        try:
            self.trainer.train(count, record)
        except TrainingHalted as reason:
            losses.append(nan)
            halt_reason = str(reason)
        self.record_steps(losses, halt_reason)
        return interrupted

    def record_steps(self, losses: list[float], halt_reason: str | None) -> None:
        """Record the steps that `trainer` has taken, the last of which may have been halted."""
        self.halt_reason = halt_reason
        self.step += len(losses)
        self.last_step_valid = losses[-1] == losses[-1]
        n_valid = self.history.extend(losses)
        self.skipped_steps += len(losses) - n_valid - bool(halt_reason)
        if self.halt_reason:
            self.inspector.freeze()
            self.trainer.last_result = None
            self.rollback_point.restore(self.trainer)
            if self.weight_path is not None:
                self.weight_path.append(*self.trainer.model.parameters.vector)
        else:
            self._check_weights()
        self.apply_scheduled_changes()

    def _check_weights(self) -> None:
        """Check at some steps whether the weights are exact, and whether to return to them."""
        if self.step % EXACT_CHECK_INTERVAL_STEPS == 0:
            self.evaluation_tracker.check_exact(self.trainer.model, self.step)
            self.events.check(self)
        if self.step % ROLLBACK_INTERVAL_STEPS == 0 and self.rollback_point.is_worse_than(
            self.trainer, self.history.mean_metric
        ):
            self._save_rollback()
        self.breakpoints.check_step(self)

    def _save_rollback(self) -> None:
        self.rollback_point = RollbackPoint.from_trainer(
            self.trainer, self.step, self.history.mean_metric
        )

    def restarted(self, seed: int | None = None) -> "Run":
        """Return a new run with the current settings and planned steps, and `seed` if one is given.

        After divergence the learning rate is the initial one, or the optimizer's default if that is
        the one that diverged.
        """
        start, current = self.initial_settings, self.settings
        learning_rate = current.learning_rate
        if self.halt_reason is not None:
            same = start.optimizer == current.optimizer and start.learning_rate != learning_rate
            default = OPTIMIZERS[current.optimizer].default_lr
            learning_rate = start.learning_rate if same else default
        seed = current.seed if seed is None else seed
        steps = self.planned_steps
        return Run(replace(current, seed=seed, steps=steps, learning_rate=learning_rate))

    # -- changing --------------------------------------------------------------------------------

    def apply(self, change: Change) -> AppliedChange | None:
        """Apply `change` before the next step; return None where it changes nothing.

        Raises UserError, with nothing changed, where the new settings are not valid.
        """
        old, settings_state = self.settings, self.settings_state.apply(change)
        if isinstance(change, SetWeights):
            if tuple(self.trainer.model.parameters.vector) == change.values:
                return None
            self.components.set_weights(change.values, old)
            self.history.restart_statistics()
            weights_message = ""
        elif settings_state is self.settings_state:
            return None
        else:
            self._earlier_results = self.results
            self.settings_state = settings_state
            weights_message = self.components.change_settings(old, self.settings, self.step)
            self._restart_history(old)
        self.halt_reason = None
        self._update_rollback(change, old)
        texts = describe_change(change, old, self.settings, weights_message)
        applied = AppliedChange(self.step, change, *texts, self.settings)
        self.log.append(applied)
        self.message = applied.message
        self.breakpoints.check_change(self)
        return applied

    def _restart_history(self, old: Settings) -> None:
        """Start losses anew where those under the settings `old` cannot be compared with them."""
        if old.differing_fields(self.settings) & LOSS_FIELDS:
            self.history = MetricHistory(self.step)
        elif not same_scope(old, self.settings):
            self.history.restart_statistics()

    def _update_rollback(self, change: Change, old: Settings) -> None:
        """Save a rollback point after `change`, unless training is about to be halted.

        Then the earlier one is kept, if its weights are of the same model and task.
        """
        comparable = same_scope(old, self.settings) and not isinstance(change, SetWeights)
        if not (comparable and self.trainer.vanished_steps):
            self._save_rollback()
        elif self.settings.optimizer != old.optimizer:
            optimizer_state = copy_optimizer_state(self.trainer)
            self.rollback_point = replace(self.rollback_point, optimizer_state=optimizer_state)
