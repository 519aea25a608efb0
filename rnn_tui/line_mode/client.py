"""Talks with a run that trains beside it: what is asked of it, and the news of it in lines."""

import sys
from collections.abc import Callable, Iterator
from math import inf
from time import monotonic, sleep
from typing import final

from rnn_tui.engine.losses import LOSSES
from rnn_tui.run.changes import Pause, Request, Resume, Step
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.worker import Runner
from rnn_tui.signals import Interrupt
from rnn_tui.text.ascii import in_ascii
from rnn_tui.text.report import (
    answer_rows,
    gradient_rows,
    memory_rows,
    picture_rows,
    row,
    standing_rows,
    summary_rows,
)

SOON = 0.002  # seconds between two looks for the answer to a request
TICK = 0.05  # seconds between two looks for news
UNFOLLOWABLE = 2.0  # seconds between two reports, at the least, unless somebody wants more of them


@final
class Conversation:
    """Asks `runner`, waits for each answer, and says what has become of the run.

    A report comes every so many steps, but not before `apart` seconds; never where `every` is 0.
    `cut_short` is asked, while it trains to a step, whether that is no longer wanted.
    """

    def __init__(
        self,
        runner: Runner,
        interrupt: Interrupt,
        every: int,
        apart: float = UNFOLLOWABLE,
        cut_short: Callable[[], bool] = lambda: False,
    ) -> None:
        self._runner, self._interrupt, self._cut_short = runner, interrupt, cut_short
        self.every, self.apart = every, apart
        self.snapshot = runner.look()
        self.over = False  # nothing more is wanted of the run
        self.stands_still = False  # only until the lines that are already there have been obeyed
        self._sent = 0
        self._troubled = False
        self._begin(self.snapshot, told=0)

    def _begin(self, snapshot: Snapshot, told: int) -> None:
        self._branch, self._told = snapshot.branch, told  # changes of it
        self._first_exact: int | None = None
        self._status = snapshot.status
        self._notice = ""
        self._reported, self._reported_at = -1, -inf

    @property
    def running(self) -> bool:
        """Whether the run goes on by itself once the lines at hand have been obeyed."""
        return self.stands_still or self.snapshot.status in (Status.RUNNING, Status.STARTING)

    def say(self, text: str) -> None:
        sys.stdout.write(in_ascii(text) + "\n")
        sys.stdout.flush()

    def say_here(self, text: str) -> None:
        """Say what is so at the present step."""
        self.say(f"step {self.snapshot.step:,}: {text}")

    def say_done(self) -> None:
        """Say what came of the latest request; a refusal has been said already."""
        if not self.refused:
            self.say_here(self.snapshot.notice)

    @property
    def refused(self) -> bool:
        """Whether the latest request was."""
        return self.snapshot.notice.startswith("not done")

    # -- asking ----------------------------------------------------------------------------------

    def ask(self, *requests: Request) -> None:
        """Have `requests` obeyed, and say what they changed; a signal ends the waiting."""
        for request in requests:
            self._runner.send(request)
        self._sent += len(requests)
        self._look()
        while not (self._answered or self._ended):
            sleep(SOON)
            self._look()
        self._tell_news()

    @property
    def _answered(self) -> bool:
        now = self.snapshot
        return not (now.heard < self._sent or now.busy or now.status is Status.STARTING)

    def pause(self) -> None:
        self.stands_still = False
        self.ask(Pause())

    def go_on(self) -> None:
        self.stands_still = False
        self._start_by(Resume())

    def train_to(self, step: int) -> bool:
        """Train on to just that step, as fast as it goes, and stand there.

        Where it is cut short it stands where it was then, and False is returned.
        """
        self.pause()
        if step > self.snapshot.step:
            self._start_by(Step(step - self.snapshot.step))
            while self.snapshot.status is Status.RUNNING and not self._ended:
                if self._cut_short():
                    self.pause()
                    return False
                sleep(TICK)
                self.look()
        return True

    def _start_by(self, request: Request) -> None:
        halted = self.snapshot.status is Status.HALTED
        self.ask(request)
        if halted:
            self.say_here(self.snapshot.notice)

    @property
    def _ended(self) -> bool:
        return self.snapshot.status is Status.FAILED or self._interrupt.came

    # -- telling ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Say what is new, and report where that is due."""
        self._look()
        self._tell_news()
        now = self.snapshot
        if (
            self.every
            and now.status is Status.RUNNING
            and now.example is not None
            and now.step // self.every > self._reported // self.every
            and monotonic() - self._reported_at >= self.apart
        ):
            self.report()

    def _look(self) -> None:
        snapshot = self._runner.look()
        if snapshot.heard >= self._sent or snapshot.status is Status.FAILED:
            self.snapshot = snapshot

    def _tell_news(self) -> None:
        now = self.snapshot
        if now.busy:
            return
        if now.branch != self._branch:
            self._begin(now, told=len(now.log))
        for applied in now.log[self._told :]:
            self.say(applied.notice)
        self._told = len(now.log)
        if now.first_exact != self._first_exact:
            self._first_exact = now.first_exact
            if now.first_exact is not None:
                self.say(f"step {now.first_exact:,}: every result is right, for the first time")
        if now.trouble and not self._troubled:
            self._troubled = True
            self.say_here(now.trouble)
        if now.notice != self._notice and self.refused:
            self.say_here(now.notice)
        self._notice = now.notice
        if now.status is not self._status:
            self._status = now.status
            if now.status is Status.FINISHED:
                self.say_here("all planned steps are done")
            elif now.status in (Status.HALTED, Status.FAILED):
                self.say_here(now.notice)

    def report(self) -> None:
        """Say how the run stands, at length; where it stands still, with the score of this step."""
        if not self.running:
            self._wait_for_score()
        self._report("running" if self.running else self.snapshot.status.value)

    def _wait_for_score(self) -> None:
        """Wait for the score of this step, however long: the same lines come on any machine."""
        while self.snapshot.score_step != self.snapshot.step and not self._ended:
            sleep(SOON)
            self._look()

    def _report(self, state: str) -> None:
        now = self.snapshot
        self._reported, self._reported_at = now.step, monotonic()
        whole = now.present if now.status is Status.PAST else now.start.steps
        self.say(f"step {now.step:,} of {whole:,}, {state}")
        for line in self._standing(now):
            self.say(line)

    def say_example(self) -> None:
        """Say the example on show, and how the gradient goes back through it."""
        now = self.snapshot
        if now.example is None:
            self.say_here("no example yet: it comes with the next step")
            return
        self.say_here("held")
        for line in (*answer_rows(now.example), *memory_rows(now.example)):
            self.say(line)
        for line in gradient_rows(now):
            self.say(line)

    @staticmethod
    def _standing(now: Snapshot) -> Iterator[str]:
        name = "loss" if LOSSES[now.settings.loss].reports_loss else "error"
        if now.now == now.now:
            yield row(name, f"{now.now:.8g}")
        yield from picture_rows(now)
        yield from gradient_rows(now)
        yield from standing_rows(now)

    def conclude(self) -> None:
        """Stand still at the end, with the score of this step; a signal ends the waiting."""
        self.pause()
        self._wait_for_score()

    def tell_end(self, last: Snapshot) -> None:
        """Say how the run stood when it was stopped, and how to repeat it."""
        self.snapshot = last
        self._tell_news()
        if last.step != self._reported:
            self._report("ended")
        for line in summary_rows(last):
            self.say(line)
