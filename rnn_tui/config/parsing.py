"""Parsing and formatting of numbers and names, with suggestions for misspelled names."""

from collections.abc import Collection
from contextlib import suppress
from math import isfinite
from typing import Any

from rnn_tui.config.errors import UserError

SUGGESTION_CUTOFF = 0.7  # similarity (difflib) from which a name is suggested for another
MAX_INTEGER_DIGITS = 40


def format_float(value: float) -> str:
    """Return the shortest decimal that parses to `value`, and 1 rather than 1.0."""
    return repr(value).removesuffix(".0")


def format_value(value: Any) -> str:
    """Return the value of a setting as the command line takes it."""
    return format_float(value) if isinstance(value, float) else str(value)


def finite_or_null(value: Any) -> Any:
    """Return a JSON value with null for NaN and infinity, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: finite_or_null(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite_or_null(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def parse_float(text: str) -> float:
    """Return the number in `text`; raises UserError."""
    try:
        return float(text)
    except ValueError:
        raise UserError(f"{text!r} is not a number") from None


def parse_int(text: str) -> int:
    """Return the integer in `text`, which may read 1e6; raises UserError."""
    from decimal import Decimal, InvalidOperation  # imported where used: --help needs neither

    with suppress(InvalidOperation):
        value = Decimal(text)  # fast for 1e999999999, which int() would expand
        if (
            value.is_finite()
            and value.adjusted() < MAX_INTEGER_DIGITS
            and value == value.to_integral_value()
        ):
            return int(value)
    raise UserError(f"{text!r} is not an integer")


def check_choice(kind: str, name: str, choices: Collection[str]) -> str:
    """Return `name` if it is one of `choices`; otherwise raise UserError with the nearest."""
    if name in choices:
        return name
    match = nearest_choice(name, choices)
    suggestion = f" (did you mean {match}?)" if match else ""
    raise UserError(f"unknown {kind} {name!r}{suggestion}. Choose from: {', '.join(choices)}")


def nearest_choice(name: str, choices: Collection[str]) -> str | None:
    """Return the choice that `name` begins, or is probably a misspelling of, or None."""
    from difflib import get_close_matches

    name = name.lower()
    begun = [choice for choice in choices if choice.startswith(name) and name]
    matches = begun or get_close_matches(name, choices, n=1, cutoff=SUGGESTION_CUTOFF)
    return matches[0] if matches else None
