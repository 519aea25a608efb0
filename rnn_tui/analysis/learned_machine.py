"""The finite-state machine that a model has learned, compared with the model and with the task."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import final

from rnn_tui.analysis.automaton import (
    Automaton,
    Fidelity,
    extract_automaton,
    fidelity,
    random_words,
    run_system,
)
from rnn_tui.analysis.counterexample import CounterexampleSearch, Runner, find_counterexample
from rnn_tui.analysis.machine import IntArray, Machine
from rnn_tui.analysis.subject import Subject
from rnn_tui.analysis.task_machine import n_unscored_time_steps, task_machine


@final
@dataclass(frozen=True, slots=True, eq=False)
class LearnedMachine:
    """The machine extracted from a model, and searches for words that refute it.

    fidelity         of the minimal machine to the model; None without a machine
    against_machine  the search for a word on which model and machine differ; None without one
    task_machine     the minimal machine of the task; None if it has none
    against_task     the search for a word on which the model is incorrect; None without it
    n_unscored       time steps at the start of a sequence without a target
    """

    automaton: Automaton
    fidelity: Fidelity | None
    against_machine: CounterexampleSearch | None
    task_machine: Machine | None
    against_task: CounterexampleSearch | None
    n_unscored: int = 0

    @property
    def equals_task(self) -> bool:
        """Whether the machines of the model and of the task agree at all scored time steps."""
        mine, task = self.automaton.mealy, self.task_machine
        return mine is not None and task is not None and mine.equals_from(task, self.n_unscored)


def learned_machine(subject: Subject) -> LearnedMachine:
    """Return the machine of `subject`; raises ValueError without a recurrent state."""
    system = subject.system
    model, n_symbols = partial(run_system, system), len(system.symbols)
    automaton, truth = extract_automaton(system), task_machine(subject.task)
    matches, own, incorrect = None, None, None
    n_unscored = n_unscored_time_steps(subject.task)
    if automaton.mealy is not None:
        matches = fidelity(system, automaton.mealy, random_words(n_symbols))
        own = find_counterexample(model, automaton.mealy.run, n_symbols)
    if truth is not None:
        truth = truth.minimized()
        scored = partial(_scored_outputs, model, truth, n_unscored)
        incorrect = find_counterexample(scored, truth.run, n_symbols)
    return LearnedMachine(automaton, matches, own, truth, incorrect, n_unscored)


def _scored_outputs(model: Runner, truth: Machine, n_unscored: int, words: IntArray) -> IntArray:
    """Return the outputs of `model` on `words` (time, n), those of `truth` where none is scored."""
    outputs = model(words)
    outputs[:n_unscored] = truth.run(words[:n_unscored])
    return outputs
