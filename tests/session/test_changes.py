"""A change says itself on the command line, and refuses nonsense in one line."""

from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_tui.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.session.changes import CHANGES, SetSpeed, SettingChange, parse_change
from rnn_tui.settings import SettingsError
from tests.session.makers import OTHER_VALUES

START = RECIPES[DEFAULT_RECIPE].settings
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    float: st.floats(allow_nan=False),
}


@pytest.mark.parametrize("kind", CHANGES.values(), ids=CHANGES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_a_change_says_is_read_back_as_the_change(kind: Any, data: st.DataObject) -> None:
    change = kind(data.draw(VALUES[fields(kind)[0].type]))
    assert parse_change(change.spec) == change


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_amends_the_one_setting_it_names(name: str) -> None:
    change = parse_change(f"{name}={OTHER_VALUES[name]}")
    amended = change.amend(START)
    assert amended == replace(START, **{fields(change)[0].name: OTHER_VALUES[name]})
    assert amended != START
    assert change.shown(amended) == str(OTHER_VALUES[name])


@example("lr")
@example("lr=")
@example("lr=fast")
@example("hidden=2.5")
@example("=3")
@example("batch=\n")
@settings(max_examples=50, deadline=None)
@given(st.text() | st.sampled_from(list(CHANGES)).flatmap(lambda n: st.text().map(f"{n}=".__add__)))
def test_text_is_a_change_or_refused_in_one_line(text: str) -> None:
    try:
        assert isinstance(parse_change(text), SettingChange)
    except SettingsError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("lr", "NAME=VALUE"),
        ("lr=fast", "lr: 'fast' is not a number"),
        ("hidden=2.5", "hidden: '2.5' is not a whole number"),
        ("optimiser=sgd", "did you mean optimizer"),
    ],
)
def test_a_bad_change_is_refused_with_the_reason(spec: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        parse_change(spec)


@pytest.mark.parametrize("spec", ["lr=nan", "lr=0", "task=chess", "hidden=0", "batch=-1"])
def test_a_value_that_makes_no_run_is_refused_by_the_settings(spec: str) -> None:
    with pytest.raises(SettingsError):
        parse_change(spec).amend(START)


@pytest.mark.parametrize("speed", [0.0, -1.0, nan])
def test_a_speed_is_above_zero(speed: float) -> None:
    with pytest.raises(SettingsError):
        SetSpeed(speed)
    assert SetSpeed(inf).steps_per_second == inf
