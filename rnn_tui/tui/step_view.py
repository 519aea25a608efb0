"""The step view: the trace of the next training step, stop by stop, in a view of its own."""

from collections.abc import Callable
from typing import final

from rnn_tui.analysis.step_trace import Place, StepTrace
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import LeaveTrace, Step, TraceStep
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.pane_grid import ChangeDisplay, PaneGrid
from rnn_tui.tui.panes import StepTracePane
from rnn_tui.tui.views import STEP_VIEW

STEP_TRACE_PANE = "step-trace"


@final
class StepView:
    """Goes from stop to stop in the step view of `grid`, and ends the trace with that view.

    view_before    the view from which the step view was opened

    `send` returns the number of requests that are handled when its request is.
    """

    def __init__(
        self,
        grid: PaneGrid,
        send: Callable[[Request], int],
        change_display: ChangeDisplay,
    ) -> None:
        self._grid, self._send, self._change_display = grid, send, change_display
        self._n_requests = 0  # once so many are handled, the requested step is traced
        self.view_before = ""

    @property
    def is_open(self) -> bool:
        """Whether the step view is displayed."""
        return self._grid.view == STEP_VIEW

    async def go_to_next_stop(self, snapshot: Snapshot) -> None:
        """Request a trace of the next step; within it, go to the next stop or train the step.

        Until a requested step is traced, neither another trace nor a step is requested.
        """
        pane = self._grid.query_one(StepTracePane)
        is_traced = snapshot.requests_handled >= self._n_requests
        if is_traced and snapshot.step_trace is None:
            self._n_requests = self._send(TraceStep())
        elif is_traced and self.is_open and not pane.go_to_next_stop():
            self._n_requests = self._send(Step())
        await self._open()

    async def go_to_previous_stop(self, trace: StepTrace | None) -> None:
        """Go to the previous stop of the trace, if there is one."""
        if trace is not None:
            if self.is_open:
                self._grid.query_one(StepTracePane).go_to_previous_stop()
            await self._open()

    async def _open(self) -> None:
        if not self.is_open:
            self.view_before = self._grid.view
            await self._change_display(
                lambda: self._grid.show_view(STEP_VIEW),
                lambda: self._grid.focus_target(STEP_TRACE_PANE),
            )

    def highlight(self, place: Place | None) -> None:
        """Mark the place of the selected term in the other panes, while the view is displayed."""
        self._grid.highlight = place if self.is_open else None

    def end_trace(self) -> None:
        """Leave the trace, after another view is displayed."""
        self._send(LeaveTrace())
        self._grid.highlight = None
