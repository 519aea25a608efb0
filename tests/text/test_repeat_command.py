"""The parser reads a `repeat_command` as the same run."""

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.cli.arguments import schedule_from, settings_from
from rnn_tui.cli.main import make_parser
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import parse_float
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import CHOICES, RANGES, Settings
from rnn_tui.config.switching import switched
from rnn_tui.config.unused import effective_value
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import (
    CHANGEABLE_FIELDS,
    AppliedChange,
    Change,
    SetField,
    SetWeights,
    parse_change,
)
from rnn_tui.run.run import Run
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.text.repeat_command import repeat_command
from tests.support.makers import COUNTING, settings_with, state_of

POSITIVE = st.floats(0, 1e6, exclude_min=True)
NAMES = [name for name in FIELDS if name != "steps"]


def values_of(name: str) -> st.SearchStrategy[Any]:
    """Return a strategy for values of the setting, most of them valid."""
    option = FIELDS[name]
    if option.attribute in CHOICES:
        return st.sampled_from(sorted(CHOICES[option.attribute]))
    if option.attribute in RANGES:
        return st.integers(0, 3) | st.integers(4, 64)
    assert option.parse is parse_float
    return st.sampled_from([0.1, 0.5, 1e-7, 1.5]) | POSITIVE


SETS = st.sampled_from(CHANGEABLE_FIELDS).flatmap(
    lambda name: values_of(name).map(lambda value: SetField(name, value))
)


@st.composite
def starts(draw: st.DrawFn) -> Settings:
    """Draw valid settings, a few switches and changes away from a recipe."""
    start = RECIPES[draw(st.sampled_from(list(RECIPES)))].settings
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=8)):
        value = draw(values_of(name))
        with suppress(UserError):
            if name in CHANGEABLE_FIELDS:
                start = SetField(name, value).apply_to(start)
            else:
                start = FIELDS[name].set(start, value)
    return start


def read_back(command: str) -> tuple[Settings, list[tuple[int, Change]]]:
    """Return the settings and the schedule that the parser reads from `command`."""
    program, *words = shlex.split(command)
    assert program == "rnn-tui"
    options = make_parser().parse_args(words)
    start = settings_from(options)
    return start, schedule_from(options, start)


def used_values(start: Settings, schedule: Sequence[tuple[int, Change]] = ()) -> dict[str, Any]:
    """Return the values with an effect, by setting, of `start` after the changes of `schedule`."""
    state = SettingsState.from_settings(start)
    for _, change in schedule:
        state = state.apply(change)
    return {
        name: effective_value(name, field.get(state.settings), [state.settings])
        for name, field in FIELDS.items()
    }


N_PARTS = 3  # each has every pair of task, model and optimizer, if there are as many of each
assert min(len(TASKS), len(MODELS), len(OPTIMIZERS)) >= N_PARTS


@pytest.mark.parametrize(("part", "recipe"), list(enumerate(RECIPES)))
def test_command_of_switches_from_a_recipe_is_parsed_as_the_same_settings(
    part: int, recipe: str
) -> None:
    parser, n_switches = make_parser(), 0
    for t, task in enumerate(TASKS):
        for m, model in enumerate(MODELS):
            for o, optimizer in enumerate(OPTIMIZERS):
                if (t + m + o + part) % N_PARTS:
                    continue
                try:
                    start = switched(RECIPES[recipe].settings, task, model, optimizer)
                except UserError:
                    assert model == "linear"
                    continue
                words = shlex.split(repeat_command(start, [], start.steps))[1:]
                assert used_values(settings_from(parser.parse_args(words))) == used_values(start)
                n_switches += 1
    assert n_switches >= len(TASKS) * (len(MODELS) - 1) * (len(OPTIMIZERS) // N_PARTS)


@settings(max_examples=20, deadline=None)
@given(starts(), st.integers(1, 10**12))
def test_command_of_any_settings_is_parsed_as_the_same_settings(
    start: Settings, steps: int
) -> None:
    parsed, schedule = read_back(repeat_command(start, [], steps))
    assert (used_values(parsed), schedule) == (used_values(replace(start, steps=steps)), [])


@settings(max_examples=20, deadline=None)
@given(
    starts(), st.integers(1, 10**12), st.lists(st.tuples(st.integers(0, 10**6), SETS), max_size=8)
)
def test_changes_of_a_run_are_parsed_with_the_same_settings_at_each_step(
    start: Settings, steps: int, changes: list[tuple[int, Change]]
) -> None:
    state, schedule, log = SettingsState.from_settings(start), [], []
    for step, change in sorted(changes, key=lambda entry: entry[0]):
        with suppress(UserError):
            state = state.apply(change)
            schedule.append((min(step, steps), change))
            log.append(AppliedChange(*schedule[-1], "", "", state.settings))
    start, (parsed, parsed_schedule) = (
        replace(start, steps=steps),
        read_back(repeat_command(start, log, steps)),
    )
    for last in {0, *(step for step, _ in schedule)}:
        assert used_values(parsed, until(last, parsed_schedule)) == used_values(
            start, until(last, schedule)
        )


def until(last: int, schedule: list[tuple[int, Change]]) -> list[tuple[int, Change]]:
    return [(step, change) for step, change in schedule if step <= last]


@pytest.mark.parametrize(
    ("start", "changes"),
    [
        (
            settings_with(length=5, seed=3),
            ["optimizer=adam", "beta1=0.5", "batch-size=2", "hidden-size=7", "task=subtraction"],
        ),
        (
            settings_with(
                length=4, hidden_size=4, dataset_size=9, batch_size=3, batching="overlapping"
            ),
            ["task=xor", "task=addition", "model=lstm", "biases=2", "dataset-size=0"],
        ),
        (
            settings_with(length=4, hidden_size=4),
            # Valid in this order only: step-max=1e-08 is below the default step-min.
            [
                "optimizer=rprop", "step-min=1e-09", "optimizer=sgd", "optimizer=rprop",
                "step-max=1e-08",
            ],
        ),
        (COUNTING, ["weights=0.5,-0.25", "lr=0.002", "optimizer=adam", "weights=1e-07,2"]),
        (COUNTING, ["model=elman", "optimizer=sgd", "lr=0.01", "task=parity", "model=gru"]),
    ],
)  # fmt: skip
def test_command_repeats_the_run(start: Settings, changes: list[str]) -> None:
    run = Run(start)
    for spec in changes:
        run.advance(30)
        assert run.apply(parse_change(spec)) is not None
    run.advance(30)
    again = Run(*read_back(repeat_command(run.initial_settings, run.log, run.step)))
    again.advance(run.step)
    original, repeated = state_of(run), state_of(again)
    repeated_settings = replace(repeated.pop("settings"), steps=run.settings.steps)
    assert used_values(original.pop("settings")) == used_values(repeated_settings)
    assert len(original.pop("log")) == len(repeated.pop("log"))
    assert original == repeated


@pytest.mark.parametrize(
    ("start", "changes", "options"),
    [
        (settings_with(layers=3, lag=2), [], ""),
        (settings_with(layers=3), ["model=feed-forward"], "--layers 3 --at 5:model=feed-forward"),
        (settings_with(model="gru", biases=2), [], "--model gru --biases 1"),
        (
            settings_with(model="gru", biases=2),
            ["model=elman"],
            "--model gru --biases 2 --at 5:model=elman",
        ),
        (settings_with(), ["lag=2", "layers=4", "lr=0.2"], "--at 5:lr=0.2"),
        (settings_with(), ["lag=2", "task=echo"], "--at 5:lag=2 --at 5:task=echo"),
    ],
)
def test_command_has_only_values_with_an_effect(
    start: Settings, changes: list[str], options: str
) -> None:
    run = Run(start)
    run.advance(5)
    for spec in changes:
        assert run.apply(parse_change(spec))
    _, has_recipe, command = repeat_command(start, run.log, 5).partition(f"--recipe {start.recipe}")
    assert has_recipe
    assert command.replace(" --steps 5", "").strip() == options


def test_weights_are_parsed_to_the_last_bit() -> None:
    change = SetWeights((0.1 + 0.2, -5e-324))
    command = repeat_command(COUNTING, [AppliedChange(3, change, "", "", COUNTING)], 9)
    assert read_back(command)[1] == [(3, change)]


def test_numbers_are_as_short_as_on_the_command_line() -> None:
    start = replace(RECIPES["binary-addition"].settings, learning_rate=1e6)
    log = [AppliedChange(5, SetField("lr", 2.0), "", "", replace(start, learning_rate=2.0))]
    command = repeat_command(start, log, 9)
    assert command == ("rnn-tui train --recipe binary-addition --lr 1000000 --steps 9 --at 5:lr=2")
