"""`rnn-tui train` prints the values of each recipe's tutorial, as text and as JSON."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.recipes import RECIPES
from tests.support.reference import load
from tests.support.shell import objects, output_of, run

COUNTING = load("counting")

# The counting tutorial's second part, as of 2015, with numpy's seed 1: step, and loss before it.
NONLINEAR = {
    0: 0.730283734,
    10: 0.63701,
    50: 0.237512,
    100: 0.00034552270280883057,
}


def trained(recipe: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the output of a run of `recipe` as text, and as JSON without the run object."""
    command = ("train", "--recipe", recipe)
    return output_of(*command), objects(output_of(*command, "--json"))[1:]


def losses(reports: list[dict[str, Any]]) -> dict[int, float]:
    return {report["step"]: report["loss"] for report in reports}


def test_counting_recipe_ends_with_the_published_weights() -> None:
    text, (*reports, summary) = trained("counting-ones")
    for number in (
        "loss         615689.775\n",
        "input weight 1.001355547207059\n",
        "recurrent weight 0.9996744737846419\n",
        "loss         1.80085308796e-06\n",
        "ones in 011000010011: 4.99896374, target 5\n",
        "gradient check at (1.2, 1.2): cost 110.2280373, gradient 274.5954291, 1593.242844, max",
        "sequence accuracy 100.00 % (1,024 of 1,024); count accuracy 100.00 %",
    ):
        assert number in text
    path = [list(report["weights"].values()) for report in reports if report["weights"]]
    assert path == [
        pytest.approx(point, rel=1e-9) for point in COUNTING["rprop"]["path_every_50"][:-1]
    ]
    assert list(summary["weights"].values()) == pytest.approx(
        [1.001355547207059, 0.9996744737846419], rel=1e-12
    )
    assert losses(reports)[500] == pytest.approx(COUNTING["rprop"]["cost"], rel=1e-9)
    assert summary["tutorial"]["test"] == {
        "input": "011000010011",
        "target": 5,
        "output": pytest.approx(4.99896374, abs=5e-9),
    }


def test_counting_recipe_prints_the_published_gradients() -> None:
    text, (*_, summary) = trained("counting-ones")
    table = text[text.index("cost       ∂cost") :].splitlines()[1:7]
    assert len(summary["tutorial"]["six_points"]) == len(COUNTING["points"]) == 6
    for line, row, point in zip(
        table, summary["tutorial"]["six_points"], COUNTING["points"], strict=True
    ):
        assert (row["wx"], row["wrec"]) == (point["wx"], point["wrec"])
        assert row["cost"] == pytest.approx(point["cost"], rel=1e-12)
        assert row["gradient"] == pytest.approx(point["gradient"], rel=1e-12)
        assert row["gradient_over_time"] == pytest.approx(point["over_time"], rel=1e-12)
        printed = [float(word) for word in line.split()]
        expected = [point["wx"], point["wrec"], point["cost"], *point["gradient"]]
        assert printed == pytest.approx(expected, rel=1e-9)
    found, expected = summary["tutorial"]["gradient_check"], COUNTING["check"]
    assert found["at"] == [expected["wx"], expected["wrec"]]
    assert found["cost"] == pytest.approx(expected["cost"], rel=1e-12)
    assert found["gradient"] == pytest.approx(expected["gradient"], rel=1e-12)
    assert found["worst_error"] < 1e-6


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def xor_program(hidden_layers: int, steps: int) -> list[float]:
    """Run the XOR program as it is written, and return its outputs for the four rows at its end.

    Each layer is changed before the error goes through it, and errors are summed over the rows.
    """
    random = np.random.RandomState(0)
    sizes = [2, *[64] * hidden_layers, 1]
    layers = [(random.randn(m, n), random.randn(n)) for m, n in pairwise(sizes)]
    rows = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    targets = np.array([[0.0], [1.0], [1.0], [0.0]])
    for _ in range(steps + 1):
        activations = [rows]
        for weight, bias in layers:
            activations.append(sigmoid(activations[-1] @ weight + bias))
        outputs: list[float] = activations[-1].ravel().tolist()
        error = targets - activations[-1]
        for place, (weight, bias) in reversed(list(enumerate(layers))):
            delta = error * activations[place + 1] * (1 - activations[place + 1])
            weight += 0.1 * activations[place].T @ delta
            bias += 0.1 * delta.sum(axis=0)
            error = delta @ weight.T
    return outputs


@pytest.mark.parametrize(("recipe", "layers", "steps"), [("xor", 1, 1000), ("xor-deep", 2, 5000)])
def test_xor_recipes_print_the_outputs_of_the_program(recipe: str, layers: int, steps: int) -> None:
    text, (*reports, summary) = trained(recipe)
    inputs = ["0 XOR 0", "0 XOR 1", "1 XOR 0", "1 XOR 1"]
    expected = dict(zip(inputs, xor_program(layers, steps), strict=True))
    for input_text, output in expected.items():
        assert f"  {input_text} = {output:.8f}\n" in text
    assert summary["outputs"] == pytest.approx(expected, rel=1e-9)
    assert summary["n_correct"] == summary["n_sequences"] == 4
    errors = list(losses(reports).values())
    assert errors == sorted(errors, reverse=True)


def test_nonlinear_recipe_prints_the_published_losses() -> None:
    text, (*reports, summary) = trained("nonlinear-addition")
    for step, loss in NONLINEAR.items():
        assert losses(reports)[step] == pytest.approx(loss, rel=2e-6)
    assert losses(reports)[100] == pytest.approx(NONLINEAR[100], rel=1e-9)
    assert "after step 100\n  loss         0.000345522702809\n" in text
    assert "sequence accuracy 100.00 % (4,096 of 4,096); bit accuracy 100.00 %" in text
    assert summary["n_correct"] == 4096


@pytest.mark.parametrize("recipe", RECIPES)
def test_text_and_json_agree_at_every_step(capsys: pytest.CaptureFixture[str], recipe: str) -> None:
    options = ("train", "--recipe", recipe, "--steps", "30", "--every", "10")
    _, text, _ = run(capsys, *options)
    _, output, _ = run(capsys, *options, "--json")
    described, *reports, summary = objects(output)
    assert summary["step"] == 30
    for deviation in described["deviations"]:
        assert f"{deviation}\n" in text
    steps = [int(line.split()[-1]) for line in text.splitlines() if "step " in line[:11]]
    if RECIPES[recipe].settings.dataset_size:
        assert steps == [report["step"] for report in reports] == [0, 10, 20, 30]
        assert [f"{report[described['metric']]:.12g}" in text for report in reports] == [True] * 4
    else:
        assert steps == [report["step"] for report in reports]
        assert set(steps) <= {0, 10, 20}
        assert [f"{report[described['metric']]:.8f}" in text for report in reports] == [True] * len(
            steps
        )


@pytest.mark.parametrize(
    "words",
    [
        ("--hidden-size", "1"),
        ("--hidden-size", "1", "--activation", "tanh"),
        ("--hidden-size", "1", "--model", "feed-forward"),
        ("--hidden-size", "1", "--task", "temporal-order"),
        ("--at", "30:hidden-size=1"),
    ],
    ids=" ".join,
)
def test_hidden_size_1_ends_with_a_summary(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("train", "--steps", "60", "--no-journal", *words)
    status, text, errors = run(capsys, *options)
    assert (status, errors) == (0, "")
    assert "to repeat the run: " in text
    status, output, errors = run(capsys, *options, "--json")
    assert (status, errors) == (0, "")
    assert objects(output)[-1]["repeat_command"].startswith("rnn-tui train")
