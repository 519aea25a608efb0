"""Records a replay on the dashboard as a terminal receives it, in virtual time."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any, final

from textual.message_pump import MessagePump
from textual.pilot import Pilot

from rnn_tui.config.appearance import Appearance
from rnn_tui.recording.asciicast import TERM_TYPE, CastWriter
from rnn_tui.session.playback import Playback
from rnn_tui.session.start import SessionStart
from rnn_tui.tui.app import RnnTui
from rnn_tui.tui.dashboard import Dashboard
from rnn_tui.tui.drawing.events import event_text, events_of
from rnn_tui.tui.key_queue import wait_until_handled
from rnn_tui.tui.terminal.screen_buffer import ScreenBuffer

START_SEQUENCE = "\x1b[?25l\x1b[?7l\x1b[m\x1b[2J"  # no cursor, no wrapping, a blank screen
END_SEQUENCE = "\x1b[m\x1b[?7h\x1b[?25h\x1b[999;1H"  # which leaves the last screen
EVALUATION_INTERVAL_MS = 1000  # between two evaluations and analyses
SLICE_STEPS = 500  # before the first recorded step, between two reports of progress


@final
@dataclass(frozen=True, slots=True)
class Segment:
    """The steps `first` to `last` of a run, shown at `speed` steps and `fps` frames per second."""

    first: int
    last: int
    speed: float
    fps: float

    @property
    def duration(self) -> int:
        """The time from the first to the last step, in milliseconds."""
        return round(1000 * (self.last - self.first) / self.speed)

    @property
    def n_frames(self) -> int:
        return ceil(self.duration * self.fps / 1000) + 1

    def frames(self) -> Iterator[tuple[int, int]]:
        """Yield the time of each frame, and the step that it shows."""
        for i in range(self.n_frames - 1):
            yield round(1000 * i / self.fps), self.first + int(i * self.speed / self.fps)
        yield self.duration, self.last


@final
class ScreenRecorder:
    """Records what the dashboard draws of a replay, in `view`, with markers at changes and events.

    It sets TERM and COLORTERM, so that every recording has all colours.
    """

    def __init__(
        self, session_start: SessionStart, segment: Segment, appearance: Appearance, view: str
    ) -> None:
        os.environ.pop("NO_COLOR", None)  # applied by `appearance`, as on the dashboard
        os.environ.update(TERM=TERM_TYPE, COLORTERM="truecolor")
        self._segment = segment
        self._playback = Playback(session_start, segment.speed)
        self._app, self._view = RnnTui(Dashboard(self._playback, appearance)), view
        self._app.dashboard.lists_recorded_runs = False
        self._marked: set[tuple[int, str]] = set()

    async def record(self, writer: CastWriter, report: Callable[[str], None]) -> None:
        """Write all frames; `report` is called with the progress, and may raise an exception.

        Raises OSError.
        """

        async def play(_pilot: Pilot[Any]) -> None:
            await self._settle()
            await self._app.dashboard.action_show_view(self._view)
            with self._app.batch_update():  # the screen is drawn here, and not by its timer
                await self._play(writer, report)
            self._app.exit()

        size = writer.columns, writer.rows
        await self._app.run_async(headless=True, size=size, mouse=False, auto_pilot=play)
        if self._app.failure:
            raise RuntimeError(self._app.failure)

    async def _play(self, writer: CastWriter, report: Callable[[str], None]) -> None:
        segment = self._segment
        for step in range(self._playback.step, segment.first, SLICE_STEPS):
            report(f"step {step:,} of {segment.first:,}, the first recorded")
            self._playback.train(step)
        self._playback.train(segment.first)
        buffer, next_evaluation = ScreenBuffer(writer.columns, writer.rows), EVALUATION_INTERVAL_MS
        self._playback.show(-1.0, evaluate=True)  # before any figure that is drawn at intervals
        await self._draw(buffer)
        buffer.invalidate()
        writer.output(0, START_SEQUENCE)
        for number, (time, step) in enumerate(segment.frames(), 1):
            report(f"frame {number:,} of {segment.n_frames:,}")
            is_last = number == segment.n_frames
            is_due = is_last or time >= next_evaluation
            if is_due:
                next_evaluation = time + EVALUATION_INTERVAL_MS
            self._playback.train(step)
            if is_last:
                self._playback.pause()
            self._playback.show(time / 1000, evaluate=is_due)
            if drawing := await self._draw(buffer):
                writer.output(time, drawing)
            for label in self._new_labels():
                if number > 1:  # the others are of earlier steps
                    writer.marker(time, label)
        writer.output(writer.time, END_SEQUENCE)
        writer.end(segment.duration)

    async def _draw(self, buffer: ScreenBuffer) -> str:
        """Draw the latest snapshot, and return the changes since the frame before."""
        dashboard = self._app.dashboard
        while dashboard.snapshot is not self._playback.latest_snapshot():  # analyses may follow
            dashboard.poll()
            await self._settle()
        for row, strip in enumerate(dashboard._compositor.render_strips(), 1):
            buffer.feed(f"\x1b[{row}H{strip.render(self._app.console)}")
        return buffer.diff()

    async def _settle(self) -> None:
        """Wait until all messages are handled, and lay out the screen."""
        screen = self._app.screen
        pumps: list[MessagePump] = [self._app]
        while pumps or screen._layout_required or screen._callbacks:
            for pump in (*pumps, screen):
                await wait_until_handled(pump)
            if screen._layout_required:
                screen._layout_required = False
                screen._refresh_layout()
            await screen._invoke_and_clear_callbacks()
            pumps = [pump for pump in screen.walk_children() if pump.message_queue_size]

    def _new_labels(self) -> list[str]:
        """Return the changes and events since the last call, as labels of markers."""
        snapshot = self._playback.latest_snapshot()
        labels = {(i, ""): applied.message for i, applied in enumerate(snapshot.log)}
        for event in events_of(snapshot):  # the text of one may change with later steps
            labels[event.step, event.kind] = event_text(event)
        new = {key: label for key, label in labels.items() if key not in self._marked}
        self._marked.update(new)
        return list(new.values())
