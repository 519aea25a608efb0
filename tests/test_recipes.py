"""Each recipe prints what its tutorial's program prints, to the last digit printed."""

from typing import Any

import numpy as np
import pytest

from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.recipes import RECIPES
from rnn_tui.session.run import Run
from tests.reference import load

TRANSCRIPTS = load("transcripts")["recipes"]


def line_after(run: Run, iteration: int) -> dict[str, Any]:
    """Take iteration `iteration` (the first is 0) and return what it shows."""
    run.advance(iteration - run.step)
    run.advance(1)
    example = run.viewer.example()
    assert run.learnt
    assert example is not None
    return {
        "iteration": iteration,
        "a": example.a,
        "b": example.b,
        "true": example.true,
        "predicted": example.predicted,
        "error": round(example.error, 8),
    }


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_tells_the_tutorials_numbers_and_ends_all_right(name: str) -> None:
    transcript, settings = TRANSCRIPTS[name], RECIPES[name].settings
    run = Run(settings)
    for line in transcript["lines"]:
        assert line_after(run, line["iteration"]) == line
    run.advance(settings.steps - run.step)
    score = run.scorekeeper.examine(run.trainer.model, run.step)
    assert score.exhaustive
    assert score.exact / score.total == transcript["exact_match_over_all_pairs_at_end"]


def test_the_adding_net_ends_with_the_tutorials_weights() -> None:
    run = Run(RECIPES["binary-addition"].settings)
    run.advance(10_000)
    weights = run.trainer.model.parameters
    sums = [weights[f"{name}_weight"].sum() for name in ("input", "output", "recurrent")]
    np.testing.assert_allclose(
        sums, [-0.5380865832423707, -3.79205386571834, -11.345475046681063], rtol=1e-9
    )
    starts = {
        "input_weight": [-0.35951953, 2.33958993, -0.32033828],
        "output_weight": [2.03071179, -0.66162995, -2.46164979],
        "recurrent_weight": [0.03181292, -1.57610668, 0.02068267],
    }
    for name, start in starts.items():
        np.testing.assert_allclose(weights[name].ravel()[:3], start, atol=5e-9)

    paper = run.task.encode(run.task.all_pairs())
    logits = run.trainer.model.forward(paper.inputs).logits
    assert HalfSquaredError().judge(logits, paper).error == pytest.approx(
        0.41441263800040445, rel=1e-9
    )
