import numpy as np
import pytest

from rnn_tui.analysis.recurrence import copy_model, initial_state, logits_of, next_state
from rnn_tui.engine.models import MODELS
from tests.engine.makers import random_batch, random_model

RECURRENT = [
    ("elman", {"activation": "sigmoid"}),
    ("elman", {"activation": "tanh", "biases": 2, "initial_state": "learned"}),
    ("elman", {"activation": "relu", "biases": 1}),
    ("gru", {}),
    ("gru", {"biases": 1, "initial_state": "learned"}),
    ("lstm", {}),
    ("lstm", {"biases": 1, "initial_state": "learned"}),
]


@pytest.mark.parametrize(("kind", "fields"), RECURRENT)
def test_single_transitions_match_the_forward_pass(kind: str, fields: dict[str, object]) -> None:
    model = random_model(3, (2, 4, 1), kind=kind, **fields)
    inputs = random_batch(4, 6, 5, 2, 1).inputs
    cache = model.forward(inputs)
    state = initial_state(model, 5)
    for t, step_inputs in enumerate(inputs):
        state = next_state(model, state, step_inputs)
        np.testing.assert_allclose(state[:, :4], cache.hidden_states[t], atol=1e-12)
        np.testing.assert_allclose(logits_of(model, state), cache.logits[t], atol=1e-12)


@pytest.mark.parametrize("kind", sorted(MODELS.keys() - {kind for kind, _ in RECURRENT}))
def test_models_without_a_settable_state_are_rejected(kind: str) -> None:
    with pytest.raises(ValueError, match="needs an Elman, GRU or LSTM model"):
        initial_state(random_model(0, (1, 1, 1), kind=kind), 2)


def test_forward_pass_of_a_copy_keeps_the_cache_of_the_model() -> None:
    model = random_model(3, (2, 4, 1))
    cache = model.forward(random_batch(4, 6, 5, 2, 1).inputs)
    before = cache.hidden_states.copy()
    copy_model(model).forward(random_batch(5, 6, 5, 2, 1).inputs)
    np.testing.assert_array_equal(cache.hidden_states, before)
