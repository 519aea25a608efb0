"""Every analysis of the table, on the model that every task starts with."""

from typing import Any

import numpy as np
import pytest

import rnn_tui.analysis
from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.attractors import attractors
from rnn_tui.analysis.learned_machine import learned_machine
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.switching import switched
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.run import Run
from tests.support.makers import SMALL, settings_with

WITHOUT_MEANING = {
    "memory": {"xor"},
    "machine": {"xor"},
    "attractors": {"xor"},
    "length": {"xor"},
}


def subject_of(task: str, steps: int = 5) -> Subject:
    run = Run(switched(SMALL, task))
    run.advance(steps)
    return Subject(run.task, run.trainer)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ANALYSES)
def test_analysis_of_every_task_has_a_result_or_a_reason(name: str, task: str) -> None:
    subject = subject_of(task)
    if task in WITHOUT_MEANING.get(name, ()):
        with pytest.raises(ValueError, match=r" (needs?|no|choose) .*\.$"):
            ANALYSES[name].compute(subject)
    else:
        assert ANALYSES[name].compute(subject) is not None


@pytest.mark.parametrize(("task", "n_symbols"), [("flip-flop", 3), ("addition", 4)])
def test_inputs_that_never_come_together_are_not_analyzed(task: str, n_symbols: int) -> None:
    """Such as set and reset of the flip-flop, for which no model is trained."""
    subject = subject_of(task)
    machine = learned_machine(subject)
    assert len(attractors(subject).by_input) == n_symbols
    assert machine.task_machine is not None
    assert machine.task_machine.transitions.shape == (2, n_symbols)


@pytest.mark.parametrize("task", ["echo", "delayed-xor"])
def test_output_without_a_target_is_not_incorrect(task: str) -> None:
    subject = subject_of(task, steps=0)
    logits = subject.model.forward(subject.system.symbols[np.array([[0, 1]])]).logits[0, :, 0]
    assert (logits > subject.loss.threshold).any()  # the target of a first time step would be 0
    search = learned_machine(subject).against_task
    assert search is not None
    assert search.word is not None
    assert len(search.word) > 1


def test_portrait_has_the_states_of_all_time_steps() -> None:
    run = Run(settings_with(hidden_size=4))
    visited = attractors(Subject(run.task, run.trainer)).visited
    assert len(np.unique(visited, axis=0)) > 4  # as many as there are after the first time step


def test_lines_of_the_docstring_give_the_values_named_there() -> None:
    text = str(rnn_tui.analysis.__doc__)
    assert set(ANALYSES) <= set(text.split())
    lines = text[text.index("    import numpy") :].splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(line[4:] for line in lines), names)
    for line in lines[-2:]:
        expression, _, comment = line.strip().partition("#")
        assert eval(expression, names) == float(comment.split()[0]) == 1.0
