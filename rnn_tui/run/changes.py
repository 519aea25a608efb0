"""What may be asked of a run. A key, a control, the palette and the command line all ask by these.

A `Change` alters what is learnt, and is logged with the step at which it took effect; the others
alter only how fast the run goes, or what of it is looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from secrets import randbelow
from typing import Any, ClassVar, Self, final

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import Settings, SettingsError, known, number, plain
from rnn_tui.config.switching import turn_to_model, turn_to_optimizer, turn_to_task
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS

NEW_SEEDS = 100_000
LIVE = [name for name, option in OPTIONS.items() if option.live]


@final
@dataclass(frozen=True, slots=True)
class Set:
    """Another value for the setting that is called `name` on the command line, as in `lr=0.2`."""

    name: str
    value: Any

    def __post_init__(self) -> None:
        known("change", self.name, LIVE)

    @property
    def title(self) -> str:
        return OPTIONS[self.name].title

    @property
    def spec(self) -> str:
        """The change as the command line takes it; `parse_change` reads it back."""
        return f"{self.name}={self.value}"

    def shown(self, settings: Settings) -> str:
        """Return the value that `settings` have for this, as the screen says it."""
        return OPTIONS[self.name].shown(settings)

    def amend(self, settings: Settings) -> Settings:
        """Return `settings` with this change; raises SettingsError where that makes no run.

        With another task, net or optimizer goes what else has to change for all to fit.
        """
        match self.name:
            case "task":
                return turn_to_task(settings, self.value)
            case "model":
                return turn_to_model(settings, self.value)
            case "optimizer":
                return turn_to_optimizer(settings, self.value)
        new: dict[str, Any] = {OPTIONS[self.name].field: self.value}
        return replace(settings, **new)


@final
@dataclass(frozen=True, slots=True)
class SetWeights:
    """Put the net at these weights, all of them, in the order of its parameters."""

    values: tuple[float, ...]
    name: ClassVar[str] = "weights"
    title: ClassVar[str] = "weights"

    def __post_init__(self) -> None:
        if not all(map(isfinite, self.values)):
            raise SettingsError("weights must be finite")

    @property
    def spec(self) -> str:
        return f"weights={','.join(map(plain, self.values))}"

    def amend(self, settings: Settings) -> Settings:
        """Return `settings` as they are; raises SettingsError where their net has other weights."""
        size = MODELS[settings.model].of(settings.architecture).parameters.vector.size
        if len(self.values) != size:
            raise SettingsError(f"this net has {size:,} weights, not {len(self.values)}")
        return settings


Change = Set | SetWeights
Schedule = Sequence[tuple[int, Change]]


@final
@dataclass(frozen=True, slots=True)
class Applied:
    """A change with the step after which it took effect, and what it did, in words and in few."""

    step: int
    change: Change
    text: str
    short: str

    @property
    def notice(self) -> str:
        return f"step {self.step:,}: {self.text}"


CHANGES = (*LIVE, SetWeights.name)


def parse_change(spec: str) -> Change:
    """Read `name=value`; raises SettingsError in one line that says what is wrong."""
    name, equals, text = spec.partition("=")
    if not equals:
        raise SettingsError(f"a change is written NAME=VALUE, as in lr=0.2, not {spec!r}")
    if name in OPTIONS and name not in LIVE:
        raise SettingsError(f"{name} is for the start of a run: rnn-tui --{name} {text}".rstrip())
    known("change", name, CHANGES)
    try:
        if name == SetWeights.name:
            return SetWeights(tuple(map(number, text.split(","))))
        return Set(name, OPTIONS[name].read(text))
    except SettingsError as reason:
        raise SettingsError(f"{name}: {reason}") from None


@final
@dataclass(frozen=True, slots=True)
class Restart:
    """Begin again with the present settings, and with `seed` if one is given."""

    seed: int | None = None

    @classmethod
    def anew(cls) -> Self:
        """Begin with a new seed, small enough to be said aloud."""
        return cls(seed=randbelow(NEW_SEEDS))

    def settings(self, start: Settings, now: Settings, *, halted: bool) -> Settings:
        """Return with which settings a run that began with `start` begins again.

        After a halt the rate is again the one that the run began with, or if that was the one at
        fault, the optimizer's own.
        """
        rate = now.learning_rate
        if halted:
            own = OPTIMIZERS[now.optimizer].default_rate
            same = start.optimizer == now.optimizer and start.learning_rate != rate
            rate = start.learning_rate if same else own
        seed = now.seed if self.seed is None else self.seed
        return replace(now, seed=seed, learning_rate=rate)


@final
@dataclass(frozen=True, slots=True)
class Undo:
    """Go back to before the latest change, on a branch of its own."""


@final
@dataclass(frozen=True, slots=True)
class Fork:
    """Begin a branch at the step that is looked at, with the same examples to come."""


@final
@dataclass(frozen=True, slots=True)
class NextBranch:
    """Turn to another branch, where it was left."""


@final
@dataclass(frozen=True, slots=True)
class Look:
    """Look at the run as it was after `step` steps; None is the present."""

    step: int | None

    def among(self, present: int) -> int:
        """Return the step that is meant, of a run that has come to step `present`.

        Raises SettingsError where the run has no such step.
        """
        step = present if self.step is None else self.step
        if not 0 <= step <= present:
            raise SettingsError(f"the run has steps 0 to {present:,}, not {step:,}")
        return step


@final
@dataclass(frozen=True, slots=True)
class LookBy:
    """Look so many steps on, or back where they are below 0."""

    steps: int


@final
@dataclass(frozen=True, slots=True)
class LookAtChange:
    """Look at the next change, or at the one before."""

    forward: bool


@final
@dataclass(frozen=True, slots=True)
class Export:
    """Write what is looked at into files in `folder`, with a `picture` of the screen as SVG."""

    folder: str
    picture: str = ""


@final
@dataclass(frozen=True, slots=True)
class Pause:
    pass


@final
@dataclass(frozen=True, slots=True)
class Resume:
    """Go on; past the planned last step too, if that has been reached."""


@final
@dataclass(frozen=True, slots=True)
class Step:
    """Train `count` steps, then pause."""

    count: int = 1


@final
@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Train at most so many steps a second; infinity for as fast as it goes."""

    steps_per_second: float

    def __post_init__(self) -> None:
        if not 0 < self.steps_per_second <= inf:
            raise SettingsError(f"a speed is above 0, not {self.steps_per_second:g}")


@final
@dataclass(frozen=True, slots=True)
class Hold:
    """Go on showing one example: that of `question`, or without one the example now on show."""

    question: str = ""


@final
@dataclass(frozen=True, slots=True)
class Release:
    """Show the newest training example again."""


@final
@dataclass(frozen=True, slots=True)
class CheckGradient:
    """Compare the gradient with central differences, on the example on show."""


@final
@dataclass(frozen=True, slots=True)
class Race:
    """Let optimizers race from the weights `start`, beside the run, on its cost surface."""

    start: tuple[float, float]


Request = (
    Set
    | SetWeights
    | Restart
    | Undo
    | Fork
    | NextBranch
    | Look
    | LookBy
    | LookAtChange
    | Export
    | Pause
    | Resume
    | Step
    | SetSpeed
    | Hold
    | Release
    | CheckGradient
    | Race
)
