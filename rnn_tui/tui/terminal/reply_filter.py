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

ANSWER = re.compile(rb"\x1b\[\d{1,4};\d{1,4}R")
REST = re.compile(rb"\A\[\d{1,4};\d{1,4}R")
ESCAPE = b"\x1b"
PASTE, PASTED = b"\x1b[200~", b"\x1b[201~"
PASTE_END = re.compile(rb"\x1b\[201~|(?=\x03)")

# A control sequence with parameters, or a string, as ECMA-48 and xterm have them: whole, broken off
# by something else, or begun.
CONTROL = rb"\[[0-?]+[ -/]*"
STRING = rb"(?:\]\d|P[>!01]|_G)[^\x07\x1b]*"
WHOLE = re.compile(
    rb"\x1b(?:%b(?:[@-~]|(?=[^ -~]))|%b(?:\x07|\x1b\\|(?=\x1b[^\\])))" % (CONTROL, STRING)
)
BEGUN = re.compile(rb"\x1b(?:%b|%b\x1b?|[][OP_])?\Z" % (CONTROL, STRING))
STARTS = (b"", b"[", b"]", b"O", b"P", b"_")  # of what an escape introduces
# Alt with the arrows or backspace comes as one of the last three: word by word through a line.
ALONE = re.compile(rb"\x1b(?=[^][OP_fb\x7f])")
ESCAPE_KEY = b"\x1b[27u"  # as kitty's protocol has it
HEARD = re.compile(r"\x1b\[(<\d+;-?\d+;-?\d+[mM]|\?\d+;\d\$y)")  # besides keys
ESCAPE_HOLD, HOLD, LONG_HOLD = 0.25, 0.5, 3.0  # seconds
SHORT, LONGEST = 2, 1 << 12  # bytes: what may as well be two keys, and what is kept at the most


@final
class Sieve:
    """`sift` keeps back what may be the beginning of an answer; `let_go` ends the wait for more."""

    def __init__(self) -> None:
        self._begun = b""
        self._pasting = False
        self._rest_may_come = False  # an escape was let go: what follows may still be an answer's
        self._parser = XTermParser()

    @property
    def holds(self) -> bool:
        return self._pasting or bool(self._begun)

    def patience(self, *, awaited: bool) -> float:
        """Return the seconds to wait for the rest of what is held, most for what cannot be keys.

        Where an answer is `awaited`, an escape waits less than what looks more like one.
        """
        if self._pasting or len(self._begun) > SHORT:
            return LONG_HOLD
        if not awaited:
            return ESCAPE_DELAY
        return ESCAPE_HOLD if self._begun == ESCAPE else HOLD

    def sift(self, typed: bytes) -> tuple[bytes, int]:
        """Return the keys, and how many answers there were."""
        rests = 0
        if self._rest_may_come:
            typed, rests = REST.subn(b"", typed)
            self._rest_may_come = False
        alone = self._begun == ESCAPE and typed[:1] not in STARTS
        keys, begun = (ESCAPE_KEY, b"") if alone else (b"", self._begun)
        left, answers = ANSWER.subn(b"", begun + typed)
        self._begun = b""
        while left:
            more, left = self._pasted(left) if self._pasting else self._typed(left)
            keys += more
        return keys, answers + rests

    def _typed(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the keys until a paste begins, and what comes then."""
        data, paste, after = data.partition(PASTE)
        keys = WHOLE.sub(lambda it: it[0] if self._is_typed(it[0]) else b"", data) + paste
        keys = ALONE.sub(ESCAPE_KEY, keys)
        self._pasting = bool(paste)
        if not paste and (begun := BEGUN.search(keys)):
            keys, self._begun = keys[: begun.start()], begun[0][:LONGEST]
        return keys, after

    def _pasted(self, data: bytes) -> tuple[bytes, bytes]:
        """Return what is pasted until its end, which an interrupt is too, and what comes then."""
        end = PASTE_END.search(data)
        if end:
            self._pasting = False
            return data[: end.start()] + PASTED, data[end.end() :]
        begun = data.rfind(ESCAPE, -len(PASTED))
        if begun >= 0 and PASTED.startswith(data[begun:]):
            self._begun = data[begun:]
            return data[:begun], b""
        return data, b""

    def let_go(self) -> bytes:
        """Return what may be keys of what is held; a paste ends here, the rest is dropped."""
        held, self._begun = self._begun, b""
        if self._pasting:
            self._pasting = False
            return held + PASTED
        self._rest_may_come = held == ESCAPE
        return held.replace(ESCAPE, ESCAPE_KEY) if len(held) <= SHORT else b""

    def _is_typed(self, sequence: bytes) -> bool:
        text = sequence.decode("utf-8", "replace")
        if HEARD.fullmatch(text):
            return True
        with suppress(ValueError):  # of what it takes for a key and cannot read
            return any(self._parser._sequence_to_key_events(text))
        return False
