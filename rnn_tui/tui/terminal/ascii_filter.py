"""Draws every cell in ASCII, for terminals that have no other characters."""

from functools import lru_cache
from typing import final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from rnn_tui.text.ascii import lookalike


@final
class AsciiFilter(LineFilter):
    """Replaces the text of each segment by ASCII of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(to_ascii_cells(text), style, control) for text, style, control in segments]


@lru_cache(maxsize=4096)
def to_ascii_cells(text: str) -> str:
    """Return `text` in ASCII, in as many cells."""
    if text.isascii():
        return text
    return "".join(map(_to_ascii_cell, text))


def _to_ascii_cell(character: str) -> str:
    width = cell_len(character)  # 0 if it combines with the one before it
    return character if character.isascii() else lookalike(character).ljust(width)[:width]
