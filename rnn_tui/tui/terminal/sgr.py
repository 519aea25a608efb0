"""Styles of characters: select graphic rendition, SGR (ECMA-48, 8.3.117)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, final

# Codes of bold, dim, italic, underline and so on, each with the code that resets it.
ATTRIBUTE_CODES = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 53: 55}
ATTRIBUTE_END_CODES = frozenset(ATTRIBUTE_CODES.values())
VISIBLE_ON_BLANK = frozenset({4, 7, 9, 21, 53})
DEFAULT_COLOR_CODE, DEFAULT_BACKGROUND_CODE = 39, 49
COLOR_CODES = frozenset({*range(30, 38), *range(90, 98)})
BACKGROUND_CODES = frozenset(color + 10 for color in COLOR_CODES)
EXTENDED_COLOR_LENGTHS = {5: 3, 2: 5}  # of 38;5;n and 38;2;r;g;b, in numbers


@final
class SgrStyle(NamedTuple):
    """Colours are SGR parameters; an empty one is the terminal's default."""

    color: str = ""
    background: str = ""
    attributes: frozenset[int] = frozenset()

    @property
    def blank_equivalent(self) -> "SgrStyle":
        """The simplest style in which a space looks the same."""
        return self if self.attributes & VISIBLE_ON_BLANK else SgrStyle("", self.background)


DEFAULT_STYLE = SgrStyle()


def apply_sgr(style: SgrStyle, parameters: str) -> SgrStyle:
    """Return the style after `CSI parameters m`."""
    color, background, attributes = style
    for parameter in _codes(parameters):
        number = int(parameter.partition(";")[0])
        if number == 0:
            color, background, attributes = DEFAULT_STYLE
        elif number in ATTRIBUTE_CODES:
            attributes |= {number}
        elif number in ATTRIBUTE_END_CODES:
            attributes = frozenset(code for code in attributes if ATTRIBUTE_CODES[code] != number)
        elif number == 38 or number in COLOR_CODES:
            color = parameter
        elif number == 48 or number in BACKGROUND_CODES:
            background = parameter
        elif number == DEFAULT_COLOR_CODE:
            color = ""
        elif number == DEFAULT_BACKGROUND_CODE:
            background = ""
    return SgrStyle(color, background, attributes)


def _codes(parameters: str) -> Iterator[str]:
    """Yield the parameters one by one, an extended colour as one."""
    numbers = [part or "0" for part in parameters.split(";")]
    while numbers:
        extended = numbers[0] in ("38", "48") and len(numbers) > 1
        length = EXTENDED_COLOR_LENGTHS.get(int(numbers[1]), 1) if extended else 1
        yield ";".join(numbers[:length])
        del numbers[:length]


@lru_cache(maxsize=4096)
def transition(before: SgrStyle | None, after: SgrStyle) -> str:
    """Return the shortest sequence from style `before` (None: unknown) to `after`."""
    if before == after:
        return ""
    from_reset = ";".join(filter(None, ["0", *_code_strings(after.attributes), *after[:2]]))
    if before is None:
        return f"\x1b[{from_reset}m"
    ends = {ATTRIBUTE_CODES[code] for code in before.attributes - after.attributes}
    begins = {
        code
        for code in after.attributes
        if code not in before.attributes or ATTRIBUTE_CODES[code] in ends
    }
    steps = [*_code_strings(ends), *_code_strings(begins)]
    if after.color != before.color:
        steps.append(after.color or str(DEFAULT_COLOR_CODE))
    if after.background != before.background:
        steps.append(after.background or str(DEFAULT_BACKGROUND_CODE))
    return f"\x1b[{min(';'.join(steps), from_reset, key=len)}m"


def _code_strings(codes: Iterable[int]) -> list[str]:
    return [str(code) for code in sorted(codes)]
