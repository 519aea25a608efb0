"""What the run will be like once it has heard all that was asked of it.

A key pressed twice in a moment must count twice, though the first is not answered yet.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.increments import others_after
from rnn_tui.config.settings import Settings, SettingsError
from rnn_tui.engine.models import MODELS
from rnn_tui.run.changes import (
    Fork,
    Hold,
    Look,
    LookAtChange,
    LookBy,
    NextBranch,
    Pause,
    Release,
    Request,
    Restart,
    Resume,
    Set,
    SetSpeed,
    Step,
)
from rnn_tui.run.settings_track import Course
from rnn_tui.session.snapshot import Snapshot, Status


@final
@dataclass(frozen=True, slots=True)
class Expected:
    """The part of a snapshot from which keys go on."""

    course: Course
    present: int
    speed: float
    running: bool
    held: bool

    @property
    def settings(self) -> Settings:
        return self.course.settings

    @classmethod
    def of(cls, snapshot: Snapshot) -> "Expected":
        running = snapshot.status in (Status.RUNNING, Status.STARTING)
        return cls(snapshot.course, snapshot.present, snapshot.speed, running, snapshot.held)

    def next_model(self) -> Set | None:
        """Return the turn to the next net that fits the task, where there is another."""
        for name in others_after(self.settings.model, list(MODELS)):
            turn = Set("model", name)
            with suppress(SettingsError):
                turn.amend(self.settings)
                return turn
        return None

    def after(self, request: Request) -> "Expected":
        """Return what is expected once `request` has been heard."""
        match request:
            case Set():
                with suppress(SettingsError):
                    return replace(self, course=self.course.take_up(request))
            case SetSpeed(steps_per_second):
                return replace(self, speed=steps_per_second)
            case Step(count):
                return replace(self, present=self.present + count, running=False)
            case Pause() | Fork() | NextBranch() | Look() | LookBy() | LookAtChange():
                return replace(self, running=False)
            case Restart():
                return replace(self, present=0, running=True)
            case Resume():
                return replace(self, running=True)
            case Hold():
                return replace(self, held=True)
            case Release():
                return replace(self, held=False)
        return self
