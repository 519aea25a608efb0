"""Changes of a run: each takes effect between two steps, and is logged with the step."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, prod
from typing import Any, ClassVar, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, explain_unknown, find_field
from rnn_tui.config.parsing import check_choice, format_float, parse_float
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import change_setting, switch_model, switch_optimizer, switch_task
from rnn_tui.engine.models import MODELS

CHANGEABLE_FIELDS = [name for name, field in FIELDS.items() if field.changeable]


@final
@dataclass(frozen=True, slots=True)
class SetField:
    """Sets the setting `name` of the command line to another value, as in `lr=0.2`."""

    name: str
    value: Any

    def __post_init__(self) -> None:
        check_choice("setting", self.name, CHANGEABLE_FIELDS)

    @property
    def title(self) -> str:
        """The name of the setting on the screen."""
        return FIELDS[self.name].title

    @property
    def spec(self) -> str:
        """The change as the command line takes it; `parse_change` reads it back."""
        return f"{self.name}={self.value}"

    def format_value(self, settings: Settings) -> str:
        """Return the value of this setting in `settings`, as displayed."""
        return FIELDS[self.name].format_value(settings)

    def apply_to(self, settings: Settings) -> Settings:
        """Return `settings` with this change.

        Another task, model or optimizer may require changes of other settings, which are included.
        Raises UserError where the new settings are not valid.
        """
        match self.name:
            case "task":
                return switch_task(settings, self.value)
            case "model":
                return switch_model(settings, self.value)
            case "optimizer":
                return switch_optimizer(settings, self.value)
        return change_setting(settings, FIELDS[self.name].attribute, self.value)


@final
@dataclass(frozen=True, slots=True)
class SetWeights:
    """Sets all weights of the model to `values`, in the order of its parameters."""

    values: tuple[float, ...]
    name: ClassVar[str] = "weights"
    title: ClassVar[str] = "weights"

    def __post_init__(self) -> None:
        if not all(map(isfinite, self.values)):
            raise UserError("weights must be finite")

    @property
    def spec(self) -> str:
        """The change as the command line takes it; `parse_change` reads it back."""
        return f"weights={','.join(map(format_float, self.values))}"

    def apply_to(self, settings: Settings) -> Settings:
        """Return `settings` unchanged; raises UserError where the number of weights differs."""
        shapes = MODELS[settings.model].layout(settings.model_spec).values()
        size = sum(map(prod, shapes))
        if len(self.values) != size:
            raise UserError(f"this model has {size:,} weights, not {len(self.values)}")
        return settings


Change = SetField | SetWeights
Schedule = Sequence[tuple[int, Change]]


@final
@dataclass(frozen=True, slots=True)
class AppliedChange:
    """A change, the step after which it took effect, and its description, in full and in short.

    `settings` are those of the run after it.
    """

    step: int
    change: Change
    text: str
    short_text: str
    settings: Settings

    @property
    def message(self) -> str:
        """The step and what the change did."""
        return f"step {self.step:,}: {self.text}"


CHANGE_NAMES = (*CHANGEABLE_FIELDS, SetWeights.name)


def parse_change(spec: str) -> Change:
    """Parse `name=value`; raises UserError with a message of one line."""
    name, equals, text = spec.partition("=")
    if not equals or "=" in text:
        count = "one change at a time" if equals else "a change"
        raise UserError(f"{spec!r} is not NAME=VALUE, as in lr=0.2: enter {count}")
    field = find_field(name)
    name = field.name if field else name.strip()
    if not field and (reason := explain_unknown(name)):
        raise UserError(reason)
    if field and not field.changeable:
        raise UserError(
            f"{name} cannot change during a run; start one with --{name} {text}".rstrip()
        )
    check_choice("setting", name, CHANGE_NAMES)
    try:
        if name == SetWeights.name:
            return SetWeights(tuple(map(parse_float, text.split(","))))
        assert field
        return SetField(name, field.parse(text))
    except UserError as reason:
        raise UserError(f"{name}: {reason}") from None
