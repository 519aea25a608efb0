"""Another task, net or optimizer takes along what fits of the old one, and says what it did."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.switching import switched
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import HYPERPARAMETERS, OPTIMIZERS, hyperparameters_of
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import AppliedChange, SetField, SetWeights, parse_change
from rnn_tui.run.run import Run
from tests.support.makers import (
    COUNTING,
    OTHER_VALUES,
    SMALL,
    named_weights,
    settings_with,
    state_after,
    state_of,
    weights_of,
)

SIZES = [
    "activation=tanh",
    "biases=1",
    "biases=2",
    "initial-state=learned",
    "hidden-size=5",
    "layers=2",
]


def listed(names: list[str]) -> str:
    return ", ".join(name.removesuffix("_weight").replace("_", " ") for name in names)


def check_what_was_kept(
    run: Run,
    applied: AppliedChange,
    before: dict[str, Any],
    *,
    alike: bool = True,
    is_mentioned: bool = True,
) -> None:
    """Check that `applied` says which weights are as `before`, which those of like shape are.

    Not those of nets that are not `alike`, which have nothing in common.
    """
    after = named_weights(run.trainer.model)
    kept = [
        name
        for name in after
        if alike and name in before and before[name].shape == after[name].shape
    ]
    new = [name for name in after if name not in kept]
    for name in after:
        same = name in before and np.array_equal(before[name], after[name])
        assert same == (name in kept)
    if not kept:
        fate = "all weights new"
    else:
        fate = f"kept {listed(kept)}; new {listed(new)}" if new else "weights kept"
    assert (f", {fate}" in applied.text) == is_mentioned


@pytest.mark.parametrize(("old", "new"), list(combinations(TASKS, 2)))
def test_every_task_can_be_switched_to_every_other_and_back(old: str, new: str) -> None:
    start = switched(settings_with(seed=2), old)
    run = Run(start)
    for leaving, bound_for in ((old, new), (new, old)):
        run.advance(5)
        model, before = run.settings.model, named_weights(run.trainer.model)
        applied = run.apply(SetField("task", bound_for))
        assert applied is not None
        assert applied.text.startswith(f"task {leaving} → {bound_for}, ")
        assert (run.settings.task, run.task.length) == (bound_for, run.settings.length)
        assert type(run.task) is TASKS[bound_for]
        check_what_was_kept(run, applied, before, alike=run.settings.model == model)
    assert run.settings == start
    run.advance(5)
    assert (run.halt_reason, run.step) == (None, 15)


@pytest.mark.parametrize("task", [name for name in TASKS if TASKS[name].defaults])
def test_task_with_defaults_is_entered_with_them(task: str) -> None:
    run = Run(settings_with())
    run.apply(SetField("task", task))
    for name, value in TASKS[task].defaults.items():
        assert getattr(run.settings, name) == value


def test_user_overrides_persist_through_task_switches() -> None:
    chosen = settings_with(
        length=6, hidden_size=9, model="gru", optimizer="adam", learning_rate=0.003
    )
    run = Run(chosen)
    run.apply(SetField("task", "counting-ones"))
    now = run.settings
    assert (now.length, now.hidden_size, now.model) == (6, 9, "gru")
    assert (now.optimizer, now.learning_rate) == ("adam", 0.003)
    assert (now.loss, now.batch_size, now.dataset_size) == ("mean-squared-error", 20, 20)
    run.apply(SetField("task", "addition"))
    assert run.settings == chosen


@pytest.mark.parametrize("spec", SIZES)
@pytest.mark.parametrize("model", [name for name in MODELS if name != "linear"])
def test_weights_of_equal_name_and_shape_are_transferred(model: str, spec: str) -> None:
    run = Run(replace(SMALL, model=model))
    run.advance(10)
    before, change = named_weights(run.trainer.model), parse_change(spec)
    applied = run.apply(change)
    assert applied is not None
    uses = MODELS[model].spec_fields
    name = change.name.replace("-", "_")
    alike = name not in {"hidden_size", "layers"} & uses
    used = name in uses
    check_what_was_kept(run, applied, before, alike=alike, is_mentioned=used)


def test_message_names_transferred_and_new_weights() -> None:
    run = Run(SMALL)
    run.advance(3)
    applied = run.apply(SetField("task", "parity"))
    assert applied is not None
    assert applied.text == ("task addition → parity, kept recurrent, output; new input")
    assert applied.short_text == "addition→parity"
    assert applied.message == f"step 3: {applied.text}"


@pytest.mark.parametrize("model", MODELS)
def test_another_model_starts_with_new_weights(model: str) -> None:
    start = switched(SMALL, "counting-ones", "elman" if model != "elman" else "gru", "sgd")
    run = Run(start)
    run.advance(3)
    before = named_weights(run.trainer.model)
    applied = run.apply(SetField("model", model))
    assert applied is not None
    check_what_was_kept(run, applied, before, alike=False)
    assert type(run.trainer.model) is MODELS[model]


@pytest.mark.parametrize(
    ("start", "spec", "gone"),
    [
        (
            {"model": "feed-forward", "update_rule": "layerwise"},
            "model=elman",
            "update rule backpropagation",
        ),
        ({"task": "counting-ones"}, "model=gru", "initializer uniform"),
    ],
)
def test_unsupported_settings_are_reset_and_named(
    start: dict[str, str], spec: str, gone: str
) -> None:
    settings = switched(SMALL, start.pop("task", None), start.pop("model", None))
    run = Run(replace(settings, **start))  # type: ignore[arg-type] # all that is left is text
    applied = run.apply(parse_change(spec))
    assert applied is not None
    assert applied.text.endswith(f", all weights new, {gone}")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizer_returns_with_its_last_hyperparameters(optimizer: str) -> None:
    run = Run(SMALL)
    other = "momentum" if optimizer == "sgd" else "sgd"
    tuned = ["lr", *(name.replace("_", "-") for name in hyperparameters_of(optimizer))]
    for spec in (f"optimizer={other}", f"optimizer={optimizer}"):
        run.apply(parse_change(spec))
    assert run.settings.learning_rate == (
        SMALL.learning_rate if optimizer == "sgd" else OPTIMIZERS[optimizer].default_lr
    )
    for name in tuned:
        applied = run.apply(parse_change(f"{name}={OTHER_VALUES[name]}"))
        assert applied is not None
    last = run.settings
    run.apply(SetField("optimizer", other))
    assert run.settings.hyperparameter_overrides == ()
    applied = run.apply(SetField("optimizer", optimizer))
    assert applied is not None
    assert run.settings == last
    assert run.trainer.update_rule.optimizer == last.make_optimizer()
    assert run.trainer.learning_rate == float(OTHER_VALUES["lr"])
    assert all(OTHER_VALUES[name] in applied.text for name in tuned)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_hyperparameter_of_another_optimizer_is_rejected(optimizer: str) -> None:
    run = Run(SetField("optimizer", optimizer).apply_to(SMALL))
    run.advance(3)
    before, refused = state_of(run), 0
    for field in HYPERPARAMETERS:
        if field not in hyperparameters_of(optimizer):
            name = field.replace("_", "-")
            with pytest.raises(UserError, match=f"^{optimizer} has no {name}; .* ha[sv]e?$"):
                run.apply(parse_change(f"{name}={OTHER_VALUES[name]}"))
            refused += 1
    assert refused >= 6
    assert state_of(run) == before


def test_set_weights_resets_optimizer_state() -> None:
    run = Run(replace(COUNTING, optimizer="momentum", learning_rate=1e-9))
    run.advance(4)
    assert run.trainer.optimizer_state["velocity"].any()
    applied = run.apply(SetWeights((0.5, -0.25)))
    assert applied is not None
    assert (applied.text, applied.change.spec) == ("weights set to 0.5, -0.25", "weights=0.5,-0.25")
    assert run.trainer.model.parameters.vector.tolist() == [0.5, -0.25]
    assert not run.trainer.optimizer_state["velocity"].any()
    assert run.apply(SetWeights((0.5, -0.25))) is None
    assert len(run.log) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_wrong_number_of_weights_is_rejected(count: int) -> None:
    run, plain = Run(COUNTING), Run(COUNTING)
    with pytest.raises(UserError, match=f"this model has 2 weights, not {count}"):
        run.apply(SetWeights((0.5,) * count))
    assert weights_of(run) == weights_of(plain)
    assert state_after(run, 5) == state_after(plain, 5)
