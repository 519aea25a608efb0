"""The bit grid: a sequence step by step, with what has to be remembered from step to step.

The digits of numbers stand as they are written, the highest first; a stream of bits runs from left
to right.
"""

from collections.abc import Callable, Iterator
from math import ceil
from textwrap import wrap

from textual.content import Content

from rnn_tui.run.example import BoolArray, Example
from rnn_tui.tui.drawing.glyphs import BRAILLE, Look

LABEL = 8  # cells for a row's name
WIDEST = 8  # cells for a column
WORDY = 3  # cells from which a column has room for a mark beside its bit, and for a percentage
RIGHT, WRONG, MUTED = "$right bold", "$wrong bold", "$text-muted"
AIR = 3  # blank lines between the rows
WRONG_MARK, NOTHING = "✗", "·"


def grid(
    example: Example, width: int, height: int, look: Look = BRAILLE, *, least: int = 0
) -> Content:
    """Return the grid and its answer, in `width` × `height` cells where that is possible.

    Columns are as wide as fits. Where they are wide enough, a wrong bit has its mark beside it and
    the sureness is a percentage; where not, the mark has a row of its own and sureness a bar.
    Columns for which one line has no room go on below; where there is no room below either, some
    are left out, and a … says so: the highest digits, or the first steps of a stream. Where there
    is height to spare, blank lines give air. What the task probes is added where it leaves air,
    too, within the `least` rows that there are in any case.
    """
    count = len(example.asked)
    cell = max(1, min(WIDEST, (width - LABEL) // count))
    across = max(1, (width - LABEL) // cell)
    places = list(range(count))
    if example.task.lowest_first:
        places.reverse()
    answer = verdict(example)
    answer_rows = ceil(answer.cell_length / max(1, width))
    below = height - answer_rows
    rows = len(list(_rows(example, places, cell, look)))
    blocks = [places[start : start + across] for start in range(0, count, across)]
    if len(blocks) > max(1, below // rows):
        blocks = [places[-(across - 1) :]]
    airy = len(blocks) == 1 and below >= rows + 4
    before_air = (example.task.memory_name, example.task.input_names[-1], "true")
    lines = []
    for block in blocks:
        left_out = len(blocks) == 1 and len(block) < count
        for name, row in _rows(example, block, cell, look):
            lines.append(
                Content.assemble((f"{name:<{LABEL}}", MUTED), "…" if left_out else "", row)
            )
            if airy and name in before_air:
                lines.append(Content(""))
    lines.append(answer)
    probed = wrap(example.task.summary, max(1, width))
    if least - answer_rows - rows * len(blocks) - AIR > len(probed):
        lines += [Content(""), *(Content.styled(line, MUTED) for line in probed)]
    return Content("\n").join(lines)


def verdict(example: Example) -> Content:
    """Return what was asked and answered: `81 + 113 = 194 ✗ 162`, or how many steps are right."""
    if not example.question:
        asked = int(example.asked.sum())
        right = asked - int((~example.right_steps).sum())
        return Content.assemble(f"{right} of {asked} right ", _mark(example.right))
    said = f"{example.question} = {example.true_answer} "
    if example.right:
        return Content.assemble(said, _mark(True))
    return Content.assemble(said, (f"{WRONG_MARK} {example.said_answer}", WRONG))


def _mark(right: bool) -> tuple[str, str]:
    return ("✓", RIGHT) if right else (WRONG_MARK, WRONG)


def _rows(
    example: Example, places: list[int], cell: int, look: Look
) -> Iterator[tuple[str, Content]]:
    """Yield the name and the cells of each row, for the columns `places`."""
    task, wrong, wordy = example.task, ~example.right_steps, cell >= WORDY

    def row(text: Callable[[int], str], style: Callable[[int], str]) -> Content:
        parts: list[tuple[str, str]] = []
        for place in places:
            tint = look.memory if example.memory[place] else ""
            parts.append((_centred(text(place), cell), f"{style(place)} {tint}".strip()))
        return Content.assemble(*_joined(parts))

    def digits(bits: BoolArray) -> Content:
        return row(lambda place: "01"[int(bits[place])], lambda _: "")

    def asked(text: str, place: int) -> str:
        return text if example.asked[place] else NOTHING

    if wordy:
        yield "", row(lambda place: _weight(example, place, cell), lambda _: MUTED)
    if task.memory_name:
        yield (
            task.memory_name,
            row(
                lambda place: str(example.memory[place]) if example.memory[place] else NOTHING,
                lambda place: "bold" if example.memory[place] else MUTED,
            ),
        )
    for name, bits in zip(task.input_names, example.inputs.T > 0.5, strict=True):
        yield name, digits(bits)
    yield (
        "net",
        row(
            lambda place: asked(_said(example, place, cell), place) + _cross(example, place, cell),
            lambda place: _style(example, place),
        ),
    )
    if not wordy:
        yield "wrong", row(lambda place: WRONG_MARK if wrong[place] else " ", lambda _: WRONG)
    if not task.numeric:
        sure = "sure %" if wordy else "sure"
        yield (
            sure,
            row(
                lambda place: asked(_sure(example, place, cell, look.bars), place), lambda _: MUTED
            ),
        )
    yield (
        "true",
        row(lambda place: asked(f"{example.targets[place]:.0f}", place), lambda _: "bold"),
    )


def _style(example: Example, place: int) -> str:
    if not example.asked[place]:
        return MUTED
    return RIGHT if example.right_steps[place] else WRONG


def _cross(example: Example, place: int, cell: int) -> str:
    """Return the mark of a wrong bit, where it stands beside it."""
    return WRONG_MARK * bool(cell >= WORDY and not example.right_steps[place])


def _said(example: Example, place: int, cell: int) -> str:
    """Return the bit, or as much of the number as fits with a mark beside it."""
    if not example.task.numeric:
        return "01"[int(example.said_bits[place])]
    output = float(example.outputs[place])
    texts = (f"{output:.2f}", f"{output:.1f}", f"{output:.0f}")
    return next((text for text in texts if len(text) < cell - 1), "#")


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
    """Put the first character in the same place whatever follows, as a mark, if that fits."""
    before = cell - (cell - 2) // 2 - 2
    if cell >= WORDY and before + len(text) <= cell:
        return (" " * before + text).ljust(cell)
    return text.rjust(cell)


def _weight(example: Example, place: int, cell: int) -> str:
    """Return what a digit is worth, or the number of a step in a stream."""
    text = str(1 << place) if example.task.lowest_first else str(place + 1)
    return text if len(text) < cell else ""


def _sure(example: Example, place: int, cell: int, bars: str) -> str:
    """Return how sure the net is of the bit it says, from 50 % to 100 %."""
    output = float(example.outputs[place])
    sure = min(1.0, max(output, 1 - output))
    if cell >= WORDY:
        return f"{min(int(100 * sure), 10 ** (cell - 1) - 1)}"
    return bars[min(len(bars) - 1, int((2 * sure - 1) * len(bars)))]
