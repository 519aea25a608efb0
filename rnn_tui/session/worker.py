"""The worker thread: hears requests, takes steps, holds exams, and answers the mailbox."""

import traceback
from dataclasses import replace
from math import inf
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic, sleep
from typing import final

import numpy as np

from rnn_tui.config.settings import UserError
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.resume import Cancelled
from rnn_tui.session.controller import SessionController
from rnn_tui.session.mailbox import Mailbox
from rnn_tui.session.navigation import seek_progress_text
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.requests import Request, Step
from rnn_tui.session.snapshot import Snapshot, Status, initial_snapshot, take_snapshot
from rnn_tui.session.start import SessionStart

# How much of the time may go into exams: at full speed, at a pace, and while nothing is trained.
EVAL_SHARE_UNLIMITED, EVAL_SHARE_RATE_LIMITED, EVAL_SHARE_IDLE = 0.015, 0.08, 0.5
MAX_FINAL_EVAL_SECONDS = 0.5  # seconds, at the most, for the score of the very end
CANCELLABLE_AFTER_SECONDS = 1.0  # seconds from which on what takes long can be given up
MAX_IDLE_SECONDS = 1.0  # seconds; the longest sleep while there is nothing to do


@final
class TrainingWorker:
    """Trains in a thread of its own from `start` to `stop`; `send` and `look` reach it."""

    _controller: SessionController

    def __init__(
        self, session_start: SessionStart, steps_per_second: float, *, paused: bool = False
    ) -> None:
        self._session_start = session_start
        self._rate_limiter = RateLimiter(steps_per_second)
        self._mailbox = Mailbox(initial_snapshot(session_start.settings))
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._wake = Event()
        self._stopping = False
        self._starts_running = not paused
        self._requests_handled = 0
        self._eval_started_at = self._eval_seconds = 0.0  # the latest paper
        self._inactive_is_next = False
        self._posted_key: tuple[object, ...] = ()
        self._thread = Thread(target=self._run, name="trainer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, request: Request) -> None:
        """Ask for a change; it happens between two steps."""
        self._requests.put(request)
        self._wake.set()

    def latest_snapshot(self) -> Snapshot:
        """Return the newest snapshot there is, and have a newer one made. It never waits."""
        snapshot = self._mailbox.take()
        self._wake.set()
        return snapshot

    def stop(self) -> Snapshot:
        """End the thread and return how the run stands."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        return self._mailbox.take()

    # All below runs in the thread.

    def _run(self) -> None:
        try:
            with np.errstate(all="ignore"):  # a warning would be printed over the screen
                self._loop()
        except Cancelled:
            pass
        except JournalError as reason:
            self._post_failure(str(reason), f"rnn-tui: {reason}\n")
        except Exception as error:  # of any kind: else it would be lost with the thread
            self._post_failure(
                f"the trainer failed, q shows where: {error!r}", traceback.format_exc()
            )

    def _post_failure(self, message: str, failure: str) -> None:
        latest = replace(self._mailbox.newest, status=Status.FAILED, busy=False)
        self._mailbox.post(replace(latest, message=message, refused=False, failure=failure))

    def _loop(self) -> None:
        session = self._session_start.start(self._report_resume_progress)
        self._controller = controller = SessionController(
            session, self._rate_limiter, self._report_progress, running=self._starts_running
        )
        while not self._stopping:
            self._wake.clear()
            self._process_requests()
            if self._mailbox.wanted:
                self._post_snapshot()
            any_steps = controller.run_slice()
            self._evaluate()
            if any_steps:
                sleep(0)  # lets the screen's thread have its turn
            else:
                self._wake.wait(self._idle_seconds())
        controller.navigator.rewind = None
        controller.navigator.current.deactivate()  # before anything that may take long
        controller.run.evaluation_tracker.evaluate_within(
            MAX_FINAL_EVAL_SECONDS, controller.run.trainer.model, controller.run.step
        )
        controller.navigator.branches.close()
        self._post_snapshot()

    def _report_resume_progress(self, step: int, last_step: int) -> bool:
        """Tell how far a run is that is taken up again."""
        self._post_progress(f"resuming: step {step:,} of {last_step:,}")
        return not self._stopping

    def _report_progress(self, message: str, seconds: float) -> None:
        """Tell how far it is; raise where it is to be given up, as by any key after a while."""
        if self._stopping:
            raise Cancelled
        if seconds > CANCELLABLE_AFTER_SECONDS and not self._requests.empty():
            raise UserError("cancelled: superseded by a newer request")
        self._post_progress(message)

    def _post_progress(self, message: str, status: Status | None = None) -> None:
        """Say what is going on while something takes long."""
        if self._mailbox.wanted:
            latest = self._mailbox.newest
            snapshot = replace(
                latest,
                message=message,
                refused=False,
                requests_handled=self._requests_handled,
                busy=True,
                measured_speed=0.0,
            )
            self._mailbox.post(replace(snapshot, status=status or latest.status))

    def _process_requests(self) -> None:
        """Obey in the order of asking; of steps the first is taken before what is asked next."""
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
                self._wake.set()  # for what is asked next
                return

    def _evaluate(self) -> None:
        """Hold a paper: of what is looked at and of a branch that was left by turns."""
        navigator, started_at = self._controller.navigator, monotonic()
        if navigator.is_seeking or started_at < self._next_eval_at:
            return
        run, inactive = navigator.viewed_run, navigator.branches.needs_evaluation
        is_evaluated = run.evaluation_tracker.score_step == run.step
        if inactive and (is_evaluated or self._inactive_is_next):
            inactive.step_evaluation()
        elif not is_evaluated:
            run.evaluation_tracker.step_evaluation(run.trainer.model, run.step)
        else:
            return
        self._inactive_is_next = not self._inactive_is_next
        self._eval_started_at, self._eval_seconds = started_at, monotonic() - started_at

    @property
    def _next_eval_at(self) -> float:
        """When the next paper may be held: sooner as soon as the run stands still."""
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
        run, branches = self._controller.navigator.viewed_run, self._controller.navigator.branches
        if run.evaluation_tracker.score_step != run.step or branches.needs_evaluation:
            wait_seconds.append(max(0.0, self._next_eval_at - monotonic()))
        return min(wait_seconds)

    def _post_snapshot(self) -> None:
        """Post a snapshot, unless nothing has changed since the last."""
        controller = self._controller
        navigator, status = controller.navigator, controller.status
        if navigator.rewind and navigator.is_seeking:
            self._post_progress(seek_progress_text(navigator.rewind), status)
            return
        run, inactive = navigator.viewed_run, navigator.branches.needs_evaluation
        speed = self._rate_limiter.measured_speed if status is Status.RUNNING else 0.0
        key = (
            run.history,
            run.step,
            run.evaluation_tracker.score_step,
            inactive,
            status,
            speed,
            self._requests_handled,
        )
        if key != self._posted_key:
            self._posted_key = key
            raced_surface, race_results = controller.race
            self._mailbox.post(
                take_snapshot(
                    run,
                    navigator.branches,
                    race_results if raced_surface is run.cost_surface else (),
                    requests_handled=self._requests_handled,
                    status=status,
                    speed=self._rate_limiter.steps_per_second,
                    measured_speed=speed,
                    message=controller.message,
                    refused=controller.refused,
                    exported=controller.exported,
                )
            )
