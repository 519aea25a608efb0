"""Figures in the texts of lessons: numbers as they are written, with sign, decimals and %.

A figure is the value of its quantity as it is written, or with one of the BOUNDS its lower or upper
bound, as where rounding differs between processors and training amplifies that.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from math import floor, isfinite
from operator import gt, lt

FIGURE_PATTERN = re.compile(
    r"(?<![\w.,])[-−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?!\w)(?:\s?%)?"
)

BOUNDS: Mapping[str, Callable[[float, float], bool]] = {"over": gt, "under": lt}


def split_bound(text: str) -> tuple[str, str]:
    """Return the bound, perhaps "", and the quantity of a figure: over, loss for "over loss"."""
    bound, _, quantity = text.rpartition(" ")
    return (bound, quantity) if bound in BOUNDS else ("", text)


def holds(figure: str, bound: str, value: float) -> bool:
    """Return whether `value` is that of `figure`, or on the side of it that `bound` names."""
    if not bound:
        return format_like(figure, value) == figure
    digits = figure.replace(",", "").replace("−", "-")
    number = float(digits.removesuffix("%")) / (100 if digits.endswith("%") else 1)
    return BOUNDS[bound](value, number)


def figures_in(text: str) -> Iterator[str]:
    """Yield each number in `text` as it stands there, with its sign and its %."""
    yield from (match[0] for match in FIGURE_PATTERN.finditer(text))


def format_like(figure: str, value: float) -> str:
    """Return `value` with as many decimals as `figure` has, and with its comma, sign and %.

    Percentages are rounded down, as everywhere in the program: only all is 100 %.
    """
    percent = re.search(r"\s?%$", figure)
    digits = figure[: percent.start()] if percent else figure
    decimals = len(digits.partition(".")[2])
    separator = "," if "," in digits else ""
    if percent and isfinite(value):
        value = floor(value * 10 ** (decimals + 2) + 1e-9) / 10**decimals
    text = f"{value:{separator}.{decimals}f}"
    if digits.lstrip("-−").startswith("."):
        text = re.sub(r"^(-?)0\.", r"\1.", text)
    if "−" in digits:
        text = text.replace("-", "−")
    return text + (percent[0] if percent else "")
