"""Accuracy on sequences longer than in training, and on the worst carries."""

from collections.abc import Sequence

from textual.content import Content

from rnn_tui.analysis.length import LengthAccuracy, LengthResult, Ripple
from rnn_tui.text.analysis_sentences import counterexample_text
from rnn_tui.text.format import format_percent
from rnn_tui.tui.drawing.columns import Column, first_fitting, fitting_columns, table_lines
from rnn_tui.tui.drawing.glyphs import BRAILLE, CORRECT_STYLE, INCORRECT_STYLE, GlyphSet

NO_BIT = "—"


def draw_length(
    result: LengthResult,
    symbol: str,
    state_name: str,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
) -> Content:
    """Draw the worst ripple, the accuracy by length, and ripples by carry and order.

    `symbol` is the operator of an arithmetic task, and `state_name` carry or borrow; other tasks
    have no ripples. Parts that do not fit are left out, the ripples first, whose worst is in the
    first lines.
    """
    lines, tables = list[Content](), [_sequence_columns(result.samples)]
    if result.ripples:
        lines = _verdict(result, symbol, width, glyphs)
        tables = [_pair_columns(result.samples), _ripple_columns(result.ripples, state_name)]
    for columns in tables:
        table = table_lines(fitting_columns(columns, width, glyphs))
        if len(lines) + len(table) <= height:
            lines += table
    return Content("\n").join(lines[:height])


def _verdict(result: LengthResult, symbol: str, width: int, glyphs: GlyphSet) -> list[Content]:
    max_columns = result.ripples[0].max_columns
    if result.counterexample is None:
        text = f"all ripples of 1 to {max_columns:,} columns are correct"
        return [Content.styled(first_fitting([text], width), CORRECT_STYLE)]
    full = counterexample_text(result.counterexample, symbol)
    operands, _, bit = full.partition(", first incorrect at ")
    correct = f"ripples are correct up to {result.longest:,} of {max_columns:,} columns"
    one_line = glyphs.transliterate(f"{correct}; {operands} fails at {bit}")
    lines = [one_line]
    if len(one_line) > width:
        texts = (full, f"{operands} fails at {bit}", operands)
        lines = [
            first_fitting([correct], width),
            first_fitting([*map(glyphs.transliterate, texts)], width),
        ]
    return [Content.styled(line, INCORRECT_STYLE) for line in lines]


def _sequence_columns(results: Sequence[LengthAccuracy]) -> list[Column]:
    outputs = [format_percent(each.n_correct_outputs, each.n_outputs) for each in results]
    columns = _accuracy_columns(results, "length", "sequences")
    return [*columns, Column("outputs", outputs, 3, True)]


def _pair_columns(results: Sequence[LengthAccuracy]) -> list[Column]:
    bits = [
        f"bit {result.counterexample.incorrect_bit:,}" if result.counterexample else NO_BIT
        for result in results
    ]
    columns = _accuracy_columns(results, "bits", "random pairs")
    return [*columns, Column("first incorrect", bits, 3, True)]


def _accuracy_columns(
    results: Sequence[LengthAccuracy], length_heading: str, count_heading: str
) -> list[Column]:
    return [
        Column(length_heading, [f"{each.length:,}" for each in results], 0, True),
        Column("correct", [format_percent(each.n_correct, each.n) for each in results], 0, True),
        Column("95 % interval", [_interval_text(each) for each in results], 2, True),
        Column(count_heading, [f"{each.n:,}" for each in results], 1, True),
    ]


def _interval_text(result: LengthAccuracy) -> str:
    low, high = result.interval
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def _ripple_columns(ripples: Sequence[Ripple], state_name: str) -> list[Column]:
    """Return the longest correct ripples: a row for each carry, a column for each order."""
    carries = list(dict.fromkeys(ripple.carry for ripple in ripples))
    orders = list(dict.fromkeys(ripple.order for ripple in ripples))
    longest = {(ripple.carry, ripple.order): f"{ripple.longest:,}" for ripple in ripples}
    return [
        Column("longest", [f"{state_name} {carry}" for carry in carries], 0),
        *(
            Column(order, [longest[carry, order] for carry in carries], rank, True)
            for rank, order in enumerate(orders)
        ),
    ]
