"""The messages between a session and the process of its siblings: plans there, results back.

Siblings are runs with the settings and changes of a run of the session, and other seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import NamedTuple, final

import numpy as np

from rnn_tui.config.settings import Settings
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.run.changes import Change
from rnn_tui.run.history import Curve

LOW, MEDIAN, HIGH = QUANTILES = (0.1, 0.5, 0.9)  # of a band
MAX_BAND_BUCKETS = 512

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
class LossBand(NamedTuple):
    """The QUANTILES of the losses of siblings, (3, n), over buckets of `stride` steps.

    A sibling that has diverged counts as infinite.
    """

    start: int
    stride: int
    quantiles: FloatArray

    def curves(self) -> tuple[Curve, ...]:
        """Return the quantiles as curves, the lowest first."""
        rows = self.quantiles.astype(np.float64)
        return tuple(Curve(self.start, self.stride, row, row, row) for row in rows)


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
class Received(NamedTuple):
    """The latest plan has been received."""


def loss_band(curves: Sequence[Curve], is_halted: Sequence[bool]) -> LossBand | None:
    """Return the band of the losses of siblings, of which some have halted; None without losses.

    All curves are brought to one stride, so that quantiles are of means over equally many steps.
    """
    longest = max(curves, key=lambda curve: curve.start + len(curve.mean) * curve.stride)
    stride = max(curve.stride for curve in curves)
    while len(longest.mean) * longest.stride > MAX_BAND_BUCKETS * stride:
        stride *= 2
    n_buckets = len(longest.coarsened(stride).mean)
    if not n_buckets:
        return None
    losses = np.full((len(curves), n_buckets), np.nan)
    for row, curve, halted in zip(losses, curves, is_halted, strict=True):
        means = curve.coarsened(stride).mean if curve.start == longest.start else np.empty(0)
        row[: len(means)] = means[:n_buckets]
        if halted:
            row[len(means) :] = inf
    quantiles = quantiles_of(losses)
    return LossBand(longest.start, stride, quantiles.astype(np.float32))


def quantiles_of(values: FloatArray) -> FloatArray:
    """Return the QUANTILES of each column of `values` (n, columns), (3, columns), as numpy does.

    NaN does not count, but infinity does; a column without values is NaN.
    """
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum(np.count_nonzero(~np.isnan(values), axis=0) - 1, 0)
    places = np.multiply.outer(QUANTILES, last)
    below = np.floor(places).astype(int)
    low, high = (np.take_along_axis(ordered, np.minimum(i, last), 0) for i in (below, below + 1))
    fraction = places - below
    with np.errstate(invalid="ignore"):
        between = low * (1 - fraction) + high * fraction
    result: FloatArray = np.where((fraction == 0) | (low == high), low, between)
    return result
