"""The bit grid: the columns of a sum, highest first, with the carry that comes into each."""

from collections.abc import Callable

from textual.content import Content

from rnn_tui.session.example import BoolArray, Example

LABEL = 8  # cells for a row's name
WIDEST = 5  # cells for a column
CARRY_STYLE = "on $warning 30%"
RIGHT, WRONG = "$text-success bold", "$text-error bold"
WRONG_MARK = "✗"
SURENESS = "▁▂▃▄▅▆▇█"


def grid(example: Example, width: int, *, airy: bool = False) -> Content:
    """Return the grid in lines of at most `width` cells; `airy` puts blank lines between groups.

    Columns are as wide as fits. Where they are wide enough, a wrong bit has its mark beside it and
    the sureness is a percentage; where not, the mark has a row of its own and sureness a bar.
    """
    count = len(example.carry)
    cell = max(1, min(WIDEST, (width - LABEL) // count))
    places = range(count - 1, -1, -1)
    wrong = example.predicted_bits != example.true_bits

    def row(name: str, text: Callable[[int], str], style: Callable[[int], str]) -> Content:
        parts: list[tuple[str, str]] = []
        for place in places:
            tint = CARRY_STYLE if example.carry[place] else ""
            parts.append((_centred(text(place), cell), f"{style(place)} {tint}".strip()))
        return Content.assemble((f"{name:<{LABEL}}", "$text-muted"), *_joined(parts))

    def bits(name: str, values: BoolArray, style: str = "") -> Content:
        return row(name, lambda place: "01"[int(values[place])], lambda _: style)

    def net(place: int) -> str:
        bit = "01"[int(example.predicted_bits[place])]
        return bit + WRONG_MARK if wrong[place] and cell >= 3 else bit

    rows = [
        row("", lambda place: _weight(place, cell), lambda _: "$text-muted"),
        row(
            example.carry_name,
            lambda place: "1" if example.carry[place] else "·",
            lambda place: "bold" if example.carry[place] else "$text-muted",
        ),
        None,
        bits("a", example.a_bits),
        bits("b", example.b_bits),
        None,
        row("net", net, lambda place: WRONG if wrong[place] else RIGHT),
    ]
    if cell < 3 and wrong.any():
        rows.append(
            row("wrong", lambda place: WRONG_MARK if wrong[place] else " ", lambda _: WRONG)
        )
    rows += [
        row("sure %" if cell >= 3 else "sure", lambda place: _sure(example, place, cell), _muted),
        bits("true", example.true_bits, "bold"),
        None,
    ]
    lines = [line if line is not None else Content("") for line in rows if airy or line is not None]
    return Content("\n").join([*lines, equation(example)])


def equation(example: Example) -> Content:
    """Return the sum in decimal, with the verdict: `81 + 113 = 194 ✗ 162`."""
    asked = f"{example.a} {example.symbol} {example.b} = {example.true} "
    if example.right:
        return Content.assemble(asked, ("✓", RIGHT))
    return Content.assemble(asked, (f"{WRONG_MARK} {example.predicted}", WRONG))


def _joined(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join neighbours of one style: fewer changes of colour are fewer bytes on the line."""
    joined: list[tuple[str, str]] = []
    for text, style in parts:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def _centred(text: str, cell: int) -> str:
    """Put the bit, the first character, in the same place whether or not a mark follows."""
    if cell >= 3 and len(text) <= 2:
        return f"{text:<2}".rjust(cell - (cell - 2) // 2).ljust(cell)
    return text.rjust(cell)


def _weight(place: int, cell: int) -> str:
    text = str(1 << place)
    return text if len(text) < cell else "" if cell < 3 else f"2^{place}" if place < 10 else ""


def _sure(example: Example, place: int, cell: int) -> str:
    """Return how sure the net is of the bit it says, from 50 % to 100 %."""
    output = float(example.outputs[place])
    sure = max(output, 1 - output)
    if cell >= 3:
        return f"{int(100 * sure)}"
    return SURENESS[min(len(SURENESS) - 1, int((2 * sure - 1) * len(SURENESS)))]


def _muted(_place: int) -> str:
    return "$text-muted"
