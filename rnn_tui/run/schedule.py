"""The settings that a schedule of changes leads to, before the run is trained."""

from rnn_tui.config.errors import UserError
from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Schedule
from rnn_tui.run.settings_state import SettingsState


def planned_settings(settings: Settings, schedule: Schedule) -> list[Settings]:
    """Return `settings`, then those after each change of `schedule`, which is in order.

    Raises UserError where a change is not valid at its step.
    """
    state = SettingsState.from_settings(settings)
    planned = [settings]
    for step, change in schedule:
        if not 0 <= step <= settings.steps:
            raise UserError(f"--at {step}: the run has {settings.steps:,} steps")
        try:
            state = state.apply(change)
        except UserError as reason:
            raise UserError(f"--at {step}:{change.spec}: {reason}") from None
        planned.append(state.settings)
    return planned
