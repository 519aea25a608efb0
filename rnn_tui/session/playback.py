"""Plays a session back step by step: its snapshots depend on the steps alone, not on the time."""

from contextlib import AbstractContextManager, nullcontext
from typing import final

from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.config.errors import UserError
from rnn_tui.run.events import Event
from rnn_tui.run.run import Run
from rnn_tui.run.settings_history import same_scope
from rnn_tui.session.analysis_scheduler import (
    LENGTH_EVENT,
    AnalysisJob,
    AnalysisResult,
    analyze,
    length_event,
)
from rnn_tui.session.controller import Request, SessionController
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.siblings import Siblings
from rnn_tui.session.snapshot import Snapshot, initial_snapshot, take_snapshot
from rnn_tui.session.start import SessionStart


@final
class Playback:
    """A source of snapshots that trains on request, at a nominal speed in steps per second.

    A run is evaluated and analyzed in `show` where that is requested, and after each change.
    """

    def __init__(self, session_start: SessionStart, speed: float) -> None:
        started = session_start.start(lambda _step, _last_step: True)
        self._speed, self._end_step = speed, started.pause_step
        self._controller = SessionController(
            started,
            RateLimiter(speed),
            lambda _message, _seconds: None,
            Siblings(lambda: None),
            running=True,
        )
        self._snapshot = initial_snapshot(session_start.settings)
        self._displayed: tuple[str, ...] = ()
        self._results: dict[str, AnalysisResult] = {}
        self._curve: list[CurvePoint] = []
        self._length_events: dict[int, Event | None] = {}  # by the first exact step
        self._analyzed_settings = self._run.settings
        self._n_changes = -1  # at the latest evaluation
        self._time = 0.0

    @property
    def _run(self) -> Run:
        return self._controller.run

    def start(self) -> None:
        """Do nothing: the session starts with the playback."""

    def send(self, request: Request) -> None:
        """Raise UserError: a playback handles no requests."""
        raise UserError("no requests during a playback")

    def display_analyses(self, names: tuple[str, ...]) -> None:
        """Run the analyses of these `names` from now on, those without a result at once."""
        self._displayed = names
        missing = [name for name in names if name not in self._results]
        if missing and self._n_changes == len(self._run.log):
            self._analyze(missing)
            self._take_snapshot()

    def latest_snapshot(self) -> Snapshot:
        """Return the snapshot of the latest step."""
        return self._snapshot

    def suspend_training(self) -> AbstractContextManager[None]:
        """Return a context of nothing: no thread trains."""
        return nullcontext()

    def stop(self) -> Snapshot:
        """Return the snapshot of the latest step; there is no thread to end."""
        return self._snapshot

    @property
    def step(self) -> int:
        return self._run.step

    def train(self, step: int) -> None:
        """Train up to `step`, or until training halts."""
        controller = self._controller
        while self._run.step < step and not self._run.halt_reason:
            if not controller.running:  # a breakpoint was hit
                controller.resume(self._end_step)
            controller.train(step - self._run.step)

    def show(self, time: float, *, evaluate: bool) -> None:
        """Take the snapshot of the present step, at `time` in seconds."""
        self._time = time
        if evaluate or self._n_changes != len(self._run.log):
            self._evaluate()
        self._take_snapshot()

    def pause(self) -> None:
        """Pause at the present step."""
        self._controller.pause()

    def _evaluate(self) -> None:
        """Evaluate and analyze the model of the present step."""
        run = self._run
        run.evaluation_tracker.evaluate(run.trainer.model, run.weights_step)
        if not same_scope(self._analyzed_settings, run.settings):
            self._curve.clear()
        self._analyzed_settings, self._n_changes = run.settings, len(run.log)
        self._results.clear()
        self._analyze(self._displayed)
        memory = analyze(AnalysisJob("", run.state)).value
        is_new = not self._curve or self._curve[-1].step < run.step
        if memory is not None and is_new and not run.halt_reason:
            self._curve.append(CurvePoint(run.step, memory))
        exact_step = run.evaluation_tracker.first_exact_step
        is_first = exact_step not in (None, *self._length_events)
        if exact_step is not None and is_first and run.task.is_arithmetic:
            self._length_events[exact_step] = length_event(
                analyze(AnalysisJob(LENGTH_EVENT, run.state))
            )

    def _analyze(self, names: tuple[str, ...] | list[str]) -> None:
        run = self._run
        for name in names:
            self._results[name] = analyze(AnalysisJob(name, run.state, run.inspector.shown_inputs))

    def _take_snapshot(self) -> None:
        controller, run = self._controller, self._run
        branch = controller.session.current
        branch.keyframes.training_seconds = run.step / self._speed
        exact_step = run.evaluation_tracker.first_exact_step
        event = None if exact_step is None else self._length_events.get(exact_step)
        self._snapshot = take_snapshot(
            controller.session,
            taken_at=self._time,
            status=controller.status,
            speed=self._speed,
            measured_speed=self._speed if controller.running else 0.0,
            message=controller.message,
            analyses={name: self._results[name] for name in self._displayed},
            memory_curve=tuple(self._curve),
            analysis_events=(event,) if event else (),
        )
