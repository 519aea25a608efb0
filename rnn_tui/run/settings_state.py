"""The current settings of a run, with what the result of its next change depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import SWITCHED_FIELDS, needs_clipping, switch_task, user_overrides
from rnn_tui.run.changes import Change, SetField


@final
@dataclass(frozen=True, slots=True)
class SettingsState:
    """The current `settings`, with the user's overrides and each optimizer's hyperparameters.

    Overrides persist when the task is switched, and an optimizer that is selected again gets the
    hyperparameters that it had last.
    """

    settings: Settings
    _overrides: Mapping[str, Any] = field(default_factory=dict)
    _per_optimizer: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Settings) -> "SettingsState":
        """Return the state of a run that starts with `settings`."""
        return cls(settings, user_overrides(settings))

    def apply(self, change: Change) -> "SettingsState":
        """Return the state after `change`; raises UserError where the settings become invalid."""
        old, overrides = self.settings, self._overrides
        if change.name == "task" and isinstance(change, SetField):
            new = switch_task(old, change.value, overrides)
        else:
            new = change.apply_to(old)
        if new == old:
            return self
        per_optimizer = dict(self._per_optimizer)
        if not needs_clipping(old):  # else the learning rate is the cost surface's
            per_optimizer[old.optimizer] = _optimizer_hyperparameters(old)
        optimizer_changed = new.optimizer != old.optimizer or needs_clipping(old)
        if optimizer_changed and new.optimizer in per_optimizer and not needs_clipping(new):
            new = new.updated(**per_optimizer[new.optimizer])
        if change.name in ("task", "model", "optimizer") and "clip_norm" in overrides:
            new = new.updated(clip_norm=overrides["clip_norm"])
        if isinstance(change, SetField) and change.name != "task":
            overrides = {**overrides, FIELDS[change.name].attribute: change.value}
        return SettingsState(new, overrides, per_optimizer)


def _optimizer_hyperparameters(settings: Settings) -> dict[str, Any]:
    return {name: settings.get(name) for name in SWITCHED_FIELDS}
