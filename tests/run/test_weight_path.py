"""Two weights that count ones are shown on their cost surface; XOR is shown as a map of outputs."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.config.switching import switched
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField, SetWeights, parse_change
from rnn_tui.run.output_grid import compute_output_grid
from rnn_tui.run.run import Run
from rnn_tui.run.weight_path import MAX_PATH_POINTS, SAMPLE_SEQUENCES, cost_surface_for
from rnn_tui.session.snapshot import take_snapshot
from tests.support.makers import COUNTING, SMALL, settings_with, unrecorded_session

FITTING = [
    (task, model)
    for task in TASKS
    for model in ("elman", "linear")
    if model != "linear" or len(TASKS[task].input_names) == 1
]
FIXED = replace(SMALL, dataset_size=12, batch_size=4)


def points(run: Run) -> list[list[float]]:
    surface = take_snapshot(unrecorded_session(run)).cost_map
    assert surface is not None
    path: list[list[float]] = surface.weight_path.tolist()
    return path


def weights(run: Run) -> list[float]:
    values: list[float] = run.trainer.model.parameters.vector.tolist()
    return values


@pytest.mark.parametrize(("task", "model"), FITTING)
def test_only_two_weights_that_count_ones_have_a_surface(task: str, model: str) -> None:
    run = Run(switched(SMALL, task, model))
    assert (take_snapshot(unrecorded_session(run)).cost_map is not None) == (
        (task, model) == ("counting-ones", "linear")
    )
    assert (run.weight_path is not None) == (model == "linear")


@pytest.mark.parametrize("task", TASKS)
def test_only_exclusive_or_has_a_map_of_outputs(task: str) -> None:
    run = Run(switched(SMALL, task))
    run.advance(3)
    shown = take_snapshot(unrecorded_session(run)).output_grid
    assert (shown is not None) == (task == "xor")
    if shown is not None:
        expected = compute_output_grid(run.task, run.trainer.model, run.settings.make_loss())
        assert np.array_equal(shown.grid, expected.grid)
        assert np.array_equal(shown.outputs, expected.outputs)


def test_the_path_leads_from_the_first_weights_to_those_of_now() -> None:
    run, expected = Run(COUNTING), []
    for _ in range(30):
        expected.append(weights(run))
        run.advance(1)
    assert points(run) == [*expected, weights(run)]
    assert expected[0] == [-1.5, 2.0]
    run.advance(2 * MAX_PATH_POINTS)
    assert len(points(run)) <= MAX_PATH_POINTS
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
    assert run.halt_reason
    assert len(points(run)) > 2
    assert points(run)[-1] == weights(run) == [-1.5, 2.0]


@pytest.mark.parametrize("spec", ["lr=0.1", "optimizer=adam", "batch-size=5", "clip-norm=1"])
def test_weight_path_continues_while_the_model_does(spec: str) -> None:
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
    run.apply(SetField("model", "elman"))
    assert take_snapshot(unrecorded_session(run)).cost_map is None
    run.apply(SetField("model", "linear"))
    assert points(run) == [weights(run)]


def test_the_surface_is_the_cost_of_the_examples_trained_on() -> None:
    run = Run(COUNTING)
    batch = run.trainer.stream.next()
    cost = run.trainer.loss.compute(run.trainer.model.forward(batch.inputs).logits, batch).loss
    assert run.cost_surface is not None
    assert float(run.cost_surface.cost(-1.5, 2.0)) == pytest.approx(cost, rel=1e-12)
    before = run.cost_surface
    run.apply(SetField("batch-size", 5))
    assert run.cost_surface is before
    run.apply(SetField("dataset-size", 9))
    assert run.cost_surface is not before
    assert run.cost_surface.sequences.shape == (run.settings.length, 9)


@pytest.mark.parametrize(
    ("bits", "count"), [(5, 2**5), (10, 2**10), (14, SAMPLE_SEQUENCES), (15, SAMPLE_SEQUENCES)]
)
def test_without_fixed_examples_the_surface_is_of_all_there_are_or_of_a_sample(
    bits: int, count: int
) -> None:
    cost = cost_surface_for(TASKS["counting-ones"](bits), None)
    assert cost is not None
    assert cost.sequences.shape == (bits, count)
    assert np.array_equal(cost.counts, cost.sequences.sum(axis=0))


@pytest.mark.parametrize(
    "change", ["batch-size=3", "batching=overlapping", "lr=0.3", "hidden-size=3"]
)
def test_data_set_persists_through_changes_of_batching(change: str) -> None:
    run = Run(FIXED)
    drawn = Run(FIXED).task.make_dataset(np.random.RandomState(FIXED.seed), 12)
    run.advance(7)
    run.apply(parse_change(change))
    seen = [run.trainer.stream.next().inputs for _ in range(12 // run.settings.batch_size)]
    if run.settings.batching == "sequential":
        start = 7 % 3 * 4 if change == "lr=0.3" else 0
        ordered = np.roll(drawn.inputs, -start, axis=1)
        assert np.array_equal(np.concatenate(seen, axis=1), ordered)
    else:
        for first, batch in enumerate(seen):
            assert np.array_equal(batch, drawn.inputs[:, first : first + 4])


@pytest.mark.parametrize("change", ["dataset-size=11", "task=subtraction", "length=6"])
def test_other_examples_are_drawn_where_the_old_ones_do_not_do(change: str) -> None:
    run, plain = Run(FIXED), Run(FIXED)
    run.advance(7)
    run.apply(parse_change(change))
    settings = run.settings
    random = plain.trainer.stream.sync_rng()
    drawn = settings.make_task().make_dataset(random, settings.dataset_size)
    assert np.array_equal(run.trainer.stream.next().inputs, drawn.inputs[:, :4])


def test_fixed_examples_are_drawn_before_the_first_weights() -> None:
    settings = settings_with(dataset_size=20, batch_size=5)
    run, random = Run(settings), np.random.RandomState(settings.seed)
    drawn = run.task.make_dataset(random, 20)
    assert np.array_equal(run.trainer.stream.next().inputs, drawn.inputs[:, :5])
    first = 2 * random.random_sample((2, 16)) - 1
    assert np.array_equal(run.trainer.model.parameters["input_weight"], first)
