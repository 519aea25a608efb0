"""Textual's driver for a terminal at the far end of a slow or unreliable link.

All of it runs in the event loop and never blocks: no thread is left behind, a stalled link stops
nothing, and signals are handled between two callbacks.
"""

import asyncio
import os
import re
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn, final

from textual import constants
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from rnn_tui.tui.terminal.flow_control import CPR_REQUEST, FlowControl
from rnn_tui.tui.terminal.reply_filter import ReplyFilter
from rnn_tui.tui.terminal.screen_buffer import ScreenBuffer
from rnn_tui.tui.terminal.tty import Tty

if TYPE_CHECKING:
    from textual.app import App

EXIT_GRACE_SECONDS = 2.0  # to send the last bytes and receive the last replies
FORCED_EXIT_SECONDS = 3.0  # from a signal to the exit, whatever the program is doing
RESIZE_DEBOUNCE_SECONDS = 0.02
EXIT_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)

ENTER_SEQUENCE = "\x1b[?1049h\x1b[?25l\x1b[?7l"  # alternate screen, no cursor, no wrapping
# Where there is no alternate screen, what follows begins below the last frame, on an empty row.
LEAVE_SEQUENCE = "\x1b[m\x1b[?7h\x1b[999;1H\x1b[2K\x1b[?1049l\x1b[?25h"
MOUSE_ON = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"  # presses and drags, but not every motion
MOUSE_OFF = "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
# Kitty's keyboard protocol (reset first), bracketed paste, and the query for synchronized output.
EXTENSIONS_ON = "\x1b[<u\x1b[>1u\x1b[?2004h\x1b[?2026$p"
EXTENSIONS_OFF = "\x1b[<u\x1b[?2004l"
BASIC_TERMS = ("linux", "vt", "ansi", "cons")  # terminals that print unknown sequences
NON_DRAWING = re.compile(r"\x07|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")  # bell, clipboard, pointer
SCREEN_STRING_BYTES = 200  # of a control string that GNU screen passes on
SYNCHRONIZED_FRAME = "\x1b[?2026h{}\x1b[?2026l"


@final
class TerminalDriver(Driver):
    """Sends the cells that changed, as fast as the terminal takes them; restores it on exit.

    A terminating signal exits with status 128 + its number; a hang-up counts as SIGHUP.
    """

    def __init__(self, app: "App[None]", **options: Any) -> None:
        super().__init__(app, **options)
        self._tty = Tty(input_fd=0, output_fd=2)
        self._tty_fds = [fd for fd in (0, 1, 2) if os.isatty(fd)]
        self._size = self._tty.size
        self._screen_buffer = ScreenBuffer(*self._size)
        self._flow_control = FlowControl()
        self._supports_extensions = not os.environ.get("TERM", "").startswith(BASIC_TERMS)
        self._supports_synchronized_output = False
        self._is_in_screen = bool(os.environ.get("STY"))
        self._control_sequences = ""  # unsent output that draws nothing
        self._is_active = self._first_frame_sent = self._is_exiting = False
        self._send_timer: asyncio.TimerHandle | None = None  # retries to send
        self._signal_handlers: dict[signal.Signals, Callable[[], object]] = {
            **{number: partial(self._exit, number) for number in EXIT_SIGNALS},
            signal.SIGTSTP: self._suspend,
            signal.SIGCONT: self._acquire_terminal,
            signal.SIGWINCH: lambda: self._loop.call_later(RESIZE_DEBOUNCE_SECONDS, self.redraw),
        }
        self._reply_filter = ReplyFilter()
        self._flush_timer: asyncio.TimerHandle | None = None  # flushes the reply filter
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode

    # -- Textual's interface ---------------------------------------------------------------------

    @property
    def can_suspend(self) -> bool:
        return True

    def start_application_mode(self) -> None:
        self._loop.set_exception_handler(self._on_callback_error)
        self._install_handlers(*self._signal_handlers)
        self._acquire_terminal()

    def write(self, data: str) -> None:
        if NON_DRAWING.fullmatch(data):
            self._control_sequences += self._pass_through(data)
        else:
            self._screen_buffer.feed(data)

    def flush(self) -> None:
        self._send()

    def _pass_through(self, sequence: str) -> str:
        """Return `sequence` for the terminal around GNU screen, which drops it, in short pieces."""
        if not self._is_in_screen:
            return sequence
        starts = range(0, len(sequence), SCREEN_STRING_BYTES)
        pieces = (sequence[start : start + SCREEN_STRING_BYTES] for start in starts)
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)

    def disable_input(self) -> None:
        self._loop.remove_reader(self._tty.input_fd)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._release_terminal()

    def close(self) -> None:
        self._remove_handlers(*self._signal_handlers)
        self._loop.remove_writer(self._tty.output_fd)
        self._tty.close()

    # -- sending ---------------------------------------------------------------------------------

    def redraw(self) -> None:
        """Send the modes and the whole screen again, as to another terminal of any size."""
        if self._is_active:
            self._acquire_terminal()

    def _send(self) -> None:
        """Send the changes, now or as soon as the terminal has taken the output before."""
        if self._send_timer:
            self._send_timer.cancel()
            self._send_timer = None
        if self._tty.has_unsent or not self._is_active:
            return
        now = monotonic()
        wait = self._flow_control.delay(now)
        if wait:
            self._send_timer = self._loop.call_later(wait, self._send)
            return
        drawing = self._screen_buffer.diff()
        if drawing and self._supports_synchronized_output:
            drawing = SYNCHRONIZED_FRAME.format(drawing)
        if drawing and not self._first_frame_sent:
            self._first_frame_sent = True  # from now on keys are read and exits are graceful
            self._loop.add_reader(self._tty.input_fd, self._read)
        frame, self._control_sequences = drawing + self._control_sequences, ""
        if frame:
            self._flow_control.sent(now)
            self._write(frame + CPR_REQUEST)

    def _write(self, text: str) -> None:
        try:
            self._tty.write(text.encode("utf-8", "replace"))
        except OSError:
            self._on_hangup()
            return
        if self._tty.has_unsent:
            self._loop.add_writer(self._tty.output_fd, self._on_writable)

    def _on_writable(self) -> None:
        self._loop.remove_writer(self._tty.output_fd)
        self._write("")
        self._send()

    # -- receiving -------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            typed = self._tty.read()
        except (OSError, EOFError):
            self._on_hangup()
            return
        self._feed_keys(self._filter_replies(typed))
        if self._reply_filter.pending:
            wait = self._reply_filter.timeout(reply_pending=self._flow_control.pending)
            self._flush_timer = self._loop.call_later(
                wait, lambda: self._feed_keys(self._reply_filter.flush())
            )

    def _filter_replies(self, typed: bytes) -> bytes:
        """Return the keys in `typed`, and register the replies."""
        if self._flush_timer:
            self._flush_timer.cancel()
        keys, replies = self._reply_filter.feed(typed)
        for _ in range(replies):
            self._flow_control.acknowledged(monotonic())
        if replies:
            self._send()
        return keys

    def _feed_keys(self, keys: bytes) -> None:
        for message in self._parser.feed(self._decode(keys)) if keys else ():
            self.process_message(message)
        self._loop.call_later(1.1 * constants.ESCAPE_DELAY, self._flush_escape)

    def _flush_escape(self) -> None:
        """Handle an escape that nothing followed as the key."""
        for message in self._parser.tick():
            self.process_message(message)

    def process_message(self, message: Message) -> None:
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            self._supports_synchronized_output = True
        else:
            super().process_message(message)

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)  # without Driver's detour for threads

    # -- acquiring and releasing -----------------------------------------------------------------

    def _acquire_terminal(self) -> None:
        """Set up the terminal, also where another program may have used it meanwhile."""
        try:
            self._tty.enter_raw()
        except OSError:
            self._on_hangup()
            return
        self._is_active = True
        self._write(
            ENTER_SEQUENCE + EXTENSIONS_ON * self._supports_extensions + MOUSE_ON * self._mouse
        )
        before, self._size = self._size, self._tty.size
        self._screen_buffer.resize(*self._size)
        if self._size != before:
            self.send_message(Resize(Size(*self._size), Size(*self._size)))
        self._send()

    def _release_terminal(self) -> None:
        """Restore the terminal, once all replies, which a shell would read as keys, are in."""
        if not self._is_active:
            return
        self._is_active = False
        self._flow_control.sent(monotonic())
        self._write(
            MOUSE_OFF * self._mouse
            + EXTENSIONS_OFF * self._supports_extensions
            + LEAVE_SEQUENCE
            + CPR_REQUEST
        )
        end = monotonic() + EXIT_GRACE_SECONDS
        with suppress(OSError, EOFError):
            while (self._tty.has_unsent or self._flow_control.may_reply) and (
                left := end - monotonic()
            ) > 0:
                if self._tty.wait(left):
                    self._filter_replies(self._tty.read())
                self._tty.write(b"")
        self._flow_control.reset()
        self._tty.restore()

    # -- signals ---------------------------------------------------------------------------------

    def _install_handlers(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            if signal.getsignal(number) != signal.SIG_IGN:  # as SIGHUP is under nohup
                self._loop.add_signal_handler(number, self._signal_handlers[number])

    def _remove_handlers(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            self._loop.remove_signal_handler(number)

    def _suspend(self) -> None:
        """Stop the process group, as the terminal itself would, and return when it continues.

        Where no shell could continue it, the kernel does so at once.
        """
        self._release_terminal()
        self._remove_handlers(signal.SIGTSTP, signal.SIGCONT)
        os.kill(0, signal.SIGTSTP)
        self._install_handlers(signal.SIGTSTP, signal.SIGCONT)
        self._acquire_terminal()

    def _exit(self, number: signal.Signals) -> None:
        """Exit with the signal's status; at once if it is the second."""
        if self._is_exiting or not self._first_frame_sent:
            self._force_exit(number)
        self._is_exiting = True
        self._loop.call_later(FORCED_EXIT_SECONDS, self._force_exit, number)
        self._app.exit(return_code=128 + number)

    def _force_exit(self, number: signal.Signals) -> NoReturn:
        self._release_terminal()
        os._exit(128 + number)

    def _on_hangup(self) -> None:
        """Exit after a hang-up; further output goes to the null device."""
        self._is_active = False
        self.disable_input()
        self._remove_handlers(signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
        self._signal_handlers[signal.SIGHUP] = lambda: None  # already handled
        self._install_handlers(signal.SIGHUP)
        self._loop.remove_writer(self._tty.output_fd)
        devnull = os.open(os.devnull, os.O_RDWR)
        for terminal in self._tty_fds:
            os.dup2(devnull, terminal)
        os.close(devnull)
        if not self._is_exiting:
            self._exit(signal.SIGHUP)

    def _on_callback_error(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Exit with the traceback of an error in a callback, which would otherwise be lost."""
        error = context.get("exception")
        if isinstance(error, Exception):
            try:
                raise error
            except Exception as raised:
                self._app._handle_exception(raised)
