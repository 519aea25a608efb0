"""The application that shows a sweep."""

import os
from typing import ClassVar, final

from textual.screen import Screen

from rnn_tui.config.appearance import Appearance
from rnn_tui.sweep.background import SweepStatus, SweepThread
from rnn_tui.sweep.sweep import Sweep
from rnn_tui.tui.base_app import BaseApp
from rnn_tui.tui.screens.sweep import OpenRuns, Place, RunsScreen, TableScreen
from rnn_tui.tui.screens.sweep_dialogs import QuitScreen


@final
class SweepApp(BaseApp[OpenRuns]):
    """Shows the sweep of `thread`; ends with the runs to open in the dashboard, or None."""

    TITLE = "rnn-tui sweep"
    CSS_PATH: ClassVar[list[str]] = ["dashboard.tcss", "sweep.tcss"]  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self, sweep: Sweep, thread: SweepThread, appearance: Appearance, place: Place
    ) -> None:
        super().__init__(appearance)
        self._sweep, self._thread, self._place = sweep, thread, place
        self._table_screen = TableScreen(sweep, thread, place)

    def get_default_screen(self) -> Screen[None]:
        return self._table_screen

    def on_mount(self) -> None:
        self.set_appearance()
        if self._place.seed_row is not None and self._place.cell is not None:
            cell = self._sweep.grid.cells[self._place.cell]
            self.push_screen(RunsScreen(self._sweep, cell, self._place))

    def action_close_runs(self) -> None:
        """Close the runs of a cell."""
        if isinstance(self.screen, RunsScreen):
            self._place.seed_row = None
            self.pop_screen()

    def action_quit_sweep(self) -> None:
        """Quit, after a question where runs are left."""

        def end(confirmed: bool | None) -> None:
            if confirmed:
                self.exit()

        if self._thread.status is SweepStatus.RUNNING:
            self.push_screen(QuitScreen(self._sweep), end)
        else:
            self.exit()


def run_sweep_app(
    sweep: Sweep, thread: SweepThread, appearance: Appearance, place: Place
) -> tuple[OpenRuns | None, int, str]:
    """Show the sweep; return the runs to open, the exit status, and a traceback of an error."""
    os.environ.pop("NO_COLOR", None)  # applied by `appearance`; Textual would draw greys
    app = SweepApp(sweep, thread, appearance, place)
    chosen = app.run(mouse=appearance.mouse)
    return chosen, app.return_code or 0, app.failure
