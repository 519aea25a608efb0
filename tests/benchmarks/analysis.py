"""Milliseconds of each analysis of Elman models with 16 and 512 hidden units."""

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import numpy as np

from rnn_tui.analysis.accuracy import (
    by_chain_length,
    by_position,
    by_position_and_state,
    by_required_state,
)
from rnn_tui.analysis.evaluation_set import EvaluationSet
from rnn_tui.analysis.length import length_evaluation
from rnn_tui.analysis.probe import probe
from rnn_tui.analysis.swap import swap
from rnn_tui.analysis.units import lesions, saturation, unit_correlations
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Elman, ModelSpec
from rnn_tui.engine.tasks import TASKS
from tests.benchmarks.report import Effort, Row, main, spread

Analysis = Callable[[], object]

TOP_UNITS = [0, 1, 2, 3]  # whose lesions are measured in the large model


def analysis_speed(effort: Effort) -> Iterator[Row]:
    """Milliseconds of each analysis: addition of 8 bits, Elman model, random weights."""
    for hidden, units in ((16, None), (512, TOP_UNITS)):
        n, analyses = _analyses(hidden, units)
        for name, analyse in analyses.items():
            analyse()
            measured = [_milliseconds(analyse) for _ in range(effort.rounds)]
            label = f"{name}, {hidden} units, n = {n:,}"
            yield Row(label, f"{median(measured):.1f} ms", spread(measured, "{:.1f}"))


def _analyses(hidden: int, units: list[int] | None) -> tuple[int, dict[str, Analysis]]:
    """Return the number of sequences, and the analyses of a model by name."""
    task, loss, model = TASKS["addition"](8), HalfSquaredError(), Elman(ModelSpec(2, hidden, 1))
    weights = model.parameters.vector
    weights[:] = np.random.RandomState(0).uniform(-1, 1, weights.size)
    examples = EvaluationSet.for_model(task, model)
    states, correct = examples.run(model, loss)
    groupings = by_position, by_position_and_state, by_required_state, by_chain_length
    return examples.n, {
        "evaluation set": lambda: EvaluationSet.for_model(task, model),
        "forward pass": lambda: examples.run(model, loss),
        "probe": lambda: probe(examples, states),
        "correlations": lambda: unit_correlations(examples, states),
        "swap": lambda: swap(model, task, loss),
        "accuracy by": lambda: [grouping(examples, correct) for grouping in groupings],
        "saturation": lambda: saturation(model, examples),
        "lesions": lambda: lesions(model, examples, loss, units),
        "length": lambda: length_evaluation(model, task, loss),
    }


def _milliseconds(analyse: Analysis) -> float:
    began = perf_counter()
    analyse()
    return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main(analysis_speed)
