"""The messages between a session and the process of its siblings: plans there, results back.

Siblings are runs with the settings and changes of a run of the session, and other seeds.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple, final

from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import Change
from rnn_tui.session.siblings_band import LossBand

Changes = tuple[tuple[int, Change], ...]


@final
@dataclass(frozen=True, slots=True)
class SiblingsPlan:
    """Siblings to train: with `settings` but for their `seeds`, and the changes of `schedule`."""

    settings: Settings
    seeds: tuple[int, ...]
    schedule: Changes = ()

    def settings_of(self, seed: int) -> Settings:
        """Return the initial settings of one sibling."""
        return replace(self.settings, seed=seed)

    def continues(self, earlier: "SiblingsPlan", step: int, n_applied: int) -> bool:
        """Return whether siblings after `step`, with the first `n_applied` changes, remain valid.

        They were trained by the plan `earlier`.
        """
        same_start = (self.settings, self.seeds) == (earlier.settings, earlier.seeds)
        same_changes = self.schedule[:n_applied] == earlier.schedule[:n_applied]
        return (
            same_start and same_changes and all(at >= step for at, _ in self.schedule[n_applied:])
        )


@final
class PlanMessage(NamedTuple):
    """Train the siblings of `plan` to `target_step`."""

    plan: SiblingsPlan
    target_step: int


@final
class SiblingState(NamedTuple):
    """One sibling after `step`; see `ReplicaSummary`.

    `accuracy` is the fraction of sequences that the weights after `accuracy_step` predict
    correctly, NaN before the first evaluation.
    """

    seed: int
    step: int
    mean_metric: float
    first_exact_step: int | None
    accuracy: float
    accuracy_step: int
    halt_reason: str | None

    @property
    def is_exact(self) -> bool:
        """Whether every prediction was correct at some step, and training has not diverged."""
        return self.first_exact_step is not None and not self.halt_reason


@final
class SiblingsUpdate(NamedTuple):
    """The siblings of `plan` after `step`; `settings` are those at that step, but for the seed.

    `n_applied` is the number of changes of the plan that are applied.
    """

    plan: SiblingsPlan
    step: int
    n_applied: int
    settings: Settings
    states: tuple[SiblingState, ...]
    band: LossBand | None


@final
class PlanReceived(NamedTuple):
    """The latest plan has been received."""


@final
class Failure(NamedTuple):
    """The process ends by an error, whose type and text are `reason`."""

    reason: str
