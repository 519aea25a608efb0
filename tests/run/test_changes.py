"""A change says itself on the command line, and refuses nonsense in one line."""

from math import inf, nan
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, Field
from rnn_tui.config.parsing import parse_float, parse_int
from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import RANGES
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.run.changes import (
    CHANGE_NAMES,
    CHANGEABLE_FIELDS,
    Change,
    SetField,
    SetWeights,
    parse_change,
)
from rnn_tui.session.requests import SetSpeed
from tests.support.makers import COUNTING, EACH_CHANGE, OTHER_VALUES, SMALL, start_for
from tests.support.texts import TEXTS

START = RECIPES[DEFAULT_RECIPE].settings
VALUES: dict[Any, st.SearchStrategy[Any]] = {
    parse_int: st.integers(-(10**15), 10**15),
    parse_float: st.floats(allow_nan=False),
}
WEIGHTS = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1).map(tuple)


def _values(field: Field) -> st.SearchStrategy[Any]:
    if field.choices:
        return st.sampled_from(list(field.choices))
    return VALUES[parse_int if field.attribute in RANGES else parse_float]


def test_every_change_has_a_test_value() -> None:
    assert list(OTHER_VALUES) == list(CHANGE_NAMES)
    assert {name for name in FIELDS if name not in CHANGE_NAMES} == {
        *("initializer", "initializer-noise", "seed", "steps")
    }


@pytest.mark.parametrize("name", CHANGE_NAMES)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_spec_is_parsed_as_the_same_change(name: str, data: st.DataObject) -> None:
    change: Change
    if name == SetWeights.name:
        change = SetWeights(data.draw(WEIGHTS))
    else:
        change = SetField(name, data.draw(_values(FIELDS[name])))
    assert change.spec.startswith(f"{name}=")
    assert parse_change(change.spec) == change


@pytest.mark.parametrize("name", CHANGEABLE_FIELDS)
def test_change_applies_to_the_named_setting(name: str) -> None:
    start, change, option = start_for(name), EACH_CHANGE[name], FIELDS[name]
    assert isinstance(change, SetField)
    amended = change.apply_to(start)
    assert option.get(amended) == option.parse(OTHER_VALUES[name])
    assert option.get(start) != option.get(amended)
    assert (change.title, change.format_value(amended)) == (option.title, OTHER_VALUES[name])
    differing = {row.name for row in FIELDS.values() if row.get(start) != row.get(amended)}
    also = {"lr"} if name == "optimizer" else set()
    assert differing == {name} | also


def test_weights_change_no_setting() -> None:
    assert SetWeights((1.0, 1.0)).apply_to(COUNTING) == COUNTING


@example("lr")
@example("lr=")
@example("lr=fast")
@example("hidden-size=2.5")
@example("=3")
@example("batch=\n")
@example("weights=1,,2")
@example("weights=1,nan")
@settings(max_examples=10, deadline=None)
@given(TEXTS | st.sampled_from(CHANGE_NAMES).flatmap(lambda n: TEXTS.map(f"{n}=".__add__)))
def test_any_text_is_parsed_or_rejected_in_one_line(text: str) -> None:
    try:
        assert isinstance(parse_change(text), get_args(Change))
    except UserError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("lr", "NAME=VALUE"),
        ("lr=fast", "^lr: 'fast' is not a number"),
        ("hidden-size=2.5", "^hidden-size: '2.5' is not an integer"),
        ("optimiser=sgd", "did you mean optimizer"),
        ("rate=1", "unknown setting 'rate'"),
        ("lr=0.1 optimizer=adam", "one change at a time"),
        ("epochs=3", "there are no epochs"),
        ("weights=1,x", "^weights: 'x' is not a number"),
        ("weights=1,inf", "weights must be finite"),
        ("weights=", "'' is not a number"),
    ],
)
def test_invalid_change_is_rejected_with_reason(spec: str, reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        parse_change(spec)


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in CHANGE_NAMES])
def test_settings_of_the_start_cannot_be_changed(name: str) -> None:
    with pytest.raises(
        UserError, match=f"{name} cannot change during a run; start one with --{name}"
    ):
        parse_change(f"{name}=1")


@pytest.mark.parametrize(
    "spec", ["lr=nan", "lr=0", "task=chess", "hidden-size=0", "batch=-1", "model=linear", "lag=5"]
)
def test_invalid_value_is_rejected_by_settings(spec: str) -> None:
    with pytest.raises(UserError):
        parse_change(spec).apply_to(start_for("lag") if spec.startswith("lag") else START)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer_accepts_only_its_own_hyperparameters(optimizer: str) -> None:
    start = SetField("optimizer", optimizer).apply_to(SMALL)
    for field in HYPERPARAMETERS:
        name = field.replace("_", "-")
        change = parse_change(f"{name}={OTHER_VALUES[name]}")
        if field in hyperparameters_of(optimizer):
            tuned = change.apply_to(start).make_optimizer()
            assert getattr(tuned, field) == float(OTHER_VALUES[name])
        else:
            with pytest.raises(UserError, match=f"^{optimizer} has no {name}; "):
                change.apply_to(start)


@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_weights_must_be_finite(value: float) -> None:
    with pytest.raises(UserError, match="finite"):
        SetWeights((1.0, value))


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_weights_must_match_the_model(count: int) -> None:
    with pytest.raises(UserError, match=f"^this model has 2 weights, not {count}$"):
        SetWeights((0.5,) * count).apply_to(COUNTING)


@pytest.mark.parametrize("speed", [0.0, -1.0, nan])
def test_speed_must_be_positive(speed: float) -> None:
    with pytest.raises(UserError):
        SetSpeed(speed)
    assert SetSpeed(inf).steps_per_second == inf
