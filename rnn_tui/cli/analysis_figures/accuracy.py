"""The figures of accuracies by group in JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rnn_tui.cli.analysis_figures.figure import Figure

if TYPE_CHECKING:  # `help json` prints the table without numpy
    from rnn_tui.analysis.accuracy import Group

FIGURES = (
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
            and {str(state): _groups(groups) for state, groups in r.by_position_and_state.items()}
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
)


def _groups(groups: Sequence[Group] | None) -> list[dict[str, Any]] | None:
    return None if groups is None else [group._asdict() for group in groups]
