"""An example shows what the net said and felt, and leaves no trace in it."""

from math import exp

import numpy as np
import pytest

from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.session.example import look, one_of
from rnn_tui.session.run import Run
from tests.session.makers import settings_with, standing


def felt_by_hand(run: Run, a: int, b: int, true: int, *, last_only: bool) -> list[float]:
    """Return ‖∂L/∂h_t‖, L the loss of all columns or of the last, one number at a time."""
    weights = {name: run.trainer.model.parameters[name] for name in run.trainer.model.parameters}
    into, around, out = (
        weights[name].tolist() for name in ("input_weight", "recurrent_weight", "output_weight")
    )
    units = range(run.settings.hidden)
    states, slopes = [[0.0] * len(units)], []
    for t in range(run.settings.bits):
        before, x, y = states[-1], (a >> t & 1, b >> t & 1), true >> t & 1
        z = [
            x[0] * into[0][j] + x[1] * into[1][j] + sum(before[i] * around[i][j] for i in units)
            for j in units
        ]
        states.append([1 / (1 + exp(-value)) for value in z])
        said = 1 / (1 + exp(-sum(states[-1][j] * out[j][0] for j in units)))
        slopes.append((said - y) * said * (1 - said))
    norms = []
    later = [0.0] * len(units)
    for t in reversed(range(run.settings.bits)):
        slope = 0.0 if last_only and t < run.settings.bits - 1 else slopes[t]
        felt = [out[i][0] * slope + sum(around[i][j] * later[j] for j in units) for i in units]
        norms.append(sum(value**2 for value in felt) ** 0.5)
        later = [felt[j] * states[t + 1][j] * (1 - states[t + 1][j]) for j in units]
    return norms[::-1]


@pytest.mark.parametrize("task", ["addition", "subtraction"])
def test_what_each_state_feels_is_the_norm_of_its_gradient(task: str) -> None:
    run = Run(settings_with(task=task, hidden=4))
    run.advance(30)
    run.viewer.hold((100, 27))
    example = run.viewer.example()
    assert example is not None
    for felt, last_only in ((example.felt, False), (example.felt_from_last, True)):
        by_hand = felt_by_hand(run, example.a, example.b, example.true, last_only=last_only)
        np.testing.assert_allclose(felt, by_hand, rtol=1e-9)


@pytest.mark.parametrize("task", ["addition", "subtraction"])
def test_columns_add_up_to_the_numbers(task: str) -> None:
    run, shown = Run(settings_with(task=task)), 0
    for _ in range(50):
        run.advance(1)
        if not run.learnt:
            continue
        example = run.viewer.example()
        assert example is not None
        shown += 1
        assert example.true == (
            example.a + example.b if task == "addition" else example.a - example.b
        )
        assert example.error == pytest.approx(run.history.now, rel=1e-12)
        carry = 0
        for t in range(8):
            a, b = example.a >> t & 1, example.b >> t & 1
            column = (example.a_bits[t], example.b_bits[t], example.carry[t], example.true_bits[t])
            assert column == (a, b, carry, example.true >> t & 1)
            assert example.predicted_bits[t] == (example.predicted >> t & 1)
            carry = int(a + b + carry > 1 if task == "addition" else a - b - carry < 0)
        assert example.right == (example.predicted == example.true)
    assert shown > 10


def test_looking_changes_neither_the_net_nor_its_gradient() -> None:
    run = Run(settings_with())
    run.advance(5)
    model, before = run.trainer.model, standing(run)
    gradient = model.gradient.vector.copy()
    run.viewer.example()
    assert standing(run) == before
    assert np.array_equal(model.gradient.vector, gradient)


def test_outputs_that_are_given_are_shown_and_kept() -> None:
    run = Run(settings_with())
    batch = run.task.sample(np.random.RandomState(1), 1)
    said = np.linspace(0.1, 0.9, 8)[:, None, None]
    example = look(run.task, run.trainer.model, HalfSquaredError(), batch, said)
    expected = said[:, 0, 0].copy()
    said[:] = 0.0
    assert np.array_equal(example.outputs, expected)
    assert example.predicted == 0b11110000


def test_of_a_batch_the_first_sequence_that_counts_is_shown() -> None:
    task = Run(settings_with(task="subtraction")).task
    for seed in range(20):
        random, same = np.random.RandomState(seed), np.random.RandomState(seed)
        batch, pairs = task.sample(random, 6), task.draw(same, 6)
        if not batch.learnt:
            continue
        one, index = one_of(batch)
        assert index == pairs.allowed.tolist().index(True)
        assert one.learnt == 1
        assert (one.weights == 1).all()
        assert np.array_equal(one.inputs[:, 0], batch.inputs[:, index])
        assert np.array_equal(one.targets[:, 0], batch.targets[:, index])
