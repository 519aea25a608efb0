"""Each replica of a stack has the numbers of its model trained alone, bit for bit."""

from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.engine.losses import LOSSES, REDUCTIONS
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.stacked_trainer import ReplicaSteps, StackedTrainer
from rnn_tui.engine.trainer import UNITS_SATURATED, Trainer, TrainingHalted
from rnn_tui.run.run import Run
from tests.engine.makers import Check, check_name

DEFAULT = RECIPES[DEFAULT_RECIPE].settings
N_STEPS, N_REPLICAS = 40, 3


def train_alone(trainer: Trainer, count: int) -> ReplicaSteps:
    metrics: list[float] = []
    try:
        for _ in range(count):
            result = trainer.step()
            metrics.append(result.loss_result.metric if result else np.nan)
    except TrainingHalted as reason:
        return ReplicaSteps([*metrics, np.nan], str(reason))
    return ReplicaSteps(metrics, None)


def train_stack(trainers: Sequence[Trainer], count: int) -> list[ReplicaSteps]:
    """Train until every trainer has taken `count` steps or is halted."""
    steps = [ReplicaSteps([], None) for _ in trainers]
    while active := [
        index
        for index, (metrics, halt_reason) in enumerate(steps)
        if halt_reason is None and len(metrics) < count
    ]:
        stack = StackedTrainer([trainers[index] for index in active])
        new = stack.train(count - len(steps[active[0]].metrics))
        for index, (metrics, halt_reason) in zip(active, new, strict=True):
            steps[index] = ReplicaSteps([*steps[index].metrics, *metrics], halt_reason)
    return steps


@np.errstate(all="ignore")
def assert_same_as_alone(many: Sequence[Settings], count: int = N_STEPS) -> list[ReplicaSteps]:
    alone, stacked = ([Run(settings).trainer for settings in many] for _ in range(2))
    steps = train_stack(stacked, count)
    for one, other, taken in zip(alone, stacked, steps, strict=True):
        expected = train_alone(one, count)
        assert taken.halt_reason == expected.halt_reason
        assert np.array_equal(taken.metrics, expected.metrics, equal_nan=True)
        assert one.vanished_steps == other.vanished_steps
        assert one.stream.state.next_batch == other.stream.state.next_batch
        assert np.array_equal(one.stream.state.key, other.stream.state.key)
        assert one.stream.state.pos == other.stream.state.pos
        if taken.halt_reason is None:
            weights = one.model.parameters.vector, other.model.parameters.vector
            assert np.array_equal(*weights, equal_nan=True)
            for name, values in one.optimizer_state.items():
                assert np.array_equal(values, other.optimizer_state[name], equal_nan=True)
    return steps


def seeds(**fields: Any) -> list[Settings]:
    return [replace(DEFAULT, **fields, seed=seed) for seed in range(N_REPLICAS)]


def check_stack_of_models(kind: str) -> None:
    fields: dict[str, Any] = {"model": kind, "hidden_size": 5}
    if MODELS[kind].max_inputs == 1:
        fields |= {"task": "counting-ones", "loss": "mean-squared-error", "clip_norm": 1.0}
    for batch_size in (1, 3, 64):
        assert_same_as_alone(seeds(**fields, batch_size=batch_size))
    spec_fields = MODELS[kind].spec_fields
    other = {"biases": 1, "initial_state": "learned", "lesion": 2, "layers": 2}
    other = {name: value for name, value in other.items() if name in spec_fields}
    for batch_size in (2, 33):
        assert_same_as_alone(seeds(**fields, **other, batch_size=batch_size))


def check_stack_of_optimizers(name: str) -> None:
    """With hyperparameters that differ, at a rate by which some outputs saturate."""
    base = replace(DEFAULT, optimizer=name, hidden_size=5)
    variants: tuple[dict[str, Any], ...] = (
        {"learning_rate": 3.0},
        {"batch_size": 4, "clip_norm": 0.3, "clip_value": 0.2},
        {"model": "feed-forward", "update_rule": "layerwise", "biases": 1, "layers": 2},
    )
    for fields in variants:
        many = []
        for seed, row in enumerate([0.0, 0.3, 0.6]):
            overrides = tuple(
                (hyperparameter, getattr(OPTIMIZERS[name], hyperparameter) * (1 - row / 100))
                for hyperparameter in OPTIMIZERS[name].hyperparameters()
            )
            rate = fields.get("learning_rate", 0.1) * (1 + row)
            changed = fields | {"learning_rate": rate, "seed": seed}
            many.append(replace(base, **changed, hyperparameter_overrides=overrides))
        assert_same_as_alone(many)


CHECKS: list[Check] = [check_stack_of_optimizers]


@pytest.mark.parametrize("kind", MODELS)
def test_stack_of_models(kind: str) -> None:
    check_stack_of_models(kind)


@pytest.mark.parametrize("check", CHECKS, ids=check_name)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_in_a_stack(check: Check, name: str) -> None:
    check(name)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_stack_of_losses(loss: str, reduction: str) -> None:
    assert_same_as_alone(seeds(loss=loss, reduction=reduction, batch_size=2, task="subtraction"))


def test_skipped_batches_of_one_replica_do_not_affect_others() -> None:
    steps = assert_same_as_alone(seeds(task="subtraction", optimizer="adam", learning_rate=0.01))
    skipped = [tuple(np.isnan(metrics)) for metrics, _ in steps]
    assert len(set(skipped)) == N_REPLICAS


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov-ahead"])
def test_halted_replica_does_not_affect_others(optimizer: str) -> None:
    rates = (0.1, 1e6, 0.2)
    many = [
        replace(
            DEFAULT,
            activation="relu",
            loss="mean-squared-error",
            optimizer=optimizer,
            learning_rate=rate,
            seed=seed,
        )
        for seed, rate in enumerate(rates)
    ]
    steps = assert_same_as_alone(many)
    assert steps[1].halt_reason is not None
    assert isnan(steps[1].metrics[-1])
    assert len(steps[1].metrics) < N_STEPS


def test_saturated_replica_is_halted_alone() -> None:
    trainers = [Run(settings).trainer for settings in seeds()]
    weights = trainers[1].model.parameters
    weights.vector[:] = 1e6
    weights["output_weight"][...] = 0.0
    weights["output_weight"][0] = -1e6
    with np.errstate(all="ignore"):
        steps = train_stack(trainers, N_STEPS)
    assert [halt_reason for _, halt_reason in steps] == [None, UNITS_SATURATED, None]
    assert [len(metrics) for metrics, _ in steps] == [N_STEPS, 20, N_STEPS]


def test_fixed_dataset_with_a_smaller_last_batch() -> None:
    assert_same_as_alone(seeds(dataset_size=10, batch_size=4))
    assert_same_as_alone(seeds(dataset_size=10, batch_size=4, batching="overlapping"))


def test_streams_with_and_without_loss_weights() -> None:
    fresh, fixed, _ = seeds(batch_size=2)
    assert_same_as_alone([fresh, replace(fixed, dataset_size=8)])


@settings(max_examples=10, deadline=None)
@given(
    counts=st.lists(st.integers(1, 300), min_size=1, max_size=3),
    sizes=st.sampled_from([(1, 0), (32, 0), (125, 0), (2, 7), (7, 7)]),
)
def test_slices_of_training_do_not_matter(counts: list[int], sizes: tuple[int, int]) -> None:
    batch_size, dataset_size = sizes
    many = seeds(batch_size=batch_size, dataset_size=dataset_size, hidden_size=3, length=4)
    alone, stacked = ([Run(settings).trainer for settings in many] for _ in range(2))
    stack = StackedTrainer(stacked)
    for count in counts:
        remaining = count
        while remaining:
            remaining -= len(stack.train(remaining)[0].metrics)
    for one, other in zip(alone, stacked, strict=True):
        train_alone(one, sum(counts))
        assert np.array_equal(one.model.parameters.vector, other.model.parameters.vector)
        assert one.stream.state.pos == other.stream.state.pos
