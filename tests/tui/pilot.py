"""Drives the real app, with its real worker thread, on a screen in memory."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from time import monotonic
from typing import Any, final
from unittest.mock import patch

from textual import screen
from textual.events import Key, Resize
from textual.geometry import Region, Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import DataTable

from rnn_tui.config.appearance import Appearance
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.recording.run_store import JournalTarget
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT, Snapshot
from rnn_tui.session.start import NewRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.app import RnnTui
from rnn_tui.tui.dashboard import Dashboard
from rnn_tui.tui.pane_grid import PaneGrid
from rnn_tui.tui.panes import ComparePane, CostMapPane, LossPane, SeedsPane
from rnn_tui.tui.panes.cost_map import INITIAL_CURSOR
from rnn_tui.tui.panes.overlay_selection import OverlaySelection
from rnn_tui.tui.widgets.select import SettingSelect

CHARACTERS = {"+": "plus", "-": "minus", ".": "full_stop", " ": "space"}
SETTINGS = RECIPES[DEFAULT_RECIPE].settings
SMALL = replace(SETTINGS, length=4)  # 64 sequences to evaluate, not 16,384
PLAIN = Appearance()
LOW_WINDOW = (80, 24)
TRUECOLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
TEST_TIMEOUT_SECONDS = 300.0  # for a test that waits for what never comes
TIMEOUT_SECONDS = 120.0  # before a state that never comes is a failure
FRAME_SECONDS = 0.02  # in which Textual draws what has changed

# A test draws a frame where it looks, not 60 in a second.
screen.UPDATE_PERIOD = 0.5  # type: ignore[misc]  # Final in Textual


@final
class Drive:
    """The app at work: press keys, wait for a state, read the screen."""

    def __init__(self, app: RnnTui, pilot: Pilot[Any], runner: TrainingWorker) -> None:
        self.app, self.pilot, self.runner = app, pilot, runner
        self._n_frames = 0  # painted so far
        app._display = self._count_frame  # type: ignore[assignment,method-assign]  # headless: displays nothing

    def _count_frame(self, _screen: Screen[Any], update: object) -> None:
        self._n_frames += update is not None

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
            self.press_at_once(key)
            await self._keys_handled()
        await self.settle()

    async def settle(self) -> None:
        """Wait until all messages are handled, and draw the result.

        Pilot's own `pause` posts a message to every widget, also to those that have none.
        """
        for pump in (self.app, *(self.app.focused or self.app.screen).ancestors_with_self):
            await self._handled_by(pump)
        while busy := [pump for pump in self.app.screen.walk_children() if pump.message_queue_size]:
            for pump in busy:
                await self._handled_by(pump)
        await self._handled_by(self.app.screen)
        self.app.screen._on_timer_update()

    async def _keys_handled(self) -> None:
        """Wait until all keys pressed so far have been handled."""
        await self._handled_by(self.app)  # the keys are queued
        await self.app.key_queue.join()
        for pump in (self.app, self.app.screen):  # as a key goes
            await self._handled_by(pump)

    @staticmethod
    async def _handled_by(pump: MessagePump) -> None:
        """Wait until `pump` has handled the messages that it has."""
        handled = asyncio.Event()
        if pump.call_later(handled.set):  # else it is closing
            await handled.wait()

    def press_at_once(self, *keys: str) -> None:
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
        compositor = self.dashboard._compositor  # has the size for which it has laid out widgets
        while compositor.size != new or before != (before := self._layout()):
            await asyncio.sleep(FRAME_SECONDS)
            await self.settle()

    def _layout(self) -> list[Region]:
        return [widget.region for widget in self.dashboard.query("*")]

    async def until(self, is_met: Callable[[Snapshot], object]) -> Snapshot:
        """Wait until the snapshot on the screen is as wanted."""
        deadline = monotonic() + TIMEOUT_SECONDS
        while not is_met(self.snapshot):
            if self.app._exception:
                raise self.app._exception
            if monotonic() > deadline:
                raise AssertionError(f"never came; the screen says:\n{self.text}")
            await asyncio.sleep(FRAME_SECONDS)
            self.app.screen._on_timer_update()
        await self.settle()
        return self.snapshot

    async def wait_for_text(self, words: str) -> None:
        """Wait until `words` stand on the screen."""
        await self.until_drawn(lambda: words in self.text)

    async def until_drawn(self, is_met: Callable[[], object]) -> None:
        """Wait until the screen is as wanted; `is_met`, which reads it, is called once a frame."""
        seen = -1

        def is_met_by_frame(_: Snapshot) -> object:
            nonlocal seen
            if seen == self._n_frames:
                return False
            seen = self._n_frames
            return is_met()

        await self.until(is_met_by_frame)

    async def wait_until_handled(self) -> Snapshot:
        """Wait until all requests are handled and the result is on the screen."""
        await self._keys_handled()
        return await self.until(
            lambda snapshot: snapshot.requests_handled >= self.dashboard.requests_sent
        )

    async def open_run(self, runner: TrainingWorker, size: tuple[int, int]) -> None:
        """Show the run of another worker on the dashboard, in a window of this size."""
        dashboard, self.runner = self.dashboard, runner
        dashboard.set_reactive(Dashboard.snapshot, EMPTY_SNAPSHOT)
        dashboard.worker, dashboard.requests_sent = runner, 0
        dashboard._pending_dialog = None
        dashboard._step_view._n_requests = 0
        runner.display_analyses(dashboard.displayed_analyses)
        runner.start()
        runner.display_analyses(tuple(dashboard.displayed_analyses))
        if dashboard._compositor.size != size:
            await self.resize(size)

    async def reset(self) -> None:
        """Return the dashboard to its first state: no dialog, focus, choice or message."""
        await self._keys_handled()
        while self.app.screen is not self.dashboard:
            await self.app.pop_screen()
        for select in self.dashboard.query(SettingSelect):
            select.expanded = False
        self.dashboard.set_focus(None)
        self.dashboard.query_one(PaneGrid).reset_views()
        compare = self.dashboard.query_one(ComparePane)
        compare.overlay_selection = OverlaySelection()
        compare.query_one(DataTable).move_cursor(row=0)
        loss, cost_map = self.dashboard.query_one(LossPane), self.dashboard.query_one(CostMapPane)
        loss.shows_full_run, loss.overlay_selection = True, OverlaySelection()
        cost_map.zoomed, cost_map.cursor = False, INITIAL_CURSOR
        self.dashboard.query_one(SeedsPane).chosen = 0
        self.app.palette = self.app.appearance.palette
        self.app.theme = self.app._theme_for(self.app.appearance.theme)
        self.app.clear_notifications()
        await self.settle()


class SharedApps:
    """The apps of this process by appearance and terminal, each opened once for many tests.

    For the usual ones there is an app of a low window and one for larger windows.

    All of them live in one event loop, which stands still between two tests.
    """

    def __init__(self) -> None:
        self.runner = asyncio.Runner()
        self._opened: dict[object, tuple[Drive, AsyncExitStack]] = {}

    @asynccontextmanager
    async def borrowed(
        self,
        worker: TrainingWorker,
        size: tuple[int, int],
        appearance: Appearance,
        terminal: Mapping[str, str],
    ) -> AsyncIterator[Drive]:
        """Lend an app that shows the run of `worker`; an app that failed or closed is not kept."""
        is_usual = (appearance, terminal) == (PLAIN, TRUECOLOR)
        key = is_usual and size == LOW_WINDOW, appearance, *sorted(terminal.items())
        drive, stack = self._opened.pop(key, (None, AsyncExitStack()))
        async with stack:
            if drive:
                with drive.app._context():  # several apps share this thread
                    await drive.open_run(worker, size)
            else:
                drive = await stack.enter_async_context(
                    opened_app(worker, size, appearance, terminal)
                )
            with drive.app._context():
                await drive.until(lambda snapshot: snapshot.baseline is not None)
                yield drive
                if drive.app.is_running and not drive.app._exit:
                    await drive.reset()
                    self._opened[key] = drive, stack.pop_all()

    def close(self) -> None:
        """Close all apps and the event loop."""
        self.runner.run(self._close_apps())
        self.runner.close()

    async def _close_apps(self) -> None:
        for _, stack in self._opened.values():
            await stack.aclose()


SHARED_APPS = SharedApps()


@asynccontextmanager
async def opened_app(
    worker: TrainingWorker,
    size: tuple[int, int] = (120, 40),
    appearance: Appearance = PLAIN,
    terminal: Mapping[str, str] = TRUECOLOR,
) -> AsyncIterator[Drive]:
    """Open an app of its own on the run of `worker`, in the `terminal` of this environment."""
    others = {
        name: value for name, value in os.environ.items() if name not in (*TRUECOLOR, "NO_COLOR")
    }
    with patch.dict(os.environ, others | dict(terminal), clear=True):
        app = RnnTui(Dashboard(worker, appearance))
    # A machine so slow that a notification ends before it is drawn is not what is tested.
    app.NOTIFICATION_TIMEOUT = TIMEOUT_SECONDS  # type: ignore[misc]  # of this app alone
    async with app.run_test(size=size, notifications=True) as pilot:
        yield Drive(app, pilot, worker)


@asynccontextmanager
async def driving(
    size: tuple[int, int] = LOW_WINDOW,
    *,
    speed: float = 500.0,
    paused: bool = True,
    recipe: str = "",
    appearance: Appearance = PLAIN,
    terminal: Mapping[str, str] = TRUECOLOR,
    journal_target: JournalTarget | None = None,
    **changed: Any,
) -> AsyncIterator[Drive]:
    """Show a run of `recipe`, or else a small one, with settings changed in a shared app."""
    settings = replace(RECIPES[recipe].settings if recipe else SMALL, **changed)
    worker = TrainingWorker(NewRun(settings, journal_target=journal_target), speed, paused=paused)
    try:
        async with SHARED_APPS.borrowed(worker, size, appearance, terminal) as drive:
            yield drive
    finally:
        worker.stop()  # else it slows the tests after one that fails


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run `test` in the event loop of the shared apps, for a limited time."""
    SHARED_APPS.runner.run(_limited(test))


async def _limited(test: Callable[[], Awaitable[None]]) -> None:
    async with asyncio.timeout(TEST_TIMEOUT_SECONDS):
        await test()
