"""The driver alone, in an event loop, on a pseudo-terminal of the test's own."""

import asyncio
import os
import signal
import tty
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import final

import pyte
import pytest
from textual.events import Key, Resize

from rnn_tui.tui.terminal import driver as driver_module
from rnn_tui.tui.terminal.driver import TerminalDriver
from rnn_tui.tui.terminal.tty import MAX_SIZE, Tty
from tests.terminal.pseudo_terminal import set_size

COLUMNS, ROWS = 40, 6
CPR_REQUEST, CPR_REPLY = b"\x1b[6n", b"\x1b[1;1R"
MODES = (b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[?1000h", b"\x1b[?2004h", b"\x1b[>1u")
FRAME = "".join(f"\x1b[{row};1Hrow {row} {'x' * 30}" for row in range(1, ROWS + 1))
PATIENCE_SECONDS = 10.0


@final
class RecordingApp:
    """Records the messages of the driver."""

    def __init__(self) -> None:
        self.messages: list[object] = []

    def post_message(self, message: object) -> None:
        self.messages.append(message)


@final
class Session:
    """A driver at work, and the other end of its terminal, which replies."""

    def __init__(self, master: int) -> None:
        self.app = RecordingApp()
        self.driver = TerminalDriver(self.app)  # type: ignore[arg-type]  # all of the app it uses
        self._master = master
        self.written = b""

    def reply(self) -> None:
        chunk = os.read(self._master, 1 << 16)
        self.written += chunk
        os.write(self._master, CPR_REPLY * chunk.count(CPR_REQUEST))

    def draw(self, output: str) -> None:
        self.driver.write(output)
        self.driver.flush()

    async def until(self, holds: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                await asyncio.sleep(0.005)

    async def press(self, typed: bytes, count: int) -> list[tuple[str, str | None]]:
        """Return the next `count` keys after `typed` has been sent."""
        self.app.messages.clear()
        os.write(self._master, typed)
        await self.until(lambda: len(self.app.messages) >= count)
        keys = [message for message in self.app.messages if isinstance(message, Key)]
        return [(key.key, key.character) for key in keys]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The other end of a terminal, on which drivers made from now on work."""
    master, slave = os.openpty()
    tty.setraw(slave)  # no echo of the replies
    set_size(master, COLUMNS, ROWS)
    monkeypatch.setattr(driver_module, "Tty", lambda **_: Tty(slave, slave))
    monkeypatch.setenv("TERM", "xterm-256color")
    yield master
    os.close(master)
    os.close(slave)


@asynccontextmanager
async def started(master: int) -> AsyncIterator[Session]:
    session, loop = Session(master), asyncio.get_running_loop()
    loop.add_reader(master, session.reply)
    session.driver.start_application_mode()
    session.draw(FRAME)
    await session.until(lambda: b"row 6" in session.written)
    try:
        yield session
    finally:
        loop.remove_reader(master)
        session.driver.disable_input()
        session.driver.close()


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]  # every Awaitable here is a coroutine


@pytest.mark.parametrize("way", ["SIGWINCH", "redraw"])
def test_sends_modes_and_screen_again_at_the_same_size(way: str, terminal: int) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            session.written = b""
            if way == "SIGWINCH":
                os.kill(os.getpid(), signal.SIGWINCH)
            else:
                session.driver.redraw()
            await session.until(lambda: b"row 6" in session.written)
            for expected in (*MODES, b"row 1"):
                assert expected in session.written
            assert session.app.messages == []

    run(test)


def test_reports_a_resize_once_and_redraws(terminal: int) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            session.written = b""
            set_size(terminal, COLUMNS + 1, ROWS)
            os.kill(os.getpid(), signal.SIGWINCH)
            await session.until(lambda: b"row 6" in session.written)
            (message,) = session.app.messages
            assert isinstance(message, Resize)
            assert message.size == (COLUMNS + 1, ROWS)

    run(test)


def test_draws_at_most_the_maximum_size_of_a_terminal(terminal: int) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            set_size(terminal, 10_000, 10_000)
            os.kill(os.getpid(), signal.SIGWINCH)
            await session.until(lambda: session.app.messages)
            (message,) = session.app.messages
            assert isinstance(message, Resize)
            assert message.size == MAX_SIZE
            assert session.driver._screen_buffer._framebuffer.shape == MAX_SIZE[::-1]

    run(test)


def test_leaves_the_last_row_empty_where_there_is_no_alternate_screen(
    terminal: int,
) -> None:

    async def test() -> bytes:
        async with started(terminal) as session:
            asyncio.get_running_loop().remove_reader(terminal)
            os.write(terminal, CPR_REPLY)  # to the request that comes with the exit
            session.driver.stop_application_mode()
            session.reply()
            return session.written

    written = asyncio.run(test())
    screen = pyte.Screen(COLUMNS, ROWS)  # which knows no alternate screen
    pyte.ByteStream(screen).feed(written + b"summary\r\nprompt> ")
    assert [line.rstrip() for line in screen.display[-2:]] == ["summary", "prompt>"]
    assert screen.display[0].startswith("row 2")


def test_exit_waits_for_replies_that_timed_out(
    terminal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            flow_control = session.driver._flow_control
            await session.until(lambda: not flow_control.pending)
            asyncio.get_running_loop().remove_reader(terminal)
            session.draw("\x1b[1;1Hanother frame")
            assert flow_control.delay(monotonic() + 60.0) == 0  # its reply has timed out
            assert not flow_control.pending
            late = [CPR_REPLY] * 2  # to that frame and to the exit
            monkeypatch.setattr(Tty, "wait", lambda *_: True)
            monkeypatch.setattr(Tty, "read", lambda _: late.pop())
            session.driver.stop_application_mode()
            assert not late

    run(test)


def test_sends_non_drawing_sequences_of_the_app_but_none_within_text(terminal: int) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            clipboard = "\x1b]52;c;aGk=\x07"
            session.draw(clipboard)
            await session.until(lambda: clipboard.encode() in session.written)
            session.written = b""
            session.draw("\x1b[1;1Hevil\x1b]0;pwn\x07\x9b31m\x1b[2;1Hend")
            await session.until(lambda: b"end" in session.written)
            assert b"pwn" not in session.written
            assert "\x9b".encode() not in session.written

    run(test)


KEYPAD = [*"0123456789", *"./*-+", None, *"=,"]  # as kitty numbers them; None: enter


@pytest.mark.parametrize("modifiers", ["", ";129"], ids=["plain", "num lock"])
def test_keypad_of_kittys_protocol_types_characters(modifiers: str, terminal: int) -> None:
    async def test() -> None:
        async with started(terminal) as session:
            typed = "".join(f"\x1b[{57399 + i}{modifiers}u" for i in range(len(KEYPAD)))
            keys = await session.press(typed.encode(), len(KEYPAD))
            assert keys[KEYPAD.index(None)] == ("enter", "\r")
            characters = [character for _, character in keys]
            assert characters == [character or "\r" for character in KEYPAD]
            assert await session.press(b"\x1b[57413;5u", 1) == [("ctrl+add", None)]

    run(test)
