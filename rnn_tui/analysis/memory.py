"""Whether the state that the task requires is in the hidden states, and whether it is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from rnn_tui.analysis.probe import ProbeResult, probe
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.swap import SwapResult, swap
from rnn_tui.analysis.units import Correlations, unit_correlations

MEMORY_USED = 0.99  # accuracy after swaps of differing states from which the memory is used


@final
@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Figures of the memory of a model over `n_sequences` sequences.

    swap               the interchange intervention accuracy, which shows that the state is used
    probe              of a linear probe, which shows that it is there
    correlations       of each unit with the required state
    sequence_accuracy  fraction of sequences with every output correct
    bit_accuracy       fraction of scored outputs that are correct
    """

    swap: SwapResult
    probe: ProbeResult
    correlations: Correlations
    sequence_accuracy: float
    bit_accuracy: float
    n_sequences: int

    @property
    def is_used(self) -> bool:
        """Whether the accuracy after swaps of differing states is at least MEMORY_USED."""
        return self.swap.differing_pairs.accuracy >= MEMORY_USED


def memory(subject: Subject) -> Memory:
    """Return the figures of the memory of `subject`.

    Raises ValueError for a model without a recurrent state, a task without a required state, and
    if hidden states are not finite.
    """
    swapped = swap(subject.model, subject.task, subject.loss, subject.swap_pairs)
    examples, forward = subject.examples, subject.forward
    return Memory(
        swapped,
        probe(examples, forward.hidden_states),
        unit_correlations(examples, forward.hidden_states),
        forward.sequence_accuracy,
        float(forward.correct[examples.mask].mean()),
        examples.n,
    )
