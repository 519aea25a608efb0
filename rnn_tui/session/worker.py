"""The worker thread: hears requests, takes steps, holds exams, and answers the mailbox."""

import traceback
from dataclasses import replace
from math import inf
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic, sleep
from typing import final

import numpy as np

from rnn_tui.config.settings import SettingsError
from rnn_tui.recording.journal_format import JournalError
from rnn_tui.recording.resume import Abandoned
from rnn_tui.run.changes import Request, Step
from rnn_tui.session.controller import Helm
from rnn_tui.session.mailbox import Mailbox
from rnn_tui.session.navigation import under_way
from rnn_tui.session.rate_limiter import Pace
from rnn_tui.session.snapshot import Snapshot, Status, before, take
from rnn_tui.session.start import Opening

# How much of the time may go into exams: at full speed, at a pace, and while nothing is trained.
HURRIED_EXAMS, PACED_EXAMS, IDLE_EXAMS = 0.015, 0.08, 0.5
LAST_EXAM = 0.5  # seconds, at the most, for the score of the very end
PATIENCE = 1.0  # seconds from which on what takes long can be given up
DOZE = 1.0  # seconds; the longest sleep while there is nothing to do


@final
class Runner:
    """Trains in a thread of its own from `start` to `stop`; `send` and `look` reach it."""

    _helm: Helm

    def __init__(self, opening: Opening, steps_per_second: float, *, paused: bool = False) -> None:
        self._opening = opening
        self._pace = Pace(steps_per_second)
        self._mailbox = Mailbox(before(opening.settings))
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._wake = Event()
        self._stopping = False
        self._running = not paused
        self._heard = 0
        self._exam_began = self._exam_took = 0.0  # the latest paper
        self._left_is_next = False
        self._posted: tuple[object, ...] = ()
        self._thread = Thread(target=self._work, name="trainer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, request: Request) -> None:
        """Ask for a change; it happens between two steps."""
        self._requests.put(request)
        self._wake.set()

    def look(self) -> Snapshot:
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

    def _work(self) -> None:
        try:
            with np.errstate(all="ignore"):  # a warning would be printed over the screen
                self._drive()
        except Abandoned:
            pass
        except JournalError as reason:
            self._fail(str(reason), f"rnn-tui: {reason}\n")
        except Exception as error:  # of any kind: else it would be lost with the thread
            self._fail(f"the trainer failed, q shows where: {error!r}", traceback.format_exc())

    def _fail(self, notice: str, failure: str) -> None:
        newest = replace(self._mailbox.newest, status=Status.FAILED, busy=False)
        self._mailbox.post(replace(newest, notice=notice, failure=failure))

    def _drive(self) -> None:
        opened = self._opening.open(self._progress)
        self._helm = helm = Helm(opened, self._pace, self._tick, running=self._running)
        while not self._stopping:
            self._wake.clear()
            self._hear()
            if self._mailbox.wanted:
                self._post()
            proceeded = helm.proceed()
            self._keep_score()
            if proceeded:
                sleep(0)  # lets the screen's thread have its turn
            else:
                self._wake.wait(self._idle_time())
        helm.voyage.past = None
        helm.voyage.current.leave()  # before anything that may take long
        helm.run.scorekeeper.examine_within(LAST_EXAM, helm.run.trainer.model, helm.run.step)
        helm.voyage.branches.close()
        self._post()

    def _progress(self, step: int, last: int) -> bool:
        """Tell how far a run is that is taken up again."""
        self._tell(f"goes on where it stopped: at step {step:,} of {last:,}")
        return not self._stopping

    def _tick(self, notice: str, seconds: float) -> None:
        """Tell how far it is; raise where it is to be given up, as by any key after a while."""
        if self._stopping:
            raise Abandoned
        if seconds > PATIENCE and not self._requests.empty():
            raise SettingsError("given up for what was asked after it")
        self._tell(notice)

    def _tell(self, notice: str, status: Status | None = None) -> None:
        """Say what is going on while something takes long."""
        if self._mailbox.wanted:
            newest = self._mailbox.newest
            told = replace(newest, notice=notice, heard=self._heard, busy=True, measured_speed=0.0)
            self._mailbox.post(replace(told, status=status or newest.status))

    def _hear(self) -> None:
        """Obey in the order of asking; of steps the first is taken before what is asked next."""
        while not self._requests.empty():
            request = self._requests.get()
            self._heard += 1
            try:
                self._helm.obey(request)
            except Abandoned:
                return
            except SettingsError as reason:
                self._helm.notice = f"not done: {reason}"
            if isinstance(request, Step):
                self._helm.proceed()
                self._wake.set()  # for what is asked next
                return

    def _keep_score(self) -> None:
        """Hold a paper: of what is looked at and of a branch that was left by turns."""
        voyage, began = self._helm.voyage, monotonic()
        if voyage.under_way or began < self._exam_due:
            return
        run, left = voyage.shown, voyage.branches.unexamined
        known = run.scorekeeper.score_step == run.step
        if left and (known or self._left_is_next):
            left.examine()
        elif not known:
            run.scorekeeper.proceed(run.trainer.model, run.step)
        else:
            return
        self._left_is_next = not self._left_is_next
        self._exam_began, self._exam_took = began, monotonic() - began

    @property
    def _exam_due(self) -> float:
        """When the next paper may be held: sooner as soon as the run stands still."""
        return self._exam_began + self._exam_took / self._exam_share()

    def _exam_share(self) -> float:
        if not self._helm.running:
            return IDLE_EXAMS
        return HURRIED_EXAMS if self._pace.steps_per_second == inf else PACED_EXAMS

    def _idle_time(self) -> float:
        waits = [DOZE]
        if self._helm.running:
            waits.append(self._pace.wait())
        run, branches = self._helm.voyage.shown, self._helm.voyage.branches
        if run.scorekeeper.score_step != run.step or branches.unexamined:
            waits.append(max(0.0, self._exam_due - monotonic()))
        return min(waits)

    def _post(self) -> None:
        """Post a snapshot, unless nothing has changed since the last."""
        helm = self._helm
        voyage, status = helm.voyage, helm.status
        if voyage.past and voyage.under_way:
            self._tell(under_way(voyage.past), status)
            return
        run, left = voyage.shown, voyage.branches.unexamined
        speed = self._pace.measured if status is Status.RUNNING else 0.0
        key = run.history, run.step, run.scorekeeper.score_step, left, status, speed, self._heard
        if key != self._posted:
            self._posted = key
            raced_on, racers = helm.race
            self._mailbox.post(
                take(
                    run,
                    voyage.branches,
                    racers if raced_on is run.cost else (),
                    heard=self._heard,
                    status=status,
                    speed=self._pace.steps_per_second,
                    measured_speed=speed,
                    notice=helm.notice,
                    exported=helm.exported,
                )
            )
