"""The settings of a run as one change after the other makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, final

from rnn_tui.session.changes import Change
from rnn_tui.settings import Settings
from rnn_tui.turns import TUNING


@final
@dataclass(frozen=True, slots=True)
class Course:
    """`settings` are those of now; an optimizer that comes back is tuned as it was last."""

    settings: Settings
    _tunings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def take_up(self, change: Change) -> "Course":
        """Return the course after `change`; raises SettingsError where that makes no run."""
        old, new = self.settings, change.amend(self.settings)
        if new == old:
            return self
        tunings = {**self._tunings, old.optimizer: _tuning(old)}
        if change.name == "optimizer" and new.optimizer in tunings:
            new = replace(new, **tunings[new.optimizer])
        return Course(new, tunings)


def _tuning(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in TUNING}
