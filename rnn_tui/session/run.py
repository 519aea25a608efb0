"""One run: a trainer with its history and its score, changed only between two steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import final

import numpy as np

from rnn_tui.engine.evaluation import Baseline, without_memory
from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Elman
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.stream import ExampleStream
from rnn_tui.engine.tasks import TASKS, PairTask
from rnn_tui.engine.trainer import Halted, Trainer
from rnn_tui.engine.transformations import Transformation, transformations
from rnn_tui.session.changes import Restart, SetOptimizer, SettingChange
from rnn_tui.session.history import History
from rnn_tui.session.scorekeeper import CHECK_EVERY, Scorekeeper
from rnn_tui.session.viewer import Viewer
from rnn_tui.settings import Settings, SettingsError, plain

Schedule = Sequence[tuple[int, SettingChange]]

KEYFRAME_EVERY = 1000  # steps between two states kept to go back to
WORSE = 1.1  # times the error of the last keyframe: a net that has become worse is not kept


@final
@dataclass(frozen=True, slots=True)
class Applied:
    """A change with the step after which it took effect, and what it did, in words and in few."""

    step: int
    change: SettingChange
    text: str
    short: str

    @property
    def notice(self) -> str:
        return f"step {self.step:,}: {self.text}"


@final
@dataclass(frozen=True, slots=True)
class _Keyframe:
    """Weights and optimizer memory that training can go back to."""

    step: int
    weights: FloatArray
    memory: dict[str, FloatArray]
    error: float  # the mean of 100 then


@final
class Run:
    """A run from `settings`, driven by `advance` and steered by `apply`, from one thread.

    The same settings and the same changes at the same steps give the same numbers, bit for bit,
    however `advance` is cut into pieces, and whether a change comes by `apply` or by `schedule`:
    pairs of a step and the change that takes effect after it. A run can go on past `steps`.
    """

    task: PairTask
    trainer: Trainer
    baseline: Baseline
    scorekeeper: Scorekeeper
    viewer: Viewer
    _keyframe: _Keyframe

    def __init__(self, settings: Settings, schedule: Schedule = ()) -> None:
        self._begin(settings, schedule)

    def _begin(self, settings: Settings, schedule: Schedule) -> None:
        self.start = self.settings = settings
        self.step = 0
        self.learnt = False  # whether there was anything to learn from at the latest step
        self.log: list[Applied] = []
        self.news = ""  # what became of the latest change
        self.halted: str | None = None
        self._schedule = sorted(schedule, key=lambda entry: entry[0])[::-1]  # the next one last
        self.history = History()
        self.random = np.random.RandomState(settings.seed)
        self._rates = {settings.optimizer: settings.learning_rate}
        self._new_net()

    # -- driving ---------------------------------------------------------------------------------

    def advance(self, count: int) -> None:
        """Take `count` steps, or fewer where training cannot go on: then `halted` says why.

        The step at which it fails counts, and the weights become those of the last keyframe.
        """
        end = self.step + count
        self._follow_schedule()
        while self.step < end and not self.halted:
            stops = [end, (self.step // CHECK_EVERY + 1) * CHECK_EVERY]
            stops += [step for step, _ in self._schedule[-1:]]
            self._take(min(stops) - self.step)
            if self.step % CHECK_EVERY == 0 and not self.halted:
                self.scorekeeper.check(self.trainer.model, self.step)
            if self.step % KEYFRAME_EVERY == 0 and not self.halted and self._sound():
                self._keep()
            self._follow_schedule()

    def _follow_schedule(self) -> None:
        while self._schedule and self._schedule[-1][0] <= self.step:
            try:
                self.apply(self._schedule.pop()[1])
            except SettingsError as reason:  # it made a run before another change came between
                self.news = f"not done: {reason}"

    def _take(self, count: int) -> None:
        step = self.trainer.step
        errors: list[float] = []
        try:
            with np.errstate(all="ignore"):
                for _ in range(count):
                    taken = step()
                    errors.append(taken.judgement.error if taken else nan)
        except Halted as reason:
            errors.append(nan)
            self.halted = str(reason)
            self.viewer.keep_showing()
            self.trainer.latest = None
        self.step += len(errors)
        self.learnt = errors[-1] == errors[-1]
        self.history.extend(errors)
        if self.halted:
            self.trainer.model.parameters.vector[:] = self._keyframe.weights
            for name, values in self._keyframe.memory.items():
                self.trainer.state[name][...] = values

    @property
    def restored_step(self) -> int:
        """The step whose weights training goes back to when it fails."""
        return self._keyframe.step

    def _sound(self) -> bool:
        return not self.history.last_hundred > WORSE * self._keyframe.error

    def _keep(self) -> None:
        memory = {name: values.copy() for name, values in self.trainer.state.items()}
        weights, error = self.trainer.model.parameters.vector.copy(), self.history.last_hundred
        self._keyframe = _Keyframe(self.step, weights, memory, error)

    # -- steering --------------------------------------------------------------------------------

    def restart(self, restart: Restart) -> None:
        """Begin again with the present settings; what was logged is gone.

        After a halt the rate is again the one that the run began with, or if that was the one at
        fault, the optimizer's own.
        """
        now = self.settings
        seed, rate = restart.seed, now.learning_rate
        if self.halted:
            began = (self.start.optimizer, self.start.learning_rate)
            own = OPTIMIZERS[now.optimizer].default_rate
            rate = began[1] if began[0] == now.optimizer and began[1] != rate else own
        seed = now.seed if seed is None else seed
        self._begin(replace(now, seed=seed, learning_rate=rate), ())

    def apply(self, change: SettingChange) -> Applied | None:
        """Take up `change` before the next step; None where it changes nothing.

        Raises SettingsError, with nothing changed, where the new settings make no run.
        """
        old = self.settings
        new = change.amend(old)
        if new == old:
            return None
        if isinstance(change, SetOptimizer):
            rate = self._rates.get(new.optimizer, OPTIMIZERS[new.optimizer].default_rate)
            new = replace(new, learning_rate=rate)
        self._rates[new.optimizer] = new.learning_rate
        self.settings = new
        self.halted = None
        kept = self._adopt(old, new)
        self._keep()
        applied = Applied(self.step, change, *_describe(change, old, new, kept))
        self.log.append(applied)
        self.news = applied.notice
        return applied

    def _adopt(self, old: Settings, new: Settings) -> str:
        """Make the trainer work by `new`; return what became of the weights, if that is news."""
        if new.hidden != old.hidden:
            self.random = self.trainer.stream.settle()
            self._new_net()
            return "a new net"
        if (new.task, new.batch) != (old.task, old.batch):
            self.random = self.trainer.stream.settle()
            self.task = TASKS[new.task](new.bits)
            self.trainer.stream = ExampleStream(self.task, new.batch, self.random)
            if new.task != old.task:
                self.viewer.keep_showing()
                self.trainer.latest = None
                self._new_watchers(self.viewer)
                return "weights kept"
        elif new.optimizer != old.optimizer:
            self.trainer.use(OPTIMIZERS[new.optimizer], new.learning_rate)
        self.trainer.learning_rate = new.learning_rate
        self.trainer.transformations = _transformations(new)
        return ""

    def _new_net(self) -> None:
        settings = self.settings
        self.task = TASKS[settings.task](settings.bits)
        model = Elman(self.task.inputs, settings.hidden, self.task.outputs)
        INITIALISATIONS[settings.initialisation].fill(model.parameters, self.random)
        self.trainer = Trainer(
            model,
            HalfSquaredError(),
            OPTIMIZERS[settings.optimizer],
            settings.learning_rate,
            ExampleStream(self.task, settings.batch, self.random),
            _transformations(settings),
        )
        self._new_watchers(None)
        self._keep()

    def _new_watchers(self, before: Viewer | None) -> None:
        self.viewer = Viewer(self.task, self.trainer, before)
        self.baseline = without_memory(self.task)
        self.scorekeeper = Scorekeeper(self.task, self.trainer.model, self.settings.hidden)


def _transformations(settings: Settings) -> tuple[Transformation, ...]:
    return transformations(settings.clip_value, settings.clip_norm, settings.weight_decay)


def _describe(change: SettingChange, old: Settings, new: Settings, kept: str) -> tuple[str, str]:
    """Return what `change` did in words, with what was kept, and in as few cells as can be."""
    before, after = change.shown(old), change.shown(new)
    text = f"{change.title} {before} → {after}"
    if isinstance(change, SetOptimizer):
        text += f", rate {plain(new.learning_rate)}"
    few = (
        f"{before}→{after}" if isinstance(change.value, str) else f"{change.name} {before}→{after}"
    )
    return f"{text}, {kept}" if kept else text, few
