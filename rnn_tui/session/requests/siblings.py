"""Requests about the siblings of the current run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from rnn_tui.config.errors import UserError
from rnn_tui.session.siblings import NO_SIBLINGS

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController

DEFAULT_SIBLINGS, MAX_SIBLINGS = 32, 128


@final
@dataclass(frozen=True, slots=True)
class TrainSiblings:
    """Train `count` siblings of the run; 0 stops, None stops or else trains as many as before.

    Raises UserError where there are none to stop.
    """

    count: int | None = None

    def __post_init__(self) -> None:
        if self.count is not None and not 0 <= self.count <= MAX_SIBLINGS:
            raise UserError(
                "the number of siblings must be from 0 (none) to "
                f"{MAX_SIBLINGS}, not {self.count:,}"
            )

    def handle(self, controller: SessionController) -> None:
        siblings, count = controller.siblings, self.count
        if count is None:
            count = 0 if siblings.is_training else siblings.latest_number or DEFAULT_SIBLINGS
        if count:
            siblings.start(count, controller.run)
            noun = "sibling" if count == 1 else "siblings"
            controller.message = f"{count} {noun} with other seeds train alongside; N stops them"
        elif not siblings.n_siblings:
            raise UserError(NO_SIBLINGS)
        else:
            siblings.stop()
            controller.message = "siblings stopped"


@final
@dataclass(frozen=True, slots=True)
class ApplyToSiblings:
    """Apply changes of the run to its siblings too, those so far and later ones, or not."""

    applies: bool

    def handle(self, controller: SessionController) -> None:
        if not controller.siblings.is_training:
            raise UserError(NO_SIBLINGS)
        controller.siblings.set_applies_changes(self.applies)
        controller.message = (
            "changes of the run are applied to the siblings too; A for the run alone"
            if self.applies
            else "further changes are for the run alone; a applies them to the siblings too"
        )


@final
@dataclass(frozen=True, slots=True)
class OpenSibling:
    """Train the sibling with `seed` again, on a new branch, to the step that it has reached."""

    seed: int

    def handle(self, controller: SessionController) -> None:
        plan, step = controller.siblings.find(self.seed, controller.run)
        controller.session.open_run(plan.settings_of(self.seed), plan.schedule, step)
        controller.leave_branch(None)
        run, number = controller.run, controller.session.current.number
        end = f"halted: {run.halt_reason}" if run.halt_reason else "space resumes"
        controller.message = (
            f"branch {number}: the sibling with seed {self.seed}, trained again to step "
            f"{run.step:,}; {end}"
        )
