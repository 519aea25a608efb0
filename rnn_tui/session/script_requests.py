"""Requests that make up scripts, such as the pages of a lesson send: `RunScript` handles them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from rnn_tui.run.conditions import Condition
from rnn_tui.session.script import Watched

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
        controller.run_script((*self.requests, _EndScript(self.serial)))


@final
@dataclass(frozen=True, slots=True)
class _EndScript:
    serial: int

    def handle(self, controller: SessionController) -> None:
        script = controller.script
        script.progress = replace(script.progress, serial=self.serial)


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
    """Set a temporary breakpoint instead of the last one, which no branch keeps; None for none.

    Where not `pauses`, it is evaluated and its hits are noted as those of any, but training
    continues.
    """

    condition: Condition | None
    pauses: bool = True

    def handle(self, controller: SessionController) -> None:
        script, session = controller.script, controller.session
        last = script.watched.condition if script.watched else None
        script.watched = None
        for branch in session.branches:
            for condition in filter(None, {last, self.condition}):
                if condition.text in branch.run.breakpoints.by_text:
                    branch.edit_breakpoint("deleted", condition)
        if self.condition:
            session.current.edit_breakpoint("set", self.condition)
            script.watched = Watched(self.condition, self.pauses)
