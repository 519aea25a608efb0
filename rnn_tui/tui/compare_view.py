"""The compare view: how it is opened and left again, and the recorded runs in its table."""

import os
from functools import partial
from typing import final

from textual.worker import get_current_worker

from rnn_tui.recording.recorded_runs import RecordedRun, RecordedRunReader
from rnn_tui.recording.state_folder import state_folder
from rnn_tui.tui.pane_grid import ChangeDisplay, PaneGrid
from rnn_tui.tui.panes import VIEWS, ComparePane

COMPARE_VIEW = "compare"  # and the name of its table


@final
class CompareView:
    """Opens the compare view of `grid`, and reads the recorded runs for its table."""

    def __init__(self, grid: PaneGrid, change_display: ChangeDisplay) -> None:
        self._grid, self._change_display = grid, change_display
        self._view_before = ""
        self._reader = RecordedRunReader()

    async def toggle(self) -> None:
        """Display the view and focus its table, or return to the view before it."""
        grid = self._grid
        if grid.view == COMPARE_VIEW and grid.focused_name == COMPARE_VIEW:
            view = self._view_before or next(iter(VIEWS))
            await self._change_display(lambda: grid.show_view(view), lambda: grid.last_focused)
            return
        self._view_before = "" if grid.view == COMPARE_VIEW else grid.view
        await self._change_display(
            lambda: grid.show_view(COMPARE_VIEW), lambda: grid.focus_target(COMPARE_VIEW)
        )

    def list_recorded_runs(self, session_names: set[str]) -> None:
        """List the recorded runs, but those of `session_names`, read in a thread of its own."""
        read = partial(self._read, session_names)
        self._grid.run_worker(read, group="recorded runs", thread=True, exclusive=True)

    def _read(self, session_names: set[str]) -> None:
        worker, runs = get_current_worker(), list[RecordedRun]()
        for run in self._reader.read(state_folder(os.environ), session_names):
            if worker.is_cancelled:
                return
            runs.append(run)
        compare = self._grid.query_one(ComparePane)
        compare.call_later(compare.show_recorded_runs, runs)
