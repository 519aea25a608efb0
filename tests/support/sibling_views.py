"""Views of siblings for the tests of texts and drawings."""

from dataclasses import replace
from math import nan

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.session.siblings import SiblingsView
from rnn_tui.session.siblings_plan import (
    PlanMessage,
    SiblingsPlan,
    SiblingState,
    SiblingsUpdate,
)
from tests.support.siblings import InlineProcess

SETTINGS = replace(RECIPES[DEFAULT_RECIPE].settings, seed=0)


def exact(seed: int, step: int) -> SiblingState:
    return SiblingState(seed, 10_000, 0.02, step, 1.0, 10_000, None)


def inexact(seed: int, accuracy: float) -> SiblingState:
    return SiblingState(seed, 10_000, 1.5, None, accuracy, 10_000, None)


def diverged(seed: int, step: int) -> SiblingState:
    return SiblingState(seed, step, nan, None, 0.0, step - 100, "loss overflowed")


THIRTY_TWO = (
    *(exact(seed, 5000 + 250 * seed) for seed in range(1, 28)),
    *(inexact(seed, accuracy) for seed, accuracy in ((28, 0.999), (29, 0.6), (30, 0.3), (31, 0.0))),
    diverged(32, 3211),
)


def view_of(*states: SiblingState, step: int = 10_000) -> SiblingsView:
    """Return the view of siblings with these results at `step`."""
    seeds = tuple(state.seed for state in states)
    plan = SiblingsPlan(SETTINGS, seeds)
    update = SiblingsUpdate(plan, step, 0, SETTINGS, states, None) if states else None
    return SiblingsView(seeds or (1, 2), update, None, False, (), (), "", None)


class CannedProcess(InlineProcess):
    """In the place of a `SiblingsProcess`: has the results THIRTY_TWO."""

    def send(self, message: PlanMessage) -> None:
        update = view_of(*THIRTY_TWO).update
        assert update
        self.update = update._replace(plan=message.plan)
        self.version += 1
        self._on_news()
