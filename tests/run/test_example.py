"""An example shows what the net said and felt, and leaves no trace in it."""

from dataclasses import replace
from math import exp
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.switching import switched
from rnn_tui.engine.losses import HalfSquaredError
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetWeights
from rnn_tui.run.example import first_valid, inspect_example
from rnn_tui.run.run import Run
from rnn_tui.text.report import gradient_trends
from tests.support.makers import COUNTING, SMALL, example_of, settings_with, state_of


def felt_by_hand(run: Run, a: int, b: int, true: int, *, last_only: bool) -> list[float]:
    """Return ‖∂L/∂h_t‖, L the loss of all columns or of the last, one number at a time."""
    weights = {name: run.trainer.model.parameters[name] for name in run.trainer.model.parameters}
    into, around, out = (
        weights[name].tolist() for name in ("input_weight", "recurrent_weight", "output_weight")
    )
    units = range(run.settings.hidden_size)
    states, slopes = [[0.0] * len(units)], []
    for t in range(run.settings.length):
        before, x, y = states[-1], (a >> t & 1, b >> t & 1), true >> t & 1
        z = [
            x[0] * into[0][j] + x[1] * into[1][j] + sum(before[i] * around[i][j] for i in units)
            for j in units
        ]
        states.append([1 / (1 + exp(-value)) for value in z])
        output = 1 / (1 + exp(-sum(states[-1][j] * out[j][0] for j in units)))
        slopes.append((output - y) * output * (1 - output))
    norms = []
    later = [0.0] * len(units)
    for t in reversed(range(run.settings.length)):
        slope = 0.0 if last_only and t < run.settings.length - 1 else slopes[t]
        felt = [out[i][0] * slope + sum(around[i][j] * later[j] for j in units) for i in units]
        norms.append(sum(value**2 for value in felt) ** 0.5)
        later = [felt[j] * states[t + 1][j] * (1 - states[t + 1][j]) for j in units]
    return norms[::-1]


@pytest.mark.parametrize(
    ("task", "symbol", "true"), [("addition", "+", 127), ("subtraction", "-", 73)]
)
def test_gradient_norms_match_finite_differences(task: str, symbol: str, true: int) -> None:
    run = Run(settings_with(task=task, hidden_size=4))
    run.advance(30)
    run.inspector.pin(f"100{symbol}27")
    example = example_of(run)
    for felt, last_only in (
        (example.gradient_norms, False),
        (example.last_step_gradient_norms, True),
    ):
        by_hand = felt_by_hand(run, 100, 27, true, last_only=last_only)
        np.testing.assert_allclose(felt, by_hand, rtol=1e-9)


def number(bits: Any) -> int:
    return sum(1 << place for place, bit in enumerate(bits) if bit)


@pytest.mark.parametrize("task", ["addition", "subtraction"])
def test_bits_and_carries_add_up(task: str) -> None:
    run, shown = Run(settings_with(task=task)), 0
    for _ in range(50):
        run.advance(1)
        if not run.last_step_valid:
            continue
        example = example_of(run)
        shown += 1
        a, b = map(number, example.inputs.T)
        true = a + b if task == "addition" else a - b
        assert example.input_text == f"{a} {'+' if task == 'addition' else '−'} {b}"
        assert (example.target_text, number(example.targets)) == (str(true), true)
        assert example.predicted_text == str(number(example.predicted_bits))
        assert example.metric == pytest.approx(run.history.last, rel=1e-12)
        assert example.mask.all()
        carry = 0
        for t in range(8):
            assert example.required_state[t] == carry
            assert example.correct_steps[t] == ((example.outputs[t] > 0.5) == (true >> t & 1))
            ones = (a >> t & 1) + (b >> t & 1) + carry
            borrows = (a >> t & 1) - (b >> t & 1) - carry < 0
            carry = int(ones > 1 if task == "addition" else borrows)
        assert example.is_correct == (example.predicted_text == example.target_text)
    assert shown > 10


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("model", ["elman", "lstm", "feed-forward"])
def test_every_task_is_inspected_with_every_model(task: str, model: str) -> None:
    run = Run(switched(SMALL, task, model))
    while run.step < 3 or not run.last_step_valid:
        run.advance(1)
    example, time = example_of(run), run.task.sequence_length
    assert example.inputs.shape == (time, run.task.inputs)
    assert example.mask.any()
    assert example.correct_steps[~example.mask].all()
    batch = run.task.batch_from_inputs(example.inputs[:, None])
    assert np.array_equal(example.targets, batch.targets[:, 0, 0])
    assert np.array_equal(example.mask, batch.loss_weights[:, 0, 0] > 0)
    for values in (
        example.outputs,
        example.gradient_norms,
        example.last_step_gradient_norms,
        example.required_state,
    ):
        assert values.shape == (time,)
        assert np.isfinite(values).all()
    assert example.last_step_gradient_norms[-1] > 0
    if model == "feed-forward":  # an error stays at its step
        assert not example.last_step_gradient_norms[:-1].any()


def test_masked_step_is_never_incorrect() -> None:
    run = Run(replace(switched(SMALL, "echo"), lag=3))
    run.advance(10)
    compared, incorrect = 0, 0
    for row in range(32):
        run.inspector.pin(format(row, "05b"))
        example = example_of(run)
        assert example.mask.tolist() == [False, False, False, True, True]
        assert example.is_correct == example.correct_steps[3:].all()
        compared, incorrect = compared + 2, incorrect + int((~example.correct_steps).sum())
    assert 0 < incorrect < compared


def test_regression_output_is_correct_when_it_rounds_to_target() -> None:
    run = Run(COUNTING)
    for weights, predicted, correct in (((1.0, 1.0), "3", True), ((0.8, 1.0), "2.4", False)):
        run.apply(SetWeights(weights))
        run.inspector.pin("10101")
        example = example_of(run)
        assert (example.input_text, example.target_text) == ("ones in 10101", "3")
        assert (example.predicted_text, example.is_correct) == (predicted, correct)
        assert example.required_state.tolist() == [0, 1, 1, 2, 2]
        assert example.metric == pytest.approx((float(predicted) - 3) ** 2)


def test_inspection_changes_neither_weights_nor_gradient() -> None:
    run = Run(settings_with())
    run.advance(5)
    model, before = run.trainer.model, state_of(run)
    gradient = model.gradient.vector.copy()
    run.inspector.example()
    assert state_of(run) == before
    assert np.array_equal(model.gradient.vector, gradient)


def test_given_logits_are_used_and_not_modified_or_kept() -> None:
    run = Run(settings_with())
    batch = run.task.sample(np.random.RandomState(1), 1)
    logits = np.linspace(-2.0, 2.0, 8)[:, None, None]
    example = inspect_example(run.task, run.trainer.model, HalfSquaredError(), batch, logits)
    expected = [1 / (1 + exp(-logit)) for logit in np.linspace(-2.0, 2.0, 8)]
    assert np.array_equal(logits.ravel(), np.linspace(-2.0, 2.0, 8))
    logits[:] = 0.0
    assert example.outputs == pytest.approx(expected, rel=1e-12)
    assert example.predicted_text == str(0b11110000)


def test_first_valid_sequence_of_batch_is_selected() -> None:
    task, skipped = Run(settings_with(task="subtraction")).task, 0
    for seed in range(20):
        batch = task.sample(np.random.RandomState(seed), 6)
        a, b = (2 ** np.arange(8) @ batch.inputs[:, :, which] for which in range(2))
        if not batch.n_valid:
            continue
        one, index = first_valid(batch)
        assert index == (a >= b).tolist().index(True)
        skipped += index > 0
        assert one.n_valid == 1
        assert (one.loss_weights == 1).all()
        assert np.array_equal(one.inputs[:, 0], batch.inputs[:, index])
        assert np.array_equal(one.targets[:, 0], batch.targets[:, index])
    assert skipped


def test_cell_carries_the_gradient_of_an_lstm() -> None:
    run = Run(
        settings_with(task="temporal-order", length=20, model="lstm", hidden_size=4, biases=1)
    )
    run.weights["recurrent_weight"][...] = 0.0
    run.weights["hidden_bias"][4:8] = 10.0  # of the forget gate
    batch = run.task.sample(np.random.RandomState(0), 1)
    example = inspect_example(run.task, run.trainer.model, HalfSquaredError(), batch)
    cells, hidden = example.cell_gradient_norms, example.last_step_gradient_norms
    assert cells is not None
    assert cells[0] == pytest.approx(cells[-1], rel=2e-3)
    assert hidden[0] == 0 < hidden[-1]
    last, cell = gradient_trends(example)
    assert last == "loss at last t: ×0 per time step, ×0 over 19"
    assert cell.startswith("cell c_t: is stable, ×1 per time step")
