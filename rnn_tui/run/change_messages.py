"""What a change did, in words."""

from collections.abc import Sequence

from rnn_tui.config.fields import FIELDS, Field
from rnn_tui.config.settings import Settings, format_float
from rnn_tui.engine.gradient_check import TOLERANCE
from rnn_tui.run.changes import Change, SetWeights


def describe_change(
    change: Change, old: Settings, new: Settings, weights_message: str
) -> tuple[str, str]:
    """Return what `change` did, with all that went with it, and in as few cells as can be."""
    if isinstance(change, SetWeights):
        values = ", ".join(map(format_float, change.values))
        return f"weights put at {values}", "weights put"
    old_value, new_value = change.format_value(old), change.format_value(new)
    text = f"{change.title} {old_value} → {new_value}"
    side_effects = [
        f"{option.title} {option.format_value(new)}"
        for option in _other_fields(change.name, old, new)
    ]
    short_text = (
        f"{old_value}→{new_value}"
        if isinstance(change.value, str)
        else f"{change.name} {old_value}→{new_value}"
    )
    return ", ".join(
        [text, *([weights_message] if weights_message else []), *side_effects]
    ), short_text


def _other_fields(name: str, old: Settings, new: Settings) -> list[Field]:
    """Return the other settings that differ, but not what only went with the old optimizer."""
    other_fields = [
        field
        for field in FIELDS.values()
        if field.name != name and field.get(new) not in (None, field.get(old))
    ]
    if name == "optimizer" and FIELDS["lr"] not in other_fields:
        other_fields.append(FIELDS["lr"])
    return other_fields


def transfer_message(transferred: Sequence[str], initialized: Sequence[str]) -> str:
    """Return what became of a net's parameters, which are called so, when its kind was changed."""
    if not transferred:
        return "a new net"
    return (
        f"kept {_format_names(transferred)}; new {_format_names(initialized)}"
        if initialized
        else "weights kept"
    )


def _format_names(names: Sequence[str]) -> str:
    return ", ".join(name.removesuffix("_weight").replace("_", " ") for name in names)


def restart_message(settings: Settings, previous_learning_rate: float) -> str:
    """Return what a run has begun with."""
    text = f"a new run from seed {settings.seed}"
    if settings.learning_rate != previous_learning_rate:
        text += f", at a rate of {format_float(settings.learning_rate)} again"
    return text


def gradient_check_message(errors: dict[str, float] | None) -> str:
    """Return what a gradient check found, in a line."""
    if errors is None:
        return "no example yet to check the gradient on"
    compared = {name: error for name, error in errors.items() if error == error}
    if not compared:
        return "every weight stands on a kink of the loss: nothing to compare"
    name, worst = max(compared.items(), key=lambda item: item[1])
    verdict = "right" if worst < TOLERANCE else "WRONG"
    return f"gradient {verdict}: worst relative error {worst:.1e}, in {name}"
