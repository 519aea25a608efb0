"""A change says itself on the command line, and refuses nonsense in one line."""

from dataclasses import fields
from math import inf, nan
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings, SettingsError, number, whole
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.run.changes import CHANGES, LIVE, Change, Set, SetSpeed, SetWeights, parse_change
from tests.support.makers import COUNTING, EACH_CHANGE, OTHER_VALUES, SMALL, start_for

START = RECIPES[DEFAULT_RECIPE].settings
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    whole: st.integers(-(10**15), 10**15),
    number: st.floats(allow_nan=False),
}
WEIGHTS = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1).map(tuple)


def test_every_change_has_another_value_to_be_tested_with() -> None:
    assert list(OTHER_VALUES) == list(CHANGES)
    assert {name for name in OPTIONS if name not in CHANGES} == {"init", "seed", "steps"}


@pytest.mark.parametrize("name", CHANGES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_a_change_says_is_read_back_as_the_change(name: str, data: st.DataObject) -> None:
    change: Change
    if name == SetWeights.name:
        change = SetWeights(data.draw(WEIGHTS))
    else:
        change = Set(name, data.draw(VALUES[OPTIONS[name].read]))
    assert change.spec.startswith(f"{name}=")
    assert parse_change(change.spec) == change


@pytest.mark.parametrize("name", LIVE)
def test_a_change_amends_the_setting_it_names(name: str) -> None:
    start, change, option = start_for(name), EACH_CHANGE[name], OPTIONS[name]
    assert isinstance(change, Set)
    amended = change.amend(start)
    assert getattr(amended, option.field) == option.read(OTHER_VALUES[name])
    assert getattr(start, option.field) != getattr(amended, option.field)
    assert (change.title, change.shown(amended)) == (option.title, OTHER_VALUES[name])
    differing = {
        it.name for it in fields(Settings) if getattr(start, it.name) != getattr(amended, it.name)
    }
    also = {"learning_rate"} if name == "optimizer" else set()
    assert differing == {option.field} | also


def test_weights_amend_no_setting() -> None:
    assert SetWeights((1.0, 1.0)).amend(COUNTING) == COUNTING


@example("lr")
@example("lr=")
@example("lr=fast")
@example("hidden=2.5")
@example("=3")
@example("batch=\n")
@example("weights=1,,2")
@example("weights=1,nan")
@settings(max_examples=50, deadline=None)
@given(st.text() | st.sampled_from(CHANGES).flatmap(lambda n: st.text().map(f"{n}=".__add__)))
def test_text_is_a_change_or_refused_in_one_line(text: str) -> None:
    try:
        assert isinstance(parse_change(text), get_args(Change))
    except SettingsError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("lr", "NAME=VALUE"),
        ("lr=fast", "^lr: 'fast' is not a number"),
        ("hidden=2.5", "^hidden: '2.5' is not a whole number"),
        ("optimiser=sgd", "did you mean optimizer"),
        ("learning_rate=1", "there is no change 'learning_rate'"),
        ("weights=1,x", "^weights: 'x' is not a number"),
        ("weights=1,inf", "weights must be finite"),
        ("weights=", "'' is not a number"),
    ],
)
def test_a_bad_change_is_refused_with_the_reason(spec: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        parse_change(spec)


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in CHANGES])
def test_what_only_a_start_can_have_is_no_change(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is for the start of a run: rnn-tui --{name}"):
        parse_change(f"{name}=1")


@pytest.mark.parametrize(
    "spec", ["lr=nan", "lr=0", "task=chess", "hidden=0", "batch=-1", "model=linear", "lag=5"]
)
def test_a_value_that_makes_no_run_is_refused_by_the_settings(spec: str) -> None:
    with pytest.raises(SettingsError):
        parse_change(spec).amend(start_for("lag") if spec.startswith("lag") else START)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("field", HYPERPARAMETERS)
def test_an_optimizer_is_tuned_by_what_it_has_and_by_nothing_else(
    optimizer: str, field: str
) -> None:
    start = Set("optimizer", optimizer).amend(SMALL)
    name = field.replace("_", "-")
    change = parse_change(f"{name}={OTHER_VALUES[name]}")
    if field in hyperparameters_of(optimizer):
        tuned = change.amend(start).make_optimizer()
        assert getattr(tuned, field) == float(OTHER_VALUES[name])
    else:
        with pytest.raises(SettingsError, match=f"^{optimizer} has no {name}; "):
            change.amend(start)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_weights_are_finite(value: float) -> None:
    with pytest.raises(SettingsError, match="finite"):
        SetWeights((1.0, value))


@pytest.mark.parametrize("count", [1, 3])
def test_there_are_as_many_weights_as_the_net_has(count: int) -> None:
    with pytest.raises(SettingsError, match=f"^this net has 2 weights, not {count}$"):
        SetWeights((0.5,) * count).amend(COUNTING)


@pytest.mark.parametrize("speed", [0.0, -1.0, nan])
def test_a_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(SettingsError):
        SetSpeed(speed)
    assert SetSpeed(inf).steps_per_second == inf
