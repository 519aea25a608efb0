"""Parts the terminal's answers from what is typed: an answer read as keys would do as keys do.

An answer may come in pieces, with any time between them.
"""

import re
from typing import final

ANSWER = re.compile(rb"\x1b\[\d{1,4};\d{1,4}R")
BEGUN = re.compile(rb"\x1b(\[(\d{1,4}(;\d{0,4})?)?)?\Z")
REST = re.compile(rb"\A\[\d{1,4};\d{1,4}R")
ESCAPE = b"\x1b"


@final
class Sieve:
    """`sift` keeps back what may be the beginning of an answer; `let_go` takes it for keys."""

    def __init__(self) -> None:
        self._begun = b""
        self._rest_may_come = False  # an escape was let go: what follows may still be an answer's

    @property
    def holds(self) -> bool:
        return bool(self._begun)

    def sift(self, typed: bytes) -> tuple[bytes, int]:
        """Return the keys, and how many answers there were."""
        rests = 0
        if self._rest_may_come:
            typed, rests = REST.subn(b"", typed)
            self._rest_may_come = False
        keys, answers = ANSWER.subn(b"", self._begun + typed)
        begun = BEGUN.search(keys)
        self._begun = begun[0] if begun else b""
        return keys[: len(keys) - len(self._begun)], answers + rests

    def let_go(self) -> bytes:
        keys, self._begun = self._begun, b""
        self._rest_may_come = keys == ESCAPE
        return keys
