"""The figures of each analysis in JSON: its keys with their values, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, final

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.accuracy import Group
    from rnn_tui.analysis.counterexample import CounterexampleSearch
    from rnn_tui.analysis.fixed_points import FixedPoint
    from rnn_tui.analysis.length import IncorrectPair, LengthAccuracy, Ripple
    from rnn_tui.analysis.spectra import Spectrum
    from rnn_tui.analysis.units import Saturation


@final
class Figure(NamedTuple):
    """A key of the figures of an analysis, with the function of its value from the result."""

    name: str
    types: str
    description: str
    value: Callable[[Any], Any]


FIGURES: dict[str, tuple[Figure, ...]] = {
    "hidden-states": (
        Figure("inputs", "array", "of the example, by time step", lambda r: r.inputs),
        Figure("targets", "array", "by time step", lambda r: r.targets),
        Figure("outputs", "array", "ŷ by time step", lambda r: r.predictions),
        Figure("is_scored", "array", "whether the time step is scored", lambda r: r.mask),
        Figure(
            "required_state",
            "array",
            "after each time step, such as a carry",
            lambda r: r.required_state,
        ),
        Figure(
            "layers",
            "object",
            "h_t and gates by name: an array of units by time step",
            lambda r: {layer.name: layer.values for layer in r.layers},
        ),
        Figure("order", "array", "indices of the units, from 0, by |r|", lambda r: r.order),
        Figure(
            "r_propagate",
            "array or null",
            "r of each unit with the required state on propagate time steps",
            lambda r: r.correlations and r.correlations.propagate,
        ),
        Figure(
            "r_everywhere",
            "array or null",
            "the same on all time steps",
            lambda r: r.correlations and r.correlations.everywhere,
        ),
        Figure(
            "n_propagate",
            "integer or null",
            "number of propagate time steps",
            lambda r: r.correlations and r.correlations.n_propagate,
        ),
        Figure(
            "ablated_units",
            "array or null",
            "indices of the units that are clamped, of a large model some only",
            lambda r: r.ablations and r.ablations.units,
        ),
        Figure(
            "ablated_accuracies",
            "array or null",
            "sequence accuracy with each of them clamped to its mean",
            lambda r: r.ablations and r.ablations.accuracies,
        ),
        Figure(
            "intact_accuracy",
            "number or null",
            "sequence accuracy without an ablation",
            lambda r: r.ablations and r.ablations.intact,
        ),
        Figure(
            "n_ablation_sequences",
            "integer or null",
            "sequences of both",
            lambda r: r.ablations and r.ablations.n_sequences,
        ),
        Figure(
            "saturation",
            "array",
            "by layer: name, low, high (fraction of each unit), n time steps",
            lambda r: [_saturation(layer) for layer in r.saturation],
        ),
        Figure("weights", "object", "parameters by name", lambda r: r.weights),
    ),
    "memory": (
        Figure(
            "swap_differing",
            "number or null",
            "accuracy after swaps of states whose required states differ",
            lambda r: r.swap.differing_pairs.accuracy,
        ),
        Figure(
            "n_differing",
            "integer",
            "number of these pairs",
            lambda r: int(r.swap.differing_pairs.n.sum()),
        ),
        Figure(
            "swap_all",
            "number or null",
            "accuracy after all swaps",
            lambda r: r.swap.all_pairs.accuracy,
        ),
        Figure(
            "n_pairs", "integer", "number of all pairs", lambda r: int(r.swap.all_pairs.n.sum())
        ),
        Figure(
            "swap_differing_by_t",
            "array",
            "swap_differing by the time step of the swap",
            lambda r: r.swap.differing_pairs.accuracies,
        ),
        Figure("n_differing_by_t", "array", "their numbers", lambda r: r.swap.differing_pairs.n),
        Figure("is_used", "boolean", "swap_differing ≥ 0.99", lambda r: r.is_used),
        Figure(
            "probe_propagate",
            "object",
            "n propagate time steps, probe, majority, present_input",
            lambda r: _attributes(r.probe.propagate, "n probe majority present_input"),
        ),
        Figure(
            "probe_everywhere",
            "object",
            "the same on all time steps",
            lambda r: _attributes(r.probe.everywhere, "n probe majority present_input"),
        ),
        Figure(
            "r_propagate",
            "array",
            "r of each unit with the required state on propagate time steps",
            lambda r: r.correlations.propagate,
        ),
        Figure(
            "order", "array", "indices of the units, from 0, by |r|", lambda r: r.correlations.order
        ),
        Figure(
            "sequence_accuracy",
            "number",
            "sequences with every output correct",
            lambda r: r.sequence_accuracy,
        ),
        Figure("bit_accuracy", "number", "correct outputs", lambda r: r.bit_accuracy),
    ),
    "machine": (
        Figure("n_cells", "integer", "cells of quantized states", lambda r: r.automaton.n_cells),
        Figure(
            "n_states",
            "integer or null",
            "states of the minimal Mealy machine",
            lambda r: r.automaton.mealy and r.automaton.mealy.n_states,
        ),
        Figure(
            "n_moore_states",
            "integer or null",
            "states of the minimal Moore machine",
            lambda r: r.automaton.n_moore_states,
        ),
        Figure(
            "transitions",
            "array or null",
            "next state by state and symbol (inputs in counting order)",
            lambda r: r.automaton.mealy and r.automaton.mealy.transitions,
        ),
        Figure(
            "outputs",
            "array or null",
            "output by state and symbol",
            lambda r: r.automaton.mealy and r.automaton.mealy.outputs,
        ),
        Figure(
            "fidelity",
            "object or null",
            "n_outputs, n_matching_outputs, n_words, n_matching_words",
            lambda r: (
                r.fidelity
                and _attributes(r.fidelity, "n_outputs n_matching_outputs n_words n_matching_words")
            ),
        ),
        Figure(
            "machine_search",
            "object or null",
            "for a difference of machine and model: n_words, max_length, word, …",
            lambda r: _search(r.against_machine),
        ),
        Figure(
            "n_task_states",
            "integer or null",
            "states of the task's minimal machine",
            lambda r: r.task_machine and r.task_machine.n_states,
        ),
        Figure(
            "equals_task", "boolean", "whether the two machines are equal", lambda r: r.equals_task
        ),
        Figure(
            "task_search",
            "object or null",
            "the same for an incorrect output; word: symbols by time step, or null",
            lambda r: _search(r.against_task),
        ),
    ),
    "attractors": (
        Figure(
            "fixed_points",
            "array",
            "by inputs: points: kind, state, logits, eigenvalues [re, im], …",
            lambda r: [
                {"inputs": entry.inputs, "points": [_point(point) for point in entry.points]}
                for entry in r.by_input
            ],
        ),
        Figure(
            "retention",
            "string or null",
            "whether the required state is kept: for ever, limited, not, or unknown",
            lambda r: r.retention and r.retention.verdict,
        ),
        Figure(
            "retention_time_steps",
            "number or null",
            "for how many time steps; null for ever, and if unknown",
            lambda r: r.retention and r.retention.time_steps,
        ),
        Figure(
            "participation_ratio",
            "number or null",
            "effective dimensions of the states visited",
            lambda r: r.components.participation_ratio,
        ),
        Figure(
            "explained_variance",
            "array",
            "fraction of their variance by principal component",
            lambda r: r.components.explained_variance_ratios,
        ),
        Figure("n_states", "integer", "number of these states", lambda r: r.components.n_states),
        Figure("path", "array", "states of the example on two components", lambda r: r.path),
    ),
    "gradient-map": (
        Figure("norms", "array", "‖∂L_t/∂h_k‖ by loss t, then state k", lambda r: r.norms),
        Figure("cell_norms", "array or null", "‖∂L_t/∂c_k‖ (lstm)", lambda r: r.cell_norms),
        Figure(
            "loss_fractions", "array", "share of each loss in the sum", lambda r: r.loss_fractions
        ),
        Figure(
            "old_fraction",
            "number or null",
            "share of states more than 3 time steps before the loss",
            lambda r: r.old_fraction,
        ),
        Figure(
            "gains_per_step",
            "array",
            "mean factor of loss t's gradient in a time step back",
            lambda r: [r.gain_per_step(t) for t in range(len(r.norms))],
        ),
    ),
    "health": (
        Figure("update_ratios", "object", "‖Δw‖/‖w‖ by parameter", lambda r: r.update_ratios),
        Figure("n_updates", "integer", "updates they are a mean of", lambda r: r.n_updates),
        Figure("batch_size", "integer", "sequences of an update", lambda r: r.batch_size),
        Figure(
            "gradient_fractions",
            "object",
            "share of the squared gradient by parameter",
            lambda r: r.gradient_fractions,
        ),
        Figure(
            "saturated_errors",
            "number or null",
            "fraction of outputs that are incorrect, and saturated",
            lambda r: r.saturated_errors,
        ),
        Figure(
            "saturation",
            "array",
            "by layer: name, low, high (fraction of each unit), n time steps",
            lambda r: [_saturation(layer) for layer in r.saturation],
        ),
        Figure(
            "spectra",
            "object",
            "of W_h, by gate: spectral_radius, largest_singular_value",
            lambda r: {name: _spectrum(each) for name, each in r.spectra.items()},
        ),
        Figure(
            "jacobian",
            "object or null",
            "the same of the mean ∂s_t/∂s_{t-1}",
            lambda r: r.jacobian and _spectrum(r.jacobian),
        ),
    ),
    "accuracy-by": (
        Figure(
            "n_correct",
            "integer",
            "sequences with every output correct",
            lambda r: r.sequences.n_correct,
        ),
        Figure("sequence_accuracy", "number", "n_correct / n", lambda r: r.sequences.accuracy),
        Figure("exhaustive", "boolean", "whether n are all there are", lambda r: r.exhaustive),
        Figure(
            "by_position",
            "array",
            "value (time step from 0), n_correct, n",
            lambda r: _groups(r.by_position),
        ),
        Figure(
            "by_position_and_state",
            "object or null",
            "the same by required state before the time step",
            lambda r: (
                r.by_position_and_state
                and {
                    str(state): _groups(groups) for state, groups in r.by_position_and_state.items()
                }
            ),
        ),
        Figure(
            "by_required_state",
            "array or null",
            "value (required state before), n_correct, n",
            lambda r: _groups(r.by_required_state),
        ),
        Figure(
            "by_chain_length",
            "array or null",
            "value (time steps since the state was 0), n_correct, n",
            lambda r: _groups(r.by_chain_length),
        ),
    ),
    "length": (
        Figure(
            "by_length",
            "array",
            "length, n, n_correct, interval (Wilson 95 %), n_outputs, counterexample, …",
            lambda r: [_accuracy_at_length(each) for each in r.samples],
        ),
        Figure(
            "ripples",
            "array or null",
            "carry, order, max_columns, longest, counterexample (a, b, incorrect_bit)",
            lambda r: [_ripple(each) for each in r.ripples] or None,
        ),
        Figure(
            "longest",
            "integer or null",
            "columns up to which every ripple is correct; null without ripples",
            lambda r: r.longest,
        ),
    ),
}
COUNTS: dict[str, Callable[[Any], int | None]] = {
    "hidden-states": lambda r: r.n_sequences,
    "memory": lambda r: r.n_sequences,
    "machine": lambda r: r.fidelity and r.fidelity.n_words,
    "attractors": lambda r: r.n_starts,
    "gradient-map": lambda r: r.n_sequences,
    "health": lambda r: r.n_sequences,
    "accuracy-by": lambda r: r.sequences.n,
    "length": lambda r: sum(each.n for each in r.samples),
}


def analysis_fields(name: str, result: Any) -> dict[str, Any]:
    """Return the keys n and figures of the `result` of the analysis `name`."""
    figures = {figure.name: _plain(figure.value(result)) for figure in FIGURES[name]}
    return {"n": COUNTS[name](result), "figures": figures}


def _plain(value: Any) -> Any:
    """Return arrays as lists, also within objects and lists."""
    if isinstance(value, dict) or hasattr(value, "keys"):
        return {name: _plain(value[name]) for name in value}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _attributes(result: Any, names: str) -> dict[str, Any]:
    return {name: getattr(result, name) for name in names.split()}


def _saturation(layer: Saturation) -> dict[str, Any]:
    return {"name": layer.name, "low": layer.low, "high": layer.high, "n": layer.n}


def _spectrum(spectrum: Spectrum) -> dict[str, Any]:
    return _attributes(spectrum, "spectral_radius largest_singular_value")


def _search(search: CounterexampleSearch | None) -> dict[str, Any] | None:
    return search and _attributes(search, "n_words max_length exhaustive_length word")


def _point(point: FixedPoint) -> dict[str, Any]:
    eigenvalues = [[value.real, value.imag] for value in point.eigenvalues.tolist()]
    return {
        **_attributes(point, "kind state logits spectral_radius memory_time"),
        "eigenvalues": eigenvalues,
    }


def _groups(groups: Sequence[Group] | None) -> list[dict[str, Any]] | None:
    return None if groups is None else [group._asdict() for group in groups]


def _accuracy_at_length(result: LengthAccuracy) -> dict[str, Any]:
    return {
        **_attributes(result, "length n n_correct n_outputs n_correct_outputs"),
        "interval": list(result.interval),
        "counterexample": _counterexample(result.counterexample),
    }


def _ripple(ripple: Ripple) -> dict[str, Any]:
    return {
        **_attributes(ripple, "carry order max_columns longest"),
        "counterexample": _counterexample(ripple.counterexample),
    }


def _counterexample(found: IncorrectPair | None) -> dict[str, Any] | None:
    """Return the operands in decimal digits: they may have more than a JSON number can hold."""
    return found and {"a": str(found.a), "b": str(found.b), "incorrect_bit": found.incorrect_bit}
