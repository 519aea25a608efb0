"""The settings of a run as one change after the other makes them."""

from dataclasses import replace
from typing import Any, final

from rnn_tui.session.changes import Change
from rnn_tui.settings import Settings
from rnn_tui.turns import TUNING


@final
class Course:
    """`settings` are those of now; an optimizer that comes back is tuned as it was last."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._tunings = {settings.optimizer: _tuning(settings)}

    def take_up(self, change: Change) -> Settings:
        """Return the settings with `change`; raises SettingsError where they make no run."""
        new = change.amend(self.settings)
        if new == self.settings:
            return new
        if change.name == "optimizer" and new.optimizer in self._tunings:
            new = replace(new, **self._tunings[new.optimizer])
        self._tunings[new.optimizer] = _tuning(new)
        self.settings = new
        return new


def _tuning(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in TUNING}
