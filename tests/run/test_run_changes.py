"""A run takes up each change between two steps, and leaves all else as it was."""

from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.switching import switched
from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.run.changes import CHANGE_NAMES, Change, SetField, parse_change
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest
from tests.support.makers import (
    EACH_CHANGE,
    ONE_AFTER_ANOTHER,
    SMALL,
    start_for,
    state_after,
    state_of,
    weights_of,
)

REFUSED = [
    SetField("lr", -1.0),
    SetField("hidden-size", 0),
    SetField("batch-size", 10**9),
    SetField("lesion", 7),
    SetField("task", "chess"),
    SetField("optimizer", "luck"),
    SetField("model", "linear"),
    SetField("update-rule", "layerwise"),
    SetField("momentum", 0.5),
    SetField("length", 1),
]


def spec(change: Change) -> str:
    return change.spec


@pytest.mark.parametrize("name", CHANGE_NAMES)
def test_applied_and_scheduled_changes_are_equivalent(name: str) -> None:
    start, change = start_for(name), parse_change(EACH_CHANGE[name].spec)
    by_hand, scheduled = Run(start), Run(start, [(123, change)])
    by_hand.advance(123)
    applied = by_hand.apply(change)
    assert applied is not None
    assert (applied.step, applied.change) == (123, change)
    assert by_hand.log == [applied]
    assert by_hand.settings == change.apply_to(start)
    assert by_hand.initial_settings == start
    assert state_after(by_hand, 100) == state_after(scheduled, 223)


@pytest.mark.parametrize("name", CHANGE_NAMES)
def test_every_change_has_an_effect_and_a_message(name: str) -> None:
    start = start_for(name)
    changed, plain = Run(start), Run(start)
    for run in (changed, plain):
        run.advance(60)
    applied = changed.apply(EACH_CHANGE[name])
    assert applied is not None
    assert applied.text.startswith(f"{applied.change.title} ")
    assert all(text.isprintable() for text in (applied.text, applied.short_text))
    assert changed.message == applied.message == f"step 60: {applied.text}"
    for run in (changed, plain):
        run.advance(60)
    assert weights_of(changed) != weights_of(plain)


@pytest.mark.parametrize(("order", "rate"), [((0, 1), 0.3), ((1, 0), 0.01)])
def test_changes_at_one_step_are_applied_in_order(order: tuple[int, int], rate: float) -> None:
    changes = [SetField("optimizer", "adam"), SetField("lr", 0.3)]
    run = Run(SMALL, [(50, SetField("batch-size", 2))] + [(40, changes[which]) for which in order])
    run.advance(60)
    assert [applied.change for applied in run.log] == [
        *(changes[i] for i in order),
        run.log[2].change,
    ]
    assert run.log[2].change == SetField("batch-size", 2)
    assert run.settings.learning_rate == run.trainer.learning_rate == rate


def test_optimizer_starts_at_default_and_returns_to_last_learning_rate() -> None:
    run = Run(SMALL)
    run.apply(SetField("lr", 0.7))
    for name, rate in (
        ("adam", OPTIMIZERS["adam"].default_lr),
        ("sgd", 0.7),
        ("momentum", OPTIMIZERS["momentum"].default_lr),
    ):
        run.apply(SetField("optimizer", name))
        assert run.settings.learning_rate == run.trainer.learning_rate == rate
    run.apply(SetField("lr", 0.03))
    run.apply(SetField("optimizer", "sgd"))
    run.apply(SetField("optimizer", "momentum"))
    assert run.settings.learning_rate == run.trainer.learning_rate == 0.03


def test_optimizer_state_is_reset_on_return() -> None:
    run = Run(replace(SMALL, optimizer="momentum", learning_rate=0.02))
    run.advance(20)
    run.apply(SetField("optimizer", "sgd"))
    run.apply(SetField("optimizer", "momentum"))
    assert not run.trainer.optimizer_state["velocity"].any()


@pytest.mark.parametrize(
    "change", [SetField("task", "subtraction"), SetField("batch-size", 4)], ids=spec
)
def test_weights_optimizer_and_random_stream_continue_through(change: Change) -> None:
    run = Run(replace(SMALL, optimizer="adam", learning_rate=0.01))
    run.advance(10)
    weights, memory = weights_of(run), state_of(run)["memory"]
    run.apply(change)
    assert weights_of(run) == weights
    assert state_of(run)["memory"] == memory

    stream = Run(run.initial_settings).trainer.stream
    random = stream.sync_rng()
    stream.task.sample(random, 10)
    expected = run.task.sample(random, run.settings.batch_size)
    assert np.array_equal(run.trainer.stream.next().inputs, expected.inputs)


def test_evaluation_follows_task_switch() -> None:
    run = Run(SMALL)
    totals, baselines = [], []
    for task in ("addition", "subtraction", "addition"):
        run.apply(SetField("task", task))
        totals.append(run.evaluation_tracker.evaluate(run.trainer.model, run.step).n_sequences)
        baselines.append(run.baseline)
    assert totals == [256, 136, 256]
    assert baselines[0] == baselines[2] != baselines[1]


def test_new_hidden_size_draws_weights_from_current_random_state() -> None:
    run = Run(SMALL)
    run.advance(10)
    run.apply(SetField("hidden-size", 3))
    plain = Run(SMALL)
    random = plain.trainer.stream.sync_rng()
    plain.task.sample(random, 10)
    for name, shape in (
        ("input_weight", (2, 3)),
        ("output_weight", (3, 1)),
        ("recurrent_weight", (3, 3)),
    ):
        expected = 2 * random.random_sample(shape) - 1
        assert np.array_equal(run.trainer.model.parameters[name], expected)
    assert (run.step, run.history.steps) == (10, 10)


def planted_run(noise: float = 0.0) -> Run:
    planted = replace(SMALL, initializer="planted", hidden_size=3, biases=1)
    return Run(replace(planted, initializer_noise=noise))


@pytest.mark.parametrize("spec", ["task=subtraction", "hidden-size=5", "biases=0", "model=gru"])
def test_planted_initializer_is_dropped_by_a_change_that_it_does_not_fit(spec: str) -> None:
    run = planted_run()
    run.advance(3)
    applied = run.apply(parse_change(spec))
    assert applied is not None
    assert applied.text.endswith(", initializer uniform")
    run.advance(3)
    assert run.step == 6


def test_initializer_noise_is_added_to_the_initial_weights() -> None:
    planted, noisy, double = (planted_run(noise).weights.vector for noise in (0.0, 0.1, 0.2))
    assert 0.05 < np.std(noisy - planted) < 0.15
    np.testing.assert_allclose(double - planted, 2 * (noisy - planted), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", ["elman", "gru", "lstm"])
def test_lesion_keeps_weights_optimizer_and_random_stream(model: str) -> None:
    run = Run(switched(SMALL, model=model, optimizer="adam"))
    run.advance(10)
    before = run.state
    run.apply(SetField("lesion", 2))
    after = run.state
    assert run.message == "step 10: lesion none → 2"
    assert compute_digest(after.weights, after.optimizer_state, after.stream_state) == (
        compute_digest(before.weights, before.optimizer_state, before.stream_state)
    )
    run.advance(10)
    assert not run.hidden_states("3 + 5")[:, 1].any()
    assert run.hidden_states("3 + 5")[:, 0].all()
    restored = Run.from_state(run.state, run.initial_settings, run.log)
    assert state_after(restored, 10) == state_after(run, 10)
    run.apply(SetField("lesion", 0))
    assert run.message.endswith("lesion 2 → none")
    assert run.hidden_states("3 + 5")[:, 1].all()


def test_evaluation_is_that_of_the_lesioned_model() -> None:
    run = Run(replace(SMALL, initializer="planted", hidden_size=3, biases=1))
    intact = run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    run.apply(SetField("lesion", 2))
    assert run.results.score is None
    lesioned = run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    assert intact.is_exact
    assert lesioned.n_correct < lesioned.n_sequences / 2


@pytest.mark.parametrize("spec", ["model=gru", "model=feed-forward", "hidden-size=7"])
def test_lesion_is_removed_with_its_unit(spec: str) -> None:
    run = Run(replace(SMALL, lesion=6))
    run.advance(2)
    applied = run.apply(parse_change(spec))
    assert applied is not None
    assert applied.text.endswith("lesion none")
    assert run.settings.lesion == 0


def test_lesion_is_kept_by_a_task_switch() -> None:
    run = Run(replace(SMALL, lesion=6))
    run.apply(SetField("task", "subtraction"))
    assert run.settings.lesion == run.trainer.model.lesion == 6


@pytest.mark.parametrize("name", ["loss", "reduction"])
def test_history_restarts_when_the_metric_changes(name: str) -> None:
    run = Run(SMALL)
    run.advance(30)
    run.apply(EACH_CHANGE[name])
    assert (run.history.start, run.history.steps) == (30, 30)
    assert len(run.history.recent().mean) == 0
    run.advance(5)
    assert (run.history.start, run.history.steps) == (30, 35)
    for curve in (run.history.recent(), run.history.full_run()):
        assert (curve.start, len(curve.mean)) == (30, 5)


@pytest.mark.parametrize(
    "name", [name for name in CHANGE_NAMES if name not in ("loss", "reduction")]
)
def test_history_continues_through_other_changes(name: str) -> None:
    run = Run(start_for(name))
    run.advance(30)
    history = run.history
    run.apply(EACH_CHANGE[name])
    run.advance(5)
    assert run.history is history
    assert (history.start, history.steps) == (0, 35)


@pytest.mark.parametrize("change", REFUSED, ids=spec)
def test_rejected_change_has_no_effect(change: Change) -> None:
    refused, plain = Run(SMALL), Run(SMALL)
    for run in (refused, plain):
        run.advance(30)
    with pytest.raises(UserError):
        refused.apply(change)
    assert state_of(refused) == state_of(plain)
    assert state_after(refused, 50) == state_after(plain, 50)


@pytest.mark.parametrize("name", [name for name in CHANGE_NAMES if name != "weights"])
def test_change_to_current_value_is_not_logged(name: str) -> None:
    start = EACH_CHANGE[name].apply_to(start_for(name))
    run = Run(start)
    assert run.apply(EACH_CHANGE[name]) is None
    assert not run.log
    assert state_after(run, 5) == state_after(Run(start), 5)


@pytest.mark.parametrize("seed", [None, 0, 7])
def test_restart_is_a_new_run_with_current_settings(seed: int | None) -> None:
    run = Run(SMALL)
    run.advance(40)
    for change in ONE_AFTER_ANOTHER:
        run.apply(change)
    run.advance(40)
    now = run.settings
    run = run.restarted(seed)
    fresh = Run(replace(now, seed=now.seed if seed is None else seed))
    assert run.initial_settings == run.settings == fresh.settings
    assert state_after(run, 300) == state_after(fresh, 300)


def test_restart_with_same_seed_reproduces_the_run() -> None:
    run = Run(SMALL)
    first = state_after(run, 400)
    run = run.restarted()
    assert state_after(run, 400) == first


def test_rejected_restart_has_no_effect() -> None:
    run = Run(SMALL)
    run.advance(20)
    before = state_of(run)
    with pytest.raises(UserError):
        run.restarted(-1)
    assert state_of(run) == before


def test_rollback_point_is_kept_when_a_change_is_made_to_saturated_units() -> None:
    changes = [(50, parse_change("lr=1e6")), (60, parse_change("lr=0.1"))]
    run = Run(RECIPES["binary-addition"].settings, changes)
    run.advance(200)
    assert run.halt_reason == "units saturated"
    assert run.rollback_point.step == 50
    run.apply(parse_change("lr=0.2"))
    run.advance(100)
    assert run.halt_reason is None


@pytest.mark.parametrize("spec", ["task=subtraction", "length=16", "model=gru", "hidden-size=8"])
def test_statistics_start_anew_where_losses_cannot_be_compared(spec: str) -> None:
    run = Run(RECIPES["binary-addition"].settings)
    run.advance(200)
    run.apply(parse_change("lr=0.2"))
    assert run.history.best_mean_metric < inf
    run.apply(parse_change(spec))
    assert isnan(run.history.last)
    assert isnan(run.history.mean_metric)
    assert run.history.best_mean_metric == inf
    assert run.history.full_run().mean.size > 0


def test_change_that_makes_weight_decay_of_adamw_l2_says_so() -> None:
    run = Run(switched(SMALL, optimizer="adamw"))
    messages = [run.apply(parse_change(spec)) for spec in ("weight-decay=0.1", "lr=0.02")]
    assert not any(applied and "gradient" in applied.text for applied in messages)
    applied = run.apply(parse_change("decoupled-weight-decay=0.05"))
    assert applied
    assert applied.text == (
        "decoupled weight decay 0.1 → 0.05, weight decay 0.1 added to the gradient (L2), "
        "as decoupled-weight-decay is set to 0.05"
    )


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("layers=3", "layers 1 → 3, which has no effect with model elman (used by feed-forward)"),
        ("lag=2", "lag 1 → 2, which has no effect on task addition (used by echo, delayed-xor)"),
        ("lr=0.3", "lr 0.1 → 0.3"),
    ],
)
def test_change_without_effect_is_described_as_such(spec: str, text: str) -> None:
    applied = Run(SMALL).apply(parse_change(spec))
    assert applied
    assert applied.text == text
