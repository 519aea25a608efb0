"""The settings of a run as one change after the other makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import OPTIMIZER_FIELDS, needs_clipping, switch_task, user_overrides
from rnn_tui.run.changes import Change, SetField


@final
@dataclass(frozen=True, slots=True)
class SettingsTrack:
    """`settings` are those of now.

    What somebody chose stays from task to task, and an optimizer that comes back is tuned as it
    was last.
    """

    settings: Settings
    _overrides: Mapping[str, Any] = field(default_factory=dict)
    _per_optimizer: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_settings(cls, settings: Settings) -> "SettingsTrack":
        """Return the course of a run that begins with `settings`."""
        return cls(settings, user_overrides(settings))

    def apply(self, change: Change) -> "SettingsTrack":
        """Return the course after `change`; raises SettingsError where that makes no run."""
        old, overrides = self.settings, self._overrides
        if change.name == "task" and isinstance(change, SetField):
            new = switch_task(old, change.value, overrides)
        else:
            new = change.apply_to(old)
        if new == old:
            return self
        per_optimizer = dict(self._per_optimizer)
        if not needs_clipping(old):  # there the tuning is the surface's, and not the optimizer's
            per_optimizer[old.optimizer] = _optimizer_hyperparameters(old)
        optimizer_changed = new.optimizer != old.optimizer or needs_clipping(old)
        if optimizer_changed and new.optimizer in per_optimizer and not needs_clipping(new):
            new = new.updated(**per_optimizer[new.optimizer])
        if change.name in ("task", "model", "optimizer") and "clip_norm" in overrides:
            new = new.updated(clip_norm=overrides["clip_norm"])
        if isinstance(change, SetField) and change.name != "task":
            overrides = {**overrides, FIELDS[change.name].attribute: change.value}
        return SettingsTrack(new, overrides, per_optimizer)


def _optimizer_hyperparameters(settings: Settings) -> dict[str, Any]:
    return {name: settings.get(name) for name in OPTIMIZER_FIELDS}
