"""Settings without effect: the reasons, and what is refused or left out."""

from dataclasses import replace
from typing import Any

import pytest

from rnn_tui.config.deviations import deviations
from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.settings import Settings
from rnn_tui.config.switching import DEFAULTS, switched
from rnn_tui.config.unused import (
    check_effect,
    effective_value,
    no_effect_reason,
    unused_fields,
)
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.tasks import TASKS

XOR, COUNTING = switched(DEFAULTS, "xor"), switched(DEFAULTS, "counting-ones")
GRU, FEED_FORWARD = switched(DEFAULTS, model="gru"), switched(DEFAULTS, model="feed-forward")
RPROP = switched(DEFAULTS, optimizer="rprop")
SIGNS_ONLY = "has no effect with optimizer rprop, which uses only the signs of the gradient"
REASONS: list[tuple[str, Any, Settings, str | None]] = [
    ("layers", 3, DEFAULTS, "has no effect with model elman (used by feed-forward)"),
    ("layers", 3, FEED_FORWARD, None),
    ("activation", "tanh", GRU, "has no effect with model gru (used by elman, feed-forward)"),
    (
        "initial-state",
        "learned",
        FEED_FORWARD,
        "has no effect with model feed-forward (used by elman, gru, lstm)",
    ),
    ("hidden-size", 3, COUNTING, "has no effect with model linear (used by all other models)"),
    ("biases", 2, DEFAULTS, None),
    ("biases", 2, GRU, "is 1 with model gru (2 is for elman)"),
    ("biases", 1, GRU, None),
    ("lag", 2, DEFAULTS, "has no effect on task addition (used by echo, delayed-xor)"),
    ("lag", 2, switched(DEFAULTS, "echo"), None),
    ("length", 4, XOR, "has no effect on task xor (used by all other tasks)"),
    (
        "batching",
        "overlapping",
        DEFAULTS,
        "has no effect without a fixed dataset (set dataset-size)",
    ),
    (
        "batching",
        "overlapping",
        replace(DEFAULTS, dataset_size=8),
        "has no effect with batch-size 1 (of 8)",
    ),
    (
        "batching",
        "overlapping",
        replace(DEFAULTS, dataset_size=8, batch_size=8),
        "has no effect with batch-size 8 (of 8)",
    ),
    ("batching", "overlapping", replace(DEFAULTS, dataset_size=8, batch_size=3), None),
    ("clip-norm", 0.5, RPROP, SIGNS_ONLY),
    ("clip-value", 0.5, RPROP, SIGNS_ONLY),
    ("clip-norm", 0.5, replace(RPROP, weight_decay=0.1), None),
    ("clip-norm", 0.5, DEFAULTS, None),
    ("reduction", "sum", RPROP, None),
]


@pytest.mark.parametrize(("name", "value", "settings", "reason"), REASONS)
def test_reason_names_what_would_use_the_setting(
    name: str, value: Any, settings: Settings, reason: str | None
) -> None:
    assert no_effect_reason(name, value, settings) == reason
    changed = FIELDS[name].set(settings, value)
    assert deviations(changed).count(f"{name} {value}: {reason}") == (reason is not None)


def test_value_is_checked_against_all_later_settings() -> None:
    check_effect("layers", 3, [DEFAULTS, FEED_FORWARD])
    check_effect("lr", 0.3, [DEFAULTS])
    with pytest.raises(UserError, match=r"^layers 3 has no effect with model elman \(used by fee"):
        check_effect("layers", 3, [DEFAULTS, GRU])
    with pytest.raises(UserError, match=r"^biases 2 is 1 with model gru \(2 is for elman\)$"):
        check_effect("biases", 2, [GRU])


def test_effective_value_is_accepted() -> None:
    assert effective_value("layers", 3, [DEFAULTS, GRU]) is None
    assert effective_value("layers", 3, [DEFAULTS, FEED_FORWARD]) == 3
    assert effective_value("biases", 2, [GRU]) == 1
    assert effective_value("biases", 2, [GRU, DEFAULTS]) == 2
    assert effective_value("biases", 2, [COUNTING]) is None


@pytest.mark.parametrize("task", TASKS)
def test_values_of_tasks_and_recipes_are_not_listed_as_unused(task: str) -> None:
    assert not any("has no effect" in line for line in deviations(switched(DEFAULTS, task)))


@pytest.mark.parametrize("model", MODELS)
def test_fields_of_a_model_are_used_or_have_no_effect(model: str) -> None:
    task = "counting-ones" if model == "linear" else "addition"
    settings = switched(DEFAULTS, task, model)
    unused = {name.replace("-", "_") for name in unused_fields(settings)}
    assert unused.isdisjoint(settings.model_kwargs)
    assert unused - {"lag", "batching", "clip_norm", "clip_value"} == (
        {"hidden_size", "layers", "activation", "biases", "initial_state", "lesion"}
        - {*settings.model_kwargs}
    )


def test_l2_weight_decay_beside_the_decoupled_one_is_listed() -> None:
    adamw = switched(DEFAULTS, optimizer="adamw").updated(weight_decay=0.1)
    assert not any("weight-decay" in line for line in deviations(adamw))
    for decoupled, shown in ((0.05, "0.05"), (0.0, "0")):
        assert deviations(adamw.updated(decoupled_weight_decay=decoupled)) == [
            "weight-decay 0.1: added to the gradient (L2), "
            f"as decoupled-weight-decay is set to {shown}"
        ]
