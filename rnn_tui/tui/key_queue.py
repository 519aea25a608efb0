"""Delivers input events one by one, each after the one before has finished moving the focus.

A key goes to the widget that has the focus when the app handles it. Keys that arrive together, from
a script or over a link that stalled, would all go to the widget focused before the first of them:
the `r` of `:lr=0.3` would restart the run instead of being typed into the dialog of the colon.

Nor is it known before then whether an escape and a key in one piece are Alt with that key, or two
keys that a slow link has joined. Where these would close a text field and lose its text, it is Alt.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn, final

from textual.app import App
from textual.dom import DOMNode
from textual.events import Event, InputEvent, Key, Paste
from textual.message_pump import MessagePump

from rnn_tui.tui.widgets.steady_input import SteadyInput

INTERRUPT_KEY = "ctrl+c"
META_PREFIX_KEY = "meta+escape"  # an escape in one piece with the next key
KEY_TIMEOUT_SECONDS = 5.0  # for the effects of one key; then the next is delivered all the same
POLL_INTERVAL_SECONDS = 0.004  # between two checks whether a pending dialog has opened


@final
class KeyQueue:
    """The keys, mouse events and pastes that `app` has received and not yet handled.

    `handle` is the app's own handler of events; `keeps_focus` returns whether an event leaves
    the focus where it is, `dialog_pending` whether a dialog will open without further input.
    """

    def __init__(
        self,
        app: App[Any],
        handle: Callable[[Event], Awaitable[None]],
        *,
        keeps_focus: Callable[[Event], bool],
        dialog_pending: Callable[[], bool],
    ) -> None:
        self._app, self._handle = app, handle
        self._keeps_focus, self._dialog_pending = keeps_focus, dialog_pending
        self._queue: asyncio.Queue[Event] = asyncio.Queue()

    async def handle(self, event: Event) -> None:
        """Queue `event` if it is input; anything else, and an interrupt, is handled at once."""
        is_interrupt = isinstance(event, Key) and event.key == INTERRUPT_KEY
        if isinstance(event, InputEvent | Paste) and not (event.is_forwarded or is_interrupt):
            self._queue.put_nowait(event)
        else:
            await self._handle(event)

    async def deliver(self) -> NoReturn:
        """Let the app handle the queued events one by one, for as long as it runs."""
        while True:
            event = await self._next_event()
            keeps_focus = self._keeps_focus(event)
            self._app.call_later(self._handle, event)
            if not keeps_focus:
                await self._focus_settled()
            self._queue.task_done()

    async def _next_event(self) -> Event:
        event = await self._queue.get()
        if not (isinstance(event, Key) and event.key == META_PREFIX_KEY):
            return event
        await self._focus_settled()  # text typed before is in the field
        field = self._app.focused
        if not (isinstance(field, SteadyInput) and field.is_edited):
            return Key("escape", "\x1b")
        self._queue.task_done()
        event = await self._queue.get()
        return Key(f"alt+{event.key}", None) if isinstance(event, Key) else event

    async def join(self) -> None:
        """Wait until every queued event has been delivered."""
        await self._queue.join()

    async def _focus_settled(self) -> None:
        """Wait until the focus no longer changes, and no dialog is pending."""
        app, focus, path = self._app, None, []
        with suppress(TimeoutError):
            async with asyncio.timeout(KEY_TIMEOUT_SECONDS):
                while focus != (focus := (app.screen, app.focused)) or _has_messages(path):
                    path = (app.focused or app.screen).ancestors_with_self
                    for pump in app, *path:  # as a key: down to the focused widget, and bubbling up
                        await wait_until_handled(pump)
                    while self._dialog_pending():
                        await asyncio.sleep(POLL_INTERVAL_SECONDS)


async def wait_until_handled(pump: MessagePump) -> None:
    """Wait until `pump` has handled the messages in its queue."""
    handled = asyncio.Event()
    if pump.call_later(handled.set):  # else it is closing
        await handled.wait()


def _has_messages(path: list[DOMNode]) -> bool:
    """Return whether a widget of `path` has messages; the screen and the app always have some."""
    return any(pump.message_queue_size for pump in path[:-2])
