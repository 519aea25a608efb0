"""Requests to view a step of the current run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from rnn_tui.config.errors import UserError

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController


@final
@dataclass(frozen=True, slots=True)
class SeekTo:
    """View the run as it was after `step` steps; None is the latest step."""

    step: int | None

    def resolve(self, latest_step: int) -> int:
        """Return the step to seek in a run that is at `latest_step`.

        Raises UserError if the run has no such step.
        """
        step = latest_step if self.step is None else self.step
        if not 0 <= step <= latest_step:
            raise UserError(f"the run has steps 0 to {latest_step:,}, not {step:,}")
        return step

    def handle(self, controller: SessionController) -> None:
        controller.seek(self.resolve(controller.run.step))


@final
@dataclass(frozen=True, slots=True)
class SeekBy:
    """View the run `steps` steps later, or earlier if negative."""

    steps: int

    def handle(self, controller: SessionController) -> None:
        controller.seek(controller.session.viewed_step + self.steps)


@final
@dataclass(frozen=True, slots=True)
class SeekToChange:
    """View the run at its next change, or at the previous one."""

    forward: bool

    def handle(self, controller: SessionController) -> None:
        controller.seek(controller.session.next_change_step(forward=self.forward))
