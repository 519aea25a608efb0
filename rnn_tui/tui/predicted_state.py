"""What the run will be like once it has heard all that was asked of it.

A key pressed twice in a moment must count twice, though the first is not answered yet.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import final

from rnn_tui.config.increments import others_in_cycle
from rnn_tui.config.settings import Settings, UserError
from rnn_tui.engine.models import MODELS
from rnn_tui.run.changes import SetField
from rnn_tui.run.settings_track import SettingsTrack
from rnn_tui.session.requests import (
    Fork,
    NextBranch,
    Pause,
    PinExample,
    Request,
    Restart,
    Resume,
    SeekBy,
    SeekTo,
    SeekToChange,
    SetSpeed,
    Step,
    UnpinExample,
)
from rnn_tui.session.snapshot import Snapshot, Status


@final
@dataclass(frozen=True, slots=True)
class PredictedState:
    """The part of a snapshot from which keys go on."""

    settings_track: SettingsTrack
    latest_step: int
    speed: float
    is_running: bool
    is_pinned: bool

    @property
    def settings(self) -> Settings:
        return self.settings_track.settings

    @classmethod
    def from_snapshot(cls, snapshot: Snapshot) -> "PredictedState":
        is_running = snapshot.status in (Status.RUNNING, Status.STARTING)
        return cls(
            snapshot.settings_track,
            snapshot.latest_step,
            snapshot.speed,
            is_running,
            snapshot.is_pinned,
        )

    def next_model(self) -> SetField | None:
        """Return the turn to the next net that fits the task, where there is another."""
        for name in others_in_cycle(self.settings.model, list(MODELS)):
            change = SetField("model", name)
            with suppress(UserError):
                change.apply_to(self.settings)
                return change
        return None

    def after(self, request: Request) -> "PredictedState":
        """Return what is expected once `request` has been heard."""
        match request:
            case SetField():
                with suppress(UserError):
                    return replace(self, settings_track=self.settings_track.apply(request))
            case SetSpeed(steps_per_second):
                return replace(self, speed=steps_per_second)
            case Step(count):
                return replace(self, latest_step=self.latest_step + count, is_running=False)
            case Pause() | Fork() | NextBranch() | SeekTo() | SeekBy() | SeekToChange():
                return replace(self, is_running=False)
            case Restart():
                return replace(self, latest_step=0, is_running=True)
            case Resume():
                return replace(self, is_running=True)
            case PinExample():
                return replace(self, is_pinned=True)
            case UnpinExample():
                return replace(self, is_pinned=False)
        return self
