"""Requests about when the current run trains, how far and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.increments import (
    decrease_speed,
    increase_speed,
)
from rnn_tui.config.settings import MAX_STEPS
from rnn_tui.session.requests.seeks import SeekBy

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController


@final
@dataclass(frozen=True, slots=True)
class PlanSteps:
    """Train the current run to step `steps`, instead of to the last planned one."""

    steps: int

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise UserError(f"steps must be from 1 to {MAX_STEPS:,}, not {self.steps:,}")

    def handle(self, controller: SessionController) -> None:
        controller.plan_steps(self.steps)
        controller.message = f"{self.steps:,} steps are planned"


@final
@dataclass(frozen=True, slots=True)
class HoldTraining:
    """Hold training while the user reads, or release it; a paused run stays paused."""

    held: bool

    def handle(self, controller: SessionController) -> None:
        controller.hold(self.held)


@final
@dataclass(frozen=True, slots=True)
class Pause:
    """Pause training."""

    def handle(self, controller: SessionController) -> None:
        controller.pause()


@final
@dataclass(frozen=True, slots=True)
class Resume:
    """Resume training; beyond the last planned step if that is reached."""

    def handle(self, controller: SessionController) -> None:
        if controller.session.rewind:
            controller.seek(controller.run.step)
        else:
            controller.resume(controller.planned_end)


@final
@dataclass(frozen=True, slots=True)
class TogglePause:
    """Pause if training, else resume."""

    def handle(self, controller: SessionController) -> None:
        (Pause() if controller.running else Resume()).handle(controller)


@final
@dataclass(frozen=True, slots=True)
class Step:
    """Train `count` steps, then pause."""

    count: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_STEPS:
            raise UserError(f"steps must be from 1 to {MAX_STEPS:,}, not {self.count:,}")

    def handle(self, controller: SessionController) -> None:
        if controller.session.rewind:
            SeekBy(self.count).handle(controller)
        else:
            controller.step(self.count)


@final
@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Limit the speed; infinity for no limit, None for the present one."""

    steps_per_second: float | None

    def __post_init__(self) -> None:
        if self.steps_per_second is not None and not 0 < self.steps_per_second <= inf:
            raise UserError(f"the speed must be above 0, not {self.steps_per_second:g}")

    def handle(self, controller: SessionController) -> None:
        if self.steps_per_second is not None:
            controller.rate_limiter.set_rate(self.steps_per_second)


@final
@dataclass(frozen=True, slots=True)
class AdjustSpeed:
    """Set the speed to the next of the speeds above or below it."""

    up: bool

    def handle(self, controller: SessionController) -> None:
        limiter, adjusted = controller.rate_limiter, increase_speed if self.up else decrease_speed
        limiter.set_rate(adjusted(limiter.steps_per_second))
