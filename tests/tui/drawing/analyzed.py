"""Results of analyses that the tests of drawings share: an untrained and a planted adder."""

from functools import lru_cache
from typing import Any

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.memory_curve import CurvePoint
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.appearance import GLYPHS, Appearance
from rnn_tui.engine.planted import PLANTED_SPEC, planted_adder
from rnn_tui.engine.tasks import Task
from rnn_tui.run.run import Run
from rnn_tui.tui.drawing.glyphs import glyphs_for
from tests.support.makers import settings_with

EXAMPLE = "81 + 113"
EVERY_GLYPH_SET = list(
    dict.fromkeys(
        glyphs_for(Appearance(glyphs=glyphs, colored=colored), colors)
        for glyphs in GLYPHS
        for colored in (True, False)
        for colors in (None, "standard", "truecolor")
    )
)
SIZES = [(46, 4), (50, 8), (62, 12), (76, 20), (110, 40)]


@lru_cache
def subject(
    *, planted: bool = False, text: str = EXAMPLE, n_sequences: int = 512, **changes: Any
) -> Subject:
    """Return the untrained model of the first recipe with `changes`, or the planted adder."""
    if planted:
        changes |= {
            "hidden_size": PLANTED_SPEC.hidden_size,
            "activation": PLANTED_SPEC.activation,
            "biases": PLANTED_SPEC.biases,
        }
    run = Run(settings_with(**changes))
    if planted:
        for name, values in planted_adder().items():
            run.trainer.model.parameters[name][...] = values
    example = run.task.batch_from_inputs(run.task.parse_input(text))
    return Subject(run.task, run.trainer, example, max_sequences=n_sequences)


@lru_cache
def analyzed(name: str, **changes: Any) -> Any:
    """Return the result of the analysis `name` of a `subject`."""
    return ANALYSES[name].compute(subject(**changes))


def task_of(**changes: Any) -> Task:
    return subject(**changes).task


def learning_curve() -> tuple[CurvePoint, ...]:
    """Return points of the untrained model, then of the planted adder from step 1,000 on."""
    untrained, planted = analyzed("memory"), analyzed("memory", planted=True)
    return (
        CurvePoint(0, untrained),
        CurvePoint(500, untrained),
        *(CurvePoint(step, planted) for step in (1000, 1500, 2000)),
    )


def rows_of(content: Any, width: int, height: int) -> list[str]:
    """Return the rows of a drawing, which must fit in `width` × `height` cells."""
    rows: list[str] = content.plain.split("\n")
    assert len(rows) <= height
    assert max(map(len, rows)) <= width
    return rows
