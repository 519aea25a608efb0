"""Requests about branches: new ones, and which is current."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import randbelow
from typing import TYPE_CHECKING, Self, final

from rnn_tui.config.parsing import check_choice
from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.change_messages import restart_message
from rnn_tui.run.run import Run

if TYPE_CHECKING:
    from rnn_tui.session.controller import SessionController

NEW_SEED_LIMIT = 100_000


@final
@dataclass(frozen=True, slots=True)
class Restart:
    """Restart with the current settings, with `seed` if one is given; `paused` at step 0."""

    seed: int | None = None
    paused: bool = False

    @classmethod
    def with_new_seed(cls) -> Self:
        """Return a restart with a random seed below NEW_SEED_LIMIT."""
        return cls(seed=randbelow(NEW_SEED_LIMIT))

    def handle(self, controller: SessionController) -> None:
        learning_rate = controller.run.settings.learning_rate
        controller.session.restart(self.seed)
        run = controller.run
        controller.leave_branch(None if self.paused else run.initial_settings.steps)
        controller.message = restart_message(run.settings, learning_rate)


@final
@dataclass(frozen=True, slots=True)
class StartRecipe:
    """Start a run of the recipe `name` on a new branch, at its speed; `paused` at step 0."""

    name: str
    paused: bool = False

    def __post_init__(self) -> None:
        check_choice("recipe", self.name, RECIPES)

    def handle(self, controller: SessionController) -> None:
        recipe = RECIPES[self.name]
        controller.session.start_run(Run(recipe.settings))
        controller.rate_limiter.set_rate(recipe.speed)
        controller.leave_branch(None if self.paused else recipe.settings.steps)
        controller.message = f"recipe {self.name}: {recipe.summary}"


@final
@dataclass(frozen=True, slots=True)
class Undo:
    """Fork a branch just before the latest change."""

    def handle(self, controller: SessionController) -> None:
        was_training = controller.is_training or bool(controller.run.halt_reason)
        controller.message = controller.session.undo()
        resumes = was_training and not controller.run.halt_reason
        controller.leave_branch(controller.planned_end if resumes else None)


@final
@dataclass(frozen=True, slots=True)
class Fork:
    """Fork a branch at the viewed step, with the same future training samples."""

    def handle(self, controller: SessionController) -> None:
        controller.session.fork()
        controller.leave_branch(None)
        controller.message = (
            f"branch {controller.session.current.number} from step {controller.run.step:,}: "
            "change something, space resumes"
        )


@final
@dataclass(frozen=True, slots=True)
class NextBranch:
    """Switch to the next branch, at its latest step."""

    def handle(self, controller: SessionController) -> None:
        session = controller.session
        if len(session.branches) == 1:
            controller.message = "only one branch: f forks another"
            return
        session.next_branch()
        controller.leave_branch(None)
        controller.message = f"branch {session.current.number}"
