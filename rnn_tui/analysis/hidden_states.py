"""The hidden states over one example, and the part of each unit in the memory of the task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.machine import IntArray
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.units import (
    Ablations,
    Correlations,
    Saturation,
    activations,
    mean_ablations,
    saturation,
    unit_correlations,
)
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import BoolArray, StateArray

ABLATION_SEQUENCES = 512  # as each unit takes a forward pass
MIN_ABLATION_UNITS, MAX_ABLATION_MULTIPLICATIONS = 4, 2_000_000_000  # of states by weights


@final
class LayerStates(NamedTuple):
    """The outputs of one activation over the example.

    name        "hidden state", or of a gate or cell
    activation  "sigmoid", "tanh", "relu", or "linear"
    values      (time, hidden)
    """

    name: str
    activation: str
    values: FloatArray


@final
@dataclass(frozen=True, slots=True, eq=False)
class HiddenStates:
    """One example with its hidden states, and figures of each unit over `n_sequences` sequences.

    inputs          (time, features)
    targets         (time,)
    predictions     ŷ, (time,)
    mask            whether the time step is scored, (time,)
    required_state  after each time step, such as the carry out of a column, (time,)
    layers          the hidden state first, then the gates of a gated model
    correlations    with the required state; None for a task without one
    ablations       of all units, or in a large model of the first ones of `order`; None for a
                    model without a recurrent state
    saturation      as `layers`; empty for a model whose units cannot saturate
    order           the units by |r|, or by the standard deviation over the example without r
    weights         the parameters by name, as in the model
    """

    inputs: FloatArray
    targets: FloatArray
    predictions: FloatArray
    mask: BoolArray
    required_state: StateArray
    layers: tuple[LayerStates, ...]
    correlations: Correlations | None
    ablations: Ablations | None
    saturation: tuple[Saturation, ...]
    order: IntArray
    weights: Mapping[str, FloatArray]
    n_sequences: int

    @property
    def states(self) -> FloatArray:
        """The hidden states h_t, (time, hidden)."""
        return self.layers[0].values


def hidden_states(subject: Subject) -> HiddenStates:
    """Return the hidden states over the example of `subject`.

    Raises ValueError if hidden states are not finite.
    """
    task, example, examples = subject.task, subject.example, subject.examples
    model = subject.model.copy()
    cache = model.forward(example.inputs)
    outputs = subject.loss.compute(cache.logits.copy(), example).outputs
    layers = tuple(
        LayerStates(name, kind, values[:, 0].copy())
        for name, kind, values in activations(model, cache)
    )
    correlations, order = None, np.argsort(-layers[0].values.std(axis=0), kind="stable")
    if task.state_name:
        correlations = unit_correlations(examples, subject.forward.hidden_states)
        order = correlations.order
    return HiddenStates(
        inputs=example.inputs[:, 0],
        targets=example.targets[:, 0, 0],
        predictions=outputs[:, 0, 0].copy(),
        mask=example.loss_weights[:, 0, 0] > 0,
        required_state=examples.states_after(example)[:, 0],
        layers=layers,
        correlations=correlations,
        ablations=_ablations(subject, order) if subject.is_recurrent else None,
        saturation=tuple(saturation(model, examples, subject.forward)),
        order=order,
        weights={name: model.parameters[name] for name in model.parameters},
        n_sequences=examples.n,
    )


def _ablations(subject: Subject, order: IntArray) -> Ablations:
    """Return the ablations of all units, or in a large model of the first ones of `order`."""
    examples = subject.examples_up_to(ABLATION_SEQUENCES)
    cost = examples.n * subject.task.sequence_length * len(order) * len(order)
    count = affordable_count(MAX_ABLATION_MULTIPLICATIONS, cost, MIN_ABLATION_UNITS, len(order))
    return mean_ablations(subject.model, examples, subject.loss, np.sort(order[:count]).tolist())
