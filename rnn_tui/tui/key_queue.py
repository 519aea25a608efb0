"""Hands on what is typed, each when all is done that may move the focus from the one before.

A key goes to what has the focus at that moment. Of keys that come together, as from a script or
over a link that stalled, all would go to what had it before the first of them: the `r` of
`:lr=0.3` would not be typed into the line that the colon opens, but start the run again.
"""

import asyncio
from collections import deque
from contextlib import nullcontext, suppress
from time import monotonic
from typing import Any, final

from textual.dom import DOMNode
from textual.events import Key
from textual.message import Message
from textual.message_pump import MessagePump

INTERRUPT_KEY = "ctrl+c"
KEY_TIMEOUT_SECONDS = (
    5.0  # seconds for what a key set going; then the next has its turn all the same
)
FRAME_INTERVAL_SECONDS = 0.5  # seconds between two drawings while keys wait
POLL_INTERVAL_SECONDS = 0.004  # seconds between two looks whether a dialog has come


@final
class KeyQueue:
    """Hands on to `app` what is added, in its order; only an interrupt goes past what waits."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._queue: deque[Message] = deque()
        self._delivery: asyncio.Task[None] | None = None

    def add(self, message: Message) -> None:
        if isinstance(message, Key) and message.key == INTERRUPT_KEY:
            self._app.post_message(message)
            return
        self._queue.append(message)
        # Where tasks start eagerly, as Textual has them from Python 3.12 on, one may have ended
        # before it is assigned.
        if self._delivery is None or self._delivery.done():
            self._delivery = asyncio.create_task(self._deliver())
            self._delivery.add_done_callback(_reraise)

    def close(self) -> None:
        """Hand nothing on any more."""
        self._queue.clear()
        if self._delivery:
            self._delivery.cancel()

    async def _deliver(self) -> None:
        app, due = self._app, monotonic() + FRAME_INTERVAL_SECONDS
        while self._queue:
            message = self._queue.popleft()
            keeps_focus = app.keeps_focus(message)
            is_behind = bool(self._queue) and monotonic() < due
            with app.batch_update() if is_behind else nullcontext(), suppress(TimeoutError):
                app.post_message(message)
                async with asyncio.timeout(KEY_TIMEOUT_SECONDS):
                    if not keeps_focus:
                        await self._focus_settled()
                    if self._queue and not is_behind:
                        await app.screen.wait_for_refresh()
                        due = monotonic() + FRAME_INTERVAL_SECONDS
        app.screen.check_idle()  # to draw what no batch shows any more

    async def _focus_settled(self) -> None:
        """Wait until the focus is at rest, and no dialog is still to come."""
        app, focus, path = self._app, None, []
        while focus != (focus := (app.screen, app.focused)) or _has_messages(path):
            path = (app.focused or app.screen).ancestors_with_self
            for pump in app, *path:  # as a key goes: down at once, then up, where actions are done
                await _wait_until_handled(pump)
            while app.dashboard.dialog_pending:
                await asyncio.sleep(POLL_INTERVAL_SECONDS)


def _reraise(delivery: "asyncio.Task[None]") -> None:
    """Let the event loop know of an error, which would else be lost with the task."""
    if not delivery.cancelled():
        delivery.result()


async def _wait_until_handled(pump: MessagePump) -> None:
    """Wait until `pump` has answered what it has been sent."""
    handled = asyncio.Event()
    if pump.call_later(handled.set):  # else it is closing
        await handled.wait()


def _has_messages(path: list[DOMNode]) -> bool:
    """Return whether something waits on the way up, but for the screen, which is always at work."""
    return any(pump.message_queue_size for pump in path[:-2])
