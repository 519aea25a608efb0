"""A run depends on its settings and on its changes' steps alone, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tui.config.recipes import DEFAULT_RECIPE, RECIPES
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS, Settings
from rnn_tui.config.switching import switched
from rnn_tui.engine.gradient_transforms import WeightDecay
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.optimizers.adaptive import AdamW
from rnn_tui.engine.tasks import MAX_TRAINING_LENGTH, TASKS
from rnn_tui.run.changes import CHANGE_NAMES, SetField, SetWeights
from rnn_tui.run.rollback import ROLLBACK_INTERVAL_STEPS
from rnn_tui.run.run import Run
from tests.support.makers import (
    COUNTING,
    EACH_CHANGE,
    ONE_AFTER_ANOTHER,
    SMALL,
    example_of,
    settings_with,
    start_for,
    state_after,
    state_of,
    weights_of,
)


@settings(max_examples=5, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 300), min_size=1, max_size=6),
    steps=st.lists(
        st.integers(0, 700), min_size=len(ONE_AFTER_ANOTHER), max_size=len(ONE_AFTER_ANOTHER)
    ),
)
def test_run_does_not_depend_on_slicing(cuts: list[int], steps: list[int]) -> None:
    schedule = list(zip(steps, ONE_AFTER_ANOTHER, strict=True))
    in_pieces, whole = Run(SMALL, schedule), Run(SMALL, schedule)
    for count in cuts:
        in_pieces.advance(count)
    whole.advance(sum(cuts))
    assert state_of(in_pieces) == state_of(whole)
    assert state_after(in_pieces, 10) == state_after(whole, 10)


def test_interrupted_advance_ends_after_the_step() -> None:
    interrupted, whole = Run(SMALL), Run(SMALL)
    answers = iter([False, False, True, False, True])
    assert interrupted.advance(10, lambda: next(answers))
    assert interrupted.step == 3
    assert not interrupted.advance(1, lambda: next(answers))
    whole.advance(4)
    assert state_of(interrupted) == state_of(whole)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("task", TASKS)
def test_every_task_and_model_trains_on_the_longest_sequences(task: str, model: str) -> None:
    if len(TASKS[task].input_names) > MODELS[model].max_inputs:
        return
    start = switched(replace(SMALL, length=MAX_TRAINING_LENGTH), task, model)
    run = Run(replace(start, initializer="uniform", dataset_size=0, batch_size=1))
    run.advance(1)
    assert (run.step, run.halt_reason) == (1, None)
    run.inspector.pin(run.task.example_input)
    assert len(example_of(run).mask) == run.task.sequence_length
    assert len(run.trainer.stream.next().inputs) == run.task.sequence_length


@pytest.mark.parametrize("name", CHANGE_NAMES)
@settings(max_examples=2, deadline=None)
@given(cuts=st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_samples_after_change_do_not_depend_on_slicing(name: str, cuts: list[int]) -> None:
    schedule = [(37, EACH_CHANGE[name])]
    in_pieces, whole = (Run(start_for(name), schedule) for _ in range(2))
    for count in (40, *cuts):
        in_pieces.advance(count)
    whole.advance(40 + sum(cuts))
    assert state_of(in_pieces) == state_of(whole)
    mine, theirs = in_pieces.trainer.stream.next(), whole.trainer.stream.next()
    assert np.array_equal(mine.inputs, theirs.inputs)


@settings(max_examples=4, deadline=None)
@given(cuts=st.lists(st.integers(1, 200), min_size=3, max_size=6), batch=st.integers(1, 3))
def test_inspection_does_not_affect_training(cuts: list[int], batch: int) -> None:
    plain = Run(replace(SMALL, task="subtraction", batch_size=batch))
    watched = Run(replace(SMALL, task="subtraction", batch_size=batch))
    for count in cuts:
        plain.advance(count)
        watched.advance(count)
        watched.inspector.example()
        watched.inspector.check_gradient()
        watched.evaluation_tracker.evaluate(watched.trainer.model, watched.step)
        watched.inspector.pin("7-3")
        watched.inspector.example()
        watched.inspector.unpin()
    assert state_of(watched) == state_of(plain)


def test_first_exact_step_does_not_depend_on_slicing_or_evaluation() -> None:
    found = []
    start = switched(settings_with(length=4), "parity", None, "adam")
    for cut, watching in ((2000, False), (177, False), (430, True)):
        run = Run(start)
        while run.evaluation_tracker.first_exact_step is None and run.step < 2000:
            run.advance(cut)
            if watching:
                run.evaluation_tracker.evaluate(run.trainer.model, run.step)
        found.append(run.evaluation_tracker.first_exact_step)
    assert found[0] is not None
    assert found[0] % EXACT_CHECK_INTERVAL_STEPS == 0
    assert found == [found[0]] * 3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_divergence_restores_rollback_point_and_run_can_continue(optimizer: str) -> None:
    run = Run(SetField("optimizer", optimizer).apply_to(SMALL))
    run.advance(50)
    before, rate = state_of(run), run.settings.learning_rate
    # The rate of Rprop is that of the first step alone; drift keeps saturated weights moving.
    if optimizer in ("rprop", "rprop-tutorial", "rmsprop-drift"):
        run.trainer.model.parameters.vector[:] = np.nan
    else:
        run.apply(SetField("lr", 1e6))
    run.advance(ROLLBACK_INTERVAL_STEPS - 51)
    assert run.halt_reason is not None
    assert run.rollback_point.step <= 50 < run.step < ROLLBACK_INTERVAL_STEPS - 1
    if run.rollback_point.step == 50:
        assert weights_of(run) == before["weights"]
        assert state_of(run)["memory"] == before["memory"]
    assert np.isfinite(run.trainer.model.parameters.vector).all()
    assert run.history.steps == run.step
    assert np.isnan(run.history.recent().mean[-1])

    halted_at = run.step
    run.advance(100)
    assert run.step == halted_at
    run.apply(SetField("lr", rate / 2))
    assert run.halt_reason is None
    run.advance(100)
    assert run.step == halted_at + 100
    assert not np.isnan(run.history.recent().mean[-1])


def test_weight_decay_of_adamw_is_the_decoupled_one_of_torch() -> None:
    adamw = replace(RECIPES[DEFAULT_RECIPE].settings, optimizer="adamw", learning_rate=0.01)
    assert adamw.make_optimizer() == AdamW(decoupled_weight_decay=0.01)  # as in torch
    run, changed = Run(replace(adamw, weight_decay=0.05)), Run(adamw)
    changed.apply(SetField("weight-decay", 0.05))
    for trainer in (run.trainer, changed.trainer):
        assert trainer.update_rule.optimizer == AdamW(decoupled_weight_decay=0.05)
        assert trainer.update_rule.gradient_transforms == ()
    both = Run(replace(adamw, weight_decay=0.05).updated(decoupled_weight_decay=0.02)).trainer
    assert both.update_rule.optimizer == AdamW(decoupled_weight_decay=0.02)
    assert both.update_rule.gradient_transforms == (WeightDecay(0.05),)


@pytest.mark.parametrize("start", [COUNTING, SMALL])
def test_overflow_does_not_warn(start: Settings) -> None:
    run = Run(start)
    run.advance(3)
    size = run.trainer.model.parameters.vector.size
    run.apply(SetWeights(tuple(1e308 * (-1) ** index for index in range(size))))
    run.inspector.check_gradient()
    run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    run.predict(run.task.example_input)
    run.advance(30)
    assert run.step == 33 or run.halt_reason


def test_overflowing_linear_model_is_restored_and_can_continue() -> None:
    run = Run(replace(COUNTING, optimizer="sgd", learning_rate=0.01))
    run.advance(10)
    assert run.halt_reason == "loss overflowed"
    assert run.trainer.model.parameters.vector.tolist() == [-1.5, 2.0]
    run.apply(SetField("clip-norm", 1.0))
    run.advance(10)
    assert run.halt_reason is None
    assert run.trainer.model.parameters.vector.tolist() != [-1.5, 2.0]


def test_worse_weights_make_no_rollback_point() -> None:
    run = Run(settings_with())
    run.advance(7000)
    run.apply(SetField("lr", 15.0))
    run.advance(1000)
    assert run.history.mean_metric > 2
    assert run.rollback_point.step == 7000


@pytest.mark.parametrize(("start", "after"), [(0.1, 0.1), (1000.0, 0.1), (0.5, 0.5)])
def test_restart_after_divergence_resets_learning_rate(start: float, after: float) -> None:
    run = Run(settings_with(learning_rate=start))
    run.advance(50)
    if not run.halt_reason:
        run.apply(SetField("lr", 1e6))
        run.advance(100)
    assert run.halt_reason
    run = run.restarted()
    assert run.settings.learning_rate == run.trainer.learning_rate == after
    run.advance(500)
    assert not run.halt_reason


def test_divergence_restores_latest_rollback_point() -> None:
    run, plain = Run(SMALL), Run(SMALL)
    run.advance(ROLLBACK_INTERVAL_STEPS + 100)
    plain.advance(ROLLBACK_INTERVAL_STEPS)
    run.trainer.learning_rate = 1e6
    run.advance(ROLLBACK_INTERVAL_STEPS - 200)
    assert run.halt_reason is not None
    assert run.rollback_point.step == ROLLBACK_INTERVAL_STEPS
    assert weights_of(run) == weights_of(plain)
