"""The table that every benchmark prints, row by row."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import final

WIDTH = 44


@final
@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds, seconds of each, and a factor of all other durations."""

    rounds: int
    seconds: float
    share: float


@final
@dataclass(frozen=True, slots=True)
class Row:
    """A quantity, its value, and a note."""

    what: str
    figure: str
    note: str = ""


Benchmark = Callable[[Effort], Iterable[Row]]


def main(*benchmarks: Benchmark, long: Sequence[Benchmark] = ()) -> None:
    """Read the options, run `benchmarks` one after the other, and print their rows.

    Those in `long`, which take many minutes, run only with --long.
    """
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--rounds", type=int, help="how often to repeat each measurement")
    parser.add_argument("--quick", action="store_true", help="less exact, in a fifth of the time")
    if long:
        parser.add_argument("--long", action="store_true", help="also what takes many minutes")
    options = parser.parse_args()
    usual = Effort(2, 0.8, 0.2) if options.quick else Effort(7, 4.0, 1.0)
    effort = Effort(options.rounds or usual.rounds, usual.seconds, usual.share)
    for benchmark in (*benchmarks, *(long if long and options.long else ())):
        print((benchmark.__doc__ or "").split(":")[0].rstrip("."))
        for row in benchmark(effort):
            print(f"  {row.what:<{WIDTH}} {row.figure:>16}  {row.note}".rstrip(), flush=True)


def spread(values: Sequence[float], form: str) -> str:
    """Return the minimum and the maximum of `values`, formatted by `form`."""
    return f"{form.format(min(values))} to {form.format(max(values))}"


def ratios(what: str, ours: Sequence[float], theirs: Sequence[float]) -> Row:
    """Return the ratio of the medians, noting that of the single rounds."""
    single = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Row(what, f"× {median(ours) / median(theirs):.2f}", spread(single, "{:.2f}"))


def speeds(what: str, measured: Sequence[float]) -> Row:
    """Return the median of speeds in steps a second, noting their range."""
    return Row(what, f"{median(measured):,.0f} steps/s", spread(measured, "{:,.0f}"))
