"""Requests for changes of settings, relative to the present ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.increments import (
    decrease,
    increase,
    others_in_cycle,
)
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField
from rnn_tui.run.settings_state import SettingsState

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController

CYCLED_CHOICES: Mapping[str, Collection[str]] = {
    "task": TASKS,
    "model": MODELS,
    "optimizer": OPTIMIZERS,
}


@final
@dataclass(frozen=True, slots=True)
class SwitchToNext:
    """Switch `setting` (task, model or optimizer) to its next possible value."""

    setting: str
    forward: bool = True

    def resolve(self, state: SettingsState) -> SetField:
        """Return the change for a run with the settings of `state`.

        Raises UserError if no other value is possible.
        """
        names = list(CYCLED_CHOICES[self.setting])
        current = getattr(state.settings, self.setting)
        for name in others_in_cycle(current, names if self.forward else names[::-1]):
            with suppress(UserError):
                state.apply(SetField(self.setting, name))
                return SetField(self.setting, name)
        raise UserError(f"no {self.setting} but {current} is possible with the other settings")

    def handle(self, controller: SessionController) -> None:
        controller.change(self.resolve(controller.run.settings_state))


@final
@dataclass(frozen=True, slots=True)
class AdjustLearningRate:
    """Set the learning rate to the next of 0.1, 0.2, 0.5, 1, … above or below it."""

    up: bool

    def resolve(self, state: SettingsState) -> SetField:
        """Return the change for a run with the settings of `state`."""
        rate = state.settings.learning_rate
        return SetField("lr", increase(rate) if self.up else decrease(rate))

    def handle(self, controller: SessionController) -> None:
        controller.change(self.resolve(controller.run.settings_state))
