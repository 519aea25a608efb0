"""What the run will be like once it has heard all that was asked of it.

A key pressed twice in a moment must count twice, though the first is not answered yet.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import final

from rnn_tui.session.changes import (
    Hold,
    Pause,
    Release,
    Request,
    Restart,
    Resume,
    Set,
    SetSpeed,
    Step,
)
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.settings import Settings, SettingsError


@final
@dataclass(frozen=True, slots=True)
class Expected:
    """The part of a snapshot from which keys go on."""

    settings: Settings
    speed: float
    running: bool
    held: bool

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Expected":
        running = snapshot.status in (Status.RUNNING, Status.STARTING)
        return cls(snapshot.settings, snapshot.speed, running, snapshot.held)

    def after(self, request: Request) -> "Expected":
        """Return what is expected once `request` has been heard."""
        match request:
            case Set():
                with suppress(SettingsError):
                    return replace(self, settings=request.amend(self.settings))
            case SetSpeed(steps_per_second):
                return replace(self, speed=steps_per_second)
            case Pause() | Step():
                return replace(self, running=False)
            case Resume() | Restart():
                return replace(self, running=True)
            case Hold():
                return replace(self, held=True)
            case Release():
                return replace(self, held=False)
        return self
