"""The strip of siblings: glyph, shade and step of each, in any width."""

import pytest

from rnn_tui.tui.drawing.glyphs import ASCII, BRAILLE
from rnn_tui.tui.drawing.seeds import StripLayout, draw_strip, legend, short_step, strip_layout
from tests.support.sibling_views import THIRTY_TWO


def strip(width: int, rows: int, chosen: int = 0, glyphs: object = BRAILLE) -> list[str]:
    layout = strip_layout(len(THIRTY_TWO), width, rows)
    drawn = draw_strip(THIRTY_TWO, chosen, layout, glyphs)  # type: ignore[arg-type]  # a GlyphSet
    return [row.plain.rstrip() for row in drawn]


def test_cell_has_glyph_shade_and_step_or_accuracy() -> None:
    assert strip(76, 4, chosen=31) == [
        "   1  ✓█5.25k ✓█ 5.5k ✓█5.75k ✓█   6k ✓█6.25k ✓█ 6.5k ✓█6.75k ✓█   7k",
        "   9  ✓█7.25k ✓█ 7.5k ✓█7.75k ✓█   8k ✓█8.25k ✓█ 8.5k ✓█8.75k ✓█   9k",
        "  17  ✓█9.25k ✓█ 9.5k ✓█9.75k ✓█  10k ✓█10.2k ✓█10.5k ✓█10.8k ✓█  11k",
        "  25  ✓█11.2k ✓█11.5k ✓█11.8k ·▓ 99 % ·▒ 60 % ·░ 30 % ·   0 %▸✗",
    ]


def test_strip_without_room_for_texts_has_a_glyph_or_a_shade() -> None:
    assert strip(76, 1, chosen=1) == ["   1  ✓▸✓" + " ✓" * 25 + " ▓ ▒ ░ · ✗"]
    assert strip(76, 1, chosen=1, glyphs=ASCII) == ["   1  +>+" + " +" * 25 + " % = : . x"]


def test_only_the_chosen_cell_is_reversed() -> None:
    row = draw_strip(THIRTY_TWO, 3, StripLayout(32, False))[0]
    reversed_spans = [span for span in row.spans if "reverse" in str(span.style)]
    assert [row.plain[span.start : span.end] for span in reversed_spans] == ["✓"]


@pytest.mark.parametrize(
    ("n", "width", "rows", "expected"),
    [
        (32, 76, 4, (8, True)),
        (32, 76, 3, (35, False)),
        (32, 196, 2, (23, True)),
        (32, 40, 2, (17, False)),
        (1, 10, 1, (2, False)),
    ],
)
def test_layout(n: int, width: int, rows: int, expected: tuple[int, bool]) -> None:
    assert strip_layout(n, width, rows) == expected


@pytest.mark.parametrize(
    ("layout", "row", "column", "index"),
    [
        (StripLayout(8, True), 0, 4, None),  # the label
        (StripLayout(8, True), 0, 5, 0),
        (StripLayout(8, True), 1, 5 + 8 * 8 - 1, 15),
        (StripLayout(8, True), 1, 5 + 8 * 8, None),
        (StripLayout(8, True), 2, 5 + 8 * 4, None),  # after the last seed
        (StripLayout(35, False), 0, 5 + 2 * 19 + 1, 19),
    ],
)
def test_index_of_the_cell_at_a_place(
    layout: StripLayout, row: int, column: int, index: int | None
) -> None:
    assert layout.index_at(row, column, n_siblings=20) == index


@pytest.mark.parametrize(
    ("step", "text"),
    [(0, "0"), (250, "250"), (7250, "7.25k"), (123_250, "123k"), (2_500_000, "2.5M")],
)
def test_step_in_five_characters(step: int, text: str) -> None:
    assert short_step(step) == text


def test_legend_is_in_the_characters_of_its_set() -> None:
    assert legend(ASCII).isascii()
    assert "✓=exact" in legend()
