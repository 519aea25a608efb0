"""Requests about breakpoints of the current run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from rnn_tui.run.conditions import Condition

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController

BREAKPOINT_HINT = "break CONDITION sets one, as in break loss<1 and exact"


@final
@dataclass(frozen=True, slots=True)
class EditBreakpoint:
    """Set, switch off or delete ("set", "off", "deleted") the breakpoint of `condition`."""

    action: str
    condition: Condition

    def handle(self, controller: SessionController) -> None:
        controller.session.current.edit_breakpoint(self.action, self.condition)
        controller.message = f"breakpoint {self.condition.text} is {self.action}"
        if self.action == "set":
            controller.message += f": evaluated {self.condition.evaluated}"


@final
@dataclass(frozen=True, slots=True)
class ListBreakpoints:
    """List the breakpoints of the current run."""

    def handle(self, controller: SessionController) -> None:
        texts = [
            text if each.enabled else f"{text} (off)"
            for text, each in controller.run.breakpoints.by_text.items()
        ]
        listed = f"breakpoints: {', '.join(texts)}"
        controller.message = listed if texts else f"no breakpoints: {BREAKPOINT_HINT}"
