"""Textual's command palette, as it should be where keys are quicker than it opens and closes."""

from contextlib import suppress
from typing import Never, final

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.errors import NoWidget
from textual.events import Click
from textual.widgets import Input
from textual.worker import Worker, WorkerError

from rnn_tui.tui.widgets.select import CommandResults


@final
class StableCommandPalette(CommandPalette):
    """Does nothing more once it has been left, and nothing with a list that is not there yet."""

    _search: Worker[Never] | None = None

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            yield CommandResults() if isinstance(widget, CommandList) else widget

    def dismiss(self, result: object = None) -> AwaitComplete:
        if self.app.screen is not self:
            return AwaitComplete()
        self._stop_no_matches_countdown()
        self._stop_busy_countdown()
        return super().dismiss()

    def _gather_commands(  # type: ignore[override]  # Textual's is wrapped as a worker's
        self, search_value: str
    ) -> Worker[Never] | None:
        self._search = super()._gather_commands(search_value) if self.is_current else None
        return self._search

    @on(Input.Submitted)
    async def _wait_for_search(self) -> None:
        """Let the search end before something of what it finds is chosen."""
        if self._search:
            with suppress(WorkerError):
                await self._search.wait()

    # A plain function as CommandPalette's own, which this calls; Widget's is a coroutine.
    def _on_click(self, event: Click) -> None:  # type: ignore[override]
        event.prevent_default()
        with suppress(NoWidget):  # the window may have become smaller
            super()._on_click(event)

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):
            super()._action_command_list(action)
