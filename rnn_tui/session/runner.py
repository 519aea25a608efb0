"""The worker thread: hears requests, takes steps, holds exams, and answers the mailbox."""

import traceback
from dataclasses import replace
from math import inf
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic, sleep
from typing import final

import numpy as np

from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.engine.gradient_check import SOUND
from rnn_tui.session.changes import (
    CheckGradient,
    Hold,
    Pause,
    Race,
    Release,
    Request,
    Restart,
    Resume,
    Set,
    SetSpeed,
    SetWeights,
    Step,
)
from rnn_tui.session.mailbox import Mailbox
from rnn_tui.session.pace import Pace
from rnn_tui.session.race import Racer, race
from rnn_tui.session.run import Run, Schedule
from rnn_tui.session.snapshot import Snapshot, Status, before, take
from rnn_tui.settings import Settings, SettingsError, plain

# How much of the time may go into exams: at full speed, at a pace, and while nothing is trained.
HURRIED_EXAMS, PACED_EXAMS, IDLE_EXAMS = 0.015, 0.08, 0.5
LAST_EXAM = 0.5  # seconds, at the most, for the score of the very end
DOZE = 1.0  # seconds; the longest sleep while there is nothing to do


@final
class Runner:
    """Trains in a thread of its own from `start` to `stop`; `send` and `look` reach it."""

    def __init__(
        self,
        settings: Settings,
        steps_per_second: float,
        *,
        schedule: Schedule = (),
        paused: bool = False,
    ) -> None:
        self._settings, self._schedule = settings, schedule
        self._pace = Pace(steps_per_second)
        self._mailbox = Mailbox(before(settings))
        self._requests: SimpleQueue[Request] = SimpleQueue()
        self._wake = Event()
        self._stopping = False
        self._running = not paused
        self._pause_at: float = settings.steps
        self._by_hand = False  # the steps to the next pause were asked for one by one
        self._notice = ""
        self._heard = 0
        self._exam_due = 0.0
        self._posted: tuple[object, ...] = ()
        self._race: tuple[CostSurface | None, tuple[Racer, ...]] = (None, ())
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
        except Exception as error:  # of any kind: else it would be lost with the thread
            self._mailbox.post(
                replace(
                    self._mailbox.take(),
                    status=Status.FAILED,
                    notice=f"the trainer failed, q shows where: {error!r}",
                    failure=traceback.format_exc(),
                )
            )

    def _drive(self) -> None:
        self._run = Run(self._settings, self._schedule)
        while not self._stopping:
            self._wake.clear()
            self._hear()
            if self._mailbox.wanted:
                self._post()
            steps = self._due()
            if steps:
                self._train(steps)
            self._keep_score()
            if steps:
                sleep(0)  # lets the screen's thread have its turn
            else:
                self._wake.wait(self._idle_time())
        run = self._run
        run.scorekeeper.examine_within(LAST_EXAM, run.trainer.model, run.step)
        self._post()

    def _hear(self) -> None:
        while not self._requests.empty():
            request = self._requests.get()
            self._heard += 1
            try:
                self._obey(request)
            except SettingsError as reason:
                self._notice = f"not done: {reason}"

    def _obey(self, request: Request) -> None:
        run = self._run
        match request:
            case Set() | SetWeights():
                halted = run.halted
                if run.apply(request):
                    self._notice = run.news
                    if halted:
                        self._resume(self._planned_end())
            case Restart():
                rate = run.settings.learning_rate
                run.restart(request)
                self._resume(run.start.steps)
                self._notice = f"a new run from seed {run.settings.seed}"
                if run.settings.learning_rate != rate:
                    self._notice += f", at a rate of {plain(run.settings.learning_rate)} again"
            case Pause():
                self._running = False
            case Resume():
                self._resume(self._planned_end())
            case Step(count):
                asked = self._running and self._by_hand
                self._resume((self._pause_at if asked else run.step) + count)
                self._by_hand = True
            case SetSpeed(steps_per_second):
                self._pace.set(steps_per_second)
            case Hold(question):
                run.viewer.hold(question)
            case Release():
                run.viewer.release()
            case CheckGradient():
                self._notice = f"step {run.step:,}: {_verdict(run.viewer.check_gradient())}"
            case Race(start):
                if run.cost is None:
                    raise SettingsError("only two weights that count ones can race")
                self._race = run.cost, race(run.cost, start)

    def _planned_end(self) -> float:
        return self._run.start.steps if self._run.step < self._run.start.steps else inf

    def _resume(self, pause_at: float) -> None:
        if self._run.halted:
            self._notice = "lower the rate first, or start again"
        else:
            self._running, self._by_hand, self._pause_at = True, False, pause_at
            self._pace.start()

    def _due(self) -> int:
        if not self._running:
            return 0
        due = self._pace.at_once if self._by_hand else self._pace.due()
        return max(0, int(min(due, self._pause_at - self._run.step)))

    def _train(self, steps: int) -> None:
        run = self._run
        began, first = monotonic(), run.step
        news = run.news
        run.advance(steps)
        if run.news is not news:
            self._notice = run.news
        self._pace.took(run.step - first, monotonic() - began)
        if run.halted:
            self._notice = (
                f"halted: {run.halted}; weights of step {run.restored_step:,} are back; "
                "- or :clip-norm=1 or r"
            )
            self._running = False
        elif run.step >= self._pause_at:
            self._running = False
            if run.step == run.start.steps:
                self._notice = f"all {run.step:,} planned steps are done; space goes on"

    def _keep_score(self) -> None:
        keeper, run = self._run.scorekeeper, self._run
        began = monotonic()
        if keeper.score_step != run.step and began >= self._exam_due:
            keeper.proceed(run.trainer.model, run.step)
            taken = monotonic() - began
            self._exam_due = began + taken / self._exam_share()

    def _exam_share(self) -> float:
        if not self._running:
            return IDLE_EXAMS
        return HURRIED_EXAMS if self._pace.steps_per_second == inf else PACED_EXAMS

    def _idle_time(self) -> float:
        waits = [DOZE]
        if self._running:
            waits.append(self._pace.wait())
        if self._run.scorekeeper.score_step != self._run.step:
            waits.append(max(0.0, self._exam_due - monotonic()))
        return min(waits)

    def _status(self) -> Status:
        if self._run.halted:
            return Status.HALTED
        if self._running:
            return Status.RUNNING
        return Status.FINISHED if self._run.step == self._run.start.steps else Status.PAUSED

    def _post(self) -> None:
        """Post a snapshot, unless nothing has changed since the last."""
        run, status = self._run, self._status()
        speed = self._pace.measured if status is Status.RUNNING else 0.0
        key = run.history, run.step, run.scorekeeper.score_step, status, speed, self._heard
        if key != self._posted:
            self._posted = key
            raced_on, racers = self._race
            self._mailbox.post(
                take(
                    run,
                    racers if raced_on is run.cost else (),
                    heard=self._heard,
                    status=status,
                    speed=self._pace.steps_per_second,
                    measured_speed=speed,
                    notice=self._notice,
                )
            )


def _verdict(errors: dict[str, float] | None) -> str:
    """Return what a gradient check found, in a line."""
    if errors is None:
        return "no example yet to check the gradient on"
    compared = {name: error for name, error in errors.items() if error == error}
    if not compared:
        return "every weight stands on a kink of the loss: nothing to compare"
    name, worst = max(compared.items(), key=lambda item: item[1])
    verdict = "right" if worst < SOUND else "WRONG"
    return f"gradient {verdict}: worst relative error {worst:.1e}, in {name}"
