"""Textual's command palette for keys and resizes that are faster than its search."""

from contextlib import suppress
from typing import final

from textual import on
from textual.app import ComposeResult
from textual.command import CommandList, CommandPalette
from textual.errors import NoWidget
from textual.events import Click
from textual.widgets import Input
from textual.worker import WorkerError

from rnn_tui.tui.widgets.select import CommandResults


@final
class StableCommandPalette(CommandPalette):
    """Finishes its search before Enter selects a result; ignores clicks beyond the window."""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield CommandResults() if isinstance(widget, CommandList) else widget

    @on(Input.Submitted)
    async def _wait_for_search(self) -> None:
        for worker in [worker for worker in self.workers if worker.node is self]:
            with suppress(WorkerError):
                await worker.wait()

    # A plain function as CommandPalette's own, which this calls; Widget's is a coroutine.
    def _on_click(self, event: Click) -> None:  # type: ignore[override]
        event.prevent_default()
        with suppress(NoWidget):  # the window may have become smaller
            super()._on_click(event)
