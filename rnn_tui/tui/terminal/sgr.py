"""How characters are drawn, as terminals name it: select graphic rendition (ECMA-48, 8.3.117)."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, final

# Bold, dim, italic, underline … by their codes, each with the code that ends it.
ATTRIBUTES = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 53: 55}
ENDS = frozenset(ATTRIBUTES.values())
SEEN_ON_A_BLANK = frozenset({4, 7, 9, 21, 53})
DEFAULT_COLOR, DEFAULT_BACKGROUND = 39, 49
COLORS = frozenset({*range(30, 38), *range(90, 98)})
BACKGROUNDS = frozenset(color + 10 for color in COLORS)
EXTENDED = {5: 3, 2: 5}  # 38;5;n and 38;2;r;g;b: how many numbers there are in all


@final
class Pen(NamedTuple):
    """Colours are written as in the escape sequence; an empty one is the terminal's own."""

    color: str = ""
    background: str = ""
    attributes: frozenset[int] = frozenset()

    @property
    def for_blanks(self) -> "Pen":
        """The simplest pen of which a space looks the same."""
        return self if self.attributes & SEEN_ON_A_BLANK else Pen("", self.background)

    @property
    def without_color(self) -> "Pen":
        return Pen("", "", self.attributes)


PLAIN = Pen()


@lru_cache(maxsize=4096)
def drawn_with(pen: Pen, parameters: str) -> Pen:
    """Return the pen after `CSI parameters m`."""
    color, background, attributes = pen
    for code in _codes(parameters):
        number = int(code.partition(";")[0])
        if number == 0:
            color, background, attributes = PLAIN
        elif number in ATTRIBUTES:
            attributes |= {number}
        elif number in ENDS:
            attributes = frozenset(it for it in attributes if ATTRIBUTES[it] != number)
        elif number == 38 or number in COLORS:
            color = code
        elif number == 48 or number in BACKGROUNDS:
            background = code
        elif number == DEFAULT_COLOR:
            color = ""
        elif number == DEFAULT_BACKGROUND:
            background = ""
    return Pen(color, background, attributes)


def _codes(parameters: str) -> Iterator[str]:
    """Yield what `parameters` say one by one, an extended colour as one."""
    numbers = [part or "0" for part in parameters.split(";")]
    while numbers:
        extended = numbers[0] in ("38", "48") and len(numbers) > 1
        length = EXTENDED.get(int(numbers[1]), 1) if extended else 1
        yield ";".join(numbers[:length])
        del numbers[:length]


@lru_cache(maxsize=4096)
def change(before: Pen | None, after: Pen) -> str:
    """Return the shortest sequence that makes `after` of `before`, or of an unknown pen."""
    if before == after:
        return ""
    anew = ";".join(filter(None, ["0", *_written(after.attributes), *after[:2]]))
    if before is None:
        return f"\x1b[{anew}m"
    ends = {ATTRIBUTES[it] for it in before.attributes - after.attributes}
    begins = {
        it for it in after.attributes if it not in before.attributes or ATTRIBUTES[it] in ends
    }
    steps = [*_written(ends), *_written(begins)]
    if after.color != before.color:
        steps.append(after.color or str(DEFAULT_COLOR))
    if after.background != before.background:
        steps.append(after.background or str(DEFAULT_BACKGROUND))
    return f"\x1b[{min(';'.join(steps), anew, key=len)}m"


def _written(codes: Iterable[int]) -> list[str]:
    return [str(code) for code in sorted(codes)]
