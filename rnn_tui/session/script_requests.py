"""Requests that make up scripts, such as the pages of a lesson send: `RunScript` handles them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, final

from rnn_tui.run.conditions import Condition
from rnn_tui.session.requests import SeekTo
from rnn_tui.session.script import TemporaryBreakpoint

if TYPE_CHECKING:
    from rnn_tui.session.controller import Request, SessionController


@final
@dataclass(frozen=True, slots=True)
class RunScript:
    """Handle `requests` in order, each after the steps and the seek of the one before.

    Then `ScriptProgress.serial` is `serial`.
    """

    serial: int
    requests: tuple[Request, ...]

    def handle(self, controller: SessionController) -> None:
        calls = (partial(controller.handle, request) for request in self.requests)
        controller.script.append(self.serial, calls)


@final
@dataclass(frozen=True, slots=True)
class SaveBookmark:
    """Keep the current run as it is now, and the speed, under `number`."""

    number: int

    def handle(self, controller: SessionController) -> None:
        speed = controller.rate_limiter.steps_per_second
        controller.script.bookmarks[self.number] = controller.session.bookmark(), speed


@final
@dataclass(frozen=True, slots=True)
class ReturnToBookmark:
    """Fork a branch from a bookmark, exactly as the run was then, and pause there."""

    number: int

    def handle(self, controller: SessionController) -> None:
        bookmark, speed = controller.script.bookmarks[self.number]
        controller.session.return_to(bookmark)
        controller.leave_branch(None)
        controller.rate_limiter.set_rate(speed)
        controller.message = f"step {controller.run.step:,} again"


@final
@dataclass(frozen=True, slots=True)
class Watch:
    """Set a temporary breakpoint instead of the last one, without pausing; None for none.

    It follows to each branch that is switched to, and is left in none.
    """

    condition: Condition | None

    def handle(self, controller: SessionController) -> None:
        temporary = TemporaryBreakpoint(self.condition, pauses=False) if self.condition else None
        controller.set_temporary_breakpoint(temporary)


@final
@dataclass(frozen=True, slots=True)
class TrainUntil:
    """Train from the latest step until a temporary breakpoint, at which training pauses."""

    condition: Condition

    def handle(self, controller: SessionController) -> None:
        SeekTo(None).handle(controller)
        controller.set_temporary_breakpoint(TemporaryBreakpoint(self.condition, pauses=True))
        controller.resume(controller.planned_end)


@final
@dataclass(frozen=True, slots=True)
class UnlimitSpeed:
    """Train at full speed until `LimitSpeed`."""

    def handle(self, controller: SessionController) -> None:
        controller.script.unlimit_speed()


@final
@dataclass(frozen=True, slots=True)
class LimitSpeed:
    """Return to the speed before `UnlimitSpeed`, if there was one."""

    def handle(self, controller: SessionController) -> None:
        controller.script.limit_speed()
