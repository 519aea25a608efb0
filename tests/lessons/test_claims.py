"""Figures of the lessons that are of other seeds or rates than the run of the lesson."""

import shlex
from collections import Counter
from itertools import product

import numpy as np
import pytest

from rnn_tui.analysis.update_ratios import TYPICAL_RATIO
from rnn_tui.cli.arguments import settings_from
from rnn_tui.cli.main import make_parser
from rnn_tui.config.settings import EXACT_CHECK_INTERVAL_STEPS
from rnn_tui.lessons.library import find_lesson
from rnn_tui.lessons.measurements import Measurements
from rnn_tui.lessons.quantities import QUANTITIES
from rnn_tui.run.changes import Schedule, SetWeights, parse_change
from rnn_tui.run.run import Run
from rnn_tui.run.subject import analyze

pytestmark = pytest.mark.long

ORDER = "--task temporal-order --lr 1 --length 32"


def run_of(options: str, *changes: tuple[int, str]) -> Run:
    settings = settings_from(make_parser().parse_args(["train", *shlex.split(options)]))
    schedule: Schedule = [(step, parse_change(spec)) for step, spec in changes]
    return Run(settings, schedule)


def exact_step(options: str, limit: int, *changes: tuple[int, str]) -> int | None:
    """Return the first step at which every sequence is correct, None if that is after `limit`."""
    return advance_to_exact(run_of(options, *changes), limit)


def advance_to_exact(run: Run, limit: int) -> int | None:
    while run.step < limit and run.evaluation_tracker.first_exact_step is None:
        run.advance(min(EXACT_CHECK_INTERVAL_STEPS, limit - run.step))
    return run.evaluation_tracker.first_exact_step


def exact_steps(options: str, seeds: range, limit: int) -> list[int | None]:
    return [exact_step(f"{options} --seed {seed}", limit) for seed in seeds]


@pytest.mark.parametrize(("options", "is_chaotic"), [("--lr 1", False), ("--lr 3", True)])
def test_only_rate_3_amplifies_the_last_digit_of_a_weight(options: str, is_chaotic: bool) -> None:
    steps = set()
    for index in range(4):
        run = run_of(options)
        weights = run.weights.vector.copy()
        weights[index] = np.nextafter(weights[index], np.inf)
        run.apply(SetWeights(tuple(weights.tolist())))
        steps.add(advance_to_exact(run, 6000))
    assert len(steps) > 1 if is_chaotic else steps == {1500}


def test_rate_10_needs_clipping() -> None:
    assert exact_steps("--lr 10", range(1, 6), 6000) == [None] * 5
    steps = exact_steps("--lr 10 --clip-norm 0.1", range(6), 1750)
    assert None not in steps
    assert max(filter(None, steps)) == 1750


def test_clipping_from_step_2000_rescues_2_of_6_runs_at_rate_10() -> None:
    change = 2000, "clip-norm=0.1"
    steps = [exact_step(f"--lr 10 --seed {seed}", 12_000, change) for seed in range(6)]
    assert [seed for seed, step in enumerate(steps) if step] == [0, 4]
    assert steps[0] == 4500


def test_limit_from_step_2000_changes_nothing_up_to_step_3000() -> None:
    unclipped, clipped = run_of("--lr 10"), run_of("--lr 10", (2000, "clip-norm=0.1"))
    for run in (unclipped, clipped):
        run.advance(3000)
    assert np.array_equal(clipped.weights.vector, unclipped.weights.vector)
    assert QUANTITIES["incorrect-and-saturated"].measure(Measurements(clipped)) > 0.5


@pytest.mark.parametrize(
    ("options", "n_exact"),
    [
        (f"{ORDER} --model gru", 5),
        (f"{ORDER} --model lstm", 5),
        ("--task temporal-order --length 32 --optimizer adam", 5),
        ("--task temporal-order --length 64 --optimizer adam", 4),
    ],
)
def test_temporal_order_is_exact_with_so_many_of_5_seeds(options: str, n_exact: int) -> None:
    assert 5 - exact_steps(options, range(5), 5000).count(None) == n_exact


def test_temporal_order_is_exact_with_at_most_2_of_5_elman_networks() -> None:
    assert exact_steps(f"{ORDER} --model elman", range(5), 5000).count(None) >= 3


def test_gradient_of_the_cell_fades_less_than_that_of_the_hidden_state() -> None:
    run = run_of(f"{ORDER} --model lstm")
    advance_to_exact(run, 2000)
    example = Measurements(run).example
    hidden, cell = example.last_step_gradient_norms, example.cell_gradient_norms
    assert cell is not None
    assert cell[0] / cell[-1] > hidden[0] / hidden[-1]


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


def test_momentum_from_step_3000_has_999_of_1000_sums_correct_at_step_5000() -> None:
    run = run_of("--seed 0", (3000, "optimizer=momentum"))
    run.advance(5000)
    accuracy = QUANTITIES["sequence-accuracy"].measure(Measurements(run))
    assert 0.999 <= accuracy < 1


def test_two_of_5_random_nets_of_3_units_are_exact_by_step_20000() -> None:
    steps = exact_steps("--hidden-size 3 --biases 1", range(5), 20_000)
    assert steps.count(None) == 3
    assert min(filter(None, steps)) == 11_500


@pytest.mark.parametrize(
    ("options", "steps", "quantity", "expected"),
    [
        ("--lr 10", 3000, "saturated", 0.0746),
        ("", 0, "probe-everywhere", 0.939),
        ("", 0, "probe-everywhere-majority", 0.62),
        ("", 0, "swap", 0.097),
    ],
)
def test_figure_of_another_run(options: str, steps: int, quantity: str, expected: float) -> None:
    run = run_of(options)
    run.advance(steps)
    measured = QUANTITIES[quantity].measure(Measurements(run))
    assert measured == pytest.approx(expected, abs=0.0005)


def test_hidden_unit_has_a_correlation_of_097_with_the_carry() -> None:
    run = run_of("")
    run.advance(10_000)
    correlations = analyze(run, "hidden-states").correlations.propagate
    assert np.nanmax(np.abs(correlations)) == pytest.approx(0.97, abs=0.005)


def test_recurrent_updates_at_rate_10_are_100_times_shorter_than_usual() -> None:
    run = run_of("--lr 10")
    run.advance(1000)
    ratio = analyze(run, "health").update_ratios["recurrent_weight"]
    assert TYPICAL_RATIO / ratio == pytest.approx(100, rel=0.1)


def test_longest_carry_of_random_pairs_of_1000_bits_has_9_columns_on_average() -> None:
    a, b = np.random.RandomState(0).randint(0, 2, (2, 1000, 1000))
    columns, longest = np.zeros(1000), np.zeros(1000)
    for bits in a + b:
        columns = np.where(bits == 2, 1, np.where((bits == 1) & (columns > 0), columns + 1, 0))
        longest = np.maximum(longest, columns)
    assert longest.mean() == pytest.approx(9, abs=0.5)


def test_costs_of_counting_ones() -> None:
    surface = run_of("--recipe counting-ones").cost_surface
    assert surface is not None
    costs = [float(surface.cost(*point)) for point in ((2, 1), (1, 2), (-1.5, 2))]
    assert costs == pytest.approx([28.35, 265_551, 615_690], abs=0.5)
    assert 4.9e6 < surface.gradient(-1.5, 2)[1] < 5e6


def test_planted_units_count_the_ones_of_each_column_of_13_plus_11() -> None:
    units = run_of("--initializer planted").hidden_states("13 + 11").round().astype(int).T
    columns = ["".join(map(str, unit[::-1])) for unit in units]  # the highest at the left
    assert columns == ["00011111", "00001111", "00001000"]


def damaged_adder() -> Run:
    """Return the run of the page on noise in the weights of the planted adder."""
    (page,) = (page for page in find_lesson("readable").pages if page.heading == "Noise")
    (damage,) = (command for command in page.commands if command.startswith("weights="))
    run = run_of("--initializer planted")
    run.apply(parse_change(damage))
    return run


def test_damaged_adder_adds_without_a_carry() -> None:
    assert damaged_adder().predict("8 + 4") == "12"


def test_training_from_the_damaged_adder_changes_output_weights_alone() -> None:
    run = damaged_adder()
    before = {name: run.weights[name].copy() for name in run.weights}
    run.advance(250)
    for name in ("input_weight", "recurrent_weight", "hidden_bias"):
        assert np.abs(run.weights[name] - before[name]).max() <= 0.06


def test_two_columns_determine_856_of_1000_carries() -> None:
    counts = Counter[tuple[int, ...]]()
    for a, b in product(range(128), repeat=2):
        carry, before = 0, (0, 0)
        for t in range(8):
            bits = (a >> t & 1, b >> t & 1)
            if bits[0] != bits[1]:
                counts[*before, carry] += 1
            carry, before = (sum(bits) + carry) >> 1, bits
    columns = list(product((0, 1), repeat=2))
    known = sum(max(counts[*column, 0], counts[*column, 1]) for column in columns)
    assert known / counts.total() == pytest.approx(0.856, abs=0.0005)
