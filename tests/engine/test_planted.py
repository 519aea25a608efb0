"""The planted adder adds without training, alone and as an initializer."""

import numpy as np
import pytest

from rnn_tui.engine.initializers import INITIALIZERS
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.models import Elman, ModelSpec
from rnn_tui.engine.planted import PLANTED_SPEC
from rnn_tui.engine.tasks import TASKS


@pytest.mark.parametrize("initial_state", ["zero", "learned"])
def test_planted_adder_outputs_every_bit_of_every_sum(initial_state: str) -> None:
    model = Elman(ModelSpec(2, 3, 1, biases=1, initial_state=initial_state))
    model.parameters.vector[:] = np.nan
    INITIALIZERS["planted"].fill(model.parameters, np.random.RandomState(0))
    examples = TASKS["addition"](8).all_examples()
    assert examples is not None
    outputs = HalfSquaredError().outputs(model.forward(examples.inputs).logits)
    assert np.abs(outputs - examples.targets).max() < 4.6e-5


def test_planted_adder_adds_the_longest_numbers() -> None:
    model = Elman(PLANTED_SPEC)
    INITIALIZERS["planted"].fill(model.parameters, np.random.RandomState(0))
    task = TASKS["addition"](1024)
    batch = task.batch_from_inputs(task.parse_input(f"{2**1023 - 1}+1"))
    predicted = task.format_output(batch.inputs[:, 0], model.forward(batch.inputs).logits[:, 0, 0])
    assert predicted == str(2**1023)
