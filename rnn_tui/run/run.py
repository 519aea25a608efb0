"""One run: a trainer with its history and its score, changed only between two steps."""

from collections.abc import Sequence
from math import nan
from typing import final

import numpy as np

from rnn_tui.config.settings import Settings, SettingsError
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.evaluation import Baseline
from rnn_tui.engine.models import Model
from rnn_tui.engine.optimizers import HYPERPARAMETERS
from rnn_tui.engine.optimizers import State as Memory
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.trainer import Halted, Trainer
from rnn_tui.run.change_messages import describe, kept_words
from rnn_tui.run.changes import Applied, Change, Restart, Schedule, SetWeights
from rnn_tui.run.evaluator import CHECK_EVERY, Scorekeeper
from rnn_tui.run.factory import (
    baseline_of,
    first_net,
    kept_weights,
    net_of,
    stream_of,
    trainer_of,
    transformations_of,
)
from rnn_tui.run.history import History
from rnn_tui.run.inspector import Viewer
from rnn_tui.run.settings_track import Course
from rnn_tui.run.state import Refuge, State
from rnn_tui.run.weight_path import Path, surface_of

EXAMPLES_DEPEND_ON = {"task", "bits", "lag", "examples"}
STREAM_DEPENDS_ON = EXAMPLES_DEPEND_ON | {"batch", "minibatches"}
WATCHERS_DEPEND_ON = EXAMPLES_DEPEND_ON | {"loss", "reduction"}

REFUGE_EVERY = 1000  # steps between two states kept to go back to
WORSE = 1.1  # times the error of the last refuge: a net that has become worse is not kept


@final
class Run:
    """A run from `settings`, driven by `advance` and steered by `apply`, from one thread.

    The same settings and the same changes at the same steps give the same numbers, bit for bit,
    however `advance` is cut into pieces, and whether a change comes by `apply` or by `schedule`:
    pairs of a step and the change that takes effect after it. A run can go on past `steps`.
    """

    task: Task
    trainer: Trainer
    scorekeeper: Scorekeeper
    viewer: Viewer
    _examples: Batch | None
    refuge: Refuge  # what training goes back to when it fails

    def __init__(self, settings: Settings, schedule: Schedule = ()) -> None:
        self._set_out(settings, Course.of(settings), schedule)
        self.random = np.random.RandomState(settings.seed)
        self._draw_examples()
        self._use_net(first_net(settings, self.random))
        self._keep()

    def _set_out(self, start: Settings, course: Course, schedule: Schedule) -> None:
        self.start, self.course = start, course
        self.task = course.settings.make_task()
        self.step = self.skipped = 0  # skipped: steps with nothing to learn from
        self.learnt = False  # whether there was anything to learn from at the latest step
        self.log: list[Applied] = []
        self.news = ""  # what became of the latest change
        self.halted: str | None = None
        self._schedule = sorted(schedule, key=lambda entry: entry[0])[::-1]  # the next one last
        self.history = History()

    @classmethod
    def at(
        cls, state: State, start: Settings, log: Sequence[Applied], schedule: Schedule = ()
    ) -> "Run":
        """Return the run from `start` as at `state`, after the first of `log`, to go on."""
        run = cls.__new__(cls)
        run._set_out(start, state.course, schedule)
        run.step, run.skipped, run.learnt = state.step, state.skipped, state.learnt
        run.log, run.halted = list(log[: state.changes]), state.halted
        run.history = History.of(state.history)
        run.random, run._examples = np.random.RandomState(), state.examples
        run._use_net(net_of(state.course.settings, state.weights))
        run.trainer.stream.go_to(state.position)
        run.trainer.unmoved, run.refuge = state.unmoved, state.refuge
        run._remember(state.memory)
        run.viewer.show(state.shown)
        run.scorekeeper.first_exact = state.first_exact
        if state.path is not None:
            run.path = Path.of(state.path)
        return run

    @property
    def state(self) -> State:
        """The run as it is now."""
        trainer = self.trainer
        return State(
            step=self.step,
            changes=len(self.log),
            course=self.course,
            weights=trainer.model.parameters.vector.copy(),
            memory=self._memory(),
            position=trainer.stream.position,
            refuge=self.refuge,
            unmoved=trainer.unmoved,
            halted=self.halted,
            learnt=self.learnt,
            skipped=self.skipped,
            examples=self._examples,
            shown=self.viewer.shown,
            history=self.history.saved(),
            path=None if self.path is None else self.path.saved(),
            first_exact=self.scorekeeper.first_exact,
        )

    @property
    def pending(self) -> Schedule:
        """What is left of the schedule, the next one first."""
        return self._schedule[::-1]

    @property
    def settings(self) -> Settings:
        """Those of now."""
        return self.course.settings

    @property
    def baseline(self) -> Baseline:
        """What a net without memory reaches."""
        return baseline_of(self.settings)

    # -- driving ---------------------------------------------------------------------------------

    @np.errstate(all="ignore")
    def advance(self, count: int) -> None:
        """Take `count` steps, or fewer where training cannot go on: then `halted` says why.

        The step at which it fails counts, and the weights become those of the last refuge.
        """
        end = self.step + count
        self._follow_schedule()
        while self.step < end and not self.halted:
            stops = [end, (self.step // CHECK_EVERY + 1) * CHECK_EVERY]
            stops += [step for step, _ in self._schedule[-1:]]
            self._take(min(stops) - self.step)
            if self.step % CHECK_EVERY == 0 and not self.halted:
                self.scorekeeper.check(self.trainer.model, self.step)
            if self.step % REFUGE_EVERY == 0 and not self.halted and self._sound():
                self._keep()
            self._follow_schedule()

    def _follow_schedule(self) -> None:
        while self._schedule and self._schedule[-1][0] <= self.step:
            try:
                self.apply(self._schedule.pop()[1])
            except SettingsError as reason:  # it made a run before another change came between
                self.news = f"not done: {reason}"

    def _take(self, count: int) -> None:
        step, path = self.trainer.step, self.path
        weights = self.trainer.model.parameters.vector
        errors: list[float] = []
        try:
            for _ in range(count):
                taken = step()
                errors.append(taken.judgement.error if taken else nan)
                if path is not None:
                    path.append(*weights)
        except Halted as reason:
            errors.append(nan)
            self.halted = str(reason)
            self.viewer.keep_showing()
            self.trainer.latest = None
        self.step += len(errors)
        self.learnt = errors[-1] == errors[-1]
        self.skipped += sum(error != error for error in errors) - bool(self.halted)
        self.history.extend(errors)
        if self.halted:
            self.trainer.model.parameters.vector[:] = self.refuge.weights
            self._remember(self.refuge.memory)
            if path is not None:
                path.append(*weights)

    def _sound(self) -> bool:
        return not self.history.last_hundred > WORSE * self.refuge.error

    def _keep(self) -> None:
        weights, error = self.trainer.model.parameters.vector.copy(), self.history.last_hundred
        self.refuge = Refuge(self.step, weights, self._memory(), error)

    def _memory(self) -> Memory:
        return {name: values.copy() for name, values in self.trainer.state.items()}

    def _remember(self, memory: Memory) -> None:
        for name, values in self.trainer.state.items():
            values[...] = memory[name]

    def restarted(self, restart: Restart) -> "Run":
        """Return a new run with the present settings."""
        return Run(restart.settings(self.start, self.settings, halted=bool(self.halted)))

    # -- steering --------------------------------------------------------------------------------

    def apply(self, change: Change) -> Applied | None:
        """Take up `change` before the next step; None where it changes nothing.

        Raises SettingsError, with nothing changed, where the new settings make no run.
        """
        old, course = self.settings, self.course.take_up(change)
        if isinstance(change, SetWeights):
            if tuple(self.trainer.model.parameters.vector) == change.values:
                return None
            self._put(change)
            kept = ""
        elif course is self.course:
            return None
        else:
            self.course = course
            kept = self._adopt(old, course.settings)
        self.halted = None
        self._keep()
        applied = Applied(self.step, change, *describe(change, old, self.settings, kept))
        self.log.append(applied)
        self.news = applied.notice
        return applied

    def _put(self, change: SetWeights) -> None:
        """Put the net at the weights of `change`, with nothing remembered."""
        self.trainer.model.parameters.vector[:] = change.values
        self._use_optimizer(self.settings)
        if self.path is not None:
            self.path.append(*change.values)

    def _adopt(self, old: Settings, new: Settings) -> str:
        """Make the run work by `new`; return what became of the weights, if that is news."""
        changed = {name for name in Settings.__slots__ if getattr(old, name) != getattr(new, name)}
        if not (self.task.uses_lag or "task" in changed):
            changed.discard("lag")
        report = "weights kept" if "task" in changed else ""
        another_net = "model" in changed or new.net != old.net
        if another_net or changed & STREAM_DEPENDS_ON:
            self.random = self.trainer.stream.settle()
            if changed & EXAMPLES_DEPEND_ON:
                self.task = new.make_task()
                self._draw_examples()
            if another_net:
                report = self._change_net(old, new)
            self.trainer.stream = stream_of(new, self.task, self.random, self._examples)
        if changed & {"loss", "reduction"}:
            self.trainer.loss = new.make_loss()
            self.history = History(self.step)
        if changed & {"optimizer", "update", *HYPERPARAMETERS}:
            self._use_optimizer(new)
        self.trainer.learning_rate = new.learning_rate
        self.trainer.update.transformations = transformations_of(new)
        if another_net or changed & WATCHERS_DEPEND_ON:
            self.viewer.keep_showing()
            self.trainer.latest = None
            self._new_watchers(self.viewer)
        return report

    def _change_net(self, old: Settings, new: Settings) -> str:
        """Train another net, with the old one's weights where name and shape agree; say which."""
        model = first_net(new, self.random)
        kept = kept_weights(old, self.trainer.model, new, model)
        self.trainer = trainer_of(new, model, self.trainer.stream)
        self._new_path()
        return kept_words(kept, [name for name in model.parameters if name not in kept])

    def _use_optimizer(self, settings: Settings) -> None:
        self.trainer.use(settings.make_optimizer(), settings.update)

    def _use_net(self, model: Model) -> None:
        stream = stream_of(self.settings, self.task, self.random, self._examples)
        self.trainer = trainer_of(self.settings, model, stream)
        self._new_path()
        self._new_watchers(None)

    def _draw_examples(self) -> None:
        """Draw the fixed set, if one is wanted: before the first weights, as the tutorials do."""
        count = self.settings.examples
        self._examples = self.task.fixed(self.random, count) if count else None

    def _new_path(self) -> None:
        weights = self.trainer.model.parameters.vector
        self.path = Path() if self.settings.model == "linear" else None
        if self.path is not None:
            self.path.append(*weights)

    def _new_watchers(self, before: Viewer | None) -> None:
        settings = self.settings
        self.viewer = Viewer(self.task, self.trainer, settings.make_loss(), before)
        self.cost = None if self.path is None else surface_of(self.task, self._examples)
        self.scorekeeper = Scorekeeper(
            self.task, settings.make_loss(), self.trainer.model, settings.hidden
        )
