"""The quantities of figures, measured on runs."""

from contextlib import suppress
from functools import cache

import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.recipes import RECIPES
from rnn_tui.lessons.measurements import Measurements
from rnn_tui.lessons.quantities import QUANTITIES
from rnn_tui.run.changes import parse_change
from rnn_tui.run.run import Run
from tests.support.makers import settings_with


@cache
def measurements() -> Measurements:
    """Return those of a short run on addition."""
    specs = ("optimizer=momentum", "lr=0.02", "clip-norm=0.5")
    run = Run(settings_with(hidden_size=8), [(1200, parse_change(spec)) for spec in specs])
    run.advance(1250)
    run.inspector.pin("5 + 3")
    return Measurements(run)


@cache
def other_measurements() -> tuple[Measurements, ...]:
    """Return those of runs with two weights, and with biases, at their first steps."""
    runs = [Run(RECIPES[name].settings) for name in ("counting-ones", "nonlinear-addition")]
    for run in runs:
        run.advance(1)
    return tuple(map(Measurements, runs))


@pytest.mark.parametrize("name", QUANTITIES)
def test_every_quantity_can_be_measured(name: str) -> None:
    values = []
    for measured in (measurements(), *other_measurements()):
        with suppress(UserError):  # it has no meaning for the run
            values.append(QUANTITIES[name].measure(measured))
    assert values
    assert all(isinstance(value, int | float) for value in values)


def test_quantities_are_those_of_the_run() -> None:
    def measure(name: str) -> float:
        return QUANTITIES[name].measure(measurements())

    run = measurements().run
    assert measure("step") == 1250
    assert measure("parameters") == run.weights.vector.size
    assert measure("effective-lr") == pytest.approx(0.02 / (1 - 0.9))
    assert measure("correct-sequences") / measure("sequences") == measure("sequence-accuracy")
    assert f"{measure('prediction'):.0f}" == run.predict("5 + 3")
    assert 0.5 <= measure("min-confidence") <= measure("max-confidence") <= 1
    assert 0 < measure("clipped") < 1
    assert measure("untrained-probe") != measure("probe")


def test_quantity_without_meaning_is_refused() -> None:
    run = Run(RECIPES["xor"].settings)
    with pytest.raises(UserError, match="no recurrent state"):
        QUANTITIES["spectral-radius"].measure(Measurements(run))
    with pytest.raises(UserError, match="no example is displayed: pin one"):
        QUANTITIES["prediction"].measure(Measurements(run))
