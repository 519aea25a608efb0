"""What keys go through one by one: names in a round, rates and speeds on a 1-2-5 ladder."""

from collections.abc import Sequence
from math import floor, inf, log10

RUNGS = (1, 2, 5, 10)
NEAR = 1e-9  # relative: a rate that differs from a rung by less stands on it

SPEEDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, inf)


def up(value: float) -> float:
    """Return the next rung above `value` (> 0)."""
    decade = floor(log10(value))
    rungs = (_rung(rung, power) for power in (decade - 1, decade, decade + 1) for rung in RUNGS)
    return next(rung for rung in rungs if rung > value * (1 + NEAR))


def down(value: float) -> float:
    """Return the next rung below `value` (> 0)."""
    decade = floor(log10(value))
    powers = (decade + 1, decade, decade - 1)
    rungs = (_rung(rung, power) for power in powers for rung in reversed(RUNGS))
    return next(rung for rung in rungs if rung < value * (1 - NEAR))


def _rung(rung: int, power: int) -> float:
    """Return rung · 10^power as the float that its decimal text means: 0.2, not 0.2000…01."""
    return float(f"{rung}e{power}")


def faster(speed: float) -> float:
    """Return the next speed above, the last of which has no limit."""
    return next((step for step in SPEEDS if step > speed), inf)


def slower(speed: float) -> float:
    return next((step for step in reversed(SPEEDS) if step < speed), SPEEDS[0])


def after(name: str, names: Sequence[str]) -> str:
    """Return the name that comes after `name`, and the first after the last."""
    return others_after(name, names)[0]


def others_after(name: str, names: Sequence[str]) -> list[str]:
    """Return the others in the order in which they come after `name`."""
    place = names.index(name)
    return [*names[place + 1 :], *names[:place]]
