"""What keys go through one by one: names in a round, rates and speeds on a 1-2-5 ladder."""

from collections.abc import Sequence
from math import floor, inf, log10

MANTISSAS = (1, 2, 5, 10)
RELATIVE_TOLERANCE = 1e-9  # relative: a rate that differs from a rung by less stands on it

SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, inf)


def increase(value: float) -> float:
    """Return the next rung above `value` (> 0)."""
    exponent = floor(log10(value))
    candidates = (
        _decimal(rung, power)
        for power in (exponent - 1, exponent, exponent + 1)
        for rung in MANTISSAS
    )
    return next(rung for rung in candidates if rung > value * (1 + RELATIVE_TOLERANCE))


def decrease(value: float) -> float:
    """Return the next rung below `value` (> 0)."""
    exponent = floor(log10(value))
    exponents = (exponent + 1, exponent, exponent - 1)
    candidates = (_decimal(rung, power) for power in exponents for rung in reversed(MANTISSAS))
    return next(rung for rung in candidates if rung < value * (1 - RELATIVE_TOLERANCE))


def _decimal(mantissa: int, exponent: int) -> float:
    """Return rung · 10^power as the float that its decimal text means: 0.2, not 0.2000…01."""
    return float(f"{mantissa}e{exponent}")


def increase_speed(speed: float) -> float:
    """Return the next speed above, the last of which has no limit."""
    return next((step for step in SPEEDS if step > speed), inf)


def decrease_speed(speed: float) -> float:
    return next((step for step in reversed(SPEEDS) if step < speed), SPEEDS[0])


def next_in_cycle(name: str, names: Sequence[str]) -> str:
    """Return the name that comes after `name`, and the first after the last."""
    return others_in_cycle(name, names)[0]


def others_in_cycle(name: str, names: Sequence[str]) -> list[str]:
    """Return the others in the order in which they come after `name`."""
    index = names.index(name)
    return [*names[index + 1 :], *names[:index]]
