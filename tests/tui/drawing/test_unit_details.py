"""One hidden unit in words: the weights of each kind of model."""

import pytest

from rnn_tui.tui.drawing.unit_details import unit_weights
from tests.tui.drawing.analyzed import analyzed, task_of

NAME = "hidden-states"


def test_weights_of_planted_unit_can_be_read() -> None:
    value, task = analyzed(NAME, planted=True), task_of(planted=True)
    text = " · ".join(unit_weights(value, task, 1, 0)).replace("\N{NO-BREAK SPACE}", " ")
    assert text == (
        "from a +20.00, b +20.00 · from units 2: +20.00, 1: +0.00, 3: +0.00 · bias -30.00 · "
        "to the output -20.00"
    )


def test_gates_have_weights_of_their_own_and_hidden_state_has_none() -> None:
    value, task = analyzed(NAME, model="lstm"), task_of(model="lstm")
    names = [layer.name for layer in value.layers]
    forget = unit_weights(value, task, 3, names.index("forget gate"))
    column = value.weights["input_weight"][0, 16 + 3]
    assert f"from a\N{NO-BREAK SPACE}{column:+.2f}" in forget[0]
    assert len(unit_weights(value, task, 3, 0)) == 1


@pytest.mark.parametrize(("layers", "source"), [(1, "from a"), (2, "from units")])
def test_feed_forward_units_have_weights_from_the_layer_before(layers: int, source: str) -> None:
    changes = {"model": "feed-forward", "layers": layers}
    weights = unit_weights(analyzed(NAME, **changes), task_of(**changes), 0, 0)
    assert weights[0].startswith(source)
