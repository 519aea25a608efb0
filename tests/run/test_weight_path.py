"""Two weights that count ones are shown on their cost surface; XOR is shown as a map of outputs."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.config.switching import turned
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import Set, SetWeights, parse_change
from rnn_tui.run.output_grid import output_map
from rnn_tui.run.run import Run
from rnn_tui.run.weight_path import MOST_POINTS, SAMPLE, surface_of
from rnn_tui.session.snapshot import take
from tests.support.makers import COUNTING, SMALL, alone, settings_with

FITTING = [
    (task, model)
    for task in TASKS
    for model in ("elman", "linear")
    if model != "linear" or len(TASKS[task].input_names) == 1
]
FIXED = replace(SMALL, examples=12, batch=4)


def points(run: Run) -> list[list[float]]:
    surface = take(run, alone(run)).surface
    assert surface is not None
    path: list[list[float]] = surface.path.tolist()
    return path


def weights(run: Run) -> list[float]:
    values: list[float] = run.trainer.model.parameters.vector.tolist()
    return values


@pytest.mark.parametrize(("task", "model"), FITTING)
def test_only_two_weights_that_count_ones_have_a_surface(task: str, model: str) -> None:
    run = Run(turned(SMALL, task, model))
    assert (take(run, alone(run)).surface is not None) == (
        (task, model) == ("counting-ones", "linear")
    )
    assert (run.path is not None) == (model == "linear")


@pytest.mark.parametrize("task", TASKS)
def test_only_exclusive_or_has_a_map_of_outputs(task: str) -> None:
    run = Run(turned(SMALL, task))
    run.advance(3)
    shown = take(run, alone(run)).output_map
    assert (shown is not None) == (task == "xor")
    if shown is not None:
        expected = output_map(run.trainer.model, run.settings.make_loss())
        assert np.array_equal(shown.grid, expected.grid)
        assert np.array_equal(shown.outputs, expected.outputs)


def test_the_path_leads_from_the_first_weights_to_those_of_now() -> None:
    run, expected = Run(COUNTING), []
    for _ in range(30):
        expected.append(weights(run))
        run.advance(1)
    assert points(run) == [*expected, weights(run)]
    assert expected[0] == [-1.5, 2.0]
    run.advance(2 * MOST_POINTS)
    assert len(points(run)) <= MOST_POINTS
    assert points(run)[-1] == weights(run)


def test_weights_that_are_put_are_on_the_path() -> None:
    run = Run(COUNTING)
    run.advance(3)
    run.apply(SetWeights((0.5, 0.25)))
    assert points(run)[-1] == [0.5, 0.25]
    assert len(points(run)) == 5
    run.advance(1)
    assert points(run)[-1] == weights(run)


def test_after_a_halt_the_path_ends_with_the_weights_that_are_back() -> None:
    run = Run(replace(COUNTING, optimizer="sgd", learning_rate=0.01))
    run.advance(10)
    assert run.halted
    assert len(points(run)) > 2
    assert points(run)[-1] == weights(run) == [-1.5, 2.0]


@pytest.mark.parametrize("spec", ["lr=0.1", "optimizer=adam", "batch=5", "clip-norm=1"])
def test_a_path_goes_on_while_the_net_does(spec: str) -> None:
    run = Run(COUNTING)
    run.advance(5)
    before = points(run)
    run.apply(parse_change(spec))
    run.advance(2)
    assert points(run)[:6] == before
    assert len(points(run)) == 8


def test_a_path_ends_with_its_net() -> None:
    run = Run(COUNTING)
    run.advance(5)
    run.apply(Set("model", "elman"))
    assert take(run, alone(run)).surface is None
    run.apply(Set("model", "linear"))
    assert points(run) == [weights(run)]


def test_the_surface_is_the_cost_of_the_examples_trained_on() -> None:
    run = Run(COUNTING)
    batch = run.trainer.stream.next()
    cost = run.trainer.loss.judge(run.trainer.model.forward(batch.inputs).logits, batch).loss
    assert run.cost is not None
    assert float(run.cost.cost(-1.5, 2.0)) == pytest.approx(cost, rel=1e-12)
    before = run.cost
    run.apply(Set("batch", 5))
    assert run.cost is before
    run.apply(Set("examples", 9))
    assert run.cost is not before
    assert run.cost.sequences.shape == (run.settings.bits, 9)


@pytest.mark.parametrize(("bits", "count"), [(5, 2**5), (10, 2**10), (14, SAMPLE), (15, SAMPLE)])
def test_without_fixed_examples_the_surface_is_of_all_there_are_or_of_a_sample(
    bits: int, count: int
) -> None:
    cost = surface_of(TASKS["counting-ones"](bits), None)
    assert cost is not None
    assert cost.sequences.shape == (bits, count)
    assert np.array_equal(cost.counts, cost.sequences.sum(axis=0))


@pytest.mark.parametrize("change", ["batch=3", "minibatches=overlapping", "lr=0.3", "hidden=3"])
def test_a_fixed_set_of_examples_stays_through_what_only_cuts_it_otherwise(change: str) -> None:
    run = Run(FIXED)
    drawn = Run(FIXED).task.fixed(np.random.RandomState(FIXED.seed), 12)
    run.advance(7)
    run.apply(parse_change(change))
    seen = [run.trainer.stream.next().inputs for _ in range(12 // run.settings.batch)]
    if run.settings.minibatches == "in-turn":
        start = 7 % 3 * 4 if change == "lr=0.3" else 0
        ordered = np.roll(drawn.inputs, -start, axis=1)
        assert np.array_equal(np.concatenate(seen, axis=1), ordered)
    else:
        for first, batch in enumerate(seen):
            assert np.array_equal(batch, drawn.inputs[:, first : first + 4])


@pytest.mark.parametrize("change", ["examples=11", "task=subtraction", "bits=6"])
def test_other_examples_are_drawn_where_the_old_ones_do_not_do(change: str) -> None:
    run, plain = Run(FIXED), Run(FIXED)
    run.advance(7)
    run.apply(parse_change(change))
    settings = run.settings
    drawn = settings.make_task().fixed(plain.random, settings.examples)
    assert np.array_equal(run.trainer.stream.next().inputs, drawn.inputs[:, :4])


def test_fixed_examples_are_drawn_before_the_first_weights() -> None:
    settings = settings_with(examples=20, batch=5)
    run, random = Run(settings), np.random.RandomState(settings.seed)
    drawn = run.task.fixed(random, 20)
    assert np.array_equal(run.trainer.stream.next().inputs, drawn.inputs[:, :5])
    first = 2 * random.random_sample((2, 16)) - 1
    assert np.array_equal(run.trainer.model.parameters["input_weight"], first)
