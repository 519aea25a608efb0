"""The bit grid: the columns of a sum, highest first, with the carry that comes into each."""

from collections.abc import Callable, Iterator
from math import ceil

from textual.content import Content

from rnn_tui.session.example import BoolArray, Example

LABEL = 8  # cells for a row's name
WIDEST = 5  # cells for a column
WORDY = 3  # cells from which a column has room for a mark beside its bit, and for a percentage
CARRY_STYLE = "on $warning 30%"
RIGHT, WRONG, MUTED = "$text-success bold", "$text-error bold", "$text-muted"
WRONG_MARK = "✗"
SURENESS = "▁▂▃▄▅▆▇█"


def grid(example: Example, width: int, height: int) -> Content:
    """Return the grid and the sum in decimal, in `width` × `height` cells where that is possible.

    Columns are as wide as fits. Where they are wide enough, a wrong bit has its mark beside it and
    the sureness is a percentage; where not, the mark has a row of its own and sureness a bar.
    Columns for which one line has no room go on below; where there is no room below either, the
    highest are left out, and a … says so. Where there is height to spare, blank lines give air.
    """
    count = len(example.carry)
    cell = max(1, min(WIDEST, (width - LABEL) // count))
    across = max(1, (width - LABEL) // cell)
    places = list(range(count - 1, -1, -1))
    answer = equation(example)
    below = height - ceil(answer.cell_length / max(1, width))
    rows = len(list(_rows(example, places, cell)))
    blocks = [places[start : start + across] for start in range(0, count, across)]
    if len(blocks) > max(1, below // rows):
        blocks = [places[-(across - 1) :]]
    airy = len(blocks) == 1 and below >= rows + 4
    lines = []
    for block in blocks:
        left_out = len(blocks) == 1 and len(block) < count
        for name, row in _rows(example, block, cell):
            lines.append(
                Content.assemble((f"{name:<{LABEL}}", MUTED), "…" if left_out else "", row)
            )
            if airy and name in (example.carry_name, "b", "true"):
                lines.append(Content(""))
    return Content("\n").join([*lines, answer])


def equation(example: Example) -> Content:
    """Return the sum in decimal, with the verdict: `81 + 113 = 194 ✗ 162`."""
    asked = f"{example.a} {example.symbol} {example.b} = {example.true} "
    if example.right:
        return Content.assemble(asked, ("✓", RIGHT))
    return Content.assemble(asked, (f"{WRONG_MARK} {example.predicted}", WRONG))


def _rows(example: Example, places: list[int], cell: int) -> Iterator[tuple[str, Content]]:
    """Yield the name and the cells of each row, for the columns `places`."""
    wrong = example.predicted_bits != example.true_bits
    wordy = cell >= WORDY

    def row(text: Callable[[int], str], style: Callable[[int], str]) -> Content:
        parts: list[tuple[str, str]] = []
        for place in places:
            tint = CARRY_STYLE if example.carry[place] else ""
            parts.append((_centred(text(place), cell), f"{style(place)} {tint}".strip()))
        return Content.assemble(*_joined(parts))

    def bits(values: BoolArray, style: str = "") -> Content:
        return row(lambda place: "01"[int(values[place])], lambda _: style)

    def net(place: int) -> str:
        return "01"[int(example.predicted_bits[place])] + WRONG_MARK * bool(wordy and wrong[place])

    if wordy:
        yield "", row(lambda place: _weight(place, cell), lambda _: MUTED)
    yield (
        example.carry_name,
        row(
            lambda place: "1" if example.carry[place] else "·",
            lambda place: "bold" if example.carry[place] else MUTED,
        ),
    )
    yield "a", bits(example.a_bits)
    yield "b", bits(example.b_bits)
    yield "net", row(net, lambda place: WRONG if wrong[place] else RIGHT)
    if not wordy:
        yield "wrong", row(lambda place: WRONG_MARK if wrong[place] else " ", lambda _: WRONG)
    yield (
        "sure %" if wordy else "sure",
        row(lambda place: _sure(example, place, cell), lambda _: MUTED),
    )
    yield "true", bits(example.true_bits, "bold")


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
    if cell >= WORDY and len(text) <= 2:
        return f"{text:<2}".rjust(cell - (cell - 2) // 2).ljust(cell)
    return text.rjust(cell)


def _weight(place: int, cell: int) -> str:
    text = str(1 << place)
    return text if len(text) < cell else ""


def _sure(example: Example, place: int, cell: int) -> str:
    """Return how sure the net is of the bit it says, from 50 % to 100 %."""
    output = float(example.outputs[place])
    sure = max(output, 1 - output)
    if cell >= WORDY:
        return f"{min(int(100 * sure), 10 ** (cell - 1) - 1)}"
    return SURENESS[min(len(SURENESS) - 1, int((2 * sure - 1) * len(SURENESS)))]
