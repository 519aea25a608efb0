"""Texts about accuracy say what was evaluated."""

from dataclasses import replace
from math import nan

import pytest

from rnn_tui.engine.evaluation import Score
from rnn_tui.session.snapshot import EMPTY_SNAPSHOT
from rnn_tui.text.format import (
    format_accuracy,
    format_exact,
    format_exact_step,
    format_sequence_accuracy,
    percent,
)
from rnn_tui.text.report import progress_lines


@pytest.mark.parametrize(
    ("score", "exact", "accuracy"),
    [
        (Score(86, 86, 9, 9, exhaustive=True), "all 86 sequences", "(86 of 86)"),
        (
            Score(16_384, 16_384, 9, 9, exhaustive=False),
            "a sample of 16,384 sequences",
            "(16,384 of 16,384 sampled)",
        ),
    ],
)
def test_perfect_accuracy_names_a_sample(score: Score, exact: str, accuracy: str) -> None:
    assert format_exact(score) == f"sequence accuracy 100 % of {exact}"
    assert format_sequence_accuracy(score) == f"100.00 % {accuracy}"


def test_accuracy_in_a_table_names_a_step_before_the_last() -> None:
    assert format_accuracy(1, 3, 200, 200) == "33.33 %"
    assert format_accuracy(1, 3, 200, 1200) == "33.33 % at 200"
    assert format_accuracy(0, 0, 0, 0) == "0.00 %"


def test_exact_step_is_an_upper_bound() -> None:
    assert format_exact_step(7000) == "100 % by step 7,000"
    assert format_exact_step(None) == "not yet 100 %"
    *_, line = progress_lines(replace(EMPTY_SNAPSHOT, known_exact_step=7000))
    assert line.split() == ["100", "%", "by", "step", "7,000"]


@pytest.mark.parametrize(
    ("fraction", "text"),
    [
        (0.0, "0 %"),
        (1 / 1024, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.9999, "99.9 %"),
        (1.0, "100 %"),
        (nan, "—"),
    ],
)
def test_only_none_is_0_percent_and_only_all_100(fraction: float, text: str) -> None:
    assert percent(fraction) == text
