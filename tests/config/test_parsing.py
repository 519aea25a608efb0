"""Numbers and names in any notation parse to their value, or are rejected in one line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.parsing import (
    check_choice,
    format_float,
    nearest_choice,
    parse_float,
    parse_int,
)
from rnn_tui.config.settings import CHOICES
from rnn_tui.engine.tasks import TASKS
from tests.support.texts import TEXTS


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_check_choice_error_is_one_printable_line(name: str) -> None:
    try:
        assert check_choice("task", name, TASKS) in TASKS
    except UserError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is valid


@pytest.mark.parametrize("name", ["xavier", "kaiming", "zzz", ""])
def test_no_choice_is_suggested_for_a_distant_name(name: str) -> None:
    assert nearest_choice(name, CHOICES["initializer"]) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), (" 7 ", 7), ("-3", -3), ("1e6", 10**6), ("2.50e1", 25), ("1e39", 10**39)],
)
def test_parse_int_accepts_integers_in_any_notation(text: str, value: int) -> None:
    assert parse_int(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "1.5", "1/2", "nan", "inf", "1e-2", "1e40", "9" * 41, "1e9999999999999"]
)
def test_parse_int_rejects_other_text(text: str) -> None:
    with pytest.raises(UserError, match="is not an integer"):
        parse_int(text)


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "1e-999999999"])
def test_parse_int_rejects_huge_exponents_without_expanding_them(text: str) -> None:
    with pytest.raises(UserError, match="is not an integer"):
        parse_int(text)


@settings(max_examples=50, deadline=None)
@given(st.floats(allow_nan=False))
def test_format_float_and_parse_float_are_inverse(value: float) -> None:
    assert parse_float(format_float(value)) == value
    assert format_float(1.0) == "1"
