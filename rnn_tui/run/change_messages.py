"""What a change did, in words."""

from collections.abc import Sequence
from dataclasses import fields

from rnn_tui.config.fields import OPTIONS, Option
from rnn_tui.config.settings import Settings, plain
from rnn_tui.config.switching import TUNING
from rnn_tui.engine.gradient_check import SOUND
from rnn_tui.run.changes import Change, SetWeights


def describe(change: Change, old: Settings, new: Settings, kept: str) -> tuple[str, str]:
    """Return what `change` did, with all that went with it, and in as few cells as can be."""
    if isinstance(change, SetWeights):
        values = ", ".join(map(plain, change.values))
        return f"weights put at {values}", "weights put"
    before, after = change.shown(old), change.shown(new)
    text = f"{change.title} {before} → {after}"
    also = [f"{option.title} {option.shown(new)}" for option in _others(change.name, old, new)]
    few = (
        f"{before}→{after}" if isinstance(change.value, str) else f"{change.name} {before}→{after}"
    )
    return ", ".join([text, *([kept] if kept else []), *also]), few


def _others(name: str, old: Settings, new: Settings) -> list[Option]:
    """Return the other settings that differ, but not what only went with the old optimizer."""
    by_field = {option.field: option for option in OPTIONS.values()}
    differing = [
        by_field[field.name]
        for field in fields(Settings)
        if field.name in by_field and getattr(old, field.name) != getattr(new, field.name)
    ]
    gone = {it for it in TUNING if getattr(new, it) is None}
    others = [it for it in differing if it.name != name and it.field not in gone]
    if name == "optimizer" and OPTIONS["lr"] not in others:
        others.append(OPTIONS["lr"])
    return others


def kept_words(kept: Sequence[str], new: Sequence[str]) -> str:
    """Return what became of a net's parameters, which are called so, when its kind was changed."""
    if not kept:
        return "a new net"
    return f"kept {_listed(kept)}; new {_listed(new)}" if new else "weights kept"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name.removesuffix("_weight").replace("_", " ") for name in names)


def after_restart(settings: Settings, rate_before: float) -> str:
    """Return what a run has begun with."""
    text = f"a new run from seed {settings.seed}"
    if settings.learning_rate != rate_before:
        text += f", at a rate of {plain(settings.learning_rate)} again"
    return text


def gradient_verdict(errors: dict[str, float] | None) -> str:
    """Return what a gradient check found, in a line."""
    if errors is None:
        return "no example yet to check the gradient on"
    compared = {name: error for name, error in errors.items() if error == error}
    if not compared:
        return "every weight stands on a kink of the loss: nothing to compare"
    name, worst = max(compared.items(), key=lambda item: item[1])
    verdict = "right" if worst < SOUND else "WRONG"
    return f"gradient {verdict}: worst relative error {worst:.1e}, in {name}"
