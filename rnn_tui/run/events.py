"""The events of a run: plateaus of the loss, saturation, and the first step without an error."""

from collections.abc import Sequence
from math import nan
from typing import NamedTuple, Protocol, final

from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.units import MAX_SATURATED_FRACTION, saturation
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import ANALYSIS_INTERVAL_STEPS, Settings
from rnn_tui.engine.evaluation import Baseline
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.parameters import FloatArray
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
ANALYZED_SEQUENCES = 64
MAX_EVENTS = 256  # the latest are kept
EVENT_KINDS = ("exact", "plateau", "plateau-end", "saturated")


class ObservedRun(Protocol):
    """What events and conditions depend on, of a `Run`."""

    step: int
    history: MetricHistory

    @property
    def evaluation_tracker(self) -> EvaluationTracker: ...

    @property
    def task(self) -> Task: ...

    @property
    def trainer(self) -> Trainer: ...

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
    """An event after `step`, with its figures; of a run, of one of EVENT_KINDS."""

    step: int
    kind: str
    text: str


@final
class EventTracker:
    """The `events` of a run, oldest first, found at multiples of EXACT_CHECK_INTERVAL_STEPS.

    They depend on the numbers of the run alone. Saturation is looked for at multiples of
    ANALYSIS_INTERVAL_STEPS, and reported once after each change. A plateau starts where the mean
    loss of the last 500 steps is 0.95 to 1.1 times that of a model without memory, and at most 3 %
    below that of the 500 steps before; it ends below 0.9 times, or above 1.1. After a change of the
    task, model, loss or weights the two means start anew, and a plateau ends.
    """

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self.events = list(events)

    @property
    def plateau_start(self) -> int | None:
        """The step at which the present plateau was found; None without one."""
        plateaus = (event for event in reversed(self.events) if event.kind.startswith("plateau"))
        latest = next(plateaus, None)
        return latest.step if latest and latest.kind == "plateau" else None

    def check(self, run: ObservedRun) -> None:
        """Add the events of the present step of `run`."""
        exact_step = run.evaluation_tracker.first_exact_step
        known = (event.step for event in self.events if event.kind == "exact")
        if exact_step is not None and exact_step not in known:
            self._add(exact_step, "exact", exact_text(run.evaluation_tracker, exact_step))
        scope_start, plateau_start = _scope_start(run), self.plateau_start
        if plateau_start is not None and scope_start >= plateau_start:
            self._end_plateau(run, plateau_start)
        if run.step - scope_start >= 2 * PLATEAU_STEPS:
            self._check_plateau(run)
        if run.step % ANALYSIS_INTERVAL_STEPS == 0:
            self._check_saturation(run)

    def _check_saturation(self, run: ObservedRun) -> None:
        changed_at = run.log[-1].step if run.log else 0
        saturated = (event.step for event in self.events if event.kind == "saturated")
        if not any(step > changed_at for step in saturated) and (text := saturated_text(run)):
            self._add(run.step, "saturated", text)

    def _check_plateau(self, run: ObservedRun) -> None:
        losses = run.history.recent().mean
        before, now = _mean(losses[:PLATEAU_STEPS]), _mean(losses[PLATEAU_STEPS:])
        baseline, start = run.baseline.metric, self.plateau_start
        if start is not None:
            if not END_PLATEAU_RATIO * baseline <= now <= MAX_PLATEAU_RATIO * baseline:
                self._end_plateau(run, start)
        elif (
            MIN_PLATEAU_RATIO * baseline <= now <= MAX_PLATEAU_RATIO * baseline
            and now >= (1 - MAX_PLATEAU_DECREASE) * before
        ):
            self._add(run.step, "plateau", f"plateau: {plateau_text(run)}")

    def _end_plateau(self, run: ObservedRun, start: int) -> None:
        steps = f"{run.step - start:,} steps"
        text = f"end of a plateau: {steps} at the loss of a model without memory"
        self._add(run.step, "plateau-end", text)

    def _add(self, step: int, kind: str, text: str) -> None:
        self.events.append(Event(step, kind, text))
        del self.events[:-MAX_EVENTS]


def exact_text(tracker: EvaluationTracker, step: int) -> str:
    """Return at which step every sequence was correct first, if that is not `step`."""
    sequences = f"all {tracker.n_sequences:,} sequences"
    if tracker.first_exact_step == step:
        return f"{sequences} are correct"
    return f"{sequences} were correct first at step {tracker.first_exact_step:,}"


def saturated_text(run: ObservedRun) -> str:
    """Return the fraction of hidden outputs that are saturated, "" up to MAX_SATURATED_FRACTION."""
    subject = Subject(run.task, run.trainer, max_sequences=ANALYZED_SEQUENCES)
    try:
        layers = saturation(subject.model, subject.examples)
    except ValueError:  # the hidden states are not finite
        return ""
    if not layers or layers[0].fraction <= MAX_SATURATED_FRACTION:
        return ""
    rate, fraction = format_float(run.settings.learning_rate), layers[0].fraction
    return f"learning rate {rate}: {100 * fraction:.0f} % of {layers[0].name} outputs are saturated"


def plateau_text(run: ObservedRun) -> str:
    """Return the mean loss of the last PLATEAU_STEPS, and that of a model without memory."""
    mean = _mean(run.history.recent().mean[-PLATEAU_STEPS:])
    name = LOSSES[run.settings.loss].metric_name
    return (
        f"mean {name} {mean:.3g} of the last {PLATEAU_STEPS} steps, "
        f"{run.baseline.metric:.3g} without memory"
    )


def _mean(losses: FloatArray) -> float:
    """Return the mean of the valid `losses`; NaN without one."""
    valid = losses[losses == losses]
    return float(valid.sum() / len(valid)) if len(valid) else nan


def _scope_start(run: ObservedRun) -> int:
    """Return the step of the latest change across which losses are not compared, or 0."""
    settings = run.settings
    for i, applied in reversed(list(enumerate(run.log))):
        before = run.log[i - 1].settings if i else run.initial_settings
        if isinstance(applied.change, SetWeights) or not same_scope(before, settings):
            return applied.step
        settings = before
    return 0
