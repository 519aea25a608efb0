"""The figures of a learned machine in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rnn_tui.cli.analysis_figures.figure import Figure, attributes

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.counterexample import CounterexampleSearch

FIGURES = (
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
            and attributes(r.fidelity, "n_outputs n_matching_outputs n_words n_matching_words")
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
    Figure("equals_task", "boolean", "whether the two machines are equal", lambda r: r.equals_task),
    Figure(
        "task_search",
        "object or null",
        "the same for an incorrect output; word: symbols by time step, or null",
        lambda r: _search(r.against_task),
    ),
)


def _search(search: CounterexampleSearch | None) -> dict[str, Any] | None:
    return search and attributes(search, "n_words max_length exhaustive_length word")
