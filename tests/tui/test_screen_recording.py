"""A recording shows what the dashboard does, at exact steps of virtual time."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from rnn_tui.config.appearance import Appearance
from rnn_tui.recording.asciicast import CastWriter
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.replay import ReplayVerifier
from rnn_tui.session.snapshot import Status
from rnn_tui.session.start import ReplayRun
from rnn_tui.session.worker import TrainingWorker
from rnn_tui.tui.screen_recording import ScreenRecorder, Segment
from tests.support.recorded import record_in_state_directory
from tests.terminal.emulator import Emulator
from tests.tui.pilot import PLAIN, SHARED_APPS, TRUECOLOR, run

SIZE = 80, 24
STEPS = 1200
FAST = 100_000.0  # steps per second
SAFE_LIGHT = Appearance(palette="safe", theme="light", fps=2)


@pytest.fixture
def make_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ReplayRun]:
    for name in (*TRUECOLOR, "NO_COLOR"):
        monkeypatch.setenv(name, "")  # restored after the test
    path = record_in_state_directory(tmp_path, monkeypatch)

    def make() -> ReplayRun:
        contents = read_journal(path)
        return ReplayRun(contents.header.settings, ReplayVerifier(contents, path.stem), None)

    return make


async def recorded(
    start: ReplayRun, segment: Segment, appearance: Appearance, view: str = "train"
) -> list[tuple[float, str, str]]:
    """Return the events of a recording."""
    file = StringIO()
    recorder = ScreenRecorder(start, segment, appearance, view)
    await recorder.record(CastWriter(file, *SIZE, "test"), lambda _progress: None)
    header, *events = map(json.loads, file.getvalue().splitlines())
    assert header == {
        "version": 3,
        "term": {"cols": SIZE[0], "rows": SIZE[1], "type": "xterm-256color"},
        "title": "test",
    }
    return [(interval, code, data) for interval, code, data in events]


def screen_of(*output: str) -> Emulator:
    """Return a terminal that has received `output`."""
    screen = Emulator(*SIZE, lambda _reply: None)
    screen.feed("".join(output).encode())
    return screen


def differing_cells(one: Emulator, other: Emulator) -> list[tuple[int, int, object, object]]:
    """Return the cells that differ: row, column and how each looks."""
    rows = enumerate(zip(one.looks, other.looks, strict=True))
    cells = ((y, x, pair) for y, row in rows for x, pair in enumerate(zip(*row, strict=True)))
    return [(y, x, *pair) for y, x, pair in cells if pair[0] != pair[1]]


@pytest.mark.parametrize("appearance", [PLAIN, SAFE_LIGHT], ids=["plain", "safe and light"])
def test_last_screen_of_a_recording_is_that_of_the_replay(
    make_start: Callable[[], ReplayRun], appearance: Appearance
) -> None:
    async def scenario() -> None:
        events = await recorded(make_start(), Segment(0, STEPS, FAST, 6), appearance)
        screen = screen_of(*(data for _, code, data in events if code == "o"))
        worker = TrainingWorker(make_start(), FAST)
        async with SHARED_APPS.borrowed(worker, SIZE, appearance, TRUECOLOR) as drive:

            def drawn() -> Emulator:
                strips = drive.app.screen._compositor.render_strips()
                rows = "\r\n".join(strip.render(drive.app.console) for strip in strips)
                return screen_of("\x1b[?7l", rows)

            # Panes are redrawn in turns: the last one may follow the last evaluation.
            try:
                await drive.until(
                    lambda snapshot: (
                        snapshot.status is not Status.RUNNING
                        and snapshot.score_step == snapshot.step == STEPS
                        and drawn().looks == screen.looks  # characters and their styles
                    )
                )
            except AssertionError as reason:
                reason.add_note(f"drawn and recorded: {differing_cells(drawn(), screen)}")
                raise
        worker.stop()
        assert "identical through step 1,200" in screen.text

    run(scenario)


def test_each_frame_shows_the_step_of_its_time(make_start: Callable[[], ReplayRun]) -> None:
    async def scenario() -> None:
        segment = Segment(100, 400, 100, 2)
        events = await recorded(make_start(), segment, PLAIN, "inside")
        time, shown, screen = 0.0, dict[int, str](), screen_of()
        for interval, code, data in events:
            time += interval
            if code == "o":
                screen.feed(data.encode())
                shown[round(1000 * time)] = screen.text
        assert time == pytest.approx(3)
        assert [*shown] == [500 * i for i in range(7)]
        for milliseconds, text in shown.items():
            assert f"step {100 + milliseconds // 10:,}" in text.partition("\n")[0]
            assert "hidden states" in text
        assert "analyzing" not in "".join(shown.values())
        markers = [data for _, code, data in events if code == "m"]
        assert markers == ["step 300: lr 0.1 → 0.2"]
        assert events[-1][1:] == ("x", "0")
        assert events == await recorded(make_start(), segment, PLAIN, "inside")

    run(scenario)


def test_frames_end_at_the_last_step() -> None:
    segment = Segment(10, 20, 4, 1)
    assert (segment.duration, segment.n_frames) == (2500, 4)
    assert [*segment.frames()] == [(0, 10), (1000, 14), (2000, 18), (2500, 20)]
    assert [*Segment(5, 5, 1, 6).frames()] == [(0, 5)]
