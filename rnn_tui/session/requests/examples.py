"""Requests about the displayed example."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController


@final
@dataclass(frozen=True, slots=True)
class PinExample:
    """Pin the example of `input_text`, or without one the displayed example."""

    input_text: str = ""

    def handle(self, controller: SessionController) -> None:
        controller.session.pin_example(self.input_text)


@final
@dataclass(frozen=True, slots=True)
class UnpinExample:
    """Show the newest training example."""

    def handle(self, controller: SessionController) -> None:
        controller.session.unpin_example()


@final
@dataclass(frozen=True, slots=True)
class TogglePin:
    """Pin the displayed example, or unpin the pinned one."""

    def handle(self, controller: SessionController) -> None:
        is_pinned = controller.session.viewed.inspector.is_pinned
        (UnpinExample() if is_pinned else PinExample()).handle(controller)


@final
@dataclass(frozen=True, slots=True)
class PinNewest:
    """Pin the newest training example instead of any other."""

    def handle(self, controller: SessionController) -> None:
        controller.session.unpin_example()
        controller.session.pin_example()
