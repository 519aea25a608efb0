"""Drives the real app, with its real worker thread, on a screen in memory."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, final
from unittest.mock import patch

from textual.events import Key, Resize
from textual.geometry import Region, Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.app import RnnTui
from rnn_tui.tui.dashboard import Dashboard

CHARACTERS = {"+": "plus", "-": "minus", ".": "full_stop", " ": "space"}
SETTINGS = RECIPES["binary-addition"].settings
PLAIN = Appearance()
TRUECOLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
PATIENCE = 30.0  # seconds before a state that never comes is a failure


@final
class Drive:
    """The app at work: press keys, wait for a state, read the screen."""

    def __init__(self, app: RnnTui, pilot: Pilot[Any], runner: TrainingWorker) -> None:
        self.app, self.pilot, self.runner = app, pilot, runner

    @property
    def dashboard(self) -> Dashboard:
        return self.app.dashboard

    @property
    def snapshot(self) -> Snapshot:
        return self.dashboard.snapshot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    def colors(self, character: str) -> set[str]:
        """Return the colours in which `character` stands on the screen."""
        return {
            segment.style.color.name
            for strip in self.app.screen._compositor.render_strips()
            for segment in strip
            if character in segment.text and segment.style and segment.style.color
        }

    async def press(self, *keys: str) -> None:
        """Press keys, by name or as the character typed.

        Pilot's own `press` waits for an idle process, which a training one never is.
        """
        for key in keys:
            self.rush(key)
            await self._handled_by(self.app)  # it is queued
            await self.app.key_queue.join()
            for pump in (self.app, self.app.screen):  # as the key goes
                await self._handled_by(pump)
            while self.dashboard.dialog_pending:
                await asyncio.sleep(0.004)
        await self.pilot.pause(0.01)

    @staticmethod
    async def _handled_by(pump: MessagePump) -> None:
        """Wait until `pump` has handled the messages that it has."""
        handled = asyncio.Event()
        if pump.call_later(handled.set):  # else it is closing
            await handled.wait()

    def rush(self, *keys: str) -> None:
        """Press keys all at once."""
        for key in keys:
            name = CHARACTERS.get(key, key)
            self.app.post_message(Key(name, key if len(key) == 1 else None))

    async def resize(self, size: tuple[int, int]) -> None:
        """Give the window so many columns and rows, and wait until all is laid out in it.

        Pilot's own `resize_terminal` waits for an idle process, too.
        """
        new = Size(*size)
        # As Pilot does. A test has the headless driver, where an app's may be none yet.
        self.app._driver._size = new  # type: ignore[union-attr]
        self.app.post_message(Resize(new, new))
        before: list[Region] = []
        while self.dashboard.size != new or before != (before := self._layout()):
            await self.pilot.pause(0.05)

    def _layout(self) -> list[Region]:
        return [widget.region for widget in self.dashboard.query("*")]

    async def until(self, holds: Callable[[Snapshot], object]) -> Snapshot:
        """Wait until the snapshot on the screen is as wanted."""
        for _ in range(int(PATIENCE / 0.02)):
            if holds(self.snapshot):
                await self.pilot.pause(0.05)
                return self.snapshot
            await self.pilot.pause(0.02)
        raise AssertionError(f"never came; the screen says:\n{self.text}")

    async def says(self, words: str) -> None:
        """Wait until `words` stand on the screen."""
        await self.until(lambda _: words in self.text)

    async def answered(self) -> Snapshot:
        """Wait until all requests are handled and the result is on the screen."""
        await self.pilot.pause(0.05)
        return await self.until(
            lambda snapshot: snapshot.requests_handled >= self.dashboard._requests_sent
        )


@asynccontextmanager
async def driving(
    size: tuple[int, int] = (120, 40),
    *,
    speed: float = 500.0,
    paused: bool = True,
    recipe: str = DEFAULT_RECIPE,
    appearance: Appearance = PLAIN,
    terminal: Mapping[str, str] = TRUECOLOR,
    journal_target: JournalTarget | None = None,
    **changed: Any,
) -> AsyncIterator[Drive]:
    """Open the app on `recipe` with settings changed, in the `terminal` of this environment."""
    settings = replace(RECIPES[recipe].settings, **changed)
    runner = TrainingWorker(NewRun(settings, journal_target=journal_target), speed, paused=paused)
    others = {
        name: value for name, value in os.environ.items() if name not in (*TRUECOLOR, "NO_COLOR")
    }
    with patch.dict(os.environ, others | dict(terminal), clear=True):
        app = RnnTui(runner, appearance)
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            drive = Drive(app, pilot, runner)
            await drive.until(lambda snapshot: snapshot.baseline is not None)
            yield drive
    finally:
        runner.stop()  # else it slows the tests after one that fails


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]  # every Awaitable here is a coroutine
