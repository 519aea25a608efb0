"""Figures in the texts of lessons: numbers as they are written, with sign, decimals and %."""

import re
from collections.abc import Iterator
from math import floor, isfinite

FIGURE_PATTERN = re.compile(
    r"(?<![\w.,])[-−]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)(?!\w)(?:\s?%)?"
)


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
