"""Hands on what is typed, each when all is done that may move the focus from the one before.

A key goes to what has the focus at that moment. Of keys that come together, as from a script or
over a link that stalled, all would go to what had it before the first of them: the `r` of
`:lr=0.3` would not be typed into the line that the colon opens, but start the run again.
"""

import asyncio
from collections import deque
from contextlib import nullcontext, suppress
from time import monotonic
from typing import TYPE_CHECKING, final

from textual.dom import DOMNode
from textual.events import Key
from textual.message import Message
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from rnn_tui.tui.app import RnnTui

INTERRUPT = "ctrl+c"
PATIENCE = 5.0  # seconds for what a key set going; then the next has its turn all the same
FRAME = 0.5  # seconds between two drawings while keys wait
MOMENT = 0.004  # seconds between two looks whether a dialog has come


@final
class TypeAhead:
    """Hands on to `app` what is added, in its order; only an interrupt goes past what waits."""

    def __init__(self, app: "RnnTui") -> None:
        self._app = app
        self._waiting: deque[Message] = deque()
        self._handing: asyncio.Task[None] | None = None

    def add(self, message: Message) -> None:
        if isinstance(message, Key) and message.key == INTERRUPT:
            self._app.post_message(message)
            return
        self._waiting.append(message)
        # Where tasks start eagerly, as Textual has them from Python 3.12 on, one may have ended
        # before it is assigned.
        if self._handing is None or self._handing.done():
            self._handing = asyncio.create_task(self._hand_on())
            self._handing.add_done_callback(_raise_again)

    def close(self) -> None:
        """Hand nothing on any more."""
        self._waiting.clear()
        if self._handing:
            self._handing.cancel()

    async def _hand_on(self) -> None:
        app, due = self._app, monotonic() + FRAME
        while self._waiting:
            message = self._waiting.popleft()
            stays = app.stays(message)
            is_behind = bool(self._waiting) and monotonic() < due
            with app.batch_update() if is_behind else nullcontext(), suppress(TimeoutError):
                app.post_message(message)
                async with asyncio.timeout(PATIENCE):
                    if not stays:
                        await self._all_is_done()
                    if self._waiting and not is_behind:
                        await app.screen.wait_for_refresh()
                        due = monotonic() + FRAME
        app.screen.check_idle()  # to draw what no batch shows any more

    async def _all_is_done(self) -> None:
        """Wait until the focus is at rest, and no dialog is still to come."""
        app, focus, path = self._app, None, []
        while focus != (focus := (app.screen, app.focused)) or _have_messages(path):
            path = (app.focused or app.screen).ancestors_with_self
            for pump in app, *path:  # as a key goes: down at once, then up, where actions are done
                await _has_answered(pump)
            while app.dashboard.will_open:
                await asyncio.sleep(MOMENT)


def _raise_again(handing: "asyncio.Task[None]") -> None:
    """Let the event loop know of an error, which would else be lost with the task."""
    if not handing.cancelled():
        handing.result()


async def _has_answered(pump: MessagePump) -> None:
    """Wait until `pump` has answered what it has been sent."""
    answered = asyncio.Event()
    if pump.call_later(answered.set):  # else it is closing
        await answered.wait()


def _have_messages(path: list[DOMNode]) -> bool:
    """Return whether something waits on the way up, but for the screen, which is always at work."""
    return any(pump.message_queue_size for pump in path[:-2])
