"""The drawings of hidden states, memory, machine and accuracy for every task and model."""

from typing import Any

import pytest

from rnn_tui.analysis.analyses import ANALYSES
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.run import Run
from rnn_tui.tui.drawing.accuracy_by import draw_accuracy_by
from rnn_tui.tui.drawing.hidden_states import draw_hidden_states
from rnn_tui.tui.drawing.machine import draw_machine
from rnn_tui.tui.drawing.memory import draw_memory
from tests.support.makers import SMALL, settings_with
from tests.tui.drawing.analyzed import rows_of

SETTINGS = {name: switched(SMALL, name) for name in TASKS} | {
    name: settings_with(length=5, hidden_size=6, model=name)
    for name in MODELS
    if not MODELS[name].has_cost_surface
}
SIZES = [(46, 5), (76, 24)]


@pytest.mark.parametrize("name", SETTINGS)
def test_drawings_fit_for_every_task_and_model(name: str) -> None:
    settings: Settings = SETTINGS[name]
    run = Run(settings)
    run.advance(1)
    task, subject = run.task, Subject(run.task, run.trainer, max_sequences=32)
    drawn: list[str] = []

    def result(analysis: str) -> Any:
        try:
            return ANALYSES[analysis].compute(subject)
        except ValueError:
            return None

    hidden, memory, machine, accuracy = map(
        result, ("hidden-states", "memory", "machine", "accuracy-by")
    )
    for size in SIZES:
        for layer in range(len(hidden.layers)):
            states = draw_hidden_states(hidden, task, *size, layer=layer, chosen=0)
            drawn += rows_of(states, *size)
        drawn += rows_of(draw_accuracy_by(accuracy, task, (), *size), *size)
        if memory is not None:
            drawn += rows_of(draw_memory(memory, (), task.state_name, *size), *size)
        if machine is not None:
            drawn += rows_of(draw_machine(machine, task, *size), *size)
    n_drawings = len(SIZES) * len(hidden.layers)
    assert sum(row.startswith("▸unit ") for row in drawn) == n_drawings
