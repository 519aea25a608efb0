"""The messages that describe what a change did."""

from collections.abc import Sequence

from rnn_tui.config.fields import FIELDS, Field
from rnn_tui.config.parsing import format_float
from rnn_tui.config.settings import Settings
from rnn_tui.config.unused import no_effect_reason
from rnn_tui.engine.gradient_check import TOLERANCE
from rnn_tui.run.changes import Change, SetWeights

NEW_WEIGHTS = "all weights new"


def describe_change(
    change: Change, old: Settings, new: Settings, weights_message: str
) -> tuple[str, str]:
    """Return a full and a short text of what `change` did, the full one with its side effects."""
    if isinstance(change, SetWeights):
        values = ", ".join(map(format_float, change.values))
        return f"weights set to {values}", "weights set"
    old_value, new_value = change.format_value(old), change.format_value(new)
    text = f"{change.title} {old_value} → {new_value}"
    if reason := no_effect_reason(change.name, change.value, new):
        text += f", which {reason}"
    side_effects = [
        f"{option.title} {option.format_value(new)}"
        for option in _other_fields(change.name, old, new)
    ]
    if new.weight_decay_note not in ("", old.weight_decay_note):
        decay = format_float(new.weight_decay)
        side_effects.append(f"weight decay {decay} {new.weight_decay_note}")
    short_text = (
        f"{old_value}→{new_value}"
        if isinstance(change.value, str)
        else f"{change.name} {old_value}→{new_value}"
    )
    return ", ".join(
        [text, *([weights_message] if weights_message else []), *side_effects]
    ), short_text


def _other_fields(name: str, old: Settings, new: Settings) -> list[Field]:
    """Return the settings besides `name` that differ and that the new optimizer has."""
    other_fields = [
        field
        for field in FIELDS.values()
        if field.name != name and field.get(new) not in (None, field.get(old))
    ]
    if name == "optimizer" and FIELDS["lr"] not in other_fields:
        other_fields.append(FIELDS["lr"])
    return other_fields


def transfer_message(transferred: Sequence[str], initialized: Sequence[str]) -> str:
    """Return which parameters were transferred to another model and which were initialized."""
    if not transferred:
        return NEW_WEIGHTS
    return (
        f"kept {_format_names(transferred)}; new {_format_names(initialized)}"
        if initialized
        else "weights kept"
    )


def _format_names(names: Sequence[str]) -> str:
    return ", ".join(name.removesuffix("_weight").replace("_", " ") for name in names)


def restart_message(settings: Settings, previous_learning_rate: float) -> str:
    """Return the message of a restarted run."""
    text = f"restarted with seed {settings.seed}"
    if settings.learning_rate != previous_learning_rate:
        text += f", learning rate {format_float(settings.learning_rate)}"
    return text


def gradient_check_message(errors: dict[str, float] | None) -> str:
    """Return the result of a gradient check: `errors` are relative, by parameter."""
    if errors is None:
        return "no example yet for a gradient check"
    compared = {name: error for name, error in errors.items() if error == error}
    if not compared:
        return "gradient check: nothing to compare, finite differences do not converge"
    name, worst = max(compared.items(), key=lambda item: item[1])
    verdict = "correct" if worst < TOLERANCE else "INCORRECT"
    return f"gradient {verdict}: worst relative error {worst:.1e}, in {name}"
