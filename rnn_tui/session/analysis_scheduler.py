"""Analyzes the displayed run and its keyframes by turns, in a thread beside the training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from queue import SimpleQueue
from threading import Thread
from time import monotonic, thread_time
from typing import Any, NamedTuple, final
from weakref import WeakKeyDictionary, WeakSet

import numpy as np

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.evaluation_set import DEFAULT_SEQUENCES
from rnn_tui.analysis.length import LengthResult
from rnn_tui.analysis.memory import Memory
from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.events import Event
from rnn_tui.run.run import Run
from rnn_tui.run.settings_history import same_scope
from rnn_tui.run.state import RunState
from rnn_tui.run.subject import subject_of
from rnn_tui.session.session import Session

# Shares of the time of one processor: of the analyses displayed, and of the curve alone.
SHARE_RUNNING, SHARE_IDLE, SHARE_BACKGROUND = 0.07, 0.7, 0.02
LENGTH_EVENT = "length event"  # of the first state after which every sequence is correct
CURVE_SEQUENCES = 512  # of each keyframe, or fewer of large models and long sequences
MIN_INTERVAL_SECONDS = 0.1  # between two looks for a job of a run that trains


@final
@dataclass(frozen=True, slots=True, eq=False)
class AnalysisResult:
    """The result of an analysis after `step`, or the `reason` why it has none."""

    step: int
    value: Any = None
    reason: str = ""


_ExactKey = tuple[object, ...]


@final
class AnalysisJob(NamedTuple):
    """The analysis `name` of a state, of the curve where it is "", or of LENGTH_EVENT."""

    name: str
    state: RunState
    inputs: FloatArray | None = None
    key: tuple[object, ...] = ()  # identifies the moment of the run


@final
class AnalysisScheduler:
    """Runs the analyses that are displayed, each for an equal share of the time.

    The memory of the model at the keyframes, which makes the curve, is one of them, and the only
    one for SHARE_BACKGROUND of the time while none is displayed. All methods belong to the worker
    thread, but `display` may be called from another; `on_result` is called in one of its own.
    """

    def __init__(self, on_result: Callable[[], None]) -> None:
        self.version = 0  # counts the changes of what `results` and `curve` return
        self._on_result = on_result
        self._displayed: tuple[str, ...] | None = None  # until a screen displays some
        self._jobs: SimpleQueue[AnalysisJob | None] = SimpleQueue()
        self._done: SimpleQueue[tuple[AnalysisJob, AnalysisResult, float]] = SimpleQueue()
        self._is_busy, self._next_at = False, 0.0
        self._results: dict[str, tuple[AnalysisJob, AnalysisResult]] = {}
        self._seconds: dict[str, float] = {}  # given to each analysis
        self._length_events: dict[_ExactKey, Event | None] = {}
        self._memory: WeakKeyDictionary[RunState, Memory | None] = WeakKeyDictionary()
        self._drawn: WeakSet[RunState] = WeakSet()  # keyframes of the curve
        self._thread = Thread(target=self._run, name="analyst", daemon=True)

    def display(self, names: tuple[str, ...]) -> None:
        """Run the analyses of these `names` from now on, besides the curve."""
        self._displayed = names
        self._next_at = 0.0
        self.version += 1

    def stop(self) -> None:
        """End the thread after its present job, if there is one, without waiting for it."""
        self._jobs.put(None)

    def update(self, session: Session, *, running: bool) -> None:
        """Take the results, and start the next job if one is due."""
        while not self._done.empty():
            self._take(*self._done.get(), running)
        if self._is_busy or self._displayed is None or monotonic() < self._next_at:
            return
        job = self._next_job(session)
        if job:
            if self._thread.ident is None:
                self._thread.start()
            self._is_busy = True
            self._jobs.put(job)
        elif running:
            self._next_at = monotonic() + MIN_INTERVAL_SECONDS

    @property
    def seconds_until_due(self) -> float | None:
        """Seconds until `update` may start a job; None while there is nothing to wait for."""
        wait = self._next_at - monotonic()
        return None if self._is_busy or wait <= 0 else wait

    def results(self, run: Run) -> Mapping[str, AnalysisResult]:
        """Return the latest results of the displayed analyses that are of the model of `run`."""
        return {
            name: result
            for name, (job, result) in self._results.items()
            if name in (self._displayed or ()) and _is_same_model(run, job.state)
        }

    def curve(self, session: Session, *, running: bool) -> tuple[CurvePoint, ...]:
        """Return the memory at the keyframes analyzed so far, up to the step viewed.

        That of a paused run gets no more points until it is complete, to be drawn once.
        """
        states = _keyframes(session)
        if running or all(state in self._memory for state in states):
            self._drawn.update(state for state in states if state in self._memory)
        points = ((state.step, self._memory[state]) for state in states if state in self._drawn)
        return tuple(CurvePoint(step, memory) for step, memory in points if memory)

    def events(self, session: Session) -> tuple[Event, ...]:
        """Return the events of the current branch that the analyses have found."""
        event = self._length_events.get(_exact_key(session))
        return (event,) if event else ()

    def _take(
        self, job: AnalysisJob, result: AnalysisResult, seconds: float, running: bool
    ) -> None:
        self._is_busy, self.version = False, self.version + 1
        if job.name == LENGTH_EVENT:
            self._length_events[job.key] = length_event(result)
        elif job.name:
            self._results[job.name] = job, result
        else:
            self._memory[job.state] = result.value
        self._seconds[job.name] += seconds
        share = SHARE_IDLE
        if running:
            share = SHARE_RUNNING if self._displayed else SHARE_BACKGROUND
        self._next_at = monotonic() + seconds * (1 / share - 1)

    def _next_job(self, session: Session) -> AnalysisJob | None:
        """Return the job, of those that are due, whose analysis had the least time so far."""
        run, inputs = session.viewed, session.viewed.inspector.shown_inputs
        if session.is_seeking:
            return None
        key = (run, run.step, len(run.log), None if inputs is None else inputs.tobytes())
        names = self._displayed or ()
        due = [name for name in names if self._key_of_result(name) != key]
        keyframe = self._next_keyframe(_keyframes(session))
        if keyframe:
            due.append("")
        exact_key, exact_state = _exact_key(session), _exact_state(session)
        if exact_state and exact_key not in self._length_events:
            due.append(LENGTH_EVENT)
        if not due:
            return None
        # An analysis that was not due is not owed the time that the others had meanwhile.
        floor = min((self._seconds.get(name, 0.0) for name in names), default=0.0)
        for name in due:
            self._seconds[name] = max(floor, self._seconds.get(name, 0.0))
        chosen = min(due, key=lambda name: self._seconds[name])
        if chosen == LENGTH_EVENT and exact_state:
            return AnalysisJob(LENGTH_EVENT, exact_state, key=exact_key)
        if chosen or keyframe is None:
            return AnalysisJob(chosen, run.state, inputs, key)
        return AnalysisJob("", keyframe)

    def _key_of_result(self, name: str) -> tuple[object, ...]:
        return self._results[name][0].key if name in self._results else ()

    def _next_keyframe(self, states: Sequence[RunState]) -> RunState | None:
        """Return the state without a result that is farthest from those with one."""
        known = np.array([i for i, state in enumerate(states) if state in self._memory])
        missing = [i for i, state in enumerate(states) if state not in self._memory]
        if not missing:
            return None
        if not len(known):
            return states[0]
        return states[max(missing, key=lambda i: int(np.abs(known - i).min()))]

    def _run(self) -> None:
        """Run the jobs, in the thread."""
        with np.errstate(all="ignore"):
            while job := self._jobs.get():
                started_at = thread_time()
                result = analyze(job)
                self._done.put((job, result, thread_time() - started_at))
                self._on_result()


def analyze(job: AnalysisJob) -> AnalysisResult:
    """Return the result of `job`, or why it has none."""
    n_sequences = DEFAULT_SEQUENCES if job.name else CURVE_SEQUENCES
    subject = subject_of(job.state, job.inputs, n_sequences)
    name = {"": "memory", LENGTH_EVENT: "length"}.get(job.name, job.name)
    try:
        value, reason = ANALYSES[name].compute_or_reason(subject)
    except Exception as error:  # would end the thread, and with it all analyses
        value, reason = None, f"The analysis failed: {error!r}."
    return AnalysisResult(job.state.weights_step, value, reason)


def _exact_key(session: Session) -> _ExactKey:
    """Return the branch and the first step checked after which every sequence was correct."""
    return session.current.number, session.viewed.evaluation_tracker.first_exact_step


def _exact_state(session: Session) -> RunState | None:
    """Return the first keyframe after which every sequence was correct, if there is one."""
    exact_step = session.viewed.evaluation_tracker.first_exact_step
    if exact_step is None or not session.viewed.task.is_arithmetic:
        return None
    states = (state for state in _keyframes(session) if state.step >= exact_step)
    return next(states, None)


def length_event(result: AnalysisResult) -> Event | None:
    """Return the event of an evaluation on longer numbers; None without a result."""
    length: LengthResult | None = result.value
    if length is None:
        return None
    correct = list(takewhile(lambda sample: sample.n_correct == sample.n, length.samples))
    first = length.samples[0]
    pairs = f"random pairs of {first.length:,} bits: {first.n_correct:,} of {first.n:,} correct"
    if correct:
        pairs = f"random pairs of up to {correct[-1].length:,} bits correct"
    ripple = f"every ripple of up to {length.longest:,} columns correct"
    if length.counterexample:
        ripple = f"ripple incorrect at bit {length.counterexample.incorrect_bit:,}"
    return Event(result.step, "length", f"{pairs}, {ripple}")


def _keyframes(session: Session) -> list[RunState]:
    """Return the keyframes up to the step viewed, since the latest change of model or task.

    A change of all weights is one, after which states before may be of the same step.
    """
    run, states = session.viewed, []
    log = enumerate(run.log, 1)
    min_changes = max((n for n, each in log if isinstance(each.change, SetWeights)), default=0)
    for _, state in reversed(session.current.keyframes.entries):
        if state.step <= run.step:
            if state.n_changes < min_changes or not _is_same_model(run, state):
                break
            if not state.halt_reason:  # else its weights are of an earlier step
                states.append(state)
    return states[::-1]


def _is_same_model(run: Run, state: RunState) -> bool:
    settings = state.settings_state.settings
    return settings is run.settings or same_scope(run.settings, settings)
