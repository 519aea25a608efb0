"""The runs that the loss pane overlays: branches of the session, and earlier runs."""

from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import final

import numpy as np

from rnn_tui.config.errors import UserError
from rnn_tui.run.history import SMOOTHING_STEPS
from rnn_tui.run.settings_track import SettingsTrack
from rnn_tui.run.summary import RunSummary, steps_per_second
from rnn_tui.session.snapshot import Snapshot, Status
from rnn_tui.tui.drawing.loss_overlay import MAX_OVERLAID_RUNS, by_branch


@final
@dataclass(frozen=True, slots=True, eq=False)
class OverlaySelection:
    """The `chosen` runs by their numbers, or the latest branches if None; always the current one.

    `earlier_runs` are those of the chosen runs that are not branches of this session.
    """

    chosen: tuple[int, ...] | None = None
    earlier_runs: tuple[RunSummary, ...] = ()

    def drawn_runs(self, snapshot: Snapshot) -> tuple[RunSummary, ...]:
        """Return up to `MAX_OVERLAID_RUNS` runs: current branch, other branches, earlier runs."""
        summaries = [*session_summaries(snapshot), *self.earlier_runs]
        others = {summary.number: summary for summary in summaries}
        current = others.pop(snapshot.branch_number)
        latest = sorted(number for number in others if number > 0)[::-1]
        wanted = latest if self.chosen is None else self.chosen
        numbers = [number for number in wanted if number in others]
        shown = [others[number] for number in numbers[: MAX_OVERLAID_RUNS - 1]]
        return (current, *sorted(shown, key=by_branch))

    def toggled(self, snapshot: Snapshot, summary: RunSummary) -> "OverlaySelection":
        """Return the selection with `summary` added or removed; new branches are no longer added.

        Raises UserError for the current branch, and when `MAX_OVERLAID_RUNS` are selected already.
        """
        numbers = [drawn.number for drawn in self.drawn_runs(snapshot)]
        earlier = [
            run
            for run in self.earlier_runs
            if run.number in numbers and run.number != summary.number
        ]
        if summary.number == snapshot.branch_number:
            raise UserError("the current branch is always drawn")
        if summary.number in numbers:
            numbers.remove(summary.number)
        elif len(numbers) >= MAX_OVERLAID_RUNS:
            raise UserError(f"{MAX_OVERLAID_RUNS} runs are drawn already: deselect one first")
        else:
            numbers.append(summary.number)
            earlier += [summary] if summary.number < 0 else []
        return OverlaySelection(tuple(numbers), tuple(earlier))


def session_summaries(snapshot: Snapshot) -> tuple[RunSummary, ...]:
    """Return the summaries of all branches, or of the only branch."""
    return snapshot.summaries or (_only_branch_summary(snapshot),)


def _only_branch_summary(snapshot: Snapshot) -> RunSummary:
    """Return the summary of the only branch at its latest step."""
    settings_track = SettingsTrack.from_settings(snapshot.initial_settings)
    for applied in snapshot.log:
        settings_track = settings_track.apply(applied.change)
    recent_losses = snapshot.recent.mean[np.isfinite(snapshot.recent.mean)][-SMOOTHING_STEPS:]
    return RunSummary(
        number=snapshot.branch_number,
        name=Path(snapshot.journal_path).stem,
        parent=0,
        fork_step=0,
        initial_settings=snapshot.initial_settings,
        settings=settings_track.settings,
        step=snapshot.latest_step,
        n_changes=len(snapshot.log),
        curve=snapshot.full_run,
        mean_metric=float(recent_losses.mean()) if len(recent_losses) else nan,
        score=None if snapshot.status is Status.VIEWING else snapshot.score,
        score_step=snapshot.score_step,
        first_exact=snapshot.first_exact,
        speed=steps_per_second(snapshot.latest_step, snapshot.training_seconds),
    )
