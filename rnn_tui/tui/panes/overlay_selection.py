"""The runs that the loss pane overlays: branches of the session, and recorded runs."""

from dataclasses import dataclass
from typing import final

from rnn_tui.config.errors import UserError
from rnn_tui.run.summary import RunSummary
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.loss_overlay import MAX_OVERLAID_RUNS, by_branch


@final
@dataclass(frozen=True, slots=True, eq=False)
class OverlaySelection:
    """The `chosen` runs by their numbers, or the latest branches if None; always the current one.

    `recorded_runs` are those of the chosen runs that are not branches of this session.
    """

    chosen: tuple[int, ...] | None = None
    recorded_runs: tuple[RunSummary, ...] = ()

    def drawn_runs(self, snapshot: Snapshot) -> tuple[RunSummary, ...]:
        """Return up to `MAX_OVERLAID_RUNS` runs: current branch, other branches, recorded runs."""
        summaries = [*snapshot.summaries, *self.recorded_runs]
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
        recorded = [
            run
            for run in self.recorded_runs
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
            recorded += [summary] if summary.number < 0 else []
        return OverlaySelection(tuple(numbers), tuple(recorded))
