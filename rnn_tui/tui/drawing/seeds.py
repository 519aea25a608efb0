"""The strip of siblings: a cell for each, with the step at which it was exact."""

from collections.abc import Sequence
from math import floor, isnan
from typing import NamedTuple, final

from textual.content import Content

from rnn_tui.run.settings_history import UNSET_TEXT
from rnn_tui.session.siblings_plan import SiblingState
from rnn_tui.tui.drawing.glyphs import (
    BRAILLE,
    CORRECT_STYLE,
    INCORRECT_STYLE,
    MUTED_STYLE,
    SHADES,
    GlyphSet,
)

STATE_GLYPHS, ASCII_STATE_GLYPHS = (
    ("✓", "·", "✗"),
    ("+", ".", "x"),
)  # exact, not yet exact, diverged
CURSOR, ASCII_CURSOR = "▸", ">"
TEXT_CELLS = 5  # of the step or the accuracy
FULL_CELLS, BRIEF_CELLS = 1 + 2 + TEXT_CELLS, 1 + 1  # of a sibling, with the cursor
LABEL_CELLS = 5  # of a row: its first seed
CHOSEN_STYLE = "reverse"


@final
class StripLayout(NamedTuple):
    """The number of siblings in a row, and whether each has its text."""

    per_row: int
    is_full: bool

    def index_at(self, row: int, column: int, n_siblings: int) -> int | None:
        """Return the index of the sibling whose cell is there; None beside all cells."""
        place = (column - LABEL_CELLS) // (FULL_CELLS if self.is_full else BRIEF_CELLS)
        index = row * self.per_row + place
        return index if 0 <= place < self.per_row and 0 <= index < n_siblings else None


def strip_layout(n_siblings: int, width: int, rows: int) -> StripLayout:
    """Return the layout in `width` × `rows` cells: with texts if these have room."""
    room = width - LABEL_CELLS
    per_row = room // FULL_CELLS
    if per_row * rows >= n_siblings:
        return StripLayout(per_row, True)
    return StripLayout(max(1, room // BRIEF_CELLS), False)


def draw_strip(
    states: Sequence[SiblingState], chosen: int, layout: StripLayout, glyphs: GlyphSet = BRAILLE
) -> list[Content]:
    """Draw the rows of the strip with the cell of index `chosen` marked.

    A cell has a glyph, a shade for the accuracy, and the step at which it was exact or else the
    accuracy; without room for that, the glyph or, where it is not yet exact, the shade.
    """
    rows = []
    for first in range(0, len(states), layout.per_row):
        pieces = [(f"{states[first].seed:>{LABEL_CELLS - 1}} ", MUTED_STYLE)]
        shown = states[first : first + layout.per_row]
        for index, state in enumerate(shown, start=first):
            pieces += _cell(state, layout, glyphs, is_chosen=index == chosen)
        rows.append(Content.assemble(*pieces))
    return rows


def legend(glyphs: GlyphSet = BRAILLE) -> str:
    """Return the meaning of the glyphs, without a separator at which a title may be cut."""
    exact, waiting, diverged = _state_glyphs(glyphs)
    shades = _shades(glyphs)
    return f"{exact}=exact {waiting}=not yet {diverged}=diverged {shades[1:]}=accuracy"


def _state_glyphs(glyphs: GlyphSet) -> tuple[str, str, str]:
    return ASCII_STATE_GLYPHS if glyphs.ascii_only else STATE_GLYPHS


def _shades(glyphs: GlyphSet) -> str:
    return SHADES["ascii" if glyphs.ascii_only else "block"]


def _cell(
    state: SiblingState, layout: StripLayout, glyphs: GlyphSet, *, is_chosen: bool
) -> list[tuple[str, str]]:
    exact, waiting, diverged = _state_glyphs(glyphs)
    shades = _shades(glyphs)
    accuracy = 0.0 if isnan(state.accuracy) else state.accuracy
    shade = shades[floor(accuracy * (len(shades) - 1))]
    if state.halt_reason:
        glyph, text, style = diverged, "", INCORRECT_STYLE
    elif state.first_exact_step is not None:
        glyph, text, style = exact, short_step(state.first_exact_step), CORRECT_STYLE
    else:
        known = not isnan(state.accuracy)
        glyph, text, style = waiting, f"{floor(100 * accuracy)} %" if known else UNSET_TEXT, ""
    cursor = (ASCII_CURSOR if glyphs.ascii_only else CURSOR) if is_chosen else " "
    if layout.is_full:
        cell = f"{glyph}{shade}{text:>{TEXT_CELLS}}"
    else:
        cell = shade if glyph == waiting and shade != " " else glyph
    return [(cursor, ""), (cell, f"{style} {CHOSEN_STYLE}".strip() if is_chosen else style)]


def short_step(step: int) -> str:
    """Return a step in up to five characters, as 7.25k."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (1000, "k")):
        if step >= size:
            return f"{floor(1000 * step / size) / 1000:.3g}{unit}"
    return str(step)
