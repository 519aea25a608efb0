"""Each recipe reproduces the published numbers of its tutorial, to the last digit printed."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from rnn_tui.cli.tutorial_figures import current_loss_result, published_values
from rnn_tui.config.recipes import RECIPES, summary_of
from rnn_tui.engine.data import FixedDataset
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.tasks import TASKS
from rnn_tui.engine.tasks.binary_arithmetic import from_bits
from rnn_tui.run.run import Run
from tests.support.reference import load

TRANSCRIPTS = load("transcripts")["recipes"]
COUNTING, XOR = load("counting"), load("xor")["recipes"]

# Cross-entropy of the last batch by the number of updates: as published in 2015, and since 2018
# (rmsprop-drift), with overlapping batches as published and with non-overlapping ones.
PUBLISHED_2015 = {
    0: 0.730283734,
    1: 0.7083140041,
    10: 0.63701,
    50: 0.237512,
    100: 0.00034552270280883057,
}
PUBLISHED_2018 = {
    0: 0.730283734,
    1: 0.708128345,
    2: 0.6914824761,
    3: 0.6813796597,
    4: 0.6741886598,
    10: 0.636576,
    20: 0.514399,
    30: 0.463981,
    40: 0.436361,
    50: 0.127384,
    60: 0.0194325,
    70: 0.00304267,
    80: 0.000548254,
    90: 0.000100894,
    100: 1.5213779760581288e-05,
}
NON_OVERLAPPING_2015 = {100: 0.12030762644781201}
NON_OVERLAPPING_2018 = {
    100: 0.11674
}  # its sixth digit, 3, already depends on the order of rounding


def run_of(name: str, steps: int | None = None, **changes: Any) -> Run:
    """Return a run of the recipe with `changes`, after `steps` or all its steps."""
    settings = replace(RECIPES[name].settings, **changes)
    run = Run(settings)
    run.advance(settings.steps if steps is None else steps)
    return run


def tolerance(published: float) -> float:
    """Return one unit of the last published digit, relative; at least numpy's rounding error."""
    places = -Decimal(repr(published)).normalize().as_tuple().exponent  # type: ignore[operator]  # finite
    return max(10.0**-places / published, 1e-8)


def published_values_of(run: Run) -> dict[str, Any]:
    return {figure.name: figure.data for figure in published_values(run)}


def line_of(run: Run, iteration: int) -> dict[str, Any]:
    """Train up to iteration `iteration` (the first is 0) and return its printed line."""
    run.advance(iteration - run.step)
    run.advance(1)
    example = run.inspector.example()
    assert run.last_step_valid
    assert example is not None
    a, b = from_bits(example.inputs > 0.5)
    (predicted,), (target,) = (
        from_bits(bits[:, None] > 0.5) for bits in (example.outputs, example.targets)
    )
    return {
        "iteration": iteration,
        "a": a,
        "b": b,
        "true": target,
        "predicted": predicted,
        "error": round(example.metric, 8),
    }


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_recipe_reproduces_the_transcript_and_its_final_accuracy(name: str) -> None:
    transcript, settings = TRANSCRIPTS[name], RECIPES[name].settings
    run = Run(settings)
    for line in transcript["lines"]:
        assert line_of(run, line["iteration"]) == line
    run.advance(settings.steps - run.step)
    score = run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    assert score.exhaustive
    assert score.n_correct / score.n_sequences == transcript["exact_match_over_all_pairs_at_end"]


def test_binary_addition_ends_with_the_published_weights() -> None:
    run = run_of("binary-addition")
    weights = run.trainer.model.parameters
    sums = [weights[f"{name}_weight"].sum() for name in ("input", "output", "recurrent")]
    np.testing.assert_allclose(
        sums, [-0.5380865832423707, -3.79205386571834, -11.345475046681063], rtol=1e-9
    )
    first_weights = {
        "input_weight": [-0.35951953, 2.33958993, -0.32033828],
        "output_weight": [2.03071179, -0.66162995, -2.46164979],
        "recurrent_weight": [0.03181292, -1.57610668, 0.02068267],
    }
    for name, weights_ in first_weights.items():
        np.testing.assert_allclose(weights[name].ravel()[:3], weights_, atol=5e-9)

    examples = run.task.all_examples()
    assert examples is not None
    logits = run.trainer.model.forward(examples.inputs).logits
    assert HalfSquaredError().compute(logits, examples).metric == pytest.approx(
        0.41441263800040445, rel=1e-9
    )


def test_counting_ones_trains_on_the_published_dataset() -> None:
    stream = run_of("counting-ones", 0).trainer.stream
    assert isinstance(stream, FixedDataset)
    assert stream.examples.inputs[:, :, 0].T.tolist() == COUNTING["rows"]
    assert stream.examples.targets[-1, :, 0].tolist() == [sum(row) for row in COUNTING["rows"]]


def test_counting_ones_follows_the_published_weight_path() -> None:
    run, rprop = run_of("counting-ones", 0), COUNTING["rprop"]
    path = dict(enumerate(rprop["path_first_10"]))
    path |= {50 * index: point for index, point in enumerate(rprop["path_every_50"])}
    for step, point in path.items():
        run.advance(step - run.step)
        np.testing.assert_allclose(run.trainer.model.parameters.vector, point, rtol=1e-12)
    values = published_values_of(run)
    assert values["weights"] == {
        "input_weight": pytest.approx(1.001355547207059, rel=1e-12),
        "recurrent_weight": pytest.approx(0.9996744737846419, rel=1e-12),
    }
    assert current_loss_result(run)[0].metric == pytest.approx(rprop["cost"], rel=1e-9)


def test_counting_ones_predicts_the_published_test_sequence() -> None:
    values, test = published_values_of(run_of("counting-ones"))["test"], COUNTING["test"]
    assert [int(bit) for bit in values["input"]] == test["input"]
    assert values["target"] == test["target"]
    assert values["output"] == pytest.approx(4.9989637409516945, rel=1e-12)


def test_counting_ones_has_the_published_costs_and_gradients() -> None:
    values = published_values_of(run_of("counting-ones", 0))
    for row, point in zip(values["six_points"], COUNTING["points"], strict=True):
        assert (row["wx"], row["wrec"]) == (point["wx"], point["wrec"])
        assert row["cost"] == pytest.approx(point["cost"], rel=1e-10)
        assert row["gradient"] == pytest.approx(point["gradient"], rel=1e-10)
        over_time = pytest.approx(point["over_time"], rel=1e-10, abs=1e-12)
        assert row["gradient_over_time"] == over_time
    check = values["gradient_check"]
    assert tuple(check["at"]) == (1.2, 1.2)
    assert check["cost"] == pytest.approx(110.22803736617079, rel=1e-7)
    assert check["cost"] == pytest.approx(COUNTING["check"]["cost"], rel=1e-12)
    assert check["gradient"] == pytest.approx([274.595429133218, 1593.2428444791924], rel=1e-12)
    assert check["worst_error"] < 1e-7


@pytest.mark.parametrize("name", XOR)
def test_xor_ends_with_the_published_outputs(name: str) -> None:
    outputs = published_values_of(run_of(name))["outputs"]
    assert list(outputs) == ["0 XOR 0", "0 XOR 1", "1 XOR 0", "1 XOR 1"]
    assert list(outputs.values()) == pytest.approx(XOR[name], rel=1e-10)


@pytest.mark.parametrize(
    ("optimizer", "batching", "losses", "accuracy"),
    [
        ("rmsprop-ahead", "overlapping", PUBLISHED_2015, 1.0),
        ("rmsprop-drift", "overlapping", PUBLISHED_2018, 1.0),
        ("rmsprop-ahead", "sequential", NON_OVERLAPPING_2015, 0.642),
        ("rmsprop-drift", "sequential", NON_OVERLAPPING_2018, 0.4665),
    ],
)
def test_nonlinear_addition_has_the_published_losses(
    optimizer: str, batching: str, losses: dict[int, float], accuracy: float
) -> None:
    run = run_of("nonlinear-addition", 0, optimizer=optimizer, batching=batching)
    for step, loss in losses.items():
        run.advance(step - run.step)
        assert current_loss_result(run)[0].metric == pytest.approx(loss, rel=tolerance(loss))
    stream = run.trainer.stream
    assert isinstance(stream, FixedDataset)
    logits = run.trainer.model.forward(stream.examples.inputs).logits
    is_correct = run.task.is_correct(logits, 0.0, stream.examples.targets).all(axis=(0, 2))
    assert is_correct.mean() == accuracy


def test_nonlinear_addition_has_the_published_first_example() -> None:
    stream = run_of("nonlinear-addition", 0).trainer.stream
    assert isinstance(stream, FixedDataset)
    assert stream.examples.inputs.shape == (7, 2000, 2)
    assert from_bits(stream.examples.inputs[:, 0] > 0.5) == [37, 43]
    assert from_bits(stream.examples.targets[:, 0] > 0.5) == [80]


def test_nonlinear_addition_predicts_the_published_test_pairs() -> None:
    run = run_of("nonlinear-addition")
    for a, b in ((34, 19), (21, 23), (47, 0), (1, 63), (21, 21)):
        logits = run.trainer.model.forward(run.task.parse_input(f"{a}+{b}")).logits
        assert from_bits(logits[:, 0] > 0) == [a + b]


def test_summary_names_what_runs_and_not_the_recipe() -> None:
    settings = RECIPES["binary-addition"].settings
    assert summary_of(replace(settings, seed=3, steps=7)) == RECIPES["binary-addition"].summary
    lstm = summary_of(settings.updated(model="lstm"))
    assert lstm == f"LSTM 16 on addition: {TASKS['addition'].summary}"
    assert "Elman" in summary_of(replace(settings, initializer="normal"))
