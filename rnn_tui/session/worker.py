"""The worker thread: handles requests, trains, evaluates, and posts snapshots."""

import traceback
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from math import inf
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic, sleep, thread_time
from typing import Protocol, final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.resume import Cancelled
from rnn_tui.session.analysis_scheduler import AnalysisScheduler
from rnn_tui.session.controller import Request, SessionController
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.requests import Step, TrainSiblings
from rnn_tui.session.siblings import Siblings
from rnn_tui.session.snapshot import Snapshot, Status, initial_snapshot, take_snapshot
from rnn_tui.session.start import SessionStart

# Share of the time for evaluation: at unlimited speed, at limited speed, and while paused.
EVAL_SHARE_UNLIMITED, EVAL_SHARE_RATE_LIMITED, EVAL_SHARE_IDLE = 0.03, 0.08, 0.5
MAX_FINAL_EVAL_SECONDS = 0.5  # for the accuracy of the last step
CANCELLABLE_AFTER_SECONDS = 1.0  # from then on a newer request cancels a long one
MAX_IDLE_SECONDS = 1.0  # longest sleep
YIELD_INTERVAL_SECONDS = 0.02  # of training between two yields to the other threads
MAX_SUSPENSION_SECONDS = 0.1  # of training, while another thread draws


class SnapshotSource(Protocol):
    """What a front end displays: the latest snapshot of a session that handles its requests."""

    def start(self) -> None:
        """Start the session."""

    def send(self, request: Request) -> None:
        """Queue `request`."""

    def display_analyses(self, names: tuple[str, ...]) -> None:
        """Run the analyses of these `names` in ANALYSES from now on."""

    def latest_snapshot(self) -> Snapshot:
        """Return the latest snapshot, and request a newer one."""

    def suspend_training(self) -> AbstractContextManager[None]:
        """Return a context within which training yields to the caller, which runs faster."""

    def stop(self) -> Snapshot:
        """End the session and return its final snapshot."""


@final
class TrainingWorker:
    """Trains in a thread of its own from `start` to `stop`.

    `send` and `latest_snapshot` may be called from another thread, and never wait. A snapshot is
    made only when the one before was taken.
    """

    _controller: SessionController

    def __init__(
        self,
        session_start: SessionStart,
        steps_per_second: float,
        *,
        paused: bool = False,
        n_siblings: int = 0,
    ) -> None:
        self._session_start = session_start
        self._rate_limiter = RateLimiter(steps_per_second)
        self._snapshot = initial_snapshot(session_start.settings)
        self._snapshot_wanted = Event()
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._wake = Event()
        self._n_suspensions, self._not_suspended = 0, Event()
        self._not_suspended.set()
        self._stopping, self._yield_at = False, 0.0
        self._analyses = AnalysisScheduler(self._wake.set)
        self._siblings, self._n_siblings = Siblings(self._wake.set), n_siblings
        self._starts_running = not paused
        self._requests_handled = 0
        self._eval_started_at = self._eval_seconds = 0.0  # of the latest chunk
        self._inactive_is_next = False
        self._posted_key: tuple[object, ...] = ()
        self._thread = Thread(target=self._run, name="trainer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, request: Request) -> None:
        """Queue `request`; it is handled between two steps."""
        self._requests.put(request)
        self._wake.set()

    def display_analyses(self, names: tuple[str, ...]) -> None:
        """Run the analyses of these `names` in ANALYSES, and those of the curve, from now on."""
        self._analyses.display(names)
        self._wake.set()

    def latest_snapshot(self) -> Snapshot:
        """Return the latest snapshot, and request a newer one."""
        self._snapshot_wanted.set()
        self._wake.set()
        return self._snapshot

    @contextmanager
    def suspend_training(self) -> Iterator[None]:
        """Suspend training: two threads of one interpreter would both run at half their speed.

        If it takes long, training continues slowly, a slice after each MAX_SUSPENSION_SECONDS.
        """
        self._n_suspensions += 1
        self._not_suspended.clear()
        try:
            yield
        finally:
            self._n_suspensions -= 1
            if not self._n_suspensions:
                self._not_suspended.set()

    def stop(self) -> Snapshot:
        """End the thread and return the final snapshot."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._snapshot

    # All below runs in the thread.

    def _run(self) -> None:
        try:
            with np.errstate(all="ignore"):  # a warning would be printed over the screen
                self._loop()
        except Cancelled:
            pass
        except JournalError as reason:
            self._post_failure(str(reason), f"rnn-tui: {reason}\n")
        except Exception as error:  # any other would be lost with the thread
            self._post_failure(
                f"the trainer failed: {error!r}; q shows the traceback", traceback.format_exc()
            )
        finally:
            self._siblings.stop()

    def _post(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._snapshot_wanted.clear()

    def _post_failure(self, message: str, failure: str) -> None:
        latest = replace(self._snapshot, status=Status.FAILED, busy=False, refused=False)
        self._post(replace(latest, message=message, failure=failure))

    def _loop(self) -> None:
        started = self._session_start.start(self._report_resume_progress)
        self._controller = controller = SessionController(
            started,
            self._rate_limiter,
            self._report_progress,
            self._siblings,
            running=self._starts_running,
        )
        if self._n_siblings:
            try:
                controller.handle(TrainSiblings(self._n_siblings))
            except UserError as reason:
                controller.refuse(str(reason))
        while not self._stopping:
            self._wake.clear()
            self._process_requests()
            if self._snapshot_wanted.is_set():
                self._post_snapshot()
            any_steps = self._run_slice()
            self._evaluate()
            self._analyses.update(controller.session, running=controller.running)
            controller.update_siblings()
            if not any_steps:
                self._wake.wait(self._idle_seconds())
        self._analyses.stop()
        controller.session.rewind = None
        controller.session.current.deactivate()  # before anything that may take long
        run = controller.run
        run.evaluation_tracker.evaluate_within(
            MAX_FINAL_EVAL_SECONDS, run.trainer.model, run.weights_step
        )
        controller.session.close()
        self._post_snapshot()

    def _yield_and_check_wake(self) -> bool:
        """Yield to the other threads at intervals; return whether there is something else to do.

        A suspension is checked at each step, since more yields would slow down training.
        """
        if not self._not_suspended.is_set():
            self._not_suspended.wait(MAX_SUSPENSION_SECONDS)
        elif monotonic() >= self._yield_at:
            sleep(0)
            self._yield_at = monotonic() + YIELD_INTERVAL_SECONDS
        return self._wake.is_set()

    def _report_resume_progress(self, step: int, last_step: int) -> bool:
        """Post the progress of a resume, and return whether to continue."""
        self._post_progress(f"resuming: step {step:,} of {last_step:,}")
        return not self._stopping

    def _report_progress(self, message: str, seconds: float) -> None:
        """Post the progress of a long request.

        Raises Cancelled when stopping, and UserError if a newer request cancels a long one.
        """
        if self._stopping:
            raise Cancelled
        if seconds > CANCELLABLE_AFTER_SECONDS and not self._requests.empty():
            raise UserError("cancelled: superseded by a newer request")
        self._post_progress(message)

    def _post_progress(self, message: str, status: Status | None = None) -> None:
        """Post a progress `message` with the fields of the latest snapshot."""
        if self._snapshot_wanted.is_set():
            latest = self._snapshot
            snapshot = replace(
                latest,
                message=message,
                refused=False,
                requests_handled=self._requests_handled,
                busy=True,
                measured_speed=0.0,
            )
            self._post(replace(snapshot, status=status or latest.status))

    def _process_requests(self) -> None:
        """Handle requests in order; train the first slice of a Step before the next request."""
        while not self._requests.empty():
            request = self._requests.get()
            self._requests_handled += 1
            try:
                self._controller.handle(request)
            except Cancelled:
                return
            except UserError as reason:
                self._controller.refuse(str(reason))
            if isinstance(request, Step):
                self._controller.run_slice()
                self._wake.set()  # for the next request
                return

    def _run_slice(self) -> bool:
        """Take the steps that are due, and return whether there were any."""
        try:
            return self._controller.run_slice(self._yield_and_check_wake)
        except Cancelled:  # a request of a script, when stopping
            return False

    def _evaluate(self) -> None:
        """Evaluate a chunk: alternately of the viewed run and of a branch that was left."""
        session, started_at, cpu_started_at = self._controller.session, monotonic(), thread_time()
        if session.is_seeking or started_at < self._next_eval_at:
            return
        run, inactive = session.viewed, session.unevaluated_branch
        is_evaluated = run.evaluation_tracker.score_step == run.weights_step
        if inactive and (is_evaluated or self._inactive_is_next):
            inactive.step_evaluation()
        elif not is_evaluated:
            run.evaluation_tracker.step_evaluation(run.trainer.model, run.weights_step)
        else:
            return
        self._inactive_is_next = not self._inactive_is_next
        # The time of other threads and programs is not counted: it would delay the next chunk.
        self._eval_started_at, self._eval_seconds = started_at, thread_time() - cpu_started_at

    @property
    def _next_eval_at(self) -> float:
        """When the next chunk is due; the share of time depends on whether the run trains."""
        return self._eval_started_at + self._eval_seconds / self._eval_time_share()

    def _eval_time_share(self) -> float:
        if not self._controller.running:
            return EVAL_SHARE_IDLE
        return (
            EVAL_SHARE_UNLIMITED
            if self._rate_limiter.steps_per_second == inf
            else EVAL_SHARE_RATE_LIMITED
        )

    def _idle_seconds(self) -> float:
        wait_seconds = [MAX_IDLE_SECONDS]
        if self._controller.running:
            wait_seconds.append(self._rate_limiter.seconds_until_due())
        session = self._controller.session
        run = session.viewed
        if run.evaluation_tracker.score_step != run.weights_step or session.unevaluated_branch:
            wait_seconds.append(max(0.0, self._next_eval_at - monotonic()))
        for until_due in (self._analyses.seconds_until_due, self._siblings.seconds_until_due):
            if until_due is not None:
                wait_seconds.append(until_due)
        return min(wait_seconds)

    def _post_snapshot(self) -> None:
        """Post a snapshot, unless nothing has changed since the last."""
        controller = self._controller
        session, status = controller.session, controller.status
        if session.rewind and session.is_seeking:
            self._post_progress(session.rewind.progress_text, status)
            return
        run, inactive = session.viewed, session.unevaluated_branch
        speed = self._rate_limiter.measured_speed if status is Status.RUNNING else 0.0
        key = (
            run.history,
            run.step,
            run.evaluation_tracker.score_step,
            run.evaluation_tracker.progress,
            inactive,
            status,
            speed,
            self._requests_handled,
            controller.script.progress,
            self._analyses.version,
            self._siblings.version,
            controller.tracing.trace,
        )
        if key != self._posted_key:
            self._posted_key = key
            race_surface, race_results = controller.race
            is_same_map = race_surface and race_surface.has_data_of(run.cost_surface)
            self._post(
                take_snapshot(
                    session,
                    race_results if is_same_map else (),
                    requests_handled=self._requests_handled,
                    taken_at=monotonic(),
                    status=status,
                    speed=self._rate_limiter.steps_per_second,
                    measured_speed=speed,
                    message=controller.message,
                    refused=controller.refused,
                    exported=controller.exported,
                    analyses=self._analyses.results(run),
                    memory_curve=self._analyses.curve(session, running=controller.running),
                    analysis_events=self._analyses.events(session),
                    requested_analyses=controller.requested_analyses,
                    siblings=self._siblings.view(controller.run),
                    script=controller.script.progress,
                    step_trace=controller.tracing.trace,
                )
            )
