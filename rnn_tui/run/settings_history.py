"""The settings of a run over its steps: those that each step was trained with."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import CHOICES, Settings

# Settings on which losses and accuracies depend: they are not compared across a change of these.
SCOPE_FIELDS = frozenset(
    {"task", "length", "lag", "dataset_size", "loss", "reduction", "batch_size", "model"}
    | {"activation", "hidden_size", "layers", "biases", "initial_state", "lesion"}
)
IGNORED_SETTINGS = ("steps",)  # without effect on what is learned
UNSET_TEXT = "—"
SEPARATOR = " · "
MAX_LISTED_VALUES = 3  # of one setting


@final
class SettingsSpan(NamedTuple):
    """The `settings` of all steps after `start`, up to the next span or the end of the run."""

    start: int
    settings: Settings


SettingsHistory = tuple[SettingsSpan, ...]
T = TypeVar("T")


def same_scope(one: Settings, other: Settings) -> bool:
    """Return whether losses and accuracies under these settings may be compared."""
    return SCOPE_FIELDS.isdisjoint(one.differing_fields(other))


def settings_history(
    initial_settings: Settings, changes: Iterable[tuple[int, Settings]], last_step: int
) -> SettingsHistory:
    """Return the history of a run up to `last_step`, given the settings after each of its changes.

    Settings under which no step was taken are left out, once there is a step.
    """
    spans = [SettingsSpan(0, initial_settings)]
    for step, settings in changes:
        if spans[-1].start == step:
            spans.pop()
        if not spans or spans[-1].settings != settings:
            spans.append(SettingsSpan(step, settings))
    if len(spans) > 1 and spans[-1].start == last_step:
        spans.pop()
    return tuple(spans)


def differing_settings(runs: Sequence[SettingsHistory]) -> list[str]:
    """Return the names of the settings in which these runs differ at some step."""
    values = [_values_by_name(history) for history in runs]
    return [
        name
        for name in FIELDS
        if name not in IGNORED_SETTINGS
        # A default hyperparameter is no difference, though it is displayed for one optimizer only.
        and len({of_run[name] for of_run in values}) > 1
        and len({_values(history, FIELDS[name].format_value) for history in runs}) > 1
    ]


def format_settings(names: Sequence[str], history: SettingsHistory, *, brief: bool = False) -> str:
    """Return the settings of these names as on the command line, but for unset ones.

    A value that changed is followed by the next one and its step: `lr 0.1→10 at 3,000`. If
    `brief`, steps are left out, and names where values are names themselves, such as adam.
    """
    texts = []
    for name in names:
        values = _values(history, FIELDS[name].format_value)
        if all(value == UNSET_TEXT for _, value in values):
            continue
        text = _format_values(values, brief=brief)
        is_name = brief and FIELDS[name].attribute in CHOICES
        texts.append(text if is_name else f"{name} {text}")
    return SEPARATOR.join(texts)


def format_setting(name: str, history: SettingsHistory) -> str:
    """Return the values of a setting in their order, as 0.1→10."""
    return _format_values(_values(history, FIELDS[name].format_value), brief=True)


@lru_cache(maxsize=256)  # a run is compared with each of a table
def _values_by_name(history: SettingsHistory) -> dict[str, object]:
    """Return `_values` of every setting."""
    return {name: _values(history, field.get) for name, field in FIELDS.items()}


def _values(history: SettingsHistory, read: Callable[[Settings], T]) -> tuple[tuple[int, T], ...]:
    """Return each value of a setting, as `read` gives it, with the step after which it was set."""
    values: list[tuple[int, T]] = []
    for start, settings in history:
        value = read(settings)
        if not values or values[-1][1] != value:
            values.append((start, value))
    return tuple(values)


def _format_values(values: Sequence[tuple[int, str]], *, brief: bool) -> str:
    if len(values) > MAX_LISTED_VALUES:
        return f"{values[0][1]}→…→{values[-1][1]} ({len(values) - 1} changes)"
    (_, text), *later = values
    for step, value in later:
        text += f"→{value}" if brief else f"→{value} at {step:,}"
    return text
