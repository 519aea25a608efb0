"""Steps up and down: values in 1-2-5 increments, the next name in a cycle."""

from collections.abc import Sequence
from math import floor, inf, log10

MANTISSAS = (1, 2, 5)
RELATIVE_TOLERANCE = 1e-9  # a value this close to an increment counts as equal to it

SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, inf)


def increase(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten above `value` (> 0)."""
    candidates = _candidates(value)
    return min(number for number in candidates if number > value * (1 + RELATIVE_TOLERANCE))


def decrease(value: float) -> float:
    """Return the next of 1, 2, 5 times a power of ten below `value` (> 0)."""
    candidates = _candidates(value)
    return max(number for number in candidates if number < value * (1 - RELATIVE_TOLERANCE))


def _candidates(value: float) -> list[float]:
    """Return the increments around `value`, correctly rounded: 0.2, not 0.2000…01."""
    exponent = floor(log10(value))
    powers = (exponent - 1, exponent, exponent + 1)
    return [float(f"{mantissa}e{power}") for power in powers for mantissa in MANTISSAS]


def increase_speed(speed: float) -> float:
    """Return the next of SPEEDS, steps per second, above `speed`; the last is unlimited."""
    return next((step for step in SPEEDS if step > speed), inf)


def decrease_speed(speed: float) -> float:
    """Return the next of SPEEDS below `speed`, or the lowest."""
    return next((step for step in reversed(SPEEDS) if step < speed), SPEEDS[0])


def next_in_cycle(name: str, names: Sequence[str]) -> str:
    """Return the name after `name`, or the first after the last."""
    return others_in_cycle(name, names)[0]


def others_in_cycle(name: str, names: Sequence[str]) -> list[str]:
    """Return the other names in cyclic order after `name`."""
    index = names.index(name)
    return [*names[index + 1 :], *names[:index]]
