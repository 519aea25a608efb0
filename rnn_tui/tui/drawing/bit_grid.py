"""The bit grid: a sequence step by step, with what has to be remembered from step to step.

The digits of numbers stand as they are written, the highest first; a stream of bits runs from left
to right.
"""

from collections.abc import Callable, Iterator
from math import ceil
from textwrap import wrap

from textual.content import Content

from rnn_tui.run.example import BoolArray, Example
from rnn_tui.tui.drawing.glyphs import BRAILLE, GlyphSet

LABEL_CELLS = 8  # cells for a row's name
MAX_COLUMN_CELLS = 8  # cells for a column
MIN_DETAILED_CELLS = (
    3  # cells from which a column has room for a mark beside its bit, and for a percentage
)
CORRECT_STYLE, INCORRECT_STYLE, MUTED_STYLE = "$correct bold", "$incorrect bold", "$text-muted"
BLANK_ROWS = 3  # blank lines between the rows
INCORRECT_MARK, EMPTY_MARK = "✗", "·"


def grid(
    example: Example, width: int, height: int, glyphs: GlyphSet = BRAILLE, *, min_rows: int = 0
) -> Content:
    """Return the grid and its answer, in `width` × `height` cells where that is possible.

    Columns are as wide as fits. Where they are wide enough, a wrong bit has its mark beside it and
    the sureness is a percentage; where not, the mark has a row of its own and sureness a bar.
    Columns for which one line has no room go on below; where there is no room below either, some
    are left out, and a … says so: the highest digits, or the first steps of a stream. Where there
    is height to spare, blank lines give air. What the task probes is added where it leaves air,
    too, within the `least` rows that there are in any case.
    """
    count = len(example.mask)
    cell = max(1, min(MAX_COLUMN_CELLS, (width - LABEL_CELLS) // count))
    across = max(1, (width - LABEL_CELLS) // cell)
    time_steps = list(range(count))
    if example.task.lsb_first:
        time_steps.reverse()
    answer = verdict(example)
    answer_rows = ceil(answer.cell_length / max(1, width))
    below = height - answer_rows
    rows = len(list(_rows(example, time_steps, cell, glyphs)))
    blocks = [time_steps[start : start + across] for start in range(0, count, across)]
    if len(blocks) > max(1, below // rows):
        blocks = [time_steps[-(across - 1) :]]
    spaced = len(blocks) == 1 and below >= rows + 4
    rows_before_blank = (example.task.memory_name, example.task.input_names[-1], "true")
    lines = []
    for block in blocks:
        left_out = len(blocks) == 1 and len(block) < count
        for name, row in _rows(example, block, cell, glyphs):
            lines.append(
                Content.assemble(
                    (f"{name:<{LABEL_CELLS}}", MUTED_STYLE), "…" if left_out else "", row
                )
            )
            if spaced and name in rows_before_blank:
                lines.append(Content(""))
    lines.append(answer)
    probed = wrap(example.task.summary, max(1, width))
    if min_rows - answer_rows - rows * len(blocks) - BLANK_ROWS > len(probed):
        lines += [Content(""), *(Content.styled(line, MUTED_STYLE) for line in probed)]
    return Content("\n").join(lines)


def verdict(example: Example) -> Content:
    """Return what was asked and answered: `81 + 113 = 194 ✗ 162`, or how many steps are right."""
    if not example.input_text:
        n_scored = int(example.mask.sum())
        n_correct = n_scored - int((~example.correct_steps).sum())
        return Content.assemble(f"{n_correct} of {n_scored} right ", _mark(example.is_correct))
    text = f"{example.input_text} = {example.target_text} "
    if example.is_correct:
        return Content.assemble(text, _mark(True))
    return Content.assemble(text, (f"{INCORRECT_MARK} {example.predicted_text}", INCORRECT_STYLE))


def _mark(is_correct: bool) -> tuple[str, str]:
    return ("✓", CORRECT_STYLE) if is_correct else (INCORRECT_MARK, INCORRECT_STYLE)


def _rows(
    example: Example, time_steps: list[int], width: int, glyphs: GlyphSet
) -> Iterator[tuple[str, Content]]:
    """Yield the name and the cells of each row, for the columns `places`."""
    task, incorrect, detailed = example.task, ~example.correct_steps, width >= MIN_DETAILED_CELLS

    def row(text: Callable[[int], str], style: Callable[[int], str]) -> Content:
        parts: list[tuple[str, str]] = []
        for place in time_steps:
            tint = glyphs.memory_style if example.required_memory[place] else ""
            parts.append((_align(text(place), width), f"{style(place)} {tint}".strip()))
        return Content.assemble(*_merge_styles(parts))

    def digits(bits: BoolArray) -> Content:
        return row(lambda place: "01"[int(bits[place])], lambda _: "")

    def if_scored(text: str, time_step: int) -> str:
        return text if example.mask[time_step] else EMPTY_MARK

    if detailed:
        yield "", row(lambda place: _column_heading(example, place, width), lambda _: MUTED_STYLE)
    if task.memory_name:
        yield (
            task.memory_name,
            row(
                lambda place: (
                    str(example.required_memory[place])
                    if example.required_memory[place]
                    else EMPTY_MARK
                ),
                lambda place: "bold" if example.required_memory[place] else MUTED_STYLE,
            ),
        )
    for name, bits in zip(task.input_names, example.inputs.T > 0.5, strict=True):
        yield name, digits(bits)
    yield (
        "net",
        row(
            lambda place: (
                if_scored(_predicted_text(example, place, width), place)
                + _incorrect_mark(example, place, width)
            ),
            lambda place: _prediction_style(example, place),
        ),
    )
    if not detailed:
        yield (
            "wrong",
            row(
                lambda place: INCORRECT_MARK if incorrect[place] else " ", lambda _: INCORRECT_STYLE
            ),
        )
    if not task.is_regression:
        confidence = "sure %" if detailed else "sure"
        yield (
            confidence,
            row(
                lambda place: if_scored(
                    _confidence_text(example, place, width, glyphs.bars), place
                ),
                lambda _: MUTED_STYLE,
            ),
        )
    yield (
        "true",
        row(lambda place: if_scored(f"{example.targets[place]:.0f}", place), lambda _: "bold"),
    )


def _prediction_style(example: Example, time_step: int) -> str:
    if not example.mask[time_step]:
        return MUTED_STYLE
    return CORRECT_STYLE if example.correct_steps[time_step] else INCORRECT_STYLE


def _incorrect_mark(example: Example, time_step: int, width: int) -> str:
    """Return the mark of a wrong bit, where it stands beside it."""
    return INCORRECT_MARK * bool(
        width >= MIN_DETAILED_CELLS and not example.correct_steps[time_step]
    )


def _predicted_text(example: Example, time_step: int, width: int) -> str:
    """Return the bit, or as much of the number as fits with a mark beside it."""
    if not example.task.is_regression:
        return "01"[int(example.predicted_bits[time_step])]
    output = float(example.outputs[time_step])
    texts = (f"{output:.2f}", f"{output:.1f}", f"{output:.0f}")
    return next((text for text in texts if len(text) < width - 1), "#")


def _merge_styles(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join neighbours of one style: fewer changes of colour are fewer bytes on the line."""
    joined: list[tuple[str, str]] = []
    for text, style in parts:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def _align(text: str, width: int) -> str:
    """Put the first character in the same place whatever follows, as a mark, if that fits."""
    before = width - (width - 2) // 2 - 2
    if width >= MIN_DETAILED_CELLS and before + len(text) <= width:
        return (" " * before + text).ljust(width)
    return text.rjust(width)


def _column_heading(example: Example, time_step: int, width: int) -> str:
    """Return what a digit is worth, or the number of a step in a stream."""
    text = str(1 << time_step) if example.task.lsb_first else str(time_step + 1)
    return text if len(text) < width else ""


def _confidence_text(example: Example, time_step: int, width: int, bars: str) -> str:
    """Return how sure the net is of the bit it says, from 50 % to 100 %."""
    output = float(example.outputs[time_step])
    confidence = min(1.0, max(output, 1 - output))
    if width >= MIN_DETAILED_CELLS:
        return f"{min(int(100 * confidence), 10 ** (width - 1) - 1)}"
    return bars[min(len(bars) - 1, int((2 * confidence - 1) * len(bars)))]
