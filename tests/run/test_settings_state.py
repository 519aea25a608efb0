"""What somebody chose stays from task to task, and what nobody chose goes with what needed it."""

from math import inf

import pytest

from rnn_tui.engine.optimizers import OPTIMIZERS
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.run.run import Run
from tests.support.makers import COUNTING, settings_with, weights_of


def test_a_lag_that_is_too_long_for_a_task_is_cut_when_it_is_turned_to() -> None:
    run = Run(settings_with(lag=20))
    applied = run.apply(SetField("task", "echo"))
    assert applied is not None
    assert run.settings.lag == run.settings.length - 1
    assert ", lag 7" in applied.text


def test_user_overrides_persist_through_all_tasks() -> None:
    run = Run(settings_with())
    for spec in ("hidden-size=64", "loss=cross-entropy", "batch-size=20", "lr=0.5"):
        run.apply(parse_change(spec))
    chosen = run.settings
    for task in [*TASKS][1:]:
        run.apply(SetField("task", task))
    run.apply(SetField("task", "addition"))
    assert run.settings == chosen


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_stays_finite_on_the_steep_cost_of_counting(optimizer: str) -> None:
    run = Run(COUNTING)
    run.apply(SetField("optimizer", optimizer))
    run.advance(300)
    assert run.halt_reason is None


@pytest.mark.parametrize(
    "optimizer", [name for name in OPTIMIZERS if OPTIMIZERS[name].scales_with_gradient]
)
@pytest.mark.parametrize(
    "ways",
    [
        ("optimizer={}", "task=counting-ones"),
        ("task=counting-ones", "model=elman", "optimizer={}", "model=linear"),
    ],
)
def test_no_way_of_keys_to_plain_descent_on_two_weights_overflows(
    optimizer: str, ways: tuple[str, ...]
) -> None:
    run = Run(settings_with())
    for way in ways:
        run.apply(parse_change(way.format(optimizer)))
        run.advance(10)
    assert run.settings.model == "linear"
    assert run.settings.optimizer == optimizer or (optimizer, ways[0]) == ("sgd", "optimizer={}")
    run.advance(200)
    assert run.halt_reason is None


def test_automatic_clipping_is_removed_when_not_needed() -> None:
    run = Run(COUNTING)
    for spec, clip, rate in (
        ("optimizer=sgd", 1.0, 0.01),
        ("optimizer=adam", inf, 0.01),
        ("optimizer=sgd", 1.0, 0.01),
        ("task=addition", inf, 0.1),
    ):
        run.apply(parse_change(spec))
        assert (run.settings.clip_norm, run.settings.learning_rate) == (clip, rate)


def test_a_clip_that_somebody_chose_stays() -> None:
    run = Run(COUNTING)
    run.apply(SetField("clip-norm", 1.0))
    for spec in ("optimizer=sgd", "optimizer=adam", "task=addition"):
        run.apply(parse_change(spec))
        assert run.settings.clip_norm == 1.0


def test_a_lag_that_had_to_be_cut_comes_back() -> None:
    run = Run(settings_with())
    for spec in ("lag=7", "task=addition", "length=4", "task=delayed-xor"):
        run.apply(parse_change(spec))
    assert run.settings.lag == 3
    run.apply(SetField("length", 8))
    run.apply(SetField("task", "echo"))
    assert run.settings.lag == 7


def test_batch_size_is_reduced_for_large_models_of_another_task() -> None:
    run = Run(settings_with())
    for spec in (
        "length=20",
        "dataset-size=16384",
        "batch-size=4096",
        "task=counting-ones",
        "task=xor",
    ):
        run.apply(parse_change(spec))
    assert run.settings.task == "xor"


def test_a_lag_that_means_nothing_draws_no_other_examples() -> None:
    run, other = Run(COUNTING), Run(COUNTING)
    run.advance(50)
    other.advance(50)
    run.apply(SetField("lag", 3))
    run.advance(50)
    other.advance(50)
    assert weights_of(run) == weights_of(other)
