"""Validation, parsing and formatting of settings."""

from dataclasses import fields, replace
from itertools import product
from math import inf, nan
from typing import Any

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS, SYNONYMS, find_field
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import CHOICES, MAX_LEARNING_RATE, MAX_STATE_ELEMENTS, RANGES, Settings
from rnn_tui.config.switching import DEFAULTS
from rnn_tui.engine.losses import LOSSES
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.engine.tasks import TASKS


def settings_with(**changes: Any) -> Settings:
    return DEFAULTS.updated(**changes)


def error_of(**changes: Any) -> str:
    """Return the error message for `changes`, which is one line."""
    with pytest.raises(UserError) as reason:
        settings_with(**changes)
    assert str(reason.value).isprintable()
    return str(reason.value)


@pytest.mark.parametrize("name", RANGES)
def test_integer_setting_has_a_minimum_and_a_maximum(name: str) -> None:
    minimum, maximum = RANGES[name]
    others = {"lag": {"length": 512}, "dataset_size": {"batch_size": 1}}
    required = (others | {"lesion": {"hidden_size": 512}}).get(name, {})
    for value in (minimum, maximum):
        assert getattr(settings_with(**{name: value}, **required), name) == value
    for value in (minimum - 1, maximum + 1):
        assert error_of(**{name: value}, **required) == (
            f"{name.replace('_', '-')} must be an integer from {minimum} to {maximum:,}, "
            f"not {value:,}"
        )


@pytest.mark.parametrize("rate", [0.0, -0.1, nan, inf, 2 * MAX_LEARNING_RATE])
def test_invalid_learning_rate_is_rejected(rate: float) -> None:
    assert "learning rate" in error_of(learning_rate=rate)


@pytest.mark.parametrize("limit", [0.0, -1.0, nan])
@pytest.mark.parametrize("name", ["clip_norm", "clip_value"])
def test_clip_threshold_must_be_positive(name: str, limit: float) -> None:
    assert error_of(**{name: limit}).startswith(name.replace("_", "-"))
    assert getattr(settings_with(**{name: inf}), name) == inf


@pytest.mark.parametrize("strength", [-0.1, nan, inf])
def test_weight_decay_must_be_finite_and_not_negative(strength: float) -> None:
    assert "weight-decay must be at least 0" in error_of(weight_decay=strength)


def test_settings_that_need_too_much_memory_are_rejected() -> None:
    assert settings_with(
        length=64, batch_size=128, hidden_size=512
    ).batch_size == MAX_STATE_ELEMENTS // (64 * 512)
    assert "64 × 129 × 512 = 4,227,072" in error_of(length=64, batch_size=129, hidden_size=512)
    assert settings_with(length=512, dataset_size=4096).dataset_size == 4096
    assert "512 × 4097 = 2,097,664" in error_of(length=512, dataset_size=4097)


@pytest.mark.parametrize(
    ("setting", "typed", "suggestion"),
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
def test_unknown_name_suggests_the_nearest(setting: str, typed: str, suggestion: str) -> None:
    assert error_of(**{setting: typed}).startswith(
        f"unknown {setting.replace('_', '-')} {typed!r} (did you mean {suggestion}?). Choose from: "
    )


@pytest.mark.parametrize("setting", CHOICES)
def test_unknown_name_lists_all_choices(setting: str) -> None:
    assert error_of(**{setting: "zzz"}).endswith(f"Choose from: {', '.join(CHOICES[setting])}")


@pytest.mark.parametrize("name", SYNONYMS)
def test_synonyms_parse_to_the_choice_they_name(name: str) -> None:
    field = FIELDS[name]
    for synonym, choice in SYNONYMS[name].items():
        assert synonym not in field.choices
        assert field.parse(synonym.upper().replace("-", "_")) == choice in field.choices


def test_aliases_are_unique_and_found_with_underscores() -> None:
    names = [name for field in FIELDS.values() for name in (field.name, *field.aliases)]
    assert len(set(names)) == len(names)
    for field in FIELDS.values():
        for alias in field.aliases:
            assert find_field(alias.replace("-", "_")) is field
    assert find_field("zzz") is None


def test_updated_sets_and_resets_hyperparameters() -> None:
    adam = settings_with(optimizer="adam", beta2=0.9, beta1=0.5)
    assert adam == settings_with(optimizer="adam").updated(beta1=0.5).updated(beta2=0.9)
    assert (adam.get("beta1"), adam.get("epsilon")) == (0.5, None)
    assert adam.updated(beta1=None, beta2=None) == settings_with(optimizer="adam")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_hyperparameters_are_checked_against_their_optimizer_and_range(optimizer: str) -> None:
    for name in HYPERPARAMETERS:
        check_hyperparameter(optimizer, name)


def check_hyperparameter(optimizer: str, name: str) -> None:
    row, flag = HYPERPARAMETERS[name], name.replace("_", "-")
    if name not in hyperparameters_of(optimizer):
        assert error_of(optimizer=optimizer, **{name: row.minimum}).startswith(
            f"{optimizer} has no {flag}; "
        )
        return
    for invalid in (row.minimum - 0.1, row.upper_bound, nan):
        assert error_of(optimizer=optimizer, **{name: invalid}).startswith(
            f"{flag} must be at least"
        )
    own = settings_with(optimizer=optimizer)
    assert own.make_optimizer() == OPTIMIZERS[optimizer]
    changes = {name: row.minimum} | ({"step_min": 0.0} if name == "step_max" else {})
    tuned = settings_with(optimizer=optimizer, **changes)
    assert getattr(tuned.make_optimizer(), name) == row.minimum
    assert tuned.hyperparameters == own.hyperparameters | changes


def test_step_min_must_not_be_above_step_max() -> None:
    assert error_of(optimizer="rprop", step_min=2.0, step_max=1.0) == (
        "step-min must not be above step-max, which is 1"
    )
    assert "step-min" in error_of(optimizer="rprop", step_min=60.0)
    assert "step-min" in error_of(optimizer="rprop", step_max=1e-7)


@pytest.mark.parametrize("task", TASKS)
def test_task_model_and_loss_are_compatible_or_rejected(task: str) -> None:
    for model, loss in product(MODELS, LOSSES):
        check_compatible_or_rejected(task, model, loss)


def check_compatible_or_rejected(task: str, model: str, loss: str) -> None:
    if TASKS[task].is_regression and not LOSSES[loss].linear_output:
        assert "is a regression task" in error_of(task=task, model=model, loss=loss)
    elif model == "linear" and TASKS[task](4).inputs > 1:
        assert "has one input" in error_of(task=task, model=model, loss=loss)
    else:
        compatible = settings_with(task=task, model=model, loss=loss)
        instance, batch = (
            MODELS[model](compatible.model_spec),
            compatible.make_task().fixed_sample(3, 0),
        )
        assert instance.forward(batch.inputs).logits.shape == batch.targets.shape
        assert isinstance(compatible.make_loss(), LOSSES[loss])


@pytest.mark.parametrize("model", MODELS)
def test_layerwise_update_rule_requires_layers(model: str) -> None:
    changes = {"task": "parity", "model": model, "update_rule": "layerwise"}
    if MODELS[model].supports_layerwise:
        assert settings_with(**changes).update_rule == "layerwise"
    else:
        assert error_of(**changes) == (
            f"update-rule layerwise needs model feed-forward, not {model}"
        )


@pytest.mark.parametrize("model", MODELS)
def test_initializer_far_requires_two_weights(model: str) -> None:
    changes = {"task": "parity", "model": model, "initializer": "constant"}
    if model == "linear":
        assert settings_with(**changes).initializer == "constant"
    else:
        assert f"needs model linear, not {model}" in error_of(**changes)


@pytest.mark.parametrize("task", TASKS)
def test_lag_must_be_below_the_length_in_tasks_that_use_it(task: str) -> None:
    loss = "mean-squared-error"
    assert settings_with(task=task, loss=loss, length=4, lag=3).make_task().lag == 3
    if TASKS[task].uses_lag:
        assert "below the length, which is 4, not 4" in error_of(
            task=task, loss=loss, length=4, lag=4
        )
    else:
        assert settings_with(task=task, loss=loss, length=4, lag=4).make_task().length == 4


def test_batch_size_must_not_exceed_the_dataset_size() -> None:
    assert settings_with(dataset_size=5, batch_size=5).dataset_size == 5
    assert "batch-size 6 is above dataset-size 5" in error_of(dataset_size=5, batch_size=6)


def test_every_setting_has_a_field() -> None:
    attributes = {field.name for field in fields(Settings)} | HYPERPARAMETERS.keys()
    assert {field.attribute for field in FIELDS.values()} == (
        attributes - {"recipe", "numerics", "hyperparameter_overrides"}
    )


@pytest.mark.parametrize("recipe", RECIPES)
def test_displayed_values_parse_to_the_same_settings(recipe: str) -> None:
    own = RECIPES[recipe].settings
    texts = {name: field.format_value(own) for name, field in FIELDS.items()}
    parsed = {
        FIELDS[name].attribute: FIELDS[name].parse(text)
        for name, text in texts.items()
        if text != "—"
    }
    again = own.updated(**parsed)
    assert again.make_optimizer() == own.make_optimizer()
    assert replace(again, hyperparameter_overrides=()) == own


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"hidden_size": 4}, "hidden-size 4"),
        ({"task": "subtraction"}, "task subtraction"),
        ({"activation": "tanh", "biases": 0}, "activation tanh, biases 0"),
    ],
)
def test_planted_initializer_needs_the_settings_of_its_adder(
    changes: dict[str, Any], reason: str
) -> None:
    fitting = {"initializer": "planted", "hidden_size": 3, "biases": 1}
    assert settings_with(**fitting, initial_state="learned").initializer == "planted"
    needed = "task addition, hidden-size 3, activation sigmoid, biases 1"
    assert error_of(**fitting | changes) == f"initializer planted needs {needed}, not {reason}"
    assert error_of(**fitting, model="gru") == "initializer planted needs model elman, not gru"


@pytest.mark.parametrize("noise", [-1.0, nan, inf])
def test_initializer_noise_must_be_finite_and_not_negative(noise: float) -> None:
    assert "initializer-noise must be at least 0" in error_of(initializer_noise=noise)
