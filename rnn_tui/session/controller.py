"""Session controller: handles requests, and decides how many steps to train next."""

from collections.abc import Callable
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Protocol, final

from rnn_tui.config.errors import UserError
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.run.changes import Change, SetField, SetWeights
from rnn_tui.run.optimizer_race import RaceResult
from rnn_tui.run.run import Run
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.script import Script, TemporaryBreakpoint
from rnn_tui.session.session import ProgressCallback, Session
from rnn_tui.session.siblings import Siblings
from rnn_tui.session.snapshot import RequestedAnalyses, Status
from rnn_tui.session.start import StartedSession
from rnn_tui.session.step_tracing import StepTracing

READ_ONLY_HINT = "read-only; f forks here, end returns to the latest step"


class SessionRequest(Protocol):
    """A request to a session other than a change of its run; see `session.requests`."""

    def handle(self, controller: "SessionController") -> None:
        """Carry out the request between two steps.

        Raises UserError, with nothing changed, if that is impossible.
        """


Request = Change | SessionRequest


@final
class SessionController:
    """Handles requests to a session and trains its current run, a slice of steps at a time.

    It is `running` until `_pause_step`, and takes no step while it is `held`. `message` is the
    latest message, which is a refusal if `refused`. `on_progress` is called during long requests.
    """

    def __init__(
        self,
        started: StartedSession,
        rate_limiter: RateLimiter,
        on_progress: ProgressCallback,
        siblings: Siblings,
        *,
        running: bool,
    ) -> None:
        self.session: Session = started.session
        self.session.on_progress = on_progress
        self.siblings, self.script = siblings, Script(rate_limiter)
        self.rate_limiter, self.message, self.refused = rate_limiter, started.message, False
        self.running = running and self.run.step < started.pause_step and not self.run.halt_reason
        self.held = False
        self.exported: tuple[str, ...] = ()
        self.requested_analyses: RequestedAnalyses | None = None
        self.race: tuple[CostSurface | None, tuple[RaceResult, ...]] = (None, ())
        self.tracing = StepTracing(self.session)
        self._pause_step = started.pause_step
        self._resume_after_seek = False  # it was running when the seek began
        self._manual = False  # the steps to the next pause come from Step requests

    @property
    def run(self) -> Run:
        """The current run, whichever step is viewed."""
        return self.session.current.run

    @property
    def is_training(self) -> bool:
        """Whether the current run trains, or did until a seek began."""
        return self.running or self._resume_after_seek

    @property
    def planned_end(self) -> float:
        """The last planned step, or infinity for a run that has reached it."""
        steps = self.run.planned_steps
        return steps if self.run.step < steps else inf

    def handle(self, request: Request) -> None:
        """Handle `request`; raises UserError, with nothing changed, if that is impossible."""
        self.refused = False
        if isinstance(request, SetField | SetWeights):
            self.change(request)
        else:
            request.handle(self)
        self.siblings.update_plan(self.run)
        self.tracing.update(is_training=self.running)

    def update_siblings(self) -> None:
        """Let the siblings follow the current run."""
        if message := self.siblings.update(self.run):
            self.refuse(message)

    def refuse(self, reason: str) -> None:
        """Set the message to the `reason` why a request was not carried out."""
        self.message, self.refused = reason, True

    def change(self, change: Change) -> None:
        """Apply `change` to the current run, and resume training if it was halted."""
        if self.session.rewind:
            raise UserError(f"step {self.session.rewind.target_step:,} is {READ_ONLY_HINT}")
        halted, n_hits = self.run.halt_reason, len(self.run.breakpoints.hits)
        if self.session.apply(change):
            self.message = self.run.message
            if halted:
                self.resume(self.planned_end)
            self._pause_at_breakpoint(n_hits)
        else:
            self.message = f"{change.spec} is already set"

    def _pause_at_breakpoint(self, n_hits: int) -> bool:
        """Pause if the run has hit a breakpoint besides its first `n_hits`; return whether so."""
        hits = self.run.breakpoints.hits[n_hits:]
        hits = [hit for hit in hits if self.script.pauses_at(hit.condition)]
        if hits:
            self.pause()
            messages = [hits[0].message, *(hit.message.partition(": ")[2] for hit in hits[1:])]
            self.message, self.refused = f"{'; '.join(messages)}; space resumes", False
        return bool(hits)

    def seek(self, target_step: int) -> None:
        """Start to seek `target_step`; training is interrupted until the latest step is sought."""
        was_present = not self.session.rewind
        self.session.seek(target_step)
        if was_present:
            self._resume_after_seek, self.running = self.running, False
        rewind = self.session.rewind
        self.message = f"viewing step {rewind.target_step:,} ({READ_ONLY_HINT})" if rewind else ""
        if not self.session.rewind:
            self._resume_if_interrupted()

    def _resume_if_interrupted(self) -> None:
        """Resume at the latest step, if a seek has interrupted training."""
        if self._resume_after_seek:
            self._resume_after_seek, self.running = False, True
            self.rate_limiter.reset()

    def leave_branch(self, end: float | None) -> None:
        """Train the branch that was switched to until step `end`, or pause it if None."""
        if self.script.temporary_breakpoint:
            with suppress(UserError):  # where it can never be hit
                self.script.temporary_breakpoint.set_in(self.session.current)
        self.pause()
        if end is not None:
            self.resume(end)

    def pause(self) -> None:
        """Pause training."""
        self.running = self._resume_after_seek = False

    def resume(self, pause_step: float) -> None:
        """Train the current run until `pause_step`; raises UserError if it was halted."""
        if self.run.halt_reason:
            raise UserError("lower the learning rate first (-), or restart (r)")
        self.running, self._manual, self._pause_step = True, False, pause_step
        self.rate_limiter.reset()

    def plan_steps(self, steps: int) -> None:
        """Train the current run to `steps`; raises UserError if it has taken as many already.

        A run that has finished is resumed.
        """
        was_finished = self.status is Status.FINISHED
        if steps <= self.run.step:
            raise UserError(f"steps must be above {self.run.step:,}, the step of the run")
        self.session.current.plan_steps(steps)
        if was_finished:
            self.resume(steps)
        elif not self._manual:
            self._pause_step = steps

    def hold(self, held: bool) -> None:
        """Take no steps from now on, or again those that are due."""
        self.held = held
        self.rate_limiter.reset()

    def step(self, count: int) -> None:
        """Train `count` steps more, after those that earlier calls have left."""
        is_continued = self.running and self._manual
        self.resume((self._pause_step if is_continued else self.run.step) + count)
        self._manual = True

    def trace_step(self) -> None:
        """Pause, and trace the next step; raises UserError if there is none to trace."""
        self.pause()
        self.tracing.begin()

    def run_slice(self, is_interrupted: Callable[[], bool] = lambda: False) -> bool:
        """Handle a script, take the steps that are due, and return whether there were any.

        The steps are taken as by `Run.advance`.
        """
        self.advance_script()
        steps = self._steps_due()
        if steps:
            self.train(steps, is_interrupted)
            self.tracing.update(is_training=self.running)
        return steps > 0

    def advance_script(self) -> None:
        """Handle requests of scripts up to one that takes steps."""
        for reason in self.script.advance(self._is_stepping):
            self.refuse(reason)

    def set_temporary_breakpoint(self, temporary: TemporaryBreakpoint | None) -> None:
        """Set a temporary breakpoint instead of the last one, which no branch keeps.

        Raises UserError where it can never be hit; then there is none.
        """
        texts = {
            each.condition.text for each in (self.script.temporary_breakpoint, temporary) if each
        }
        self.script.temporary_breakpoint = None
        for branch in self.session.branches:
            for text in texts & branch.run.breakpoints.by_text.keys():
                branch.edit_breakpoint("deleted", branch.run.breakpoints.by_text[text].condition)
        if temporary:
            temporary.set_in(self.session.current)
            self.script.temporary_breakpoint = temporary

    def _is_stepping(self) -> bool:
        """Whether the steps of a Step request or of a seek are still to be taken."""
        return (self.running and self._manual) or self.session.is_seeking

    def _steps_due(self) -> int:
        """Return how many steps to take now, of the run or of a seek."""
        rewind = self.session.rewind
        if rewind:
            return 0 if rewind.done else rewind.slice_steps
        if not self.running or self.held:
            return 0
        due = self.rate_limiter.slice_steps if self._manual else self.rate_limiter.steps_due()
        return max(0, int(min(due, self._pause_step - self.run.step)))

    def train(self, steps: int, is_interrupted: Callable[[], bool] = lambda: False) -> None:
        """Take `steps` steps, or fewer, as `Run.advance`."""
        rewind = self.session.rewind
        if rewind:
            rewind.advance(steps, is_interrupted)
            return
        run = self.run
        began, first, n_hits = monotonic(), run.step, len(run.breakpoints.hits)
        message_before = run.message
        self.session.current.advance(steps, is_interrupted)
        if run.message is not message_before:
            self.message = run.message
            self.refused = not run.log or run.message != run.log[-1].message
        if message := self.session.current.observer.pop_message():
            self.message, self.refused = message, False
        self.rate_limiter.record(run.step - first, monotonic() - began)
        is_hit = self._pause_at_breakpoint(n_hits)
        if run.halt_reason:
            self.message = (
                f"halted: {run.halt_reason}; weights of step {run.weights_step:,} restored; "
                "lower the rate (-), clip (:clip-norm=1), restart (r) or undo (u)"
            )
            self.running = False
        elif run.step >= self._pause_step and not is_hit:
            self.running = False
            if (
                run.step == self.run.planned_steps
                and not self.session.current.observer.read_only_reason
            ):
                self.message = f"all {run.step:,} planned steps are done; space continues"

    @property
    def status(self) -> Status:
        if self.session.rewind:
            return Status.VIEWING
        if self.run.halt_reason:
            return Status.HALTED
        if self.running:
            return Status.PAUSED if self.held else Status.RUNNING
        is_finished = self.run.step == self.run.planned_steps
        return Status.FINISHED if is_finished else Status.PAUSED
