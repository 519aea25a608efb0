"""Textual's driver for a terminal at the far end of a link.

All of it runs in the event loop, and nothing in it waits: no thread is left behind, a stalled link
holds nothing up, and every signal is heard between two callbacks.
"""

import asyncio
import os
import signal
from codecs import getincrementaldecoder
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn, final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import InputEvent, Paste, Resize
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from rnn_tui.tui.key_queue import TypeAhead
from rnn_tui.tui.terminal.flow_control import QUESTION, Link
from rnn_tui.tui.terminal.reply_filter import Sieve
from rnn_tui.tui.terminal.screen_buffer import Canvas
from rnn_tui.tui.terminal.tty import Line

if TYPE_CHECKING:
    from rnn_tui.tui.app import RnnTui

GRACE = 1.0  # seconds for the last bytes to go and the last answers to come
LAST_GRACE = 3.0  # seconds from a signal to the end, whatever the program is doing
RESIZES = 0.02  # seconds in which many changes of size are one

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"  # alternate screen, no cursor, no wrapping
LEAVE = "\x1b[m\x1b[?7h\x1b[?1049l\x1b[?25h"
MOUSE_ON = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"  # presses and drags, but not every motion
MOUSE_OFF = "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
# Tell keys apart (kitty's protocol; what was asked for before is taken back), give a paste as one
# piece, and say whether output is taken in one piece.
MODERN_ON = "\x1b[<u\x1b[>1u\x1b[?2004h\x1b[?2026$p"
MODERN_OFF = "\x1b[<u\x1b[?2004l"
OLD = ("linux", "vt", "ansi", "cons")  # terminals that print what they do not understand
ONE_PIECE = "\x1b[?2026h{}\x1b[?2026l"


@final
class TerminalDriver(Driver):
    """Sends the cells that differ, as fast as they are taken; leaves the terminal as it was.

    A signal ends the program with status 128 + its number; so does a line that is hung up.
    """

    def __init__(self, app: "RnnTui", **options: Any) -> None:
        super().__init__(app, **options)
        look = app.appearance
        self._line = Line(source=0, target=2)
        self._terminals = [fd for fd in (0, 1, 2) if os.isatty(fd)]
        self._size = self._line.size
        self._canvas = Canvas(*self._size, colored=look.colored, ascii_only=look.glyphs == "ascii")
        self._link = Link()
        self._modern = not os.environ.get("TERM", "").startswith(OLD)
        self._one_piece = False
        self._others = ""  # what is to be sent and is no drawing
        self._inside = self._ready = self._ending = False
        self._later: asyncio.TimerHandle | None = None  # when to try again to send
        self._hears = {
            signal.SIGTERM: lambda: self._end(signal.SIGTERM),
            signal.SIGINT: lambda: self._end(signal.SIGINT),
            signal.SIGQUIT: lambda: self._end(signal.SIGQUIT),
            signal.SIGHUP: lambda: self._end(signal.SIGHUP),
            signal.SIGTSTP: self._stop,
            signal.SIGCONT: self._enter,
            signal.SIGWINCH: lambda: self._loop.call_later(RESIZES, self._measure),
        }
        self._sieve = Sieve()
        self._held: asyncio.TimerHandle | None = None  # when to let go what the sieve holds
        self._parser = XTermParser()
        self._typed = TypeAhead(app)
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    # -- what Textual asks for -------------------------------------------------------------------

    @property
    def can_suspend(self) -> bool:
        return True

    def start_application_mode(self) -> None:
        self._loop.set_exception_handler(self._fail)
        self._hear(*self._hears)
        self._enter()

    def write(self, data: str) -> None:
        self._others += self._canvas.paint(data)

    def flush(self) -> None:
        self._send()

    def disable_input(self) -> None:
        self._loop.remove_reader(self._line.source)
        self._typed.close()

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._leave()

    def close(self) -> None:
        self._turn_deaf(*self._hears)
        self._loop.remove_writer(self._line.target)
        self._line.close()

    # -- sending ---------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Send the whole screen again."""
        self._canvas.forget()
        self._send()

    def _send(self) -> None:
        """Send what has changed, now or as soon as the terminal has taken what was sent before."""
        if self._later:
            self._later.cancel()
            self._later = None
        if self._line.busy or not self._inside:
            return
        now = monotonic()
        wait = self._link.wait(now)
        if wait:
            self._later = self._loop.call_later(wait, self._send)
            return
        drawing = self._canvas.difference()
        if drawing and self._one_piece:
            drawing = ONE_PIECE.format(drawing)
        if drawing and not self._ready:
            self._ready = True  # to hear keys, and to end in order
            self._loop.add_reader(self._line.source, self._read)
        frame, self._others = drawing + self._others, ""
        if frame:
            self._link.asked(now)
            self._write(frame + QUESTION)

    def _write(self, text: str) -> None:
        try:
            self._line.write(text.encode("utf-8", "replace"))
        except OSError:
            self._hang_up()
            return
        if self._line.busy:
            self._loop.add_writer(self._line.target, self._go_on)

    def _go_on(self) -> None:
        self._loop.remove_writer(self._line.target)
        self._write("")
        self._send()

    # -- hearing ---------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            typed = self._line.read()
        except (OSError, EOFError):
            self._hang_up()
            return
        self._press(self._sift(typed))
        if self._sieve.holds:
            wait = self._sieve.patience(awaited=self._link.awaits)
            self._held = self._loop.call_later(wait, lambda: self._press(self._sieve.let_go()))

    def _sift(self, typed: bytes) -> bytes:
        """Return what was typed, and hear the answers in it."""
        if self._held:
            self._held.cancel()
        keys, answers = self._sieve.sift(typed)
        for _ in range(answers):
            self._link.answered(monotonic())
        if answers:
            self._send()
        return keys

    def _press(self, keys: bytes) -> None:
        for message in self._parser.feed(self._decode(keys)) if keys else ():
            self.process_message(message)
        self._loop.call_later(1.1 * constants.ESCAPE_DELAY, self._tick)

    def _tick(self) -> None:
        """Take an escape after which nothing came for the key."""
        for message in self._parser.tick():
            self.process_message(message)

    def process_message(self, message: Message) -> None:
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._one_piece = True
        else:
            super().process_message(message)

    def send_message(self, message: Message) -> None:
        if isinstance(message, InputEvent | Paste):
            self._typed.add(message)
        else:
            super().send_message(message)

    def _measure(self) -> None:
        size = self._line.size
        if size != self._size:
            self._size = size
            self._canvas.resize(*size)
            self.send_message(Resize(Size(*size), Size(*size)))

    # -- coming and going ------------------------------------------------------------------------

    def _enter(self) -> None:
        """Take the terminal; also where it may have been another's meanwhile."""
        try:
            self._line.raw()
        except OSError:
            self._hang_up()
            return
        self._inside = True
        self._canvas.forget()
        self._write(ENTER + MODERN_ON * self._modern + MOUSE_ON * self._mouse)
        self._measure()
        self._send()

    def _leave(self) -> None:
        """Give the terminal back, and no answers with it that the shell would take for typing."""
        if not self._inside:
            return
        self._inside = False
        self._link.asked(monotonic())
        self._write(MOUSE_OFF * self._mouse + MODERN_OFF * self._modern + LEAVE + QUESTION)
        end = monotonic() + GRACE
        with suppress(OSError, EOFError):
            while (self._line.busy or self._link.awaits) and (left := end - monotonic()) > 0:
                if self._line.wait(left):
                    self._sift(self._line.read())
                self._line.write(b"")
        self._line.cooked()

    # -- signals ---------------------------------------------------------------------------------

    def _hear(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            if signal.getsignal(number) != signal.SIG_IGN:  # as SIGHUP is under nohup
                self._loop.add_signal_handler(number, self._hears[number])

    def _turn_deaf(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            self._loop.remove_signal_handler(number)

    def _stop(self) -> None:
        """Stop the whole job, as the terminal itself would, and come back when it goes on.

        Where no shell could make it go on, the kernel lets it go on at once.
        """
        self._leave()
        self._turn_deaf(signal.SIGTSTP, signal.SIGCONT)
        os.kill(0, signal.SIGTSTP)
        self._hear(signal.SIGTSTP, signal.SIGCONT)
        self._enter()

    def _end(self, number: signal.Signals) -> None:
        """End as the signal wants, and at once if it comes again."""
        if self._ending or not self._ready:
            self._abandon(number)
        self._ending = True
        self._loop.call_later(LAST_GRACE, self._abandon, number)
        self._app.exit(return_code=128 + number)

    def _abandon(self, number: signal.Signals) -> NoReturn:
        self._leave()
        os._exit(128 + number)

    def _hang_up(self) -> None:
        """End, for nobody is there any more; what is still printed goes nowhere."""
        self._inside = False
        self.disable_input()
        self._turn_deaf(signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
        self._hears[signal.SIGHUP] = lambda: None  # it is known
        self._hear(signal.SIGHUP)
        self._loop.remove_writer(self._line.target)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for terminal in self._terminals:
            os.dup2(nowhere, terminal)
        os.close(nowhere)
        if not self._ending:
            self._end(signal.SIGHUP)

    def _fail(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End with the traceback of an error in a callback, which would else be lost."""
        error = context.get("exception")
        if isinstance(error, Exception):
            try:
                raise error
            except Exception as raised:
                self._app._handle_exception(raised)
