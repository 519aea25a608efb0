"""Settings that make no run are refused in one line that says what would."""

from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import (
    CHOICES,
    MAX_LEARNING_RATE,
    MAX_STATE_ELEMENTS,
    RANGES,
    Settings,
    UserError,
    check_choice,
    format_float,
    parse_float,
    parse_int,
)
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.engine.tasks import TASKS

COMMON = Settings(recipe="")


def settings_with(**changes: Any) -> Settings:
    return replace(COMMON, **changes)


def refused(**changes: Any) -> str:
    """Return why `changes` are refused, in one line."""
    with pytest.raises(UserError) as reason:
        settings_with(**changes)
    assert str(reason.value).isprintable()
    return str(reason.value)


@pytest.mark.parametrize("name", RANGES)
def test_a_whole_number_has_its_limits(name: str) -> None:
    least, most = RANGES[name]
    alone = {"lag": {"length": 64}, "dataset_size": {"batch_size": 1}}.get(name, {})
    for value in (least, most):
        assert getattr(settings_with(**{name: value}, **alone), name) == value
    for value in (least - 1, most + 1):
        assert refused(**{name: value}, **alone) == (
            f"{name.replace('_', '-')} must be a whole number from {least} to {most:,}, "
            f"not {value:,}"
        )


@pytest.mark.parametrize("rate", [0.0, -0.1, nan, inf, 2 * MAX_LEARNING_RATE])
def test_a_rate_that_cannot_teach_is_refused(rate: float) -> None:
    assert "learning rate" in refused(learning_rate=rate)


@pytest.mark.parametrize("limit", [0.0, -1.0, nan])
@pytest.mark.parametrize("name", ["clip_norm", "clip_value"])
def test_a_clip_that_lets_nothing_through_is_refused(name: str, limit: float) -> None:
    assert refused(**{name: limit}).startswith(name.replace("_", "-"))
    assert getattr(settings_with(**{name: inf}), name) == inf


@pytest.mark.parametrize("strength", [-0.1, nan, inf])
def test_a_weight_decay_that_is_none_is_refused(strength: float) -> None:
    assert "weight-decay must be at least 0" in refused(weight_decay=strength)


def test_a_run_that_would_not_fit_in_memory_is_refused() -> None:
    assert settings_with(
        length=64, batch_size=128, hidden_size=512
    ).batch_size == MAX_STATE_ELEMENTS // (64 * 512)
    assert "64 × 129 × 512 = 4,227,072" in refused(length=64, batch_size=129, hidden_size=512)


@pytest.mark.parametrize(
    ("setting", "typed", "meant"),
    [
        ("task", "aditon", "addition"),
        ("task", "SUBTRACT", "subtraction"),
        ("model", "LSTM", "lstm"),
        ("activation", "ReLU", "relu"),
        ("loss", "entropy", "cross-entropy"),
        ("optimizer", "Adam", "adam"),
        ("initializer", "normall", "normal"),
    ],
)
def test_an_unknown_name_is_answered_by_the_nearest(setting: str, typed: str, meant: str) -> None:
    assert refused(**{setting: typed}).startswith(
        f"unknown {setting.replace('_', '-')} {typed!r} (did you mean {meant}?). Choose from: "
    )


@pytest.mark.parametrize("setting", CHOICES)
def test_a_name_like_no_other_is_answered_by_all_there_are(setting: str) -> None:
    assert refused(**{setting: "zzz"}).endswith(f"Choose from: {', '.join(CHOICES[setting])}")


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_a_name_is_known_or_refused_in_one_line(name: str) -> None:
    try:
        assert check_choice("task", name, TASKS) in TASKS
    except UserError as reason:
        assert str(reason).isprintable()  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("name", HYPERPARAMETERS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_hyperparameter_is_of_its_optimizer_and_within_its_limits(
    optimizer: str, name: str
) -> None:
    row, flag = HYPERPARAMETERS[name], name.replace("_", "-")
    if name not in hyperparameters_of(optimizer):
        assert refused(optimizer=optimizer, **{name: row.minimum}).startswith(
            f"{optimizer} has no {flag}; "
        )
        return
    for wrong in (row.minimum - 0.1, row.upper_bound, nan):
        assert refused(optimizer=optimizer, **{name: wrong}).startswith(f"{flag} must be at least")
    own = settings_with(optimizer=optimizer)
    assert own.make_optimizer() == OPTIMIZERS[optimizer]
    changes = {name: row.minimum} | ({"step_min": 0.0} if name == "step_max" else {})
    tuned = settings_with(optimizer=optimizer, **changes)
    assert getattr(tuned.make_optimizer(), name) == row.minimum
    assert tuned.hyperparameters == own.hyperparameters | changes


def test_the_shortest_step_is_not_above_the_longest() -> None:
    assert refused(optimizer="rprop", step_min=2.0, step_max=1.0) == (
        "step-min must not be above step-max, which is 1"
    )
    assert "step-min" in refused(optimizer="rprop", step_min=60.0)
    assert "step-min" in refused(optimizer="rprop", step_max=1e-7)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("loss", LOSSES)
def test_task_model_and_loss_fit_or_the_reason_is_said(task: str, model: str, loss: str) -> None:
    if TASKS[task].is_regression and not LOSSES[loss].linear_output:
        assert "its loss is mean-squared-error" in refused(task=task, model=model, loss=loss)
    elif model == "linear" and TASKS[task](4).inputs > 1:
        assert "has one input" in refused(task=task, model=model, loss=loss)
    else:
        fitting = settings_with(task=task, model=model, loss=loss)
        net, batch = (
            MODELS[model].from_spec(fitting.model_spec),
            fitting.make_task().fixed_sample(3, 0),
        )
        assert net.forward(batch.inputs).logits.shape == batch.targets.shape
        assert isinstance(fitting.make_loss(), LOSSES[loss])


@pytest.mark.parametrize("model", MODELS)
def test_layerwise_updates_are_for_layers(model: str) -> None:
    changes = {"task": "parity", "model": model, "update_rule": "layerwise"}
    if MODELS[model].supports_layerwise:
        assert settings_with(**changes).update_rule == "layerwise"
    else:
        assert refused(**changes) == f"layerwise updates need a feed-forward net, not {model}"


@pytest.mark.parametrize("model", MODELS)
def test_the_far_start_is_for_two_weights(model: str) -> None:
    changes = {"task": "parity", "model": model, "initializer": "far"}
    if model == "linear":
        assert settings_with(**changes).initializer == "far"
    else:
        assert f"not for {model}" in refused(**changes)


@pytest.mark.parametrize("task", TASKS)
def test_a_lag_is_below_the_bits_where_it_matters(task: str) -> None:
    loss = "mean-squared-error"
    assert settings_with(task=task, loss=loss, length=4, lag=3).make_task().lag == 3
    if TASKS[task].uses_lag:
        assert "below the 4 bits, not 4" in refused(task=task, loss=loss, length=4, lag=4)
    else:
        assert settings_with(task=task, loss=loss, length=4, lag=4).make_task().bits == 4


def test_a_batch_comes_from_as_many_examples() -> None:
    assert settings_with(dataset_size=5, batch_size=5).dataset_size == 5
    assert "batch-size 6 is more than the dataset of 5" in refused(dataset_size=5, batch_size=6)


@pytest.mark.parametrize(
    ("text", "value"),
    [("7", 7), (" 7 ", 7), ("-3", -3), ("1e6", 10**6), ("2.50e1", 25), ("1e39", 10**39)],
)
def test_whole_numbers_are_read(text: str, value: int) -> None:
    assert parse_int(text) == value


@pytest.mark.parametrize(
    "text", ["", "x", "1.5", "1/2", "nan", "inf", "1e-2", "1e40", "9" * 41, "1e9999999999999"]
)
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a whole number"):
        parse_int(text)


@pytest.mark.parametrize("text", ["1e999999999", "-1e999999999", "1e-999999999"])
def test_a_number_too_long_to_be_written_out_is_refused_at_once(text: str) -> None:
    """Nothing waits for a number with a thousand million digits."""
    with pytest.raises(UserError, match="is not a whole number"):
        parse_int(text)


@settings(max_examples=50, deadline=None)
@given(st.floats(allow_nan=False))
def test_a_number_is_written_as_it_is_read(value: float) -> None:
    assert parse_float(format_float(value)) == value
    assert format_float(1.0) == "1"


def test_every_setting_can_be_typed_and_shown() -> None:
    typed = [option.attribute for option in FIELDS.values()]
    assert sorted(typed) == sorted({it.name for it in fields(Settings)} - {"recipe"})


@pytest.mark.parametrize("recipe", RECIPES)
def test_what_is_shown_of_settings_reads_back_as_they_are(recipe: str) -> None:
    own = RECIPES[recipe].settings
    read = {
        it.attribute: it.parse(it.format_value(own))
        for it in FIELDS.values()
        if it.format_value(own) != "—"
    }
    again = replace(own, **read)
    assert again.make_optimizer() == own.make_optimizer()
    untuned: dict[str, Any] = dict.fromkeys(HYPERPARAMETERS)
    assert replace(again, **untuned) == replace(own, **untuned)
