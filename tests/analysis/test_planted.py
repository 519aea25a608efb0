import numpy as np

from rnn_tui.engine.models import Model
from tests.analysis.trained import Trained


def test_planted_adder_outputs_every_bit_of_every_sum(planted: Model, trained: Trained) -> None:
    batch = trained.examples.batch
    outputs = trained.loss.outputs(planted.forward(batch.inputs).logits)
    assert np.abs(outputs - batch.targets).max() < 4.6e-5
