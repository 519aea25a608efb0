"""A screen that sends requests to a worker, and shows no snapshot older than their effect."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import inf
from time import monotonic, thread_time
from typing import Any

from textual.reactive import var
from textual.screen import Screen

from rnn_tui.config.appearance import Appearance
from rnn_tui.session.controller import Request
from rnn_tui.session.requests import HoldTraining
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot, Status
from rnn_tui.session.worker import SnapshotSource
from rnn_tui.text.ascii import printable
from rnn_tui.tui.drawing.status_lines import export_lines
from rnn_tui.tui.frame_budget import FrameBudget
from rnn_tui.tui.screens.dialogs import Dialog
from rnn_tui.tui.terminal.compositor import DirtyRegionCompositor

POLL_INTERVAL_SECONDS = 0.004  # while a request is being handled


class SessionScreen(Screen[None]):
    """Polls `worker` for snapshots, sends it requests, and suspends training while it paints.

    A subclass calls `start_polling` once it is mounted and `update_hold` when another screen comes
    or goes above it, and draws each new `snapshot`.
    """

    snapshot: var[Snapshot] = var(EMPTY_SNAPSHOT)

    def __init__(self, worker: SnapshotSource, appearance: Appearance) -> None:
        super().__init__()
        self._compositor = DirtyRegionCompositor()
        self.worker, self.appearance = worker, appearance
        self.requests_sent = 0
        # The number of requests to be handled before, and the function that opens the dialog.
        self._pending_dialog: tuple[int, Callable[[], None]] | None = None
        self._is_held = False  # training, by `update_hold`
        self._is_updating = False
        self._frame_budget = FrameBudget()

    def start_polling(self) -> None:
        """Start the worker, and poll it for every frame and after every request."""
        self.worker.start()
        self.frame_timer = self.set_interval(1 / self.appearance.fps, self._poll_for_frame)
        self._poll_timer = self.set_interval(POLL_INTERVAL_SECONDS, self.poll, pause=True)
        self.poll()

    def _poll_for_frame(self) -> None:
        """Poll for a new frame, unless it would slow down a run of unlimited speed."""
        is_unlimited = self.snapshot.status is Status.RUNNING and self.snapshot.speed == inf
        if not is_unlimited or self._frame_budget.begin_if_due(monotonic(), thread_time()):
            self.poll()

    def poll(self) -> None:
        """Show the latest snapshot, unless it is older than the latest request."""
        if self._is_updating:
            return
        snapshot = self.worker.latest_snapshot()
        if not snapshot.has_handled(self.requests_sent):
            return  # older than the latest key: would briefly revert its effect
        self._poll_timer.pause()
        if snapshot.requests_handled > self.snapshot.requests_handled:
            self.frame_timer.reset()  # this is a frame: the next is due an interval later
        if snapshot is not self.snapshot:
            if snapshot.exported != self.snapshot.exported:
                self.app.notify(export_lines(snapshot), title="exported files", markup=False)
            if snapshot.warning not in ("", self.snapshot.warning):
                self.app.notify(
                    printable(snapshot.warning), severity="warning", markup=False, timeout=10
                )
            with self.training_suspended(), self.app.batch_update():
                self.snapshot = snapshot
        self._open_dialog_if_due()

    def send(self, request: Request) -> int:
        """Send `request`, and poll for the result sooner than at the next frame.

        Return the number of requests that are handled when it is.
        """
        self.requests_sent += 1
        self.worker.send(request)
        self.worker.latest_snapshot()  # requests a newer one
        self._poll_timer.resume()
        return self.requests_sent

    @contextmanager
    def single_update(self) -> Iterator[None]:
        """Display no snapshot and paint nothing within, so that all changes are painted at once."""
        self._is_updating = True
        try:
            with self.training_suspended(), self.app.batch_update():
                yield
        finally:
            self._is_updating = False
        self.frame_timer.reset()  # the next frame is due an interval later

    @contextmanager
    def training_suspended(self) -> Iterator[None]:
        """Suspend training and garbage collection, which would delay the effect of a key."""
        was_enabled = gc.isenabled()
        with self.worker.suspend_training():
            gc.disable()
            try:
                yield
            finally:
                if was_enabled:
                    gc.enable()

    def _compositor_refresh(self) -> None:
        """Paint, but not within a batch: Textual would render what it then does not display.

        All dirty widgets are painted, since Textual then forgets them, also those that have become
        dirty after the layout for which it paints.
        """
        if not self.app._batch_count:
            with self.training_suspended():
                self._compositor.update_widgets(self._dirty_widgets)
                super()._compositor_refresh()

    # -- dialogs ---------------------------------------------------------------------------------

    def open_dialog(
        self,
        make_dialog: Callable[[], Dialog[Any]],
        to_request: Callable[[Any], Request] = lambda result: result,
    ) -> None:
        """Open a dialog on the state after all requests so far; its result becomes a request."""

        def send_result(result: Any) -> None:
            if result is not None:
                self.send(to_request(result))

        def push() -> None:
            self.app.push_screen(make_dialog(), send_result)

        self._pending_dialog = self.requests_sent, push
        self._open_dialog_if_due()

    def _open_dialog_if_due(self) -> None:
        if self._pending_dialog:
            n_requests, push = self._pending_dialog
            if self.snapshot.has_handled(n_requests):
                self._pending_dialog = None
                push()

    @property
    def dialog_pending(self) -> bool:
        """Whether a dialog opens once the requests before are handled."""
        return self._pending_dialog is not None

    def update_hold(self) -> None:
        """Hold training below another such screen and, if chosen, a dialog; else release it."""
        screens = self.app.screen_stack
        above = screens[screens.index(self) + 1 :] if self in screens else []
        is_below_other = any(isinstance(screen, SessionScreen) for screen in above)
        held = is_below_other or (self.appearance.dialogs_pause and bool(above))
        if held is not self._is_held:
            self._is_held = held
            self.send(HoldTraining(held))

    def toggle_dialogs_pause(self) -> None:
        """Hold training while a dialog is open from now on, or no longer."""
        pauses = not self.appearance.dialogs_pause
        self.appearance = replace(self.appearance, dialogs_pause=pauses)
        effect = "hold training while open" if pauses else "no longer hold training"
        self.app.notify(f"dialogs {effect}", markup=False)
