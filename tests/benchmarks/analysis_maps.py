"""Times of the automaton, the fixed points and the gradient map of a model with 16 units."""

from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

import numpy as np

from rnn_tui.analysis.automaton import ModelSystem, extract_automaton, fidelity, random_words
from rnn_tui.analysis.fixed_points import find_fixed_points, starts_near
from rnn_tui.analysis.gradient_map import gradient_map
from rnn_tui.analysis.machine import binary_symbols
from rnn_tui.analysis.spectra import mean_jacobian_spectrum
from rnn_tui.analysis.transition import transition_of
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.run.run import Run
from tests.benchmarks.report import Effort, Row, main, spread

TRAINED_STEPS = 10_000
N_SEQUENCES = 2048


def analysis_maps(effort: Effort) -> Iterator[Row]:
    """Analyses of the default recipe's model after 10,000 steps, of 2,048 sequences of 8 steps."""
    run = Run(RECIPES[DEFAULT_RECIPE].settings)
    run.advance(TRAINED_STEPS)
    task, model, loss = run.task, run.trainer.model, run.trainer.loss
    batch, symbols = task.fixed_sample(N_SEQUENCES, 0), binary_symbols(task.inputs)

    def automaton() -> None:
        system = ModelSystem(model, task, loss)
        machine = extract_automaton(system).mealy
        assert machine is not None
        fidelity(system, machine, random_words(len(symbols)))

    def fixed_points() -> None:
        transition = transition_of(model)
        starts = starts_near(transition.trajectory(batch.inputs).reshape(-1, transition.size))
        for inputs in symbols:
            find_fixed_points(transition, inputs, starts)

    analyses: dict[str, tuple[Callable[[], object], int]] = {
        "gradient map": (lambda: gradient_map(model, loss, batch), 30),
        "automaton and fidelity": (automaton, 300),
        "fixed points under all inputs": (fixed_points, 300),
        "mean Jacobian": (lambda: mean_jacobian_spectrum(model, batch.inputs), 30),
    }
    for name, (analyze, limit) in analyses.items():
        analyze()
        times = [_milliseconds(analyze) for _ in range(effort.rounds)]
        note = f"{spread(times, '{:.1f}')}; goal: at most {limit} ms"
        yield Row(name, f"{median(times):.1f} ms", note)


def _milliseconds(analyze: Callable[[], object]) -> float:
    began = perf_counter()
    with np.errstate(all="ignore"):
        analyze()
    return 1000 * (perf_counter() - began)


if __name__ == "__main__":
    main(analysis_maps)
