"""Figures in texts: which numbers they are, and how a value is written like one."""

from math import inf, nan

import pytest

from rnn_tui.lessons.figures import figures_in, format_like, holds, split_bound


def test_figures_are_found_with_sign_and_percent() -> None:
    text = "From 1,900 to −.05, 41 % of 3.74; 80×24 (x_1, F4, 13 + 11 = 24). No 8th, h2."
    assert list(figures_in(text)) == [
        *("1,900", "−.05", "41 %", "3.74", "80", "24", "13", "11", "24"),
    ]


@pytest.mark.parametrize(
    ("figure", "value", "text"),
    [
        ("3.74", 3.7449, "3.74"),
        ("1,900", 1900, "1,900"),
        ("1900", 1900.4, "1900"),
        ("41 %", 0.4149, "41 %"),
        ("99.5%", 0.99512, "99.5%"),
        (".02", 0.0201, ".02"),
        ("0.02", 0.0201, "0.02"),
        ("−.5", -0.5, "−.5"),
        ("-2", -2.0, "-2"),
        ("7", nan, "nan"),
        ("7", inf, "inf"),
    ],
)
def test_value_is_written_like_the_figure(figure: str, value: float, text: str) -> None:
    assert format_like(figure, value) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("loss", ("", "loss")),
        ("over loss", ("over", "loss")),
        ("under exact-step", ("under", "exact-step")),
        ("above loss", ("", "above loss")),
    ],
)
def test_quantity_may_have_a_bound(text: str, expected: tuple[str, str]) -> None:
    assert split_bound(text) == expected


@pytest.mark.parametrize(
    ("figure", "bound", "value", "expected"),
    [
        ("41 %", "", 0.4149, True),
        ("41 %", "over", 0.4101, True),
        ("41 %", "over", 0.41, False),
        ("41 %", "under", 0.41, False),
        ("99.5%", "under", 0.9949, True),
        ("2,000", "under", 1999.0, True),
        ("−.5", "over", -0.4, True),
        ("−.5", "under", -0.4, False),
        ("7", "over", nan, False),
        ("7", "under", nan, False),
    ],
)
def test_figure_is_the_value_or_its_bound(
    figure: str, bound: str, value: float, expected: bool
) -> None:
    assert holds(figure, bound, value) is expected
