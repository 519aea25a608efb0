"""The bit grid: inputs, required hidden state, prediction, confidence and target by time step.

Numbers are written with the highest bit first; sequences run from left to right.
"""

import re
from collections.abc import Callable, Iterator
from math import ceil
from textwrap import wrap

from textual.content import Content

from rnn_tui.analysis.step_trace import Place
from rnn_tui.run.example import BoolArray, Example
from rnn_tui.text.report import incorrect_steps_text
from rnn_tui.tui.drawing.glyphs import (
    BRAILLE,
    CORRECT_STYLE,
    HIGHLIGHT_STYLE,
    INCORRECT_STYLE,
    MUTED_STYLE,
    GlyphSet,
)

LABEL_CELLS = 12
MAX_COLUMN_CELLS = 8
MIN_DETAILED_CELLS = 3  # column width from which a mark or a percentage fits
PLACE_INTERVAL = 8  # columns from a numbered one to the next, where not all have a heading
BLANK_ROWS = 3  # blank rows between the groups of rows
INCORRECT_MARK, EMPTY_MARK = "✗", "·"
TARGET_LABEL = "target"
MAX_DIGITS, END_DIGITS = 64, 8  # of a number in the verdict, and at each end of a longer one


def grid(
    example: Example,
    width: int,
    height: int,
    glyphs: GlyphSet = BRAILLE,
    *,
    min_rows: int = 0,
    highlight: Place | None = None,
) -> Content:
    """Return the grid and its verdict, in `width` × `height` cells where that is possible.

    Columns are as wide as fits. In wide columns an incorrect bit has its mark beside it and the
    confidence is a percentage; in narrow ones the mark has a row of its own and the confidence is
    a bar. Columns that do not fit in one line continue below; where they do not fit below either,
    the highest bits or the first time steps are left out, which a … shows. Spare height becomes
    a row of place values above narrow columns, and blank rows. The task's summary follows if
    `min_rows` leave a blank row before it. The column of `highlight`, or its input, is reversed.
    """
    count = len(example.mask)
    column_cells = max(1, min(MAX_COLUMN_CELLS, (width - LABEL_CELLS) // count))
    columns = max(1, (width - LABEL_CELLS) // column_cells)
    time_steps = list(range(count))
    if example.task.lsb_first:
        time_steps.reverse()
    verdict_line = verdict(example)
    verdict_rows = ceil(verdict_line.cell_length / max(1, width))
    grid_rows = height - verdict_rows
    rows = len(list(_rows(example, time_steps, column_cells, glyphs)))
    blocks = [time_steps[start : start + columns] for start in range(0, count, columns)]
    has_places = column_cells < MIN_DETAILED_CELLS and grid_rows > rows * len(blocks) + len(blocks)
    rows += has_places
    if len(blocks) > max(1, grid_rows // rows):
        blocks = [time_steps[-(columns - 1) :]]
    spaced = len(blocks) == 1 and grid_rows >= rows + 4
    rows_before_blank = (example.task.state_name, example.task.input_names[-1], TARGET_LABEL)
    lines = []
    for block in blocks:
        ellipsis = "…" if len(blocks) == 1 and len(block) < count else ""
        if has_places:
            lines.append(_place_row(example, block, column_cells))
        for name, row in _rows(example, block, column_cells, glyphs, highlight):
            lines.append(Content.assemble((f"{name:<{LABEL_CELLS}}", MUTED_STYLE), ellipsis, row))
            if spaced and name in rows_before_blank:
                lines.append(Content(""))
    lines.append(verdict_line)
    summary = wrap(example.task.summary, max(1, width))
    if min_rows - verdict_rows - rows * len(blocks) - BLANK_ROWS > len(summary):
        lines += [Content(""), *(Content.styled(line, MUTED_STYLE) for line in summary)]
    return Content("\n").join(lines)


def verdict(example: Example) -> Content:
    """Return `81 + 113 = 194 ✗ 162`, or the number of correct time steps of a sequence.

    Of long numbers the digits in the middle are left out, which a … shows. Where the answer is
    that of the last time step, incorrect ones before it are counted beside it.
    """
    if not example.input_text:
        n_scored = int(example.mask.sum())
        n_correct = n_scored - example.n_incorrect_steps
        return Content.assemble(f"{n_correct} of {n_scored} correct ", _mark(example.is_correct))
    text = f"{_shortened(example.input_text)} = {_shortened(example.target_text)} "
    if example.is_answer_correct:
        others = "" if example.is_correct else f" but {incorrect_steps_text(example)}"
        return Content.assemble(text, _mark(True), others)
    incorrect_text = f"{INCORRECT_MARK} {_shortened(example.predicted_text)}"
    return Content.assemble(text, (incorrect_text, INCORRECT_STYLE))


def _shortened(text: str) -> str:
    """Return `text` without the middle of numbers of more than `MAX_DIGITS` digits."""
    ends = rf"(\d{{{END_DIGITS}}})\d{{{MAX_DIGITS - 2 * END_DIGITS + 1},}}(\d{{{END_DIGITS}}})"
    return re.sub(ends, r"\1…\2", text)


def _mark(is_correct: bool) -> tuple[str, str]:
    return ("✓", CORRECT_STYLE) if is_correct else (INCORRECT_MARK, INCORRECT_STYLE)


def _rows(
    example: Example,
    time_steps: list[int],
    width: int,
    glyphs: GlyphSet,
    highlight: Place | None = None,
) -> Iterator[tuple[str, Content]]:
    """Yield the label and the cells of each row, for columns of `width` cells."""
    task, detailed = example.task, width >= MIN_DETAILED_CELLS

    place = highlight or Place()

    def row(
        text: Callable[[int], str], style: Callable[[int], str], feature: int | None = None
    ) -> Content:
        parts: list[tuple[str, str]] = []
        for t in time_steps:
            tint = glyphs.required_state_style if example.required_state[t] else ""
            if t == place.time and place.feature in (None, feature):
                tint = HIGHLIGHT_STYLE
            parts.append((align(text(t), width), f"{style(t)} {tint}".strip()))
        return Content.assemble(*merge_styles(parts))

    def bit_row(bits: BoolArray, feature: int) -> Content:
        return row(lambda t: "01"[int(bits[t])], lambda _: "", feature)

    def if_scored(text: str, t: int) -> str:
        return text if example.mask[t] else EMPTY_MARK

    def predicted(t: int) -> str:
        return if_scored(_predicted_text(example, t, width), t) + _incorrect_mark(example, t, width)

    def confidence(t: int) -> str:
        return if_scored(_confidence_text(example, t, width, glyphs.bars), t)

    def output(t: int) -> str:
        return if_scored(_output_text(float(example.outputs[t]), width), t)

    if detailed:
        heading = "" if task.lsb_first else "time step t"
        yield heading, row(lambda t: _column_heading(example, t, width), lambda _: MUTED_STYLE)
    if task.state_name:
        required = example.required_state
        yield (
            task.state_name,
            row(
                lambda t: str(required[t]) if required[t] else EMPTY_MARK,
                lambda t: "bold" if required[t] else MUTED_STYLE,
            ),
        )
    bits_by_feature = zip(task.input_names, example.inputs.T > 0.5, strict=True)
    for feature, (name, bits) in enumerate(bits_by_feature):
        yield name, bit_row(bits, feature)
    yield "predicted", row(predicted, lambda t: _prediction_style(example, t))
    if not detailed:
        correct = example.correct_steps
        yield (
            "incorrect",
            row(lambda t: " " if correct[t] else INCORRECT_MARK, lambda _: INCORRECT_STYLE),
        )
    if example.linear_output and detailed and not task.is_regression:
        yield "output", row(output, lambda _: MUTED_STYLE)
    elif not example.linear_output:
        label = "conf. %" if detailed else "confidence"
        yield label, row(confidence, lambda _: MUTED_STYLE)
    yield (
        TARGET_LABEL,
        row(lambda t: if_scored(f"{example.targets[t]:.0f}", t), lambda _: "bold"),
    )


def _prediction_style(example: Example, time_step: int) -> str:
    if not example.mask[time_step]:
        return MUTED_STYLE
    return CORRECT_STYLE if example.correct_steps[time_step] else INCORRECT_STYLE


def _incorrect_mark(example: Example, time_step: int, width: int) -> str:
    """Return the mark beside an incorrect bit, in a column wide enough for it."""
    return INCORRECT_MARK * bool(
        width >= MIN_DETAILED_CELLS and not example.correct_steps[time_step]
    )


def _predicted_text(example: Example, time_step: int, width: int) -> str:
    """Return the predicted bit, or the number with as many digits as fit beside a mark."""
    if not example.task.is_regression:
        return "01"[int(example.predicted_bits[time_step])]
    output = float(example.outputs[time_step])
    texts = (f"{output:.2f}", f"{output:.1f}", f"{output:.0f}")
    return next((text for text in texts if len(text) < width - 1), "#")


def merge_styles(parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join neighbours of one style: fewer colour changes are fewer bytes for the terminal."""
    joined: list[tuple[str, str]] = []
    for text, style in parts:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        else:
            joined.append((text, style))
    return joined


def align(text: str, width: int) -> str:
    """Pad `text` so that its first character has the same place with and without a mark.

    A number that does not fit is a #.
    """
    if len(text) > width:
        text = "#"
    before = width - (width - 2) // 2 - 2
    if width >= MIN_DETAILED_CELLS and before + len(text) <= width:
        return (" " * before + text).ljust(width)
    return text.rjust(width)


def _place_row(example: Example, time_steps: list[int], width: int) -> Content:
    """Return the exponents of every eighth place value 2ⁿ, or every eighth time step t.

    Each number ends above its column.
    """
    lsb_first = example.task.lsb_first
    cells = [" "] * (width * len(time_steps))
    for index, t in enumerate(time_steps):
        number = t if lsb_first else t + 1
        end, text = (index + 1) * width, str(number)
        if number % PLACE_INTERVAL == 0 and end >= len(text):
            cells[end - len(text) : end] = text
    label = "place 2^" if lsb_first else "time step t"
    return Content.styled(f"{label:<{LABEL_CELLS}}{''.join(cells)}", MUTED_STYLE)


def _column_heading(example: Example, time_step: int, width: int) -> str:
    """Return the place value of a bit, or the time step t of a sequence."""
    text = str(1 << time_step) if example.task.lsb_first else str(time_step + 1)
    return text if len(text) < width else ""


def _output_text(output: float, width: int) -> str:
    """Return a linear output with as many of two decimals as fit."""
    texts = (f"{output:.{digits}f}" for digits in (2, 1, 0))
    return next((text for text in texts if len(text) < width), "…")


def _confidence_text(example: Example, time_step: int, width: int, bars: str) -> str:
    """Return the probability of the predicted bit, 50 % to 100 %, as a percentage or a bar."""
    confidence = float(example.confidence[time_step])
    if width >= MIN_DETAILED_CELLS:
        return f"{min(int(100 * confidence), 10 ** (width - 1) - 1)}"
    return bars[min(len(bars) - 1, int((2 * confidence - 1) * len(bars)))]
