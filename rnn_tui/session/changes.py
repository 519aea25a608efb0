"""What may be asked of a run. A key, a control, the palette and the command line all ask by these.

A `SettingChange` alters what is learnt, and is logged with the step at which it took effect; the
others alter only how fast the run goes, or what of it is looked at.
"""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any, ClassVar, final

from rnn_tui.settings import Settings, SettingsError, known, number, plain, whole


@dataclass(frozen=True, slots=True)
class SettingChange(ABC):
    """Another value for the one setting that has the field's name.

    `name` is what the command line calls it, as in `lr=0.2`; `title` is what the screen says.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    @property
    def value(self) -> Any:
        return getattr(self, fields(self)[0].name)

    @property
    def spec(self) -> str:
        """The change as the command line takes it; `parse_change` reads it back."""
        return f"{self.name}={self.value}"

    def shown(self, settings: Settings) -> str:
        """Return the value that `settings` have for this, as the screen says it."""
        value = getattr(settings, fields(self)[0].name)
        return plain(value) if isinstance(value, float) else str(value)

    def amend(self, settings: Settings) -> Settings:
        """Return `settings` with this change; raises SettingsError where that makes no run."""
        new: dict[str, Any] = {fields(self)[0].name: self.value}
        return replace(settings, **new)


@final
@dataclass(frozen=True, slots=True)
class SetTask(SettingChange):
    name, title = "task", "task"
    task: str


@final
@dataclass(frozen=True, slots=True)
class SetOptimizer(SettingChange):
    name, title = "optimizer", "optimizer"
    optimizer: str


@final
@dataclass(frozen=True, slots=True)
class SetLearningRate(SettingChange):
    name, title = "lr", "rate"
    learning_rate: float


@final
@dataclass(frozen=True, slots=True)
class SetHidden(SettingChange):
    name, title = "hidden", "hidden"
    hidden: int


@final
@dataclass(frozen=True, slots=True)
class SetBatch(SettingChange):
    name, title = "batch", "batch"
    batch: int


@final
@dataclass(frozen=True, slots=True)
class SetClipNorm(SettingChange):
    name, title = "clip-norm", "clip norm"
    clip_norm: float


@final
@dataclass(frozen=True, slots=True)
class SetClipValue(SettingChange):
    name, title = "clip-value", "clip value"
    clip_value: float


@final
@dataclass(frozen=True, slots=True)
class SetWeightDecay(SettingChange):
    name, title = "weight-decay", "weight decay"
    weight_decay: float


CHANGES: dict[str, type[SettingChange]] = {
    change.name: change
    for change in (
        SetTask,
        SetOptimizer,
        SetLearningRate,
        SetHidden,
        SetBatch,
        SetClipNorm,
        SetClipValue,
        SetWeightDecay,
    )
}


def parse_change(spec: str) -> SettingChange:
    """Read `name=value`; raises SettingsError in one line that says what is wrong."""
    name, equals, text = spec.partition("=")
    if not equals:
        raise SettingsError(f"a change is written NAME=VALUE, as in lr=0.2, not {spec!r}")
    kind: Any = CHANGES[known("change", name, CHANGES)]
    read: dict[Any, Callable[[str], Any]] = {int: whole, float: number, str: str}
    try:
        change: SettingChange = kind(read[fields(kind)[0].type](text))
    except SettingsError as reason:
        raise SettingsError(f"{name}: {reason}") from None
    return change


@final
@dataclass(frozen=True, slots=True)
class Restart:
    """Begin again with the present settings, and with `seed` if one is given."""

    seed: int | None = None


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
    """Go on showing one example: the pair `(a, b)`, or without one the example now on show."""

    pair: tuple[int, int] | None = None


@final
@dataclass(frozen=True, slots=True)
class Release:
    """Show the newest training example again."""


@final
@dataclass(frozen=True, slots=True)
class CheckGradient:
    """Compare the gradient with central differences, on the example on show."""


Request = (
    SettingChange | Restart | Pause | Resume | Step | SetSpeed | Hold | Release | CheckGradient
)
