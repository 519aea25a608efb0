"""Results of analyses as lines of text, for the command line and line mode.

The figures come with the number of examples they are computed on. The lines "meaning" state no more
than they show, and the line "caution" names what they do not show.
"""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite, nan
from typing import Any

import numpy as np

from rnn_tui.analysis.accuracy import AccuracyBreakdown, Group
from rnn_tui.analysis.attractors import Attractors, PointsUnderInput
from rnn_tui.analysis.automaton import CELL_SIZE, WORD_LENGTH
from rnn_tui.analysis.counterexample import Search
from rnn_tui.analysis.fixed_points import FixedPoint
from rnn_tui.analysis.gradient_map import OLD_TIME_STEPS, GradientMap
from rnn_tui.analysis.health import Health
from rnn_tui.analysis.hidden_states import HiddenStates
from rnn_tui.analysis.learned_machine import LearnedMachine
from rnn_tui.analysis.length import Counterexample, LengthAccuracy, LengthResult
from rnn_tui.analysis.machine import IntArray, Machine, task_symbols
from rnn_tui.analysis.memory import MEMORY_USED, Memory
from rnn_tui.analysis.task_machine import example_inputs
from rnn_tui.analysis.update_ratios import TYPICAL_RATIO
from rnn_tui.config.settings import Settings
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks import Task
from rnn_tui.text.analysis_sentences import (
    CONSPICUOUS_FACTOR,
    MAX_SATURATED_ERRORS,
    MAX_SATURATED_FRACTION,
    bits_text,
    format_time_steps,
    health_sentences,
    parameter_title,
    retention_sentence,
)
from rnn_tui.text.format import format_percent, format_scientific, percent
from rnn_tui.text.gradient import gradient_gain_text, gradient_trend
from rnn_tui.text.report import labeled_line

MAX_VALUES = 32  # in a line, of a series over time
MAX_UNITS, MAX_TOP_UNITS = 32, 3  # lines of units, and units named in one line
MAX_STATES = 16  # of a machine whose transitions are printed
MAX_COLUMNS = 3  # of required states beside each time step
MAX_POINTS = 5  # fixed points printed for one input
MAX_DIGITS = 20  # of a number that is printed in full; others are hexadecimal
MAX_WORD = 64  # symbols of a word that is printed in full


def analysis_lines(name: str, result: Any, settings: Settings) -> Iterator[str]:
    """Yield the lines of the `result` of the analysis `name` for a model with `settings`."""
    yield from _LINES[name](result, settings)


# -- hidden-states -------------------------------------------------------------------------------


def _hidden_states_lines(result: HiddenStates, settings: Settings) -> Iterator[str]:
    task = settings.make_task()
    for name, row in zip(task.input_names, result.inputs.T, strict=True):
        yield labeled_line(name, _digits(row, task))
    target, predicted = result.targets, result.predictions
    if not task.is_regression:
        predicted = (predicted > 0.5).astype(float)
    yield labeled_line("target", _digits(np.where(result.mask, target, nan), task))
    yield labeled_line("predicted", _digits(np.where(result.mask, predicted, nan), task))
    if task.state_name:
        yield labeled_line(
            task.state_name, f"{_digits(result.required_state, task)}  after the time step"
        )
    order = "the highest bit first, as above" if task.lsb_first else "in the order of time"
    yield labeled_line("h", f"of this example by unit, {order}")
    for unit in result.order[:MAX_UNITS]:
        states = _in_display_order(result.states[:, unit], task)
        values = _series((f"{value:.2f}" for value in states), len(states))
        yield labeled_line(f"unit {unit + 1}", f"{values}{_unit_figures(result, int(unit))}")
    if len(result.order) > MAX_UNITS:
        yield labeled_line("", f"… {len(result.order) - MAX_UNITS} more units")
    yield labeled_line("figures", _figures_of_units(result, task))
    if result.correlations is None:
        return
    best, n = int(result.order[0]), result.correlations.n_propagate
    meaning = f"the present input determines the {task.state_name} at every time step"
    if n:
        meaning = (
            f"unit {best + 1} correlates most with the {task.state_name} that must be remembered: "
            f"r {result.correlations.propagate[best]:.3f} over {n:,} propagate time steps"
        )
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        "a correlation does not show that a unit is used; its lesion and the swap test do",
    )


def _unit_figures(result: HiddenStates, unit: int) -> str:
    figures = []
    if result.correlations is not None:
        figures.append(f"r {result.correlations.propagate[unit]:+.3f}")
    if result.lesions is not None and unit in result.lesions.units:
        index = int(np.flatnonzero(result.lesions.units == unit)[0])
        figures.append(f"lesion {percent(float(result.lesions.accuracies[index]))}")
    if result.saturation:
        saturation = result.saturation[0]
        figures.append(f"saturated {percent(float((saturation.low + saturation.high)[unit]))}")
    return "".join(f"  {figure}" for figure in figures)


def _figures_of_units(result: HiddenStates, task: Task) -> str:
    texts = []
    if result.correlations is not None:
        n = result.correlations.n_propagate
        texts.append(f"r with the {task.state_name} over {n:,} propagate time steps")
    if result.lesions is not None:
        lesions = result.lesions
        texts.append(
            f"lesion: sequence accuracy with the unit at its mean, {percent(lesions.intact)} "
            f"without, of {lesions.n_sequences:,} sequences"
        )
    if result.saturation:
        texts.append(f"saturated: share of {result.saturation[0].n:,} time steps")
    return "; ".join(texts) or f"{result.n_sequences:,} sequences"


# -- memory --------------------------------------------------------------------------------------


def _memory_lines(result: Memory, settings: Settings) -> Iterator[str]:
    state = settings.make_task().state_name
    differing, every = result.swap.differing_pairs, result.swap.all_pairs
    n = int(differing.n.sum())
    yield labeled_line(
        "swap",
        f"{percent(differing.accuracy)} of {n:,} pairs whose {state} differs, "
        f"{percent(every.accuracy)} of all {every.n.sum():,}",
    )
    accuracies = _series((percent(a) for a in differing.accuracies.tolist()), len(differing.n))
    yield labeled_line("by t", f"swap after t 1 to {len(differing.n)}: {accuracies}")
    propagate, everywhere = result.probe.propagate, result.probe.everywhere
    texts = {
        f"{propagate.n:,} propagate time steps": propagate,
        f"all {everywhere.n:,} time steps": everywhere,
    }
    for text, part in texts.items():
        yield labeled_line(
            "probe",
            f"{percent(part.probe)} of {text}; baselines: majority {percent(part.majority)}, "
            f"present input {percent(part.present_input)}",
        )
    correlations = result.correlations
    units = [
        f"{unit + 1}: r {correlations.propagate[unit]:+.3f}"
        for unit in correlations.order[:MAX_TOP_UNITS]
    ]
    yield labeled_line("units", f"{', '.join(units)}, of {len(correlations.order)}")
    yield labeled_line(
        "accuracy",
        f"sequences {percent(result.sequence_accuracy)}, outputs {percent(result.bit_accuracy)} "
        f"of {result.n_sequences:,} sequences",
    )
    if not n:
        meaning = f"no two sequences differ in their {state}, so that nothing can be concluded"
    elif result.is_used:
        meaning = (
            f"the {state} is used: outputs follow the {state} of the sequence whose hidden state "
            "is swapped in"
        )
    else:
        meaning = (
            f"the {state} is not used reliably: outputs follow a swapped {state} in less than "
            f"{100 * MEMORY_USED:.0f} % of the pairs"
        )
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        f"the probe shows that the {state} can be read, not that it is used, and may be above its "
        "baselines before training: compare with step 0",
    )


# -- machine -------------------------------------------------------------------------------------


def _machine_lines(result: LearnedMachine, settings: Settings) -> Iterator[str]:
    task, automaton = settings.make_task(), result.automaton
    machine, found = automaton.mealy, f"{automaton.n_cells:,} cells of {CELL_SIZE:g}"
    if machine is None:
        found = f"none: more than {automaton.max_cells:,} cells of {CELL_SIZE:g}"
        yield labeled_line("machine", found)
    else:
        yield labeled_line(
            "machine",
            f"{_count(machine.n_states, 'state')} (Mealy), "
            f"{automaton.n_moore_states:,} (Moore), minimized from {found}",
        )
        yield from _transition_lines(machine, task)
    if result.fidelity is not None:
        matches = result.fidelity
        outputs = format_percent(matches.n_matching_outputs, matches.n_outputs)
        words = format_percent(matches.n_matching_words, matches.n_words)
        yield labeled_line(
            "fidelity",
            f"to the model: {outputs} of {matches.n_outputs:,} outputs, {words} of "
            f"{matches.n_words:,} random words of {WORD_LENGTH}",
        )
    searches = {
        "model and machine differ": result.against_machine,
        "the model is incorrect": result.against_task,
    }
    for name, search in searches.items():
        if search is not None:
            yield labeled_line("search", _search_text(search, name, task))
    yield labeled_line("meaning", _machine_meaning(result))
    yield labeled_line(
        "caution",
        "a number of states means nothing without its fidelity, as one incorrect transition can "
        "multiply it; no word found is no proof that there is none",
    )


def _transition_lines(machine: Machine, task: Task) -> Iterator[str]:
    symbols = [_bits(inputs) for inputs in task_symbols(task)]
    for state in range(min(machine.n_states, MAX_STATES)):
        arrows = [
            f"{symbol} → {after}/{output}"
            for symbol, after, output in zip(
                symbols, machine.transitions[state], machine.outputs[state], strict=True
            )
        ]
        yield labeled_line(f"state {state}", ", ".join(arrows))
    if machine.n_states > MAX_STATES:
        yield labeled_line("", f"… {machine.n_states - MAX_STATES:,} more states")
    yield labeled_line("", f"({' '.join(task.input_names)} → next state/output)")


def _search_text(search: Search, difference: str, task: Task) -> str:
    tried = f"{search.n_words:,} words of up to {search.max_length:,} tried"
    if search.word is None:
        return f"no word found on which {difference}; {tried}"
    return f"{difference} at {_word_text(search.word, task)}; {tried}"


def _word_text(word: IntArray, task: Task) -> str:
    """Return the place of the last symbol of `word` (time,) in an example of `task`."""
    place = f"bit {len(word) - 1:,}" if task.lsb_first else f"time step {len(word):,}"
    rows = [_digits(row, task) for row in example_inputs(word, task).T]
    if task.is_arithmetic:
        a, b = (int(row, 2) for row in rows)
        return f"{place} of {_operands(a, b, task)}"
    if len(word) > MAX_WORD:
        return place
    named_rows = zip(task.input_names, rows, strict=True)
    return f"{place} of {', '.join(f'{name} {row}' for name, row in named_rows)}"


def _machine_meaning(result: LearnedMachine) -> str:
    if result.automaton.mealy is None:
        return "the states do not fall into a small number of cells: no machine was learned"
    if result.task_machine is None:
        return "the task has no machine to compare with"
    n_states = _count(result.task_machine.n_states, "state")
    if result.equals_task:
        meaning = f"the machine is the minimal one of the task, {n_states}"
        own = result.against_machine
        differs = own is not None and own.word is not None
        return f"{meaning}, but the model differs from both" if differs else meaning
    return f"the machine is not that of the task, which has {n_states}"


# -- attractors ----------------------------------------------------------------------------------


def _attractors_lines(result: Attractors, settings: Settings) -> Iterator[str]:
    task = settings.make_task()
    names = " ".join(task.input_names)
    for entry in result.by_input:
        yield labeled_line(f"{names}: {bits_text(entry.inputs)}", _points_text(entry, settings))
    components = result.components
    ratios = " ".join(f"{ratio:.2f}" for ratio in components.explained_variance_ratios[:3])
    yield labeled_line(
        "components",
        f"participation ratio {components.participation_ratio:.1f} of {len(components.variances)}; "
        f"variance of the first {ratios}, over {components.n_states:,} states",
    )
    yield labeled_line("meaning", _retention_text(result, task))
    yield labeled_line(
        "caution",
        f"of {result.n_starts} starts for each input; points that none of them leads to are "
        "missed, and inputs that alternate are not covered",
    )


def _points_text(entry: PointsUnderInput, settings: Settings) -> str:
    points = [_point_text(point, settings) for point in entry.points[:MAX_POINTS]]
    if len(entry.points) > MAX_POINTS:
        points.append(f"{len(entry.points) - MAX_POINTS} more")
    return "; ".join(points) or "no fixed point found"


def _point_text(point: FixedPoint, settings: Settings) -> str:
    output = float(settings.make_loss().outputs(point.logits)[0])
    text = f"{point.kind} ŷ {output:.4g}, ρ {point.spectral_radius:.3f}"
    if point.kind == "stable":
        text += f", τ {format_time_steps(point.memory_time)}"
    return text


def _retention_text(result: Attractors, task: Task) -> str:
    sentence = retention_sentence(result.retention, task)
    if result.retention is None:
        return sentence
    if result.retention.verdict == "for ever":
        return f"{sentence} under every input that leaves the {task.state_name} unchanged"
    symbols = task_symbols(task)
    times = [
        f"{format_time_steps(time_steps)} under {bits_text(symbols[symbol])}"
        for symbol, time_steps in result.retention.by_symbol.items()
    ]
    return f"{sentence} ({', '.join(times)}; τ = −1/ln ρ)"


# -- gradient-map --------------------------------------------------------------------------------


def _gradient_map_lines(result: GradientMap, _settings: Settings) -> Iterator[str]:
    time = len(result.norms)
    if time == 1:
        yield labeled_line("meaning", "one time step: there is no gradient over time")
        return
    for name, norms in (("∂L_t/∂h_k", result.norms), ("∂L_t/∂c_k", result.cell_norms)):
        if norms is not None:
            last = norms[-1].tolist()
            values = _series((f"{value:.3g}" for value in last), time)
            yield labeled_line(name, f"of the last loss, k 1 to {time}: {values}")
            yield labeled_line("", gradient_gain_text(last[0], last[-1], time - 1))
    gains = _series((_number(result.gain_per_step(t)) for t in range(1, time)), time - 1)
    yield labeled_line("gain", f"per time step back, of loss t 2 to {time}: {gains}")
    shares = _series((percent(share) for share in result.loss_fractions.tolist()), time)
    yield labeled_line("share", f"of loss t 1 to {time}: {shares}")
    yield labeled_line(
        "old",
        f"{percent(result.old_fraction)} is of states more than {OLD_TIME_STEPS} time steps "
        "before the loss",
    )
    yield labeled_line("n", f"means over {result.n_sequences:,} sequences")
    norms = (result.norms if result.cell_norms is None else result.cell_norms)[-1].tolist()
    place = "state" if result.cell_norms is None else "cell"
    trend = gradient_trend(norms[0], norms[-1], time - 1)
    yield labeled_line("meaning", f"last loss, {place}: {trend}")
    yield labeled_line(
        "caution",
        "a gradient that vanishes does not mean that a state is forgotten: attractors keep one "
        "for any time; and a loss that is solved has almost no gradient at all",
    )


# -- health --------------------------------------------------------------------------------------


def _health_lines(result: Health, _settings: Settings) -> Iterator[str]:
    for name, ratio in result.update_ratios.items():
        share = percent(result.gradient_fractions[name])
        title = parameter_title(name)
        size = f"‖Δw‖/‖w‖ {_scientific(ratio)}, {share} of the squared gradient"
        yield labeled_line("update", f"{title}: {size}")
    batches = f"{_count(result.n_updates, 'update')} of batches of {result.batch_size}"
    yield labeled_line(
        "n", f"{batches}; gradient, units and Jacobian over {result.n_sequences:,} sequences"
    )
    for layer in result.saturation:
        low, high = (
            percent(float(layer.low.mean())),
            percent(float(layer.high.mean())),
        )
        yield labeled_line(
            "saturation",
            f"{layer.name}: {percent(layer.fraction)} of {layer.n * len(layer.dead):,} outputs, "
            f"low {low}, high {high}; {int(layer.dead.sum())} of "
            f"{_count(len(layer.dead), 'unit')} always at one bound",
        )
    for name, spectrum in result.spectra.items():
        yield labeled_line(
            "spectrum",
            f"{name}: spectral radius {_number(spectrum.spectral_radius)}, largest singular value "
            f"{_number(spectrum.largest_singular_value)}",
        )
    if result.jacobian is not None:
        radius = _number(result.jacobian.spectral_radius)
        yield labeled_line("spectrum", f"mean Jacobian ∂s_t/∂s_t-1: spectral radius {radius}")
    for text in list(health_sentences(result)) or [_inconspicuous_text()]:
        yield labeled_line("meaning", text)
    yield labeled_line(
        "caution",
        f"{TYPICAL_RATIO:g} is a guide for ‖Δw‖/‖w‖, not a limit, and a unit that is used as a "
        "switch is saturated as well",
    )


def _inconspicuous_text() -> str:
    return (
        f"nothing conspicuous: every update is within {CONSPICUOUS_FACTOR} times its guide, no "
        f"layer more than {percent(MAX_SATURATED_FRACTION)} saturated, no unit always at one bound"
        f", at most {percent(MAX_SATURATED_ERRORS)} of outputs incorrect and saturated"
    )


# -- accuracy-by ---------------------------------------------------------------------------------


def _accuracy_lines(result: AccuracyBreakdown, settings: Settings) -> Iterator[str]:
    task, sequences = settings.make_task(), result.sequences
    kind = "all" if result.exhaustive else "a sample of"
    accuracy = format_percent(sequences.n_correct, sequences.n)
    yield labeled_line("sequences", f"{accuracy} of {kind} {sequences.n:,}")
    place = "bit" if task.lsb_first else "t"
    by_state = result.by_position_and_state or {}
    if len(by_state) > MAX_COLUMNS:
        by_state = {}
    positions = result.by_position[:MAX_VALUES]
    for group in positions:
        parts = [_group_text(group)]
        for state, groups in by_state.items():
            parts += [
                f"{task.state_name} {state}: {_group_text(other)}"
                for other in groups
                if other.value == group.value
            ]
        number = group.value if task.lsb_first else group.value + 1
        yield labeled_line(f"{place} {number}", ", ".join(parts))
    if len(result.by_position) > MAX_VALUES:
        yield labeled_line("", f"… {len(result.by_position) - MAX_VALUES} more time steps")
    groupings = {
        f"{task.state_name} before": result.by_required_state,
        f"time steps since {task.state_name} was 0": result.by_chain_length,
    }
    for title, grouping in groupings.items():
        if grouping:
            texts = [f"{group.value}: {_group_text(group)}" for group in grouping[:MAX_VALUES]]
            yield labeled_line("by", f"{title}: {', '.join(texts)}")
    worst = min(result.by_position, key=lambda group: group.accuracy)
    number = worst.value if task.lsb_first else worst.value + 1
    meaning = f"lowest at {place} {number}, {percent(worst.accuracy)}"
    if result.by_required_state:
        lowest = min(result.by_required_state, key=lambda group: group.accuracy)
        meaning += f"; by {task.state_name}, lowest at {lowest.value}, {percent(lowest.accuracy)}"
    if sequences.n_correct == sequences.n:
        meaning = "every output of these sequences is correct"
    yield labeled_line("meaning", meaning)
    yield labeled_line("caution", f"of length {task.time} only: evaluate measures other lengths")


def _group_text(group: Group) -> str:
    return f"{percent(group.accuracy)} of {group.n:,}"


# -- length --------------------------------------------------------------------------------------


def _length_lines(
    result: LengthResult | tuple[LengthAccuracy, ...], settings: Settings
) -> Iterator[str]:
    if isinstance(result, LengthResult):
        yield from _arithmetic_length_lines(result, settings.make_task())
        return
    for sample in result:
        sequences = _interval_text(sample.n_correct, sample.n, sample.interval)
        outputs = format_percent(sample.n_correct_outputs, sample.n_outputs)
        yield labeled_line(
            f"length {sample.length:,}",
            f"{sequences} sequences; {outputs} of {sample.n_outputs:,} outputs",
        )


def _arithmetic_length_lines(result: LengthResult, task: Task) -> Iterator[str]:
    for pairs in result.random:
        incorrect = ""
        if pairs.counterexample:
            incorrect = f"; {_counterexample_text(pairs.counterexample, task)}"
        yield labeled_line(
            f"{pairs.columns} bits",
            f"{_interval_text(pairs.n_correct, pairs.n, pairs.interval)} random pairs{incorrect}",
        )
    for ripple in result.ripples:
        end = f"correct to {ripple.longest:,} columns, the longest tried"
        if ripple.counterexample:
            end = f"correct to {_count(ripple.longest, 'column')}; "
            end += _counterexample_text(ripple.counterexample, task)
        columns = ripple.order
        if columns.isdigit():
            columns = f"({columns[0]}, {columns[1]})"
        kept = f"{task.state_name} {ripple.carry} kept by {columns} columns"
        yield labeled_line("ripple", f"{kept}: {end}")
    longest, max_columns = result.longest, result.ripples[0].max_columns
    meaning = f"every ripple of up to {max_columns:,} columns is correct"
    if result.counterexample is not None:
        meaning = f"the shortest incorrect ripple has {_count(longest + 1, 'column')}"
    yield labeled_line("meaning", meaning)
    yield labeled_line(
        "caution",
        "random pairs seldom have a long carry: 100 % of them does not show that longer ones are "
        "correct",
    )


def _interval_text(n_correct: int, n: int, interval: tuple[float, float]) -> str:
    """Return a percentage with its Wilson interval, as "99.80 % (99.28 to 99.95 %) of 1,024"."""
    low, high = (100 * bound for bound in interval)
    return f"{format_percent(n_correct, n)} (95 %: {low:.2f} to {high:.2f} %) of {n:,}"


def _counterexample_text(counterexample: Counterexample, task: Task) -> str:
    """Return an incorrect calculation of an arithmetic `task`, and its first incorrect bit."""
    a, b, bit = counterexample
    return f"{_operands(a, b, task)} is incorrect, first at bit {bit}"


def _operands(a: int, b: int, task: Task) -> str:
    """Return a calculation as text, with the symbol of the arithmetic `task`."""
    symbol = task.format_input(np.zeros((1, task.inputs))).strip("0 ")
    return f"{_integer(a)} {symbol} {_integer(b)}"


_LINES: Mapping[str, Callable[[Any, Settings], Iterator[str]]] = {
    "hidden-states": _hidden_states_lines,
    "memory": _memory_lines,
    "machine": _machine_lines,
    "attractors": _attractors_lines,
    "gradient-map": _gradient_map_lines,
    "health": _health_lines,
    "accuracy-by": _accuracy_lines,
    "length": _length_lines,
}


# -- formatting ----------------------------------------------------------------------------------


def _number(value: float) -> str:
    return f"{value:.3g}" if isfinite(value) else "—"


def _scientific(value: float) -> str:
    return format_scientific(value) if isfinite(value) else "—"


def _integer(value: int) -> str:
    text = str(value)
    return text if len(text) <= MAX_DIGITS else hex(value)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _series(values: Iterator[str], count: int) -> str:
    """Return values separated by blanks, without the middle ones where there are too many."""
    texts = list(values)
    if count <= MAX_VALUES:
        return " ".join(texts)
    half = MAX_VALUES // 2
    return " ".join([*texts[:half], "…", *texts[-half:]])


def _in_display_order(values: Any, task: Task) -> list[Any]:
    """Return the values of the time steps: of numbers the highest bit first."""
    items = list(values.tolist())
    return items[::-1] if task.lsb_first else items


def _digits(values: FloatArray | IntArray, task: Task) -> str:
    """Return integers by time step, with a . for NaN."""
    texts = ["." if value != value else f"{value:.0f}" for value in _in_display_order(values, task)]
    return _series(iter(texts), len(texts)) if max(map(len, texts)) > 1 else "".join(texts)


def _bits(values: FloatArray) -> str:
    return "".join("01"[value > 0.5] for value in values.tolist())
