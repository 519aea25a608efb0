"""Separates the terminal's replies from keys, with ECMA-48's forms of control sequence and string.

Cursor position reports (CPR) are counted. Other replies, to queries of an editor or shell that ran
before, are dropped; on a slow link they arrive late, and all of them may arrive in pieces.

Escape is a key unless the next byte continues a sequence. It is passed on in kitty's encoding,
which nothing can continue. With a key in the same piece it may be Alt with that key, or on a slow
link two keys: then it is passed on as Meta with Escape, and the key queue decides.
"""

import re
from contextlib import suppress
from typing import final

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY

ESCAPE, INTERRUPT = b"\x1b", b"\x03"
ESCAPE_KEY, META_PREFIX = b"\x1b[27u", b"\x1b[27;33u"  # in kitty's keyboard protocol
KEYPAD_KEY = re.compile(rb"\x1b\[57(399|40\d|41[0-6])(?:;(\d+))?u")
FIRST_KEYPAD_KEY, KEYPAD_CHARACTERS = 399, b"0123456789./*-+\r=,"
TYPING_MODIFIERS = 0b11000001  # shift, caps lock, num lock
PASTE_START, PASTE_END = b"\x1b[200~", b"\x1b[201~"
CPR_REPLY = re.compile(rb"\x1b\[\d{1,4};\d{1,4}R")
CPR_REPLY_TAIL = re.compile(rb"\[\d{1,4};\d{1,4}R")
NON_KEY_INPUT = re.compile(r"\x1b\[(<\d+;-?\d+;-?\d+[mM]|\?\d+;\d\$y)")  # mouse and mode reports

# A CSI with parameters, and an OSC, DCS or APC that begins as those of replies do: others may be
# Alt with the introducer and then another key. A control character breaks off either.
CSI = rb"\x1b\[[0-?]+[ -/]*"
STRING = rb"\x1b(?:\]\d|P[>!01]|_G)[^\x00-\x1f]*"
INTRODUCERS = (b"[", b"]", b"O", b"P", b"_")  # what may continue an escape in another piece
TOKEN = re.compile(
    rb"(?P<control_sequence>%b[@-~])"
    rb"|(?P<string>%b(?:\x07|\x1b\\))"
    rb"|(?P<partial>(?:%b|%b\x1b?|\x1b[][OP_]?)\Z)"
    rb"|(?P<broken_off>%b|%b)"
    rb"|(?P<keys>[^\x1b]+|\x1b[][OP_fb\x7f])"  # also Alt with left, right and backspace
    rb"|(?P<escape>\x1b)" % (CSI, STRING, CSI, STRING, CSI, STRING)
)
# While a reply is awaited; else the key Esc waits ESCAPE_DELAY, which `cli.main` sets for Textual.
REPLY_ESCAPE_SECONDS, REPLY_PARTIAL_SECONDS, LONG_TIMEOUT_SECONDS = 0.25, 0.5, 3.0
MAX_KEYS_BYTES = 2  # a partial sequence of so many bytes may as well be keys
MAX_PARTIAL_BYTES = 1 << 12


@final
class ReplyFilter:
    """Keeps a partial sequence until `feed` completes it or `flush` ends the wait."""

    def __init__(self) -> None:
        self._partial = b""
        self._is_pasting = False
        self._reply_tail_expected = False  # its escape has been flushed as a key
        self._parser = XTermParser()

    @property
    def pending(self) -> bool:
        return self._is_pasting or bool(self._partial)

    def timeout(self, *, reply_pending: bool) -> float:
        """Return the seconds to wait for the rest of a partial sequence or a paste."""
        if self._is_pasting or len(self._partial) > MAX_KEYS_BYTES:
            return LONG_TIMEOUT_SECONDS
        if not reply_pending:
            return ESCAPE_DELAY
        return REPLY_ESCAPE_SECONDS if self._partial == ESCAPE else REPLY_PARTIAL_SECONDS

    def feed(self, data: bytes) -> tuple[bytes, int]:
        """Return the keys, and the number of cursor position reports."""
        keys, replies = b"", 0
        if self._reply_tail_expected and (tail := CPR_REPLY_TAIL.match(data)):
            data, replies = data[tail.end() :], 1
        self._reply_tail_expected = False
        if self._partial == ESCAPE and data and not self._is_pasting | data.startswith(INTRODUCERS):
            keys, self._partial = ESCAPE_KEY, b""
        data, self._partial = self._partial + data, b""
        for token in TOKEN.finditer(data):
            match token.lastgroup:
                case "control_sequence" if CPR_REPLY.fullmatch(token[0]):
                    replies += 1
                case "partial":
                    self._partial = token[0][:MAX_PARTIAL_BYTES]
                case _ if self._is_pasting:
                    keys += self._pasted(token[0])
                case "control_sequence":
                    self._is_pasting = token[0] == PASTE_START
                    keys += token[0] if self._is_pasting else self._input(token[0])
                case "keys":
                    keys += token[0]
                case "escape":
                    keys += ESCAPE_KEY if data.startswith(ESCAPE, token.end()) else META_PREFIX
        return keys, replies

    def flush(self) -> bytes:
        """Return the keys in the partial sequence, or the end of a paste; drop a partial reply."""
        partial, self._partial = self._partial, b""
        if self._is_pasting:
            self._is_pasting = False
            return partial + PASTE_END
        self._reply_tail_expected = partial == ESCAPE
        if len(partial) > MAX_KEYS_BYTES:
            return b""
        return partial.replace(ESCAPE, ESCAPE_KEY if partial == ESCAPE else META_PREFIX)

    def _pasted(self, data: bytes) -> bytes:
        """Return `data`; a paste ends with its terminator, or before an interrupt."""
        is_interrupted = INTERRUPT in data
        self._is_pasting = not (is_interrupted or data == PASTE_END)
        return data.replace(INTERRUPT, PASTE_END + INTERRUPT, 1) if is_interrupted else data

    def _input(self, sequence: bytes) -> bytes:
        """Return `sequence`, a key of the keypad as its character, or nothing for a reply."""
        keypad = KEYPAD_KEY.fullmatch(sequence)
        if keypad and not (int(keypad[2] or 1) - 1) & ~TYPING_MODIFIERS:
            return bytes([KEYPAD_CHARACTERS[int(keypad[1]) - FIRST_KEYPAD_KEY]])
        text = sequence.decode("ascii")
        with suppress(ValueError):  # raised for sequences that it cannot parse
            if NON_KEY_INPUT.fullmatch(text) or any(self._parser._sequence_to_key_events(text)):
                return sequence
        return b""
