"""Whatever a run turns to, all of its settings fit together, and what somebody chose stays."""

from dataclasses import fields, replace
from itertools import product
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import CHOICES, Settings, UserError
from rnn_tui.config.switching import (
    switch_model,
    switch_optimizer,
    switch_task,
    switched,
    task_defaults,
)
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS
from rnn_tui.engine.tasks import TASKS

NAMES = {kind: sorted(CHOICES[kind]) for kind in CHOICES}
CHANGES = st.fixed_dictionaries(
    {},
    optional={kind: st.sampled_from(names) for kind, names in NAMES.items()}
    | {
        "length": st.sampled_from([2, 5, 64]),
        "batch_size": st.sampled_from([1, 3, 20]),
        "dataset_size": st.sampled_from([0, 4, 20, 200]),
        "hidden_size": st.integers(1, 64),
    },
)


def home_of(task: str) -> Settings:
    return Settings(recipe="", task=task, **task_defaults(task))


@pytest.mark.parametrize(("task", "other"), list(product(TASKS, TASKS)))
def test_from_home_one_comes_home(task: str, other: str) -> None:
    assert switch_task(home_of(task), other) == home_of(other)


@settings(max_examples=200, deadline=None)
@given(
    recipe=st.sampled_from(sorted(RECIPES)),
    changes=CHANGES,
    kind=st.sampled_from(["task", "model", "optimizer"]),
    data=st.data(),
)
def test_a_turn_fits_or_says_why_nothing_could(
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
        assert ((kind, name), two_inputs) == (("model", "linear"), True), reason  # noqa: PT017 - the only refusal
        return
    assert getattr(after, kind) == name
    assert all(getattr(after, it) == getattr(before, it) for it in ("recipe", "seed", "steps"))
    assert switched(after, **{kind: name}) == after


def test_what_somebody_chose_stays_and_what_was_at_home_goes() -> None:
    chosen = replace(home_of("addition"), hidden_size=9, activation="tanh", learning_rate=0.25)
    after = switch_task(chosen, "counting-ones")
    assert (after.hidden_size, after.activation) == (9, "tanh")
    assert (after.model, after.loss, after.length) == ("linear", "mean-squared-error", 10)
    assert (after.optimizer, after.learning_rate) == ("rprop-tutorial", 0.001)
    adam = replace(home_of("addition"), optimizer="adam", beta1=0.5, learning_rate=0.02)
    kept = switch_task(adam, "counting-ones")
    assert (kept.optimizer, kept.beta1, kept.learning_rate) == ("adam", 0.5, 0.02)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_another_optimizer_comes_with_its_own_rate_and_tuning(optimizer: str) -> None:
    before = Settings(recipe="", optimizer="rmsprop", momentum=0.5, rho=0.8, learning_rate=0.7)
    after = switch_optimizer(before, optimizer)
    if optimizer == "rmsprop":
        assert after == before
    else:
        assert after.learning_rate == OPTIMIZERS[optimizer].default_lr
        assert all(getattr(after, name) is None for name in HYPERPARAMETERS)
        assert after.make_optimizer() == OPTIMIZERS[optimizer]


@pytest.mark.parametrize("model", MODELS)
def test_another_net_leaves_what_it_cannot_have(model: str) -> None:
    layerwise = switch_model(replace(RECIPES["xor"].settings, task="parity"), model)
    assert (layerwise.update_rule == "layerwise") == (model == "feed-forward")
    far = switch_model(RECIPES["counting-ones"].settings, model)
    assert (far.initializer == "far") == (model == "linear")


def test_several_turns_are_taken_task_first() -> None:
    after = switched(home_of("addition"), task="xor", model="elman", optimizer="adam")
    assert (after.task, after.model, after.optimizer) == ("xor", "elman", "adam")
    assert after.hidden_size == task_defaults("xor")["hidden_size"]
    assert switched(after) == after


@pytest.mark.parametrize("kind", ["task", "model", "optimizer"])
def test_a_turn_to_nothing_known_is_refused(kind: str) -> None:
    with pytest.raises(UserError, match=f"unknown {kind} 'zzz'"):
        switched(home_of("addition"), **{kind: "zzz"})


@pytest.mark.parametrize("task", TASKS)
def test_a_home_names_settings_and_not_what_belongs_to_the_run(task: str) -> None:
    names = {it.name for it in fields(Settings)}
    assert task_defaults(task).keys() <= names - {"recipe", "task", "seed", "steps"}
