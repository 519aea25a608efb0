"""Figures of the lessons that are of other seeds or rates than the run of the lesson."""

import shlex

import pytest

from rnn_tui.cli.arguments import settings_from
from rnn_tui.cli.main import make_parser
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.run.changes import Schedule, parse_change
from rnn_tui.run.run import Run

pytestmark = pytest.mark.long

ORDER = "--task temporal-order --lr 1 --length 32"


def exact_step(options: str, limit: int, *changes: tuple[int, str]) -> int | None:
    """Return the first step at which every sequence is correct, None if that is after `limit`."""
    settings = settings_from(make_parser().parse_args(["train", *shlex.split(options)]))
    schedule: Schedule = [(step, parse_change(spec)) for step, spec in changes]
    run = Run(settings, schedule)
    while run.step < limit and run.evaluation_tracker.first_exact_step is None:
        run.advance(min(EXACT_CHECK_INTERVAL_STEPS, limit - run.step))
    return run.evaluation_tracker.first_exact_step


def exact_steps(options: str, seeds: range, limit: int) -> list[int | None]:
    return [exact_step(f"{options} --seed {seed}", limit) for seed in seeds]


def test_rate_3_is_exact_with_5_seeds_by_step_2250() -> None:
    steps = exact_steps("--lr 3", range(1, 6), 2250)
    assert None not in steps
    assert max(filter(None, steps)) == 2250


def test_rate_10_needs_clipping() -> None:
    assert exact_steps("--lr 10", range(1, 6), 6000) == [None] * 5
    steps = exact_steps("--lr 10 --clip-norm 0.1", range(1, 6), 1750)
    assert None not in steps
    assert max(filter(None, steps)) == 1750


@pytest.mark.parametrize(
    ("options", "n_exact"),
    [
        (f"{ORDER} --model elman", 1),
        (f"{ORDER} --model gru", 5),
        (f"{ORDER} --model lstm", 5),
        ("--task temporal-order --length 32 --optimizer adam", 5),
        ("--task temporal-order --length 64 --optimizer adam", 4),
    ],
)
def test_temporal_order_is_exact_with_some_of_5_seeds(options: str, n_exact: int) -> None:
    assert 5 - exact_steps(options, range(5), 5000).count(None) == n_exact


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["optimizer=sgd"], 7000),
        (["optimizer=momentum"], 5500),
        (["lr=0.2"], 5750),
        (["optimizer=momentum", "lr=0.1"], 4000),
        (["optimizer=adam", "lr=0.001"], None),
    ],
)
def test_forks_from_step_3000_are_exact_at(changes: list[str], expected: int | None) -> None:
    assert exact_step("--seed 0", 12_000, *((3000, change) for change in changes)) == expected


def test_two_of_5_random_nets_of_3_units_are_exact_by_step_20000() -> None:
    steps = exact_steps("--hidden-size 3 --biases 1", range(5), 20_000)
    assert steps.count(None) == 3
    assert min(filter(None, steps)) == 11_500
