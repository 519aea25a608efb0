"""A run shows the newest example that it trained on, or the one that is held."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_tui.session.changes import SetLearningRate, SetTask
from rnn_tui.session.run import Run
from rnn_tui.settings import SettingsError
from tests.session.makers import SMALL


def test_the_example_is_the_newest_as_the_net_answered_it_then() -> None:
    run, behind = Run(SMALL), Run(SMALL)
    assert run.viewer.example() is None
    run.advance(21)
    behind.advance(20)
    newest = run.viewer.example()
    assert newest is not None
    behind.viewer.hold((newest.a, newest.b))
    then = behind.viewer.example()
    assert then is not None
    np.testing.assert_allclose(newest.outputs, then.outputs, rtol=1e-12)
    assert newest.error == pytest.approx(run.history.now, rel=1e-12)


def test_a_held_pair_is_shown_as_the_net_answers_it_now() -> None:
    run = Run(SMALL)
    run.viewer.hold((9, 14))
    answers: list[Any] = []
    for _ in range(2):
        answers.append(run.viewer.example())
        assert run.viewer.held
        assert (answers[-1].a, answers[-1].b, answers[-1].true) == (9, 14, 23)
        run.advance(10)
    assert not np.array_equal(answers[0].outputs, answers[1].outputs)
    run.viewer.release()
    assert not run.viewer.held
    newest = run.viewer.example()
    assert newest is not None
    assert newest.error == pytest.approx(run.history.now, rel=1e-12)


def test_holding_no_pair_holds_the_one_on_show() -> None:
    run = Run(SMALL)
    run.viewer.hold(None)
    assert not run.viewer.held
    run.advance(3)
    shown = run.viewer.example()
    run.viewer.hold(None)
    run.advance(5)
    held = run.viewer.example()
    assert shown is not None
    assert held is not None
    assert (held.a, held.b) == (shown.a, shown.b)


@pytest.mark.parametrize(
    ("task", "pair"),
    [("addition", (16, 0)), ("addition", (0, -1)), ("subtraction", (3, 4))],
)
def test_a_pair_that_the_task_does_not_have_is_refused(task: str, pair: tuple[int, int]) -> None:
    run = Run(replace(SMALL, task=task))
    run.viewer.hold((2, 1))
    with pytest.raises(SettingsError):
        run.viewer.hold(pair)
    held = run.viewer.example()
    assert held is not None
    assert (held.a, held.b) == (2, 1)


def test_the_widest_numbers_can_be_held() -> None:
    run = Run(replace(SMALL, bits=64))
    run.viewer.hold((2**63 - 1, 2**63 - 1))
    held = run.viewer.example()
    assert held is not None
    assert held.true == 2**64 - 2


def test_a_held_pair_is_solved_again_when_the_task_changes() -> None:
    run = Run(SMALL)
    run.viewer.hold((3, 4))
    for task, expected in (("subtraction", (4, 3, 1)), ("addition", (4, 3, 7))):
        run.apply(SetTask(task))
        shown = run.viewer.example()
        assert run.viewer.held
        assert shown is not None
        assert (shown.a, shown.b, shown.true) == expected


def test_after_a_switch_of_task_no_pair_of_the_old_one_is_shown_as_the_new_ones() -> None:
    run = Run(SMALL)
    run.advance(10)
    run.apply(SetTask("subtraction"))
    shown = run.viewer.example()
    assert shown is not None
    assert shown.true == shown.a - shown.b
    run.advance(1)
    while not run.learnt:
        run.advance(1)
    newest = run.viewer.example()
    assert newest is not None
    assert newest.error == pytest.approx(run.history.now, rel=1e-12)


def test_after_a_halt_the_last_pair_is_shown_as_the_restored_net_answers_it() -> None:
    run = Run(SMALL)
    run.apply(SetLearningRate(1e6))
    run.advance(1000)
    assert run.halted is not None
    shown = run.viewer.example()
    assert shown is not None
    run.viewer.hold((shown.a, shown.b))
    now = run.viewer.example()
    assert now is not None
    assert np.array_equal(shown.outputs, now.outputs)
