"""Parts by priority, wrapped paragraphs and percentages."""

from math import nan

import pytest
from textual.content import Content

from rnn_tui.tui.drawing.parts import Part, fitting_rows, paragraph, percent_digits, sparkline


def test_parts_with_lowest_priority_fit_first_and_keep_their_order() -> None:
    parts = [
        Part(2, [Content("c")] * 2),
        Part(0, [Content("a")]),
        Part(3, [Content("d")]),
        Part(1, [Content("b")] * 3),
    ]
    drawn = ["".join(row.plain for row in fitting_rows(parts, height)) for height in range(8)]
    assert drawn == ["", "a", "ad", "cca", "abbb", "adbbb", "ccabbb", "ccadbbb"]


def test_paragraph_is_never_wrapped_within_a_figure() -> None:
    rows = [row.plain for row in paragraph("accuracy 99.4 % of pairs with n = 512", 15)]
    assert rows == ["accuracy 99.4 %", "of pairs with", "n = 512"]


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "0"), (0.0005, "0.0"), (0.29, "29.0"), (0.57, "57.0"), (0.99999, "99.9"), (1, "100")],
)
def test_percentage_is_rounded_down(fraction: float, text: str) -> None:
    assert percent_digits(fraction) == text


def test_percentage_of_nothing_is_a_dash() -> None:
    assert percent_digits(nan) == "—"


def test_sparkline_has_a_bar_for_each_value() -> None:
    assert sparkline([0, 0.49, 0.5, 1], "abcd") == "abcd"
