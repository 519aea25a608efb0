"""The fixed points of a model under each of its inputs, and a phase portrait of its states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np

from rnn_tui.analysis.budget import affordable_count
from rnn_tui.analysis.fixed_points import (
    N_STARTS,
    SEED,
    FixedPoint,
    Retention,
    find_fixed_points,
    retention,
    starts_near,
)
from rnn_tui.analysis.spectra import PrincipalComponents, principal_components
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.task_machine import task_machine
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.tasks.base import StateArray

MAX_PORTRAIT_STATES = 512
MAX_CUBES = 6_000_000  # MAX_CUBES / size³ starts take some 300 ms
N_SETTLING = 16  # visited states that are followed where fewer than N_STARTS are affordable


@final
class PointsUnderInput(NamedTuple):
    """The fixed points under constant `inputs` (features,), by their first logit."""

    inputs: FloatArray
    points: tuple[FixedPoint, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Attractors:
    """The fixed points found from `n_starts` starts for each input, and the states visited.

    by_input         one entry for each input
    retention        how long the required state is kept; None if no input is known to keep it, as
                     for times-three, and for a task without a machine
    components       of the states visited over the evaluation set
    visited          MAX_PORTRAIT_STATES of them, drawn with a fixed seed, on two components, (n, 2)
    required_state   of the visited states, (n,)
    path             the states over the example from s_0 on, (time + 1, 2)
    """

    by_input: tuple[PointsUnderInput, ...]
    retention: Retention | None
    components: PrincipalComponents
    visited: FloatArray
    required_state: StateArray
    path: FloatArray
    n_starts: int


def attractors(subject: Subject) -> Attractors:
    """Return the attractors of `subject`.

    Raises ValueError without a recurrent state, and if states are not finite.
    """
    transition, examples = subject.transition, subject.examples
    states = transition.trajectory(examples.batch.inputs)[1:].reshape(-1, transition.size)
    if not np.isfinite(states).all():
        raise ValueError("States are not finite; restart from weights before divergence.")
    # Of all time steps: the first states are those of the first one.
    some = np.random.RandomState(SEED).permutation(len(states))[:MAX_PORTRAIT_STATES]
    n_starts = affordable_count(MAX_CUBES, transition.size**3, 0, N_STARTS)
    starts = starts_near(states, n_starts)
    settling = states[some[: N_SETTLING if n_starts < N_STARTS else 0]]
    by_input = tuple(
        PointsUnderInput(inputs, tuple(find_fixed_points(transition, inputs, starts, settling)))
        for inputs in subject.system.symbols
    )
    machine, kept = task_machine(subject.task), None
    if machine is not None:
        symbols = machine.minimized().holding_symbols
        kept = retention(
            {symbol: by_input[symbol].points for symbol in symbols}, subject.loss.threshold
        )
    components = principal_components(states)
    path = transition.trajectory(subject.example.inputs)[:, 0]
    return Attractors(
        by_input,
        kept,
        components,
        components.project(states[some]),
        examples.state_after.ravel()[some],
        components.project(path),
        n_starts + len(settling),
    )
