"""Requests to a session; relative ones are resolved against the run when they are handled."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from secrets import randbelow
from typing import Self, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.increments import decrease, increase, others_in_cycle
from rnn_tui.config.settings import MAX_STEPS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField, SetWeights
from rnn_tui.run.settings_state import SettingsState

NEW_SEED_LIMIT = 100_000
DEFAULT_SIBLINGS, MAX_SIBLINGS = 32, 128
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


@final
@dataclass(frozen=True, slots=True)
class AdjustLearningRate:
    """Set the learning rate to the next of 0.1, 0.2, 0.5, 1, … above or below it."""

    up: bool

    def resolve(self, state: SettingsState) -> SetField:
        """Return the change for a run with the settings of `state`."""
        rate = state.settings.learning_rate
        return SetField("lr", increase(rate) if self.up else decrease(rate))


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


@final
@dataclass(frozen=True, slots=True)
class Undo:
    """Fork a branch just before the latest change."""


@final
@dataclass(frozen=True, slots=True)
class Fork:
    """Fork a branch at the viewed step, with the same training data to come."""


@final
@dataclass(frozen=True, slots=True)
class NextBranch:
    """Switch to the next branch, at its latest step."""


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


@final
@dataclass(frozen=True, slots=True)
class SeekBy:
    """View the run `steps` steps later, or earlier if negative."""

    steps: int


@final
@dataclass(frozen=True, slots=True)
class SeekToChange:
    """View the run at its next change, or at the previous one."""

    forward: bool


@final
@dataclass(frozen=True, slots=True)
class Export:
    """Export the viewed run to files in `folder`, with a `screenshot` as SVG.

    `step` is that of the screenshot: a run that has trained further is exported as it was then.
    """

    folder: str
    screenshot: str = ""
    step: int | None = None


@final
@dataclass(frozen=True, slots=True)
class Pause:
    """Pause training."""


@final
@dataclass(frozen=True, slots=True)
class Resume:
    """Resume training; beyond the last planned step if that is reached."""


@final
@dataclass(frozen=True, slots=True)
class TogglePause:
    """Pause if training, else resume."""


@final
@dataclass(frozen=True, slots=True)
class Step:
    """Train `count` steps, then pause."""

    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_STEPS:
            raise UserError(f"steps must be from 1 to {MAX_STEPS:,}, not {self.count:,}")


@final
@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Limit the speed; infinity for no limit."""

    steps_per_second: float

    def __post_init__(self) -> None:
        if not 0 < self.steps_per_second <= inf:
            raise UserError(f"the speed must be above 0, not {self.steps_per_second:g}")


@final
@dataclass(frozen=True, slots=True)
class AdjustSpeed:
    """Set the speed to the next of the speeds above or below it."""

    up: bool


@final
@dataclass(frozen=True, slots=True)
class PinExample:
    """Pin the example of `input_text`, or without one the displayed example."""

    input_text: str = ""


@final
@dataclass(frozen=True, slots=True)
class UnpinExample:
    """Show the newest training example."""


@final
@dataclass(frozen=True, slots=True)
class TogglePin:
    """Pin the displayed example, or unpin the pinned one."""


@final
@dataclass(frozen=True, slots=True)
class PinNewest:
    """Pin the newest training example instead of any other."""


@final
@dataclass(frozen=True, slots=True)
class CheckGradient:
    """Compare the gradient of the displayed example with central differences."""


@final
@dataclass(frozen=True, slots=True)
class Analyze:
    """Compute the analyses `names`, of ANALYSES, of the viewed run."""

    names: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class EvaluateLengths:
    """Evaluate the viewed run on sequences of `lengths`; without any, of default lengths."""

    lengths: tuple[int, ...]


@final
@dataclass(frozen=True, slots=True)
class TrainSiblings:
    """Train `count` siblings of the run; 0 stops, None stops or else trains the default number."""

    count: int | None = None

    def __post_init__(self) -> None:
        if self.count is not None and not 0 <= self.count <= MAX_SIBLINGS:
            raise UserError(f"seeds must be from 0 (none) to {MAX_SIBLINGS}, not {self.count:,}")


@final
@dataclass(frozen=True, slots=True)
class ApplyToSiblings:
    """Apply changes of the run to its siblings too, those so far and later ones, or not."""

    applies: bool


@final
@dataclass(frozen=True, slots=True)
class OpenSibling:
    """Train the sibling with `seed` again, on a new branch, to the step that it has reached."""

    seed: int


@final
@dataclass(frozen=True, slots=True)
class Race:
    """Race optimizers from the weights `start` on the cost surface of the run."""

    start: tuple[float, float]


Request = (
    SetField
    | SetWeights
    | SwitchToNext
    | AdjustLearningRate
    | Restart
    | Undo
    | Fork
    | NextBranch
    | SeekTo
    | SeekBy
    | SeekToChange
    | Export
    | Pause
    | Resume
    | TogglePause
    | Step
    | SetSpeed
    | AdjustSpeed
    | PinExample
    | UnpinExample
    | TogglePin
    | PinNewest
    | CheckGradient
    | Analyze
    | EvaluateLengths
    | TrainSiblings
    | ApplyToSiblings
    | OpenSibling
    | Race
)
