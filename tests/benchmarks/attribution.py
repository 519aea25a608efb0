"""Which part of the screen each byte was written for, and how often each part changed."""

import re
from collections import Counter
from typing import final

from wcwidth import wcwidth

from tests.terminal.emulator import Emulator

TOKEN = re.compile(rb"\x1b\[[0-9;:?<=>]*\$?[A-Za-z]|\x1b[^\[]|[\x00-\x1a\x1c-\x1f]|[^\x00-\x1f]+")
FRAME_END = b"\x1b[6n"  # after each frame the driver asks where the cursor is
TITLE = re.compile(r"[─\s]*([\w ]*\w)")
HEADLINE, CONTROLS, KEYS, ELSEWHERE = "headline", "controls, notice", "key line", "no cell"

Regions = dict[tuple[int, int], str]


def regions(text: str) -> Regions:
    """Return of each cell (row, column) which part of the screen it is in, by the boxes drawn."""
    rows = text.split("\n")
    found: Regions = {}
    for y, row in enumerate(rows):
        name = HEADLINE if y == 0 else KEYS if y == len(rows) - 1 else CONTROLS
        found |= {(y, x): name for x in range(len(row))}
    for y, row in enumerate(rows):
        for corner in re.finditer("╭[^╭]*╮", row):
            left, right = corner.start(), corner.end()
            title = TITLE.match(corner[0][1:])
            bottom = next(below for below in range(y, len(rows)) if rows[below][left] == "╰")
            name = title[1].split()[0] if title else "a box"
            box = ((py, px) for py in range(y, bottom + 1) for px in range(left, right))
            found |= dict.fromkeys(box, name)
    return found


@final
class Attribution:
    """Follows what was written, from the very start; `bytes_of` is counted from `begin` on."""

    def __init__(self, columns: int, rows: int) -> None:
        self.bytes_of: Counter[str] = Counter()
        self.updates_of: Counter[str] = Counter()
        self._screen = Emulator(columns, rows, lambda _answer: None)
        self._regions: Regions = {}
        self._pending = 0
        self._changed: set[str] = set()

    def follow(self, written: bytes) -> None:
        """Draw what came before that which is counted."""
        self._screen.feed(written)

    def begin(self) -> None:
        """Take the parts of the screen from where they stand now."""
        self._regions = regions(self._screen.text)

    def count(self, written: bytes) -> None:
        for token in TOKEN.findall(written):
            if token[0] == 0x1B or token[0] < 0x20:
                self._pending += len(token)
                self._screen.feed(token)
                if token == FRAME_END:
                    self._end_frame()
            else:
                self._count_text(token)
        self.bytes_of[ELSEWHERE] += self._pending
        self._pending = 0

    def _count_text(self, token: bytes) -> None:
        """Count each character for its cell, and what led there for the first."""
        x, y = self._screen.cursor.x, self._screen.cursor.y
        for character in token.decode(errors="replace"):
            part = self._regions.get((y, x), ELSEWHERE)
            self.bytes_of[part] += len(character.encode()) + self._pending
            if self._screen.buffer[y][x].data != character:
                self._changed.add(part)
            self._pending = 0
            x += max(0, wcwidth(character))
        self._screen.feed(token)

    def _end_frame(self) -> None:
        self.bytes_of[ELSEWHERE] += self._pending
        self._pending = 0
        self.updates_of.update(self._changed)
        self.updates_of["frames"] += 1
        self._changed.clear()
