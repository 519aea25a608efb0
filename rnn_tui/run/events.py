"""The events of a run: plateaus of the loss, and the first step without an error."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, final

import numpy as np

from rnn_tui.config.settings import Settings
from rnn_tui.engine.evaluation import Baseline
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.tasks import Task
from rnn_tui.engine.trainer import Trainer
from rnn_tui.run.changes import AppliedChange, SetWeights
from rnn_tui.run.evaluation_tracker import EvaluationTracker
from rnn_tui.run.history import RECENT_STEPS, MetricHistory
from rnn_tui.run.settings_history import same_scope

PLATEAU_STEPS = RECENT_STEPS // 2  # of each of the two means that are compared
MIN_PLATEAU_RATIO, MAX_PLATEAU_RATIO = 0.95, 1.1  # of the mean loss to the baseline, at the start
END_PLATEAU_RATIO = 0.9  # below which the plateau ends
MAX_PLATEAU_DECREASE = 0.03  # of the mean loss, from one half of the steps to the other
MAX_EVENTS = 256  # the latest are kept


class ObservedRun(Protocol):
    """What events and conditions depend on, of a `Run`."""

    step: int
    history: MetricHistory
    evaluation_tracker: EvaluationTracker
    task: Task
    trainer: Trainer

    @property
    def log(self) -> Sequence[AppliedChange]: ...

    @property
    def initial_settings(self) -> Settings: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def baseline(self) -> Baseline: ...

    @property
    def events(self) -> "EventTracker": ...


@final
class Event(NamedTuple):
    """An event of kind "exact", "plateau" or "plateau-end" after `step`, with its figures."""

    step: int
    kind: str
    text: str


@final
class EventTracker:
    """The `events` of a run, oldest first, found at multiples of EXACT_CHECK_INTERVAL_STEPS.

    They depend on the numbers of the run alone. A plateau starts where the mean loss of the last
    500 steps is 0.95 to 1.1 times that of a model without memory, and at most 3 % below that of the
    500 steps before; it ends below 0.9 times, or above 1.1. After a change of the task, model, loss
    or weights the two means start anew, and a plateau ends. `plateau_start` is the step at which
    the present plateau was found, None without one.
    """

    def __init__(self, events: Sequence[Event] = (), plateau_start: int | None = None) -> None:
        self.events, self.plateau_start = list(events), plateau_start

    def check(self, run: ObservedRun) -> None:
        """Add the events of the present step of `run`."""
        exact_step = run.evaluation_tracker.first_exact_step
        known = (event.step for event in self.events if event.kind == "exact")
        if exact_step is not None and exact_step not in known:
            self._add(exact_step, "exact", exact_text(run.evaluation_tracker, exact_step))
        scope_start = _scope_start(run)
        if self.plateau_start is not None and scope_start >= self.plateau_start:
            self._end_plateau(run)
        if run.step - scope_start >= 2 * PLATEAU_STEPS:
            self._check_plateau(run)

    def _check_plateau(self, run: ObservedRun) -> None:
        losses = run.history.recent().mean
        earlier, later = losses[:PLATEAU_STEPS], losses[PLATEAU_STEPS:]
        if not (np.isfinite(earlier).any() and np.isfinite(later).any()):
            return
        before, now = float(np.nanmean(earlier)), float(np.nanmean(later))
        baseline = run.baseline.metric
        if self.plateau_start is not None:
            if not END_PLATEAU_RATIO * baseline <= now <= MAX_PLATEAU_RATIO * baseline:
                self._end_plateau(run)
        elif (
            MIN_PLATEAU_RATIO * baseline <= now <= MAX_PLATEAU_RATIO * baseline
            and now >= (1 - MAX_PLATEAU_DECREASE) * before
        ):
            self.plateau_start = run.step
            self._add(run.step, "plateau", f"plateau: {plateau_text(run)}")

    def _end_plateau(self, run: ObservedRun) -> None:
        assert self.plateau_start is not None
        steps, self.plateau_start = run.step - self.plateau_start, None
        text = f"end of a plateau: {steps:,} steps at the loss of a model without memory"
        self._add(run.step, "plateau-end", text)

    def _add(self, step: int, kind: str, text: str) -> None:
        self.events.append(Event(step, kind, text))
        del self.events[:-MAX_EVENTS]


def exact_text(tracker: EvaluationTracker, step: int) -> str:
    """Return at which step every sequence was correct first, if that is not `step`."""
    if tracker.first_exact_step != step or not tracker.score:
        return f"all sequences were correct first at step {tracker.first_exact_step:,}"
    return f"all {tracker.score.n_sequences:,} sequences are correct"


def plateau_text(run: ObservedRun) -> str:
    """Return the mean loss of the last PLATEAU_STEPS, and that of a model without memory."""
    mean = float(np.nanmean(run.history.recent().mean[-PLATEAU_STEPS:]))
    name = LOSSES[run.settings.loss].metric_name
    return (
        f"mean {name} {mean:.3g} of the last {PLATEAU_STEPS} steps, "
        f"{run.baseline.metric:.3g} without memory"
    )


def _scope_start(run: ObservedRun) -> int:
    """Return the step of the latest change across which losses are not compared, or 0."""
    settings = run.settings
    for i, applied in reversed(list(enumerate(run.log))):
        before = run.log[i - 1].settings if i else run.initial_settings
        if isinstance(applied.change, SetWeights) or not same_scope(before, settings):
            return applied.step
        settings = before
    return 0
