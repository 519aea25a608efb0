"""Requests to a session; relative ones are resolved against the run when they are handled.

Each is a `session.controller.Request`, handled between two steps by its method `handle`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from pathlib import Path
from secrets import randbelow
from typing import TYPE_CHECKING, Self, final

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.config.errors import UserError
from rnn_tui.config.increments import (
    decrease,
    decrease_speed,
    increase,
    increase_speed,
    others_in_cycle,
)
from rnn_tui.config.parsing import check_choice
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_STEPS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.error_text import error_text
from rnn_tui.recording.export import export, file_stem
from rnn_tui.run.change_messages import gradient_check_message, restart_message
from rnn_tui.run.changes import SetField
from rnn_tui.run.conditions import Condition
from rnn_tui.run.optimizer_race import run_race
from rnn_tui.run.run import Run
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.subject import evaluate_run_at, subject_of
from rnn_tui.session.siblings import NO_SIBLINGS
from rnn_tui.session.snapshot import RequestedAnalyses

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController

NEW_SEED_LIMIT = 100_000
DEFAULT_SIBLINGS, MAX_SIBLINGS = 32, 128
BREAKPOINT_HINT = "break CONDITION sets one, as in break loss<1 and exact"
CYCLED_CHOICES: Mapping[str, Collection[str]] = {
    "task": TASKS,
    "model": MODELS,
    "optimizer": OPTIMIZERS,
}


@final
@dataclass(frozen=True, slots=True)
class SwitchToNext:
    """Switch `setting` (task, model or optimizer) to its next possible value."""

    setting: str
    forward: bool = True

    def resolve(self, state: SettingsState) -> SetField:
        """Return the change for a run with the settings of `state`.

        Raises UserError if no other value is possible.
        """
        names = list(CYCLED_CHOICES[self.setting])
        current = getattr(state.settings, self.setting)
        for name in others_in_cycle(current, names if self.forward else names[::-1]):
            with suppress(UserError):
                state.apply(SetField(self.setting, name))
                return SetField(self.setting, name)
        raise UserError(f"no {self.setting} but {current} is possible with the other settings")

    def handle(self, controller: SessionController) -> None:
        controller.change(self.resolve(controller.run.settings_state))


@final
@dataclass(frozen=True, slots=True)
class AdjustLearningRate:
    """Set the learning rate to the next of 0.1, 0.2, 0.5, 1, … above or below it."""

    up: bool

    def resolve(self, state: SettingsState) -> SetField:
        """Return the change for a run with the settings of `state`."""
        rate = state.settings.learning_rate
        return SetField("lr", increase(rate) if self.up else decrease(rate))

    def handle(self, controller: SessionController) -> None:
        controller.change(self.resolve(controller.run.settings_state))


@final
@dataclass(frozen=True, slots=True)
class Restart:
    """Restart with the current settings, with `seed` if one is given; `paused` at step 0."""

    seed: int | None = None
    paused: bool = False

    @classmethod
    def with_new_seed(cls) -> Self:
        """Return a restart with a random seed below NEW_SEED_LIMIT."""
        return cls(seed=randbelow(NEW_SEED_LIMIT))

    def handle(self, controller: SessionController) -> None:
        learning_rate = controller.run.settings.learning_rate
        controller.session.restart(self.seed)
        run = controller.run
        controller.leave_branch(None if self.paused else run.initial_settings.steps)
        controller.message = restart_message(run.settings, learning_rate)


@final
@dataclass(frozen=True, slots=True)
class StartRecipe:
    """Start a run of the recipe `name` on a new branch, at its speed; `paused` at step 0."""

    name: str
    paused: bool = False

    def __post_init__(self) -> None:
        check_choice("recipe", self.name, RECIPES)

    def handle(self, controller: SessionController) -> None:
        recipe = RECIPES[self.name]
        controller.session.start_run(Run(recipe.settings))
        controller.rate_limiter.set_rate(recipe.speed)
        controller.leave_branch(None if self.paused else recipe.settings.steps)
        controller.message = f"recipe {self.name}: {recipe.summary}"


@final
@dataclass(frozen=True, slots=True)
class PlanSteps:
    """Train the current run to step `steps`, instead of to the last planned one."""

    steps: int

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise UserError(f"steps must be from 1 to {MAX_STEPS:,}, not {self.steps:,}")

    def handle(self, controller: SessionController) -> None:
        controller.plan_steps(self.steps)
        controller.message = f"{self.steps:,} steps are planned"


@final
@dataclass(frozen=True, slots=True)
class HoldTraining:
    """Hold training while the user reads, or release it; a paused run stays paused."""

    held: bool

    def handle(self, controller: SessionController) -> None:
        controller.hold(self.held)


@final
@dataclass(frozen=True, slots=True)
class Undo:
    """Fork a branch just before the latest change."""

    def handle(self, controller: SessionController) -> None:
        was_training = controller.is_training or bool(controller.run.halt_reason)
        controller.message = controller.session.undo()
        resumes = was_training and not controller.run.halt_reason
        controller.leave_branch(controller.planned_end if resumes else None)


@final
@dataclass(frozen=True, slots=True)
class Fork:
    """Fork a branch at the viewed step, with the same training data to come."""

    def handle(self, controller: SessionController) -> None:
        controller.session.fork()
        controller.leave_branch(None)
        controller.message = (
            f"branch {controller.session.current.number} from step {controller.run.step:,}: "
            "change something, space resumes"
        )


@final
@dataclass(frozen=True, slots=True)
class NextBranch:
    """Switch to the next branch, at its latest step."""

    def handle(self, controller: SessionController) -> None:
        session = controller.session
        if len(session.branches) == 1:
            controller.message = "only one branch: f forks another"
            return
        session.next_branch()
        controller.leave_branch(None)
        controller.message = f"branch {session.current.number}"


@final
@dataclass(frozen=True, slots=True)
class SeekTo:
    """View the run as it was after `step` steps; None is the latest step."""

    step: int | None

    def resolve(self, latest_step: int) -> int:
        """Return the step to seek in a run that is at `latest_step`.

        Raises UserError if the run has no such step.
        """
        step = latest_step if self.step is None else self.step
        if not 0 <= step <= latest_step:
            raise UserError(f"the run has steps 0 to {latest_step:,}, not {step:,}")
        return step

    def handle(self, controller: SessionController) -> None:
        controller.seek(self.resolve(controller.run.step))


@final
@dataclass(frozen=True, slots=True)
class SeekBy:
    """View the run `steps` steps later, or earlier if negative."""

    steps: int

    def handle(self, controller: SessionController) -> None:
        controller.seek(controller.session.viewed_step + self.steps)


@final
@dataclass(frozen=True, slots=True)
class SeekToChange:
    """View the run at its next change, or at the previous one."""

    forward: bool

    def handle(self, controller: SessionController) -> None:
        controller.seek(controller.session.next_change_step(forward=self.forward))


@final
@dataclass(frozen=True, slots=True)
class Export:
    """Export the viewed run to files in `folder`, with a `screenshot` as SVG.

    `step` is that of the screenshot: a run that has trained further is exported as it was then.
    """

    folder: str
    screenshot: str = ""
    step: int | None = None

    def handle(self, controller: SessionController) -> None:
        run = controller.session.run_at(self.step)
        stem = Path(self.folder).absolute() / file_stem(
            run, controller.session.current.observer.name
        )
        try:
            paths = export(run, stem, screenshot=self.screenshot)
        except OSError as reason:
            raise UserError(error_text(reason)) from None
        controller.exported = tuple(map(str, paths))
        controller.message = f"wrote {len(paths)} files to {stem.parent}"


@final
@dataclass(frozen=True, slots=True)
class Pause:
    """Pause training."""

    def handle(self, controller: SessionController) -> None:
        controller.pause()


@final
@dataclass(frozen=True, slots=True)
class Resume:
    """Resume training; beyond the last planned step if that is reached."""

    def handle(self, controller: SessionController) -> None:
        if controller.session.rewind:
            controller.seek(controller.run.step)
        else:
            controller.resume(controller.planned_end)


@final
@dataclass(frozen=True, slots=True)
class TogglePause:
    """Pause if training, else resume."""

    def handle(self, controller: SessionController) -> None:
        (Pause() if controller.running else Resume()).handle(controller)


@final
@dataclass(frozen=True, slots=True)
class Step:
    """Train `count` steps, then pause."""

    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_STEPS:
            raise UserError(f"steps must be from 1 to {MAX_STEPS:,}, not {self.count:,}")

    def handle(self, controller: SessionController) -> None:
        if controller.session.rewind:
            SeekBy(self.count).handle(controller)
        else:
            controller.step(self.count)


@final
@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Limit the speed; infinity for no limit, None for the present one."""

    steps_per_second: float | None

    def __post_init__(self) -> None:
        if self.steps_per_second is not None and not 0 < self.steps_per_second <= inf:
            raise UserError(f"the speed must be above 0, not {self.steps_per_second:g}")

    def handle(self, controller: SessionController) -> None:
        if self.steps_per_second is not None:
            controller.rate_limiter.set_rate(self.steps_per_second)


@final
@dataclass(frozen=True, slots=True)
class AdjustSpeed:
    """Set the speed to the next of the speeds above or below it."""

    up: bool

    def handle(self, controller: SessionController) -> None:
        limiter, adjusted = controller.rate_limiter, increase_speed if self.up else decrease_speed
        limiter.set_rate(adjusted(limiter.steps_per_second))


@final
@dataclass(frozen=True, slots=True)
class EditBreakpoint:
    """Set, switch off or delete ("set", "off", "deleted") the breakpoint of `condition`."""

    action: str
    condition: Condition

    def handle(self, controller: SessionController) -> None:
        controller.session.current.edit_breakpoint(self.action, self.condition)
        controller.message = f"breakpoint {self.condition.text} is {self.action}"
        if self.action == "set":
            controller.message += f": evaluated {self.condition.evaluated}"


@final
@dataclass(frozen=True, slots=True)
class ListBreakpoints:
    """List the breakpoints of the current run."""

    def handle(self, controller: SessionController) -> None:
        texts = [
            text if each.enabled else f"{text} (off)"
            for text, each in controller.run.breakpoints.by_text.items()
        ]
        listed = f"breakpoints: {', '.join(texts)}"
        controller.message = listed if texts else f"no breakpoints: {BREAKPOINT_HINT}"


@final
@dataclass(frozen=True, slots=True)
class PinExample:
    """Pin the example of `input_text`, or without one the displayed example."""

    input_text: str = ""

    def handle(self, controller: SessionController) -> None:
        controller.session.pin_example(self.input_text)


@final
@dataclass(frozen=True, slots=True)
class UnpinExample:
    """Show the newest training example."""

    def handle(self, controller: SessionController) -> None:
        controller.session.unpin_example()


@final
@dataclass(frozen=True, slots=True)
class TogglePin:
    """Pin the displayed example, or unpin the pinned one."""

    def handle(self, controller: SessionController) -> None:
        is_pinned = controller.session.viewed.inspector.is_pinned
        (UnpinExample() if is_pinned else PinExample()).handle(controller)


@final
@dataclass(frozen=True, slots=True)
class PinNewest:
    """Pin the newest training example instead of any other."""

    def handle(self, controller: SessionController) -> None:
        controller.session.unpin_example()
        controller.session.pin_example()


@final
@dataclass(frozen=True, slots=True)
class CheckGradient:
    """Compare the gradient of the displayed example with central differences."""

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        verdict = gradient_check_message(run.inspector.check_gradient())
        controller.message = f"step {run.step:,}: {verdict}"


@final
@dataclass(frozen=True, slots=True)
class Analyze:
    """Compute the analyses `names`, of ANALYSES, of the viewed run."""

    names: tuple[str, ...]

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        subject = subject_of(run.state, run.inspector.shown_inputs)
        results = {name: ANALYSES[name].compute_or_reason(subject) for name in self.names}
        controller.requested_analyses = RequestedAnalyses(run.weights_step, run.settings, results)


@final
@dataclass(frozen=True, slots=True)
class EvaluateLengths:
    """Evaluate the viewed run on sequences of `lengths`; without any, of default lengths."""

    lengths: tuple[int, ...]

    def handle(self, controller: SessionController) -> None:
        run = controller.session.seek_now()
        results = {"length": (evaluate_run_at(run, self.lengths), "")}
        controller.requested_analyses = RequestedAnalyses(run.weights_step, run.settings, results)


@final
@dataclass(frozen=True, slots=True)
class TraceStep:
    """Pause, and trace the next step of the viewed run, of hidden `unit`, from 1, in line mode."""

    unit: int = 1

    def handle(self, controller: SessionController) -> None:
        hidden_size = controller.session.viewed.settings.hidden_size
        if not 1 <= self.unit <= hidden_size:
            raise UserError(f"the unit must be from 1 to {hidden_size}, not {self.unit:,}")
        controller.trace_step()


@final
@dataclass(frozen=True, slots=True)
class DisplayTracedExample:
    """Display the sequence `number` of the batch of the traced step, from 0."""

    number: int

    def handle(self, controller: SessionController) -> None:
        controller.tracing.display_example(self.number)


@final
@dataclass(frozen=True, slots=True)
class LeaveTrace:
    """Trace no further steps."""

    def handle(self, controller: SessionController) -> None:
        controller.tracing.end()


@final
@dataclass(frozen=True, slots=True)
class TrainSiblings:
    """Train `count` siblings of the run; 0 stops, None stops or else trains as many as before.

    Raises UserError where there are none to stop.
    """

    count: int | None = None

    def __post_init__(self) -> None:
        if self.count is not None and not 0 <= self.count <= MAX_SIBLINGS:
            raise UserError(f"seeds must be from 0 (none) to {MAX_SIBLINGS}, not {self.count:,}")

    def handle(self, controller: SessionController) -> None:
        siblings, count = controller.siblings, self.count
        if count is None:
            count = 0 if siblings.is_training else siblings.latest_number or DEFAULT_SIBLINGS
        if count:
            siblings.start(count, controller.run)
            noun = "sibling" if count == 1 else "siblings"
            controller.message = f"{count} {noun} with other seeds train along; N stops them"
        elif not siblings.n_siblings:
            raise UserError(NO_SIBLINGS)
        else:
            siblings.stop()
            controller.message = "siblings stopped"


@final
@dataclass(frozen=True, slots=True)
class ApplyToSiblings:
    """Apply changes of the run to its siblings too, those so far and later ones, or not."""

    applies: bool

    def handle(self, controller: SessionController) -> None:
        if not controller.siblings.is_training:
            raise UserError(NO_SIBLINGS)
        controller.siblings.set_applies_changes(self.applies)
        controller.message = (
            "changes of the run are applied to the siblings too; Y for the run alone"
            if self.applies
            else "further changes are for the run alone; a applies them to the siblings too"
        )


@final
@dataclass(frozen=True, slots=True)
class OpenSibling:
    """Train the sibling with `seed` again, on a new branch, to the step that it has reached."""

    seed: int

    def handle(self, controller: SessionController) -> None:
        plan, step = controller.siblings.find(self.seed, controller.run)
        controller.session.open_run(plan.settings_of(self.seed), plan.schedule, step)
        controller.leave_branch(None)
        run, number = controller.run, controller.session.current.number
        end = f"halted: {run.halt_reason}" if run.halt_reason else "space resumes"
        controller.message = (
            f"branch {number}: the sibling with seed {self.seed}, trained again to step "
            f"{run.step:,}; {end}"
        )


@final
@dataclass(frozen=True, slots=True)
class Race:
    """Race optimizers from the weights `start` on the cost surface of the run."""

    start: tuple[float, float]

    def handle(self, controller: SessionController) -> None:
        surface = controller.session.seek_now().cost_surface
        if surface is None:
            raise UserError(
                "optimizers race only on the cost surface of counting-ones and model linear"
            )
        controller.race = surface, run_race(surface, self.start)
