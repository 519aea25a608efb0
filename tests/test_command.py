"""The command that is said to repeat a run is read back as that run."""

import shlex
from dataclasses import replace
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.cli import make_parser, schedule_from, settings_from
from rnn_tui.command import repeat_command
from rnn_tui.engine.initialisation import INITIALISATIONS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.recipes import RECIPES
from rnn_tui.session.changes import (
    SetBatch,
    SetClipNorm,
    SetClipValue,
    SetHidden,
    SetLearningRate,
    SetOptimizer,
    SetTask,
    SettingChange,
    SetWeightDecay,
)
from rnn_tui.session.run import Applied, Run
from rnn_tui.settings import MAX_RATE, MAX_SEED, Settings
from tests.session.makers import settings_with, standing

RATES = st.sampled_from([0.1, 0.01]) | st.floats(0, MAX_RATE, exclude_min=True)
CHANGES = st.one_of(
    st.sampled_from(list(TASKS)).map(SetTask),
    st.sampled_from(list(OPTIMIZERS)).map(SetOptimizer),
    RATES.map(SetLearningRate),
    st.integers(1, 64).map(SetHidden),
    st.integers(1, 64).map(SetBatch),
    (st.just(inf) | RATES).map(SetClipNorm),
    RATES.map(SetClipValue),
    RATES.map(SetWeightDecay),
)
STARTS = st.builds(
    Settings,
    recipe=st.sampled_from(list(RECIPES)),
    task=st.sampled_from(list(TASKS)),
    optimizer=st.sampled_from(list(OPTIMIZERS)),
    learning_rate=RATES,
    hidden=st.just(16) | st.integers(1, 64),
    bits=st.just(8) | st.integers(2, 64),
    batch=st.just(1) | st.integers(1, 64),
    seed=st.just(0) | st.integers(0, MAX_SEED),
    steps=st.just(10_000),
    initialisation=st.sampled_from(list(INITIALISATIONS)),
    clip_norm=st.just(inf) | RATES,
    clip_value=st.just(inf) | RATES,
    weight_decay=st.just(0.0) | RATES,
)


def read_back(command: str) -> tuple[Settings, list[tuple[int, SettingChange]]]:
    """Return the settings and the schedule that the program takes from `command`."""
    program, *words = shlex.split(command)
    assert program == "rnn-tui"
    options = make_parser().parse_args(words)
    start = settings_from(options)
    return start, schedule_from(options, start)


@settings(max_examples=60, deadline=None)
@given(
    STARTS, st.integers(1, 10**12), st.lists(st.tuples(st.integers(0, 10**6), CHANGES), max_size=5)
)
def test_the_repeating_command_gives_back_settings_and_changes(
    start: Settings, steps: int, changes: list[tuple[int, SettingChange]]
) -> None:
    schedule = sorted(
        ((step, change) for step, change in changes if step <= steps), key=lambda entry: entry[0]
    )
    log = [Applied(step, change, "", "") for step, change in schedule]
    command = repeat_command(start, log, steps)
    assert read_back(command) == (replace(start, steps=steps), schedule)


def test_the_repeating_command_repeats_the_run() -> None:
    run = Run(settings_with(bits=5, seed=3))
    for change in (SetOptimizer("adam"), SetBatch(2), SetHidden(7), SetTask("subtraction")):
        run.advance(100)
        run.apply(change)
    run.advance(100)
    again = Run(*read_back(repeat_command(run.start, run.log, run.step)))
    again.advance(run.step)
    mine, theirs = standing(run), standing(again)
    assert mine.pop("settings") == replace(theirs.pop("settings"), steps=run.settings.steps)
    assert mine == theirs
