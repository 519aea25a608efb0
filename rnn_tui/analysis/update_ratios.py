"""The size of one update relative to the weights, ‖Δw‖ / ‖w‖, parameter by parameter."""

from __future__ import annotations

from math import nan

import numpy as np

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import SCALARS
from rnn_tui.engine.trainer import Trainer

TYPICAL_RATIO = 1e-3  # of a healthy step, as a guide


def update_ratios(trainer: Trainer, batch: Batch) -> dict[str, float]:
    """Return ‖Δw‖ / ‖w‖ of each parameter for the step that `trainer` would take on `batch`.

    The step, with its gradient transforms and any look-ahead, is taken by copies of the model and
    of the optimizer state. NaN for parameters whose weights are all 0.
    """
    model, rule = trainer.model.copy(), trainer.update_rule
    before = model.copy()
    copied_rule = type(rule)(model, rule.optimizer, rule.gradient_transforms)
    for name, values in rule.state.items():
        copied_rule.state[name][...] = values
    lookahead = copied_rule.lookahead_step()
    if lookahead is not None:
        model.parameters.vector += lookahead
    cache = model.forward(batch.inputs)
    loss = type(trainer.loss)(trainer.loss.reduction)
    gradient = loss.compute(cache.logits, batch).gradient
    copied_rule.step(cache, gradient, SCALARS[trainer.learning_rate])
    ratios = {}
    for name in model.parameters:
        size = float(np.linalg.norm(before.parameters[name]))
        change = float(np.linalg.norm(model.parameters[name] - before.parameters[name]))
        ratios[name] = change / size if size else nan
    return ratios
