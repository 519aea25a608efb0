"""The plain loop, the baseline of the engine's speed, computes the same numbers."""

import numpy as np
import pytest

from tests.benchmarks.contenders import SEED, engine_trainer
from tests.benchmarks.plain_loop import PlainLoop


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_plain_loop_matches_the_engine(batch: int) -> None:
    plain, trainer = PlainLoop(SEED, batch), engine_trainer(batch)
    for _ in range(300):
        error = plain.step()
        taken = trainer.step()
        assert taken is not None
        assert error == pytest.approx(taken.loss_result.metric, rel=1e-9)
    for name in ("input_weight", "recurrent_weight", "output_weight"):
        np.testing.assert_allclose(
            getattr(plain, name), trainer.model.parameters[name], rtol=0, atol=1e-12
        )
