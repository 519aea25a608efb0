import numpy as np

from rnn_tui.analysis.health import saturated_errors
from rnn_tui.analysis.subject import Subject
from rnn_tui.config.switching import switched
from rnn_tui.run.run import Run
from tests.support.makers import SMALL


def test_outputs_that_are_incorrect_and_saturated_are_counted() -> None:
    run = Run(switched(SMALL, "parity"))
    run.weights["output_weight"][...] = 100.0  # of sigmoid units, so that every output is 1
    assert saturated_errors(Subject(run.task, run.trainer)) == 0.5  # of all sequences, exhaustively


def test_outputs_without_bounds_have_no_saturated_errors() -> None:
    run = Run(switched(SMALL, "counting-ones"))
    assert np.isnan(saturated_errors(Subject(run.task, run.trainer)))
