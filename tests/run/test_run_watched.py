"""The displayed example: the newest one trained on, or a pinned one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.errors import UserError
from rnn_tui.config.switching import switched
from rnn_tui.engine.tasks import TASKS
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from tests.support.makers import SMALL, example_of, settings_with


def typed(inputs: Any) -> str:
    """Return the rows of bits that most tasks read as `inputs` (time, features)."""
    return " ".join("".join("01"[int(bit)] for bit in row) for row in inputs.T)


def test_newest_example_has_prediction_before_its_step() -> None:
    run, behind = Run(SMALL), Run(SMALL)
    assert run.inspector.example() is None
    run.advance(21)
    behind.advance(20)
    newest = example_of(run)
    behind.inspector.pin(newest.input_text)
    then = example_of(behind)
    np.testing.assert_allclose(newest.outputs, then.outputs, rtol=1e-12)
    assert newest.metric == pytest.approx(run.history.last, rel=1e-12)


def test_pinned_example_has_prediction_of_current_weights() -> None:
    run = Run(SMALL)
    run.inspector.pin("9+14")
    answers = []
    for _ in range(2):
        answers.append(example_of(run))
        assert run.inspector.is_pinned
        assert (answers[-1].input_text, answers[-1].target_text) == ("9 + 14", "23")
        run.advance(10)
    assert not np.array_equal(answers[0].outputs, answers[1].outputs)
    run.inspector.unpin()
    assert not run.inspector.is_pinned
    assert example_of(run).metric == pytest.approx(run.history.last, rel=1e-12)


@pytest.mark.parametrize("task", TASKS)
def test_prompted_input_of_each_task_can_be_pinned(task: str) -> None:
    run = Run(switched(settings_with(), task))
    run.inspector.pin(run.task.example_input)
    assert run.inspector.is_pinned
    expected = run.task.batch_from_inputs(run.task.parse_input(run.task.example_input))
    shown = example_of(run)
    assert np.array_equal(shown.inputs, expected.inputs[:, 0])
    assert np.array_equal(shown.targets, expected.targets[:, 0, 0])
    assert np.array_equal(shown.mask, expected.loss_weights[:, 0, 0] > 0)


@pytest.mark.parametrize("task", TASKS)
def test_pin_without_input_pins_displayed_example(task: str) -> None:
    run = Run(switched(SMALL, task))
    run.inspector.pin()
    assert not run.inspector.is_pinned
    while not run.last_step_valid:
        run.advance(1)
    shown = example_of(run)
    run.inspector.pin()
    run.advance(5)
    assert run.inspector.is_pinned
    assert np.array_equal(example_of(run).inputs, shown.inputs)
    assert np.array_equal(example_of(run).targets, shown.targets)


@pytest.mark.parametrize(
    ("task", "pinned", "invalid", "reason"),
    [
        ("addition", "2+1", "16+0", "numbers must be from 0 to 15"),
        ("addition", "2+1", "0+-1", "expected two numbers, as in 15\\+15"),
        ("addition", "2+1", "3-1", "expected two numbers"),
        ("addition", "2+1", "hello", "expected two numbers"),
        ("subtraction", "2-1", "3-4", "a ≥ b"),
        ("times-three", "10", "11", "numbers must be from 0 to 10"),
        ("parity", "01100", "012", "1 row of up to 5 bits, as in"),
        ("flip-flop", "01 1", "01", "2 rows of up to 5 bits, as in"),
        ("temporal-order", "01 1", "11 01", "one A and one B"),
        ("xor", "0 1", "11 01", "expected 2 bits, as in"),
    ],
)
def test_invalid_input_is_rejected(task: str, pinned: str, invalid: str, reason: str) -> None:
    run = Run(replace(switched(SMALL, task), length=5))
    run.inspector.pin(pinned)
    with pytest.raises(UserError, match=reason):
        run.inspector.pin(invalid)
    assert np.array_equal(example_of(run).inputs[:, None], run.task.parse_input(pinned))


def test_largest_numbers_can_be_pinned() -> None:
    for length in (64, 65, 512):
        run, largest = Run(replace(SMALL, length=length)), 2 ** (length - 1) - 1
        run.inspector.pin(f"{largest}+{largest}")
        assert example_of(run).target_text == str(2 * largest)


@pytest.mark.parametrize(
    ("old", "question", "new", "carried"),
    [
        ("addition", "3+5", "subtraction", "5 − 3"),
        ("addition", "5+3", "subtraction", "5 − 3"),
        ("subtraction", "5-3", "addition", "5 + 3"),
        ("addition", "3+5", "comparison", "3 < 5"),
        ("comparison", "3<5", "addition", "3 + 5"),
        ("comparison", "20<5", "addition", None),  # 20 + 5 would be one of too many bits
        ("comparison", "5<3", "twos-complement", "5 − 3"),
        ("parity", "01010", "times-three", "3 × 10"),
        ("parity", "11111", "times-three", None),  # 3 × 31 does not fit
        ("addition", "3+5", "parity", None),
        ("addition", "3+5", "xor", None),
        ("addition", "0+0", "temporal-order", None),  # there neither A nor B happens
        ("addition", "1+2", "temporal-order", "10000 01000"),
        ("echo", "01011", "delayed-xor", "01011"),
        ("echo", "01011", "counting-ones", "ones in 01011"),
    ],
)
def test_pinned_input_is_adapted_to_the_next_task(
    old: str, question: str, new: str, carried: str | None
) -> None:
    run = Run(replace(switched(SMALL, old), length=5))
    run.inspector.pin(question)
    run.apply(SetField("task", new))
    assert run.inspector.is_pinned == (carried is not None)
    if carried is None:
        run.advance(10)
        assert example_of(run).inputs.shape == (run.task.sequence_length, run.task.inputs)
    else:
        shown = example_of(run)
        assert carried == (shown.input_text or typed(shown.inputs))
        answer = run.task.batch_from_inputs(shown.inputs[:, None])
        assert np.array_equal(shown.targets, answer.targets[:, 0, 0])


def test_pinned_input_of_other_length_is_unpinned() -> None:
    run = Run(SMALL)
    run.inspector.pin("3+5")
    run.apply(SetField("length", 6))
    assert not run.inspector.is_pinned
    run.advance(1)
    assert len(example_of(run).inputs) == 6


def test_pinned_pair_gets_the_targets_of_the_new_task() -> None:
    run = Run(SMALL)
    run.inspector.pin("3+4")
    for task, expected in (("subtraction", ("4 − 3", "1")), ("addition", ("4 + 3", "7"))):
        run.apply(SetField("task", task))
        shown = example_of(run)
        assert run.inspector.is_pinned
        assert (shown.input_text, shown.target_text) == expected


def test_after_a_switch_of_task_no_pair_of_the_old_one_is_shown_as_the_new_ones() -> None:
    run = Run(SMALL)
    run.advance(10)
    run.apply(SetField("task", "subtraction"))
    shown = example_of(run)
    a, b = map(int, shown.input_text.split(" − "))
    assert shown.target_text == str(a - b)
    run.advance(1)
    while not run.last_step_valid:
        run.advance(1)
    assert example_of(run).metric == pytest.approx(run.history.last, rel=1e-12)


@pytest.mark.parametrize("name", ["hidden-size", "model", "loss", "activation", "update-rule"])
def test_pinned_input_persists_through_other_changes(name: str) -> None:
    run = Run(replace(switched(SMALL, model="feed-forward"), layers=2))
    run.inspector.pin("3+5")
    values = {"hidden-size": 3, "model": "lstm", "loss": "cross-entropy", "activation": "relu"}
    run.apply(SetField(name, values.get(name, "layerwise")))
    shown = example_of(run)
    assert run.inspector.is_pinned
    assert (shown.input_text, shown.target_text) == ("3 + 5", "8")
    logits = run.trainer.model.forward(shown.inputs[:, None]).logits
    expected = run.settings.make_loss().outputs(logits)[:, 0, 0]
    np.testing.assert_allclose(shown.outputs, expected, rtol=1e-12)


def test_after_divergence_last_example_has_prediction_of_restored_weights() -> None:
    run = Run(SMALL)
    run.apply(SetField("lr", 1e6))
    run.advance(1000)
    assert run.halt_reason is not None
    shown = example_of(run)
    run.inspector.pin(shown.input_text)
    assert np.array_equal(shown.outputs, example_of(run).outputs)
