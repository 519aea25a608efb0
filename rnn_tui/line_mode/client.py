"""Line-mode client of a session: sends requests, and prints what changes."""

import sys
from collections.abc import Callable, Iterator
from math import inf
from time import monotonic, sleep
from typing import final

from rnn_tui.engine.losses import LOSSES
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import Pause, Resume, Step
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.signals import GracefulExit
from rnn_tui.text.ascii import printable, to_ascii
from rnn_tui.text.format import format_exact
from rnn_tui.text.report import (
    gradient_lines,
    labeled_line,
    model_lines,
    prediction_lines,
    progress_lines,
    summary_lines,
    time_step_lines,
)
from rnn_tui.text.siblings import QUESTION

REPLY_POLL_SECONDS = 0.002  # while a request is being handled
POLL_INTERVAL_SECONDS = 0.05  # otherwise
MIN_REPORT_INTERVAL_SECONDS = 2.0  # unless a report interval in steps is given


@final
class LineClient:
    """Sends requests to `worker`, waits until each is handled, and prints changes of the run.

    It prints a report every `report_every` steps (0 for never), at least `min_report_interval`
    seconds apart. Training to a step ends early when `interrupt_requested` returns true.
    """

    def __init__(
        self,
        worker: TrainingWorker,
        interrupt: GracefulExit,
        report_every: int,
        min_report_interval: float = MIN_REPORT_INTERVAL_SECONDS,
        interrupt_requested: Callable[[], bool] = lambda: False,
    ) -> None:
        self._worker, self._interrupt = worker, interrupt
        self._interrupt_requested = interrupt_requested
        self.report_every, self.min_report_interval = report_every, min_report_interval
        self.snapshot = worker.latest_snapshot()
        self.quit_requested = False
        self.paused_for_input = False  # only until the lines already read have been executed
        self._requests_sent = 0
        self._printed_warning = ""
        self._asked = False  # whether changes apply to the siblings
        self._track_branch(self.snapshot, changes_printed=0, hits_printed=0)

    def _track_branch(self, snapshot: Snapshot, changes_printed: int, hits_printed: int) -> None:
        self._branch, self._changes_printed = snapshot.branch_number, changes_printed
        self._hits_printed = hits_printed
        self._exact_step: int | None = None
        self._status = snapshot.status
        self._message = ""
        self._reported_step, self._reported_time = -1, -inf

    @property
    def is_running(self) -> bool:
        """Whether the run trains on once the lines already read have been executed."""
        return self.paused_for_input or self.snapshot.status in (Status.RUNNING, Status.STARTING)

    def print_line(self, text: str) -> None:
        """Print `text`, which the program has worded, in ASCII."""
        self.print_verbatim(to_ascii(text))

    def print_verbatim(self, text: str) -> None:
        """Print `text`, which may quote names of files and typed words."""
        sys.stdout.write(f"{printable(text)}\n")
        sys.stdout.flush()

    def print_at_step(self, text: str) -> None:
        """Print `text` after the current step."""
        self.print_line(f"step {self.snapshot.step:,}: {text}")

    def print_error(self, reason: str) -> None:
        self.print_verbatim(f"error: {reason}")

    # -- requests --------------------------------------------------------------------------------

    def send(self, *requests: Request) -> None:
        """Send `requests`, wait until they are handled or a signal comes, and print changes."""
        self._message = ""  # a refusal is printed again even if it is the same
        for request in requests:
            self._worker.send(request)
        self._requests_sent += len(requests)
        self._refresh_snapshot()
        while not (self._is_handled or self._ended):
            sleep(REPLY_POLL_SECONDS)
            self._refresh_snapshot()
        self._print_updates()

    @property
    def _is_handled(self) -> bool:
        now = self.snapshot
        return not (
            now.requests_handled < self._requests_sent or now.busy or now.status is Status.STARTING
        )

    def pause(self) -> None:
        self.paused_for_input = False
        self.send(Pause())

    def resume(self) -> None:
        self.paused_for_input = False
        self.send(Resume())

    def train_to(self, step: int) -> bool:
        """Train to exactly `step` without a speed limit, then pause.

        Return False if it was interrupted and so paused before.
        """
        self.pause()
        if step > self.snapshot.step:
            self.send(Step(step - self.snapshot.step))
            while self.snapshot.status is Status.RUNNING and not self._ended:
                if self._interrupt_requested():
                    self.pause()
                    return False
                sleep(POLL_INTERVAL_SECONDS)
                self.update()
        return True

    @property
    def _ended(self) -> bool:
        return self.snapshot.status is Status.FAILED or self._interrupt.received

    # -- output ----------------------------------------------------------------------------------

    def update(self) -> None:
        """Print changes, and a report if one is due."""
        self._refresh_snapshot()
        self._print_updates()
        now = self.snapshot
        if (
            self.report_every
            and now.status is Status.RUNNING
            and now.example is not None
            and now.step // self.report_every > self._reported_step // self.report_every
            and monotonic() - self._reported_time >= self.min_report_interval
        ):
            self.report()

    def delay_report(self) -> None:
        """Print no report before `min_report_interval` has passed from now."""
        self._reported_time = monotonic()

    def _refresh_snapshot(self) -> None:
        snapshot = self._worker.latest_snapshot()
        if snapshot.has_handled(self._requests_sent):
            self.snapshot = snapshot

    def _print_updates(self) -> None:
        now = self.snapshot
        if now.busy:
            return
        if now.branch_number != self._branch:
            self._track_branch(now, len(now.log), len(now.breakpoint_hits))
        for applied in now.log[self._changes_printed :]:
            self.print_line(applied.message)
        self._changes_printed = len(now.log)
        for hit in now.breakpoint_hits[self._hits_printed :]:
            self.print_line(hit.message)
        self._hits_printed = len(now.breakpoint_hits)
        if now.first_exact_step != self._exact_step:
            self._exact_step = now.first_exact_step
            if now.first_exact_step is not None:
                self.print_line(f"step {now.first_exact_step:,}: {format_exact(now.score)}")
        if now.warning not in ("", self._printed_warning):
            self._printed_warning = now.warning
            self.print_verbatim(f"step {now.step:,}: {now.warning}")
        if now.message != self._message and now.refused:
            self.print_error(now.message)
        self._message = now.message
        is_asking = now.siblings is not None and now.siblings.is_waiting
        if is_asking and not self._asked:
            self.print_line(QUESTION)
        self._asked = is_asking
        if now.status is not self._status:
            self._status = now.status
            if now.status is Status.FINISHED:
                self.print_at_step("all planned steps are done")
            elif now.status in (Status.HALTED, Status.FAILED):
                self.print_at_step(now.message)

    def report(self) -> None:
        """Print a report; of a paused run, with the results of this very step."""
        if not self.is_running:
            self._wait_for_evaluation()
            self.wait_for_siblings()
        self._print_report("running" if self.is_running else self.snapshot.status.value)

    def _wait_for_evaluation(self) -> None:
        """Wait for the accuracy of this step, so that the lines are the same on any machine."""
        while self.snapshot.score_step != self.snapshot.weights_step and not self._ended:
            sleep(REPLY_POLL_SECONDS)
            self._refresh_snapshot()

    def wait_for_siblings(self, *, with_accuracy: bool = False) -> None:
        """Wait until the siblings are at this step, or until that is interrupted."""
        while (
            (view := self.snapshot.siblings)
            and (
                view.is_behind(self.snapshot.latest_step)
                or (with_accuracy and view.awaits_evaluation)
            )
            and not (self._ended or self._interrupt_requested())
        ):
            sleep(POLL_INTERVAL_SECONDS)
            self._refresh_snapshot()

    def _print_report(self, state: str) -> None:
        now = self.snapshot
        self._reported_step, self._reported_time = now.step, monotonic()
        total_steps = now.latest_step if now.status is Status.VIEWING else now.planned_steps
        self.print_line(f"step {now.step:,} of {total_steps:,}, {state}")
        for line in self._progress_lines(now):
            self.print_line(line)

    def print_example(self) -> None:
        """Print the displayed example, and the gradient norms over its time steps."""
        now = self.snapshot
        if now.example is None:
            self.print_at_step("no example yet: train a step first")
            return
        self.print_at_step("pinned, predicted with the current weights")
        for line in (*prediction_lines(now.example), *time_step_lines(now.example)):
            self.print_line(line)
        for line in gradient_lines(now):
            self.print_line(line)

    @staticmethod
    def _progress_lines(snapshot: Snapshot) -> Iterator[str]:
        name = LOSSES[snapshot.settings.loss].metric_name
        if snapshot.metric == snapshot.metric:
            text = f"{snapshot.metric:.8g} of the latest batch, before its update"
            yield labeled_line(name, text)
        yield from model_lines(snapshot)
        yield from gradient_lines(snapshot)
        yield from progress_lines(snapshot)

    def finish(self) -> None:
        """Pause at the end and wait for the results of this step, or for a signal."""
        self.pause()
        self._wait_for_evaluation()
        if not self.quit_requested:
            self.wait_for_siblings()

    def print_summary(self, last_snapshot: Snapshot) -> None:
        """Print the final state of the run, and the command to repeat it."""
        self.snapshot = last_snapshot
        self._print_updates()
        if last_snapshot.step != self._reported_step:
            self._print_report("ended")
        for line in summary_lines(last_snapshot):
            self.print_verbatim(line)
