"""The stop of a step trace: its formula, the same with numbers, and the table of its terms."""

from collections.abc import Mapping
from textwrap import wrap

from textual.content import Content

from rnn_tui.analysis.step_trace import Place, StepTrace, Stop
from rnn_tui.text.step_trace import TraceRow, trace_table
from rnn_tui.tui.drawing.glyphs import HIGHLIGHT_STYLE, MUTED_STYLE, GlyphSet

MARK = "▸ "
MIN_ROWS_OF_TWO_LINES = 8  # from which a long formula may have a second line


def draw_stop(
    trace: StepTrace,
    stop: Stop,
    index: Mapping[str, int],
    size: tuple[int, int],
    glyphs: GlyphSet,
    term: int,
) -> tuple[Content, int, Place]:
    """Return `stop` in (width, height) cells, its number of terms, and the place of `term`."""
    width, height = size
    max_lines = 2 if height >= MIN_ROWS_OF_TWO_LINES else 1
    formula = wrap(stop.formula, max(1, width), max_lines=max_lines, placeholder=" …") or [""]
    lines = [Content.styled(glyphs.transliterate(line), "bold") for line in formula]
    rows = height - len(lines)
    table = trace_table(
        trace, stop, index, (max(1, width - len(MARK)), rows), term, glyphs.transliterate
    )
    if table.numbers:
        lines.append(Content(glyphs.transliterate(table.numbers)))
    elif height > len(lines) + len(table.rows):
        lines.append(Content(""))
    lines += [_row(row, glyphs) for row in table.rows]
    return Content("\n").join(lines[:height]), table.n_terms, table.place


def _row(row: TraceRow, glyphs: GlyphSet) -> Content:
    text = (MARK if row.is_selected else " " * len(MARK)) + row.text
    has_place = row.is_result or row.place is not None
    style = "bold" if row.is_result else "" if has_place else MUTED_STYLE
    if row.is_selected:
        style = HIGHLIGHT_STYLE
    return Content.styled(glyphs.transliterate(text), style)
