"""Session controller: handles requests, and decides how many steps to train next."""

from collections.abc import Collection, Sequence
from math import inf
from pathlib import Path
from time import monotonic
from typing import final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.length import evaluate_lengths
from rnn_tui.config.errors import UserError
from rnn_tui.config.increments import decrease_speed, increase_speed
from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.error_text import error_text
from rnn_tui.recording.export import export, file_stem
from rnn_tui.run.change_messages import gradient_check_message, restart_message
from rnn_tui.run.changes import SetField, SetWeights
from rnn_tui.run.optimizer_race import RaceResult, run_race
from rnn_tui.run.run import Run
from rnn_tui.run.subject import subject_of
from rnn_tui.session.rate_limiter import RateLimiter
from rnn_tui.session.requests import (
    DEFAULT_SIBLINGS,
    AdjustLearningRate,
    AdjustSpeed,
    Analyze,
    ApplyToSiblings,
    CheckGradient,
    EvaluateLengths,
    Export,
    Fork,
    NextBranch,
    OpenSibling,
    Pause,
    PinExample,
    PinNewest,
    Race,
    Request,
    Restart,
    Resume,
    SeekBy,
    SeekTo,
    SeekToChange,
    SetSpeed,
    Step,
    SwitchToNext,
    TogglePause,
    TogglePin,
    TrainSiblings,
    Undo,
    UnpinExample,
)
from rnn_tui.session.session import ProgressCallback, Session
from rnn_tui.session.siblings import Siblings
from rnn_tui.session.snapshot import RequestedAnalyses, Status
from rnn_tui.session.start import StartedSession

READ_ONLY_HINT = "read-only; f forks here, end returns to the latest step"


@final
class SessionController:
    """Handles requests to a session and trains its current run, a slice of steps at a time.

    It is `running` until `_pause_step`. `message` is the latest message, which is a refusal if
    `refused`. `on_progress` is called during long requests.
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
        self.siblings = siblings
        self.rate_limiter, self.message, self.refused = rate_limiter, started.message, False
        self.running = running and self.run.step < started.pause_step and not self.run.halt_reason
        self.exported: tuple[str, ...] = ()
        self.requested_analyses: RequestedAnalyses | None = None
        self.race: tuple[CostSurface | None, tuple[RaceResult, ...]] = (None, ())
        self._pause_step = started.pause_step
        self._resume_after_seek = False  # it was running when the seek began
        self._manual = False  # the steps to the next pause come from Step requests

    @property
    def run(self) -> Run:
        """The current run, whichever step is viewed."""
        return self.session.current.run

    def handle(self, request: Request) -> None:
        """Handle `request`; raises UserError, with nothing changed, if that is impossible."""
        self.refused, session = False, self.session
        match request:
            case SetField() | SetWeights():
                self._change(request)
            case SwitchToNext() | AdjustLearningRate():
                self._change(request.resolve(self.run.settings_state))
            case Restart():
                self._restart(request)
            case Undo():
                was_running = self.running or self._resume_after_seek or bool(self.run.halt_reason)
                self.message = session.undo()
                resumes = was_running and not self.run.halt_reason
                self._resume_or_pause(self._planned_end() if resumes else None)
            case Fork():
                session.fork()
                self._resume_or_pause(None)
                self.message = (
                    f"branch {session.current.number} from step {self.run.step:,}: "
                    "change something, space resumes"
                )
            case NextBranch() if len(session.branches) == 1:
                self.message = "only one branch: f forks another"
            case NextBranch():
                session.next_branch()
                self._resume_or_pause(None)
                self.message = f"branch {session.current.number}"
            case SeekTo() | SeekBy() | SeekToChange():
                self._seek(request)
            case Export():
                self._export(request)
            case Pause():
                self.running = self._resume_after_seek = False
            case TogglePause():
                self.handle(Pause() if self.running else Resume())
            case Resume() if session.rewind:
                self._seek(SeekTo(None))
            case Resume():
                self._resume(self._planned_end())
            case Step(count) if session.rewind:
                self._seek(SeekBy(count))
            case Step(count):
                continues_manual = self.running and self._manual
                self._resume((self._pause_step if continues_manual else self.run.step) + count)
                self._manual = True
            case SetSpeed(steps_per_second):
                self.rate_limiter.set_rate(steps_per_second)
            case AdjustSpeed(up):
                adjusted = increase_speed if up else decrease_speed
                self.rate_limiter.set_rate(adjusted(self.rate_limiter.steps_per_second))
            case PinExample(input_text):
                session.pin_example(input_text)
            case UnpinExample():
                session.unpin_example()
            case PinNewest():
                self.handle(UnpinExample())
                self.handle(PinExample())
            case TogglePin():
                pinned = session.viewed.inspector.is_pinned
                self.handle(UnpinExample() if pinned else PinExample())
            case CheckGradient():
                run = session.seek_now()
                verdict = gradient_check_message(run.inspector.check_gradient())
                self.message = f"step {run.step:,}: {verdict}"
            case Analyze(names):
                self._analyze(session.seek_now(), names)
            case EvaluateLengths(lengths):
                self._evaluate_lengths(session.seek_now(), lengths)
            case TrainSiblings(count):
                self._train_siblings(count)
            case ApplyToSiblings(applies):
                self._apply_to_siblings(applies)
            case OpenSibling(seed):
                plan, step = self.siblings.find(seed, self.run)
                session.open_run(plan.settings_of(seed), plan.schedule, step)
                self._resume_or_pause(None)
                end = f"halted: {self.run.halt_reason}" if self.run.halt_reason else "space resumes"
                self.message = (
                    f"branch {session.current.number}: the sibling with seed {seed}, "
                    f"trained again to step {self.run.step:,}; {end}"
                )
            case Race(start):
                cost = session.seek_now().cost_surface
                if cost is None:
                    raise UserError(
                        "optimizers race only on the cost surface of counting-ones and model linear"
                    )
                self.race = cost, run_race(cost, start)
        self.siblings.update_plan(self.run)

    def refuse(self, reason: str) -> None:
        """Set the message to the `reason` why a request was not carried out."""
        self.message, self.refused = reason, True

    def _train_siblings(self, count: int | None) -> None:
        if count is None:
            count = 0 if self.siblings.is_training else self.siblings.n_siblings or DEFAULT_SIBLINGS
        if count:
            self.siblings.start(count, self.run)
            self.message = f"{count} siblings with other seeds train along; N stops them"
        else:
            self.siblings.stop()
            self.message = "siblings stopped"

    def _apply_to_siblings(self, applies: bool) -> None:
        if not self.siblings.is_training:
            raise UserError("there are no siblings; N trains some")
        self.siblings.set_applies_changes(applies)
        self.message = (
            "changes of the run are applied to the siblings too; Y for the run alone"
            if applies
            else "further changes are for the run alone; y applies them to the siblings too"
        )

    def update_siblings(self) -> None:
        """Let the siblings follow the current run."""
        if message := self.siblings.update(self.run):
            self.refuse(message)

    def _analyze(self, run: Run, names: Collection[str]) -> None:
        subject = subject_of(run.state, run.inspector.shown_inputs)
        results = {name: ANALYSES[name].compute_or_reason(subject) for name in names}
        self.requested_analyses = RequestedAnalyses(run.weights_step, run.settings, results)

    def _evaluate_lengths(self, run: Run, lengths: Sequence[int]) -> None:
        loss = run.settings.make_loss()
        try:
            result = evaluate_lengths(run.trainer.model, run.task, loss, lengths)
        except ValueError as reason:
            raise UserError(str(reason)) from None
        self.requested_analyses = RequestedAnalyses(
            run.weights_step, run.settings, {"length": (result, "")}
        )

    def _export(self, request: Export) -> None:
        run = self.session.run_at(request.step)
        name = file_stem(run, self.session.current.observer.name)
        try:
            stem = Path(request.folder).absolute() / name
            paths = export(run, stem, screenshot=request.screenshot)
        except OSError as reason:
            raise UserError(error_text(reason)) from None
        self.exported = tuple(map(str, paths))
        self.message = f"wrote {len(paths)} files to {stem.parent}"

    def _change(self, change: SetField | SetWeights) -> None:
        if self.session.rewind:
            raise UserError(f"step {self.session.rewind.target_step:,} is {READ_ONLY_HINT}")
        halted = self.run.halt_reason
        if self.session.apply(change):
            self.message = self.run.message
            if halted:
                self._resume(self._planned_end())
        else:
            self.message = f"{change.spec} is already set"

    def _restart(self, request: Restart) -> None:
        rate = self.run.settings.learning_rate
        self.session.restart(request)
        self._resume_or_pause(None if request.paused else self.run.initial_settings.steps)
        self.message = restart_message(self.run.settings, rate)

    def _seek(self, request: SeekTo | SeekBy | SeekToChange) -> None:
        was_present = not self.session.rewind
        self.session.seek(request)
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

    def _resume_or_pause(self, end: float | None) -> None:
        """Train another branch until `end`, or pause it if None."""
        self.running = self._resume_after_seek = False
        if end is not None:
            self._resume(end)

    def _planned_end(self) -> float:
        return (
            self.run.initial_settings.steps
            if self.run.step < self.run.initial_settings.steps
            else inf
        )

    def _resume(self, pause_step: float) -> None:
        if self.run.halt_reason:
            raise UserError("lower the learning rate first (-), or restart (r)")
        self.running, self._manual, self._pause_step = True, False, pause_step
        self.rate_limiter.reset()

    def run_slice(self) -> bool:
        """Take the steps that are due, and return whether there were any."""
        steps = self._steps_due()
        if steps:
            self._train(steps)
        return steps > 0

    def _steps_due(self) -> int:
        """Return how many steps to take now, of the run or of a seek."""
        rewind = self.session.rewind
        if rewind:
            return 0 if rewind.done else rewind.slice_steps
        if not self.running:
            return 0
        due = self.rate_limiter.slice_steps if self._manual else self.rate_limiter.steps_due()
        return max(0, int(min(due, self._pause_step - self.run.step)))

    def _train(self, steps: int) -> None:
        """Take `steps` steps, or fewer if the run halts."""
        rewind = self.session.rewind
        if rewind:
            rewind.advance(steps)
            return
        run = self.run
        began, first = monotonic(), run.step
        message_before = run.message
        self.session.current.advance(steps)
        if run.message is not message_before:
            self.message = run.message
            self.refused = not run.log or run.message != run.log[-1].message
        if message := self.session.current.observer.pop_message():
            self.message, self.refused = message, False
        self.rate_limiter.record(run.step - first, monotonic() - began)
        if run.halt_reason:
            self.message = (
                f"halted: {run.halt_reason}; weights of step {run.weights_step:,} restored; "
                "lower the rate (-), clip (:clip-norm=1), restart (r) or undo (u)"
            )
            self.running = False
        elif run.step >= self._pause_step:
            self.running = False
            if (
                run.step == run.initial_settings.steps
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
            return Status.RUNNING
        return (
            Status.FINISHED if self.run.step == self.run.initial_settings.steps else Status.PAUSED
        )
