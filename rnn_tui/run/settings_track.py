"""The settings of a run as one change after the other makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, final

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import TUNING, chosen_in, too_steep, turn_to_task
from rnn_tui.run.changes import Change, Set


@final
@dataclass(frozen=True, slots=True)
class Course:
    """`settings` are those of now.

    What somebody chose stays from task to task, and an optimizer that comes back is tuned as it
    was last.
    """

    settings: Settings
    _chosen: Mapping[str, Any] = field(default_factory=dict)
    _tunings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: Settings) -> "Course":
        """Return the course of a run that begins with `settings`."""
        return cls(settings, chosen_in(settings))

    def take_up(self, change: Change) -> "Course":
        """Return the course after `change`; raises SettingsError where that makes no run."""
        old, chosen = self.settings, self._chosen
        if change.name == "task" and isinstance(change, Set):
            new = turn_to_task(old, change.value, chosen)
        else:
            new = change.amend(old)
        if new == old:
            return self
        tunings = dict(self._tunings)
        if not too_steep(old):  # there the tuning is the surface's, and not the optimizer's
            tunings[old.optimizer] = _tuning(old)
        turned = new.optimizer != old.optimizer or too_steep(old)
        if turned and new.optimizer in tunings and not too_steep(new):
            new = replace(new, **tunings[new.optimizer])
        if change.name in ("task", "model", "optimizer") and "clip_norm" in chosen:
            new = replace(new, clip_norm=chosen["clip_norm"])
        if isinstance(change, Set) and change.name != "task":
            chosen = {**chosen, OPTIONS[change.name].field: change.value}
        return Course(new, chosen, tunings)


def _tuning(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in TUNING}
