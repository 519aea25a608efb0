"""Switching task, model and optimizer keeps settings compatible and user overrides in place."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import CHOICES, Settings
from rnn_tui.config.switching import (
    DEFAULTS,
    switch_model,
    switch_optimizer,
    switch_task,
    switched,
    task_defaults,
)
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS

NAMES = {kind: sorted(CHOICES[kind]) for kind in CHOICES}
CHANGES = st.fixed_dictionaries(
    {},
    optional={kind: st.sampled_from(names) for kind, names in NAMES.items()}
    | {
        "length": st.sampled_from([2, 5, 64, 512]),
        "batch_size": st.sampled_from([1, 3, 20]),
        "dataset_size": st.sampled_from([0, 4, 20, 200]),
        "hidden_size": st.integers(1, 64),
    },
)


def defaults_of(task: str) -> Settings:
    return replace(DEFAULTS, task=task, **task_defaults(task))


@pytest.mark.parametrize("task", TASKS)
def test_switching_from_task_defaults_leads_to_task_defaults(task: str) -> None:
    for other in TASKS:
        assert switch_task(defaults_of(task), other) == defaults_of(other)


@settings(max_examples=25, deadline=None)
@given(
    recipe=st.sampled_from(sorted(RECIPES)),
    changes=CHANGES,
    kind=st.sampled_from(["task", "model", "optimizer"]),
    data=st.data(),
)
def test_switched_settings_are_valid_or_rejected_with_a_reason(
    recipe: str, changes: dict[str, Any], kind: str, data: st.DataObject
) -> None:
    try:
        before = replace(RECIPES[recipe].settings, **changes)
    except UserError:
        assume(False)
    name = data.draw(st.sampled_from(NAMES[kind]))
    try:
        after = switched(before, **{kind: name})
    except UserError as reason:
        two_inputs = len(TASKS[before.task].input_names) > 1
        assert ((kind, name), two_inputs) == (("model", "linear"), True), reason  # noqa: PT017 - the only valid error
        return
    assert getattr(after, kind) == name
    assert all(after.get(name) == before.get(name) for name in ("recipe", "seed", "steps"))
    assert switched(after, **{kind: name}) == after


def test_switch_task_keeps_overrides_and_replaces_defaults() -> None:
    overridden = replace(
        defaults_of("addition"), hidden_size=9, activation="tanh", learning_rate=0.25
    )
    after = switch_task(overridden, "counting-ones")
    assert (after.hidden_size, after.activation) == (9, "tanh")
    assert (after.model, after.loss, after.length) == ("linear", "mean-squared-error", 10)
    assert (after.optimizer, after.learning_rate) == ("rprop-tutorial", 0.001)
    adam = defaults_of("addition").updated(optimizer="adam", beta1=0.5, learning_rate=0.02)
    kept = switch_task(adam, "counting-ones")
    assert (kept.optimizer, kept.get("beta1"), kept.learning_rate) == ("adam", 0.5, 0.02)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_switch_optimizer_resets_learning_rate_and_hyperparameters(optimizer: str) -> None:
    before = Settings(recipe="", optimizer="rmsprop", learning_rate=0.7).updated(
        momentum=0.5, rho=0.8
    )
    after = switch_optimizer(before, optimizer)
    if optimizer == "rmsprop":
        assert after == before
    else:
        assert after.learning_rate == OPTIMIZERS[optimizer].default_lr
        assert after.hyperparameter_overrides == ()
        assert after.make_optimizer() == OPTIMIZERS[optimizer]


@pytest.mark.parametrize("model", MODELS)
def test_switch_model_drops_incompatible_update_rule_and_initializer(model: str) -> None:
    layerwise = switch_model(replace(RECIPES["xor"].settings, task="parity"), model)
    assert (layerwise.update_rule == "layerwise") == (model == "feed-forward")
    constant = switch_model(RECIPES["counting-ones"].settings, model)
    assert (constant.initializer == "constant") == (model == "linear")


def test_switched_applies_the_task_first() -> None:
    after = switched(defaults_of("addition"), task="xor", model="elman", optimizer="adam")
    assert (after.task, after.model, after.optimizer) == ("xor", "elman", "adam")
    assert after.hidden_size == task_defaults("xor")["hidden_size"]
    assert switched(after) == after


@pytest.mark.parametrize("kind", ["task", "model", "optimizer"])
def test_switch_to_an_unknown_name_is_rejected(kind: str) -> None:
    with pytest.raises(UserError, match=f"unknown {kind} 'zzz'"):
        switched(defaults_of("addition"), **{kind: "zzz"})


@pytest.mark.parametrize("task", TASKS)
def test_task_defaults_are_settings_but_not_of_the_run(task: str) -> None:
    names = {field.name for field in fields(Settings)}
    assert task_defaults(task).keys() <= names - {"recipe", "task", "seed", "steps"}
