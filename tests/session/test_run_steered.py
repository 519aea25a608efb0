"""A run takes up each change between two steps, and leaves all else as it was."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.session.changes import (
    Restart,
    SetBatch,
    SetHidden,
    SetLearningRate,
    SetOptimizer,
    SetTask,
    SettingChange,
)
from rnn_tui.session.run import Run
from rnn_tui.settings import SettingsError
from tests.session.makers import EACH_CHANGE, SMALL, future, standing, weights_of

REFUSED = [
    SetLearningRate(-1.0),
    SetHidden(0),
    SetBatch(10**9),
    SetTask("chess"),
    SetOptimizer("luck"),
]


def spec(change: SettingChange) -> str:
    return change.spec


@pytest.mark.parametrize("change", EACH_CHANGE, ids=spec)
def test_a_change_is_the_same_applied_by_hand_or_scheduled(change: SettingChange) -> None:
    by_hand, scheduled = Run(SMALL), Run(SMALL, [(123, change)])
    by_hand.advance(123)
    applied = by_hand.apply(change)
    assert applied is not None
    assert (applied.step, applied.change) == (123, change)
    assert by_hand.log == [applied]
    assert by_hand.settings != SMALL
    assert by_hand.start == SMALL
    assert future(by_hand, 200) == future(scheduled, 323)


@pytest.mark.parametrize(("order", "rate"), [((0, 1), 0.3), ((1, 0), 0.01)])
def test_changes_at_one_step_are_made_in_their_order(order: tuple[int, int], rate: float) -> None:
    changes = [SetOptimizer("adam"), SetLearningRate(0.3)]
    run = Run(SMALL, [(50, SetBatch(2))] + [(40, changes[which]) for which in order])
    run.advance(60)
    assert [applied.change for applied in run.log] == [*(changes[i] for i in order), SetBatch(2)]
    assert run.settings.learning_rate == run.trainer.learning_rate == rate


def test_an_optimizer_begins_at_its_default_rate_and_comes_back_at_its_last() -> None:
    run = Run(SMALL)
    run.apply(SetLearningRate(0.7))
    for name, rate in (
        ("adam", OPTIMIZERS["adam"].default_rate),
        ("sgd", 0.7),
        ("momentum", OPTIMIZERS["momentum"].default_rate),
    ):
        run.apply(SetOptimizer(name))
        assert run.settings.learning_rate == run.trainer.learning_rate == rate
    run.apply(SetLearningRate(0.03))
    run.apply(SetOptimizer("sgd"))
    run.apply(SetOptimizer("momentum"))
    assert run.settings.learning_rate == run.trainer.learning_rate == 0.03


def test_an_optimizer_comes_back_without_its_memory() -> None:
    run = Run(replace(SMALL, optimizer="momentum", learning_rate=0.02))
    run.advance(20)
    run.apply(SetOptimizer("sgd"))
    run.apply(SetOptimizer("momentum"))
    assert not run.trainer.state["velocity"].any()


@pytest.mark.parametrize("change", [SetTask("subtraction"), SetBatch(4)], ids=spec)
def test_weights_memory_and_random_stream_go_on_through(change: SettingChange) -> None:
    run = Run(replace(SMALL, optimizer="adam", learning_rate=0.01))
    run.advance(10)
    weights, memory = weights_of(run), standing(run)["memory"]
    run.apply(change)
    assert weights_of(run) == weights
    assert standing(run)["memory"] == memory

    plain = Run(run.start)
    plain.trainer.stream.task.sample(plain.random, 10)
    expected = run.task.sample(plain.random, run.settings.batch)
    assert np.array_equal(run.trainer.stream.next().inputs, expected.inputs)


def test_subtraction_is_examined_as_subtraction_after_the_switch_and_back() -> None:
    run = Run(SMALL)
    totals, baselines = [], []
    for task in ("addition", "subtraction", "addition"):
        run.apply(SetTask(task))
        totals.append(run.scorekeeper.examine(run.trainer.model, run.step).total)
        baselines.append(run.baseline)
    assert totals == [256, 136, 256]
    assert baselines[0] == baselines[2] != baselines[1]


def test_another_number_of_units_starts_a_new_net_from_the_stream_as_it_is() -> None:
    run = Run(SMALL)
    run.advance(10)
    run.apply(SetHidden(3))
    plain = Run(SMALL)
    random = plain.trainer.stream.settle()
    plain.task.sample(random, 10)
    for name, shape in (
        ("input_weight", (2, 3)),
        ("output_weight", (3, 1)),
        ("recurrent_weight", (3, 3)),
    ):
        expected = 2 * random.random_sample(shape) - 1
        assert np.array_equal(run.trainer.model.parameters[name], expected)
    assert (run.step, run.history.steps) == (10, 10)


@pytest.mark.parametrize("change", REFUSED, ids=spec)
def test_a_refused_change_changes_nothing(change: SettingChange) -> None:
    refused, plain = Run(SMALL), Run(SMALL)
    for run in (refused, plain):
        run.advance(30)
    with pytest.raises(SettingsError):
        refused.apply(change)
    assert standing(refused) == standing(plain)
    assert future(refused, 50) == future(plain, 50)


def test_a_change_to_what_is_already_so_is_not_logged() -> None:
    run = Run(SMALL)
    assert run.apply(SetHidden(SMALL.hidden)) is None
    assert not run.log


@pytest.mark.parametrize("seed", [None, 0, 7])
def test_a_restart_is_a_new_run_with_the_present_settings(seed: int | None) -> None:
    run = Run(SMALL)
    run.advance(40)
    for change in EACH_CHANGE:
        run.apply(change)
    run.advance(40)
    now = run.settings
    run.restart(Restart(seed))
    fresh = Run(replace(now, seed=now.seed if seed is None else seed))
    assert run.start == run.settings == fresh.settings
    assert future(run, 300) == future(fresh, 300)


def test_a_restart_with_the_same_seed_repeats_the_run() -> None:
    run = Run(SMALL)
    first = future(run, 400)
    run.restart(Restart())
    assert future(run, 400) == first


def test_a_refused_restart_changes_nothing() -> None:
    run = Run(SMALL)
    run.advance(20)
    before = standing(run)
    with pytest.raises(SettingsError):
        run.restart(Restart(-1))
    assert standing(run) == before
