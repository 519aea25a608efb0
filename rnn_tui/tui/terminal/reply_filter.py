"""Parts what the terminal says by itself from what is typed: read as keys it would do as keys do.

The answer to where the cursor is is counted. Other answers are those to whoever asked before, an
editor or the shell, and come late on a slow link. All of them may come in pieces, with any time
between them.

An escape is the key where what comes next begins no sequence: at a slow link two keys may come as
one piece. So it is handed on as what only the key can be.
"""

import re
from contextlib import suppress
from typing import final

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY

CPR_REPLY = re.compile(rb"\x1b\[\d{1,4};\d{1,4}R")
CPR_REPLY_TAIL = re.compile(rb"\A\[\d{1,4};\d{1,4}R")
ESCAPE = b"\x1b"
PASTE_START, PASTE_TERMINATOR = b"\x1b[200~", b"\x1b[201~"
PASTE_END_PATTERN = re.compile(rb"\x1b\[201~|(?=\x03)")

# A control sequence with parameters, or a string, as ECMA-48 and xterm have them: whole, broken off
# by something else, or begun.
CONTROL_SEQUENCE = rb"\[[0-?]+[ -/]*"
STRING_SEQUENCE = rb"(?:\]\d|P[>!01]|_G)[^\x07\x1b]*"
COMPLETE_SEQUENCE = re.compile(
    rb"\x1b(?:%b(?:[@-~]|(?=[^ -~]))|%b(?:\x07|\x1b\\|(?=\x1b[^\\])))"
    % (CONTROL_SEQUENCE, STRING_SEQUENCE)
)
PARTIAL_SEQUENCE = re.compile(
    rb"\x1b(?:%b|%b\x1b?|[][OP_])?\Z" % (CONTROL_SEQUENCE, STRING_SEQUENCE)
)
SEQUENCE_INTRODUCERS = (b"", b"[", b"]", b"O", b"P", b"_")  # of what an escape introduces
# Alt with the arrows or backspace comes as one of the last three: word by word through a line.
LONE_ESCAPE = re.compile(rb"\x1b(?=[^][OP_fb\x7f])")
ESCAPE_KEY = b"\x1b[27u"  # as kitty's protocol has it
NON_KEY_INPUT = re.compile(r"\x1b\[(<\d+;-?\d+;-?\d+[mM]|\?\d+;\d\$y)")  # besides keys
ESCAPE_TIMEOUT_SECONDS, PARTIAL_TIMEOUT_SECONDS, LONG_TIMEOUT_SECONDS = 0.25, 0.5, 3.0  # seconds
MAX_KEYS_BYTES, MAX_PARTIAL_BYTES = (
    2,
    1 << 12,
)  # bytes: what may as well be two keys, and what is kept at the most


@final
class ReplyFilter:
    """`sift` keeps back what may be the beginning of an answer; `let_go` ends the wait for more."""

    def __init__(self) -> None:
        self._partial = b""
        self._is_pasting = False
        self._reply_tail_expected = (
            False  # an escape was let go: what follows may still be an answer's
        )
        self._parser = XTermParser()

    @property
    def pending(self) -> bool:
        return self._is_pasting or bool(self._partial)

    def timeout(self, *, reply_pending: bool) -> float:
        """Return the seconds to wait for the rest of what is held, most for what cannot be keys.

        Where an answer is `awaited`, an escape waits less than what looks more like one.
        """
        if self._is_pasting or len(self._partial) > MAX_KEYS_BYTES:
            return LONG_TIMEOUT_SECONDS
        if not reply_pending:
            return ESCAPE_DELAY
        return ESCAPE_TIMEOUT_SECONDS if self._partial == ESCAPE else PARTIAL_TIMEOUT_SECONDS

    def feed(self, typed: bytes) -> tuple[bytes, int]:
        """Return the keys, and how many answers there were."""
        tails = 0
        if self._reply_tail_expected:
            typed, tails = CPR_REPLY_TAIL.subn(b"", typed)
            self._reply_tail_expected = False
        alone = self._partial == ESCAPE and typed[:1] not in SEQUENCE_INTRODUCERS
        keys, partial = (ESCAPE_KEY, b"") if alone else (b"", self._partial)
        left, replies = CPR_REPLY.subn(b"", partial + typed)
        self._partial = b""
        while left:
            more, left = self._split_paste(left) if self._is_pasting else self._split_keys(left)
            keys += more
        return keys, replies + tails

    def _split_keys(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the keys until a paste begins, and what comes then."""
        data, paste, after = data.partition(PASTE_START)
        keys = (
            COMPLETE_SEQUENCE.sub(lambda it: it[0] if self._is_input(it[0]) else b"", data) + paste
        )
        keys = LONE_ESCAPE.sub(ESCAPE_KEY, keys)
        self._is_pasting = bool(paste)
        if not paste and (begun := PARTIAL_SEQUENCE.search(keys)):
            keys, self._partial = keys[: begun.start()], begun[0][:MAX_PARTIAL_BYTES]
        return keys, after

    def _split_paste(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what is pasted until its end, which an interrupt is too, and what comes then."""
        end = PASTE_END_PATTERN.search(data)
        if end:
            self._is_pasting = False
            return data[: end.start()] + PASTE_TERMINATOR, data[end.end() :]
        begun = data.rfind(ESCAPE, -len(PASTE_TERMINATOR))
        if begun >= 0 and PASTE_TERMINATOR.startswith(data[begun:]):
            self._partial = data[begun:]
            return data[:begun], b""
        return data, b""

    def flush(self) -> bytes:
        """Return what may be keys of what is held; a paste ends here, the rest is dropped."""
        held, self._partial = self._partial, b""
        if self._is_pasting:
            self._is_pasting = False
            return held + PASTE_TERMINATOR
        self._reply_tail_expected = held == ESCAPE
        return held.replace(ESCAPE, ESCAPE_KEY) if len(held) <= MAX_KEYS_BYTES else b""

    def _is_input(self, sequence: bytes) -> bool:
        text = sequence.decode("utf-8", "replace")
        if NON_KEY_INPUT.fullmatch(text):
            return True
        with suppress(ValueError):  # of what it takes for a key and cannot read
            return any(self._parser._sequence_to_key_events(text))
        return False
