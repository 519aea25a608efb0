"""The trainer of the siblings: the numbers of runs alone, by plans that change."""

from dataclasses import replace

import pytest

from rnn_tui.run.changes import Change, SetField
from rnn_tui.run.run import Run
from rnn_tui.session.siblings_plan import Changes, PlanMessage, SiblingsPlan
from rnn_tui.session.siblings_trainer import SiblingsTrainer
from tests.support.makers import settings_with

SETTINGS = settings_with(length=3, hidden_size=4)
SEEDS = (1, 2, 4)
CHANGES: Changes = ((40, SetField("lr", 0.5)), (70, SetField("optimizer", "adam")))


def trained(trainer: SiblingsTrainer) -> SiblingsTrainer:
    while trainer.is_behind:
        trainer.advance()
    return trainer


def plan_with(*changes: tuple[int, Change]) -> SiblingsPlan:
    return SiblingsPlan(SETTINGS, SEEDS, tuple(changes))


def assert_equals_runs(trainer: SiblingsTrainer, changes: Changes, step: int) -> None:
    trainer.evaluate()
    update = trainer.update()
    assert update.step == step
    for state in update.states:
        run = Run(replace(SETTINGS, seed=state.seed), changes)
        run.advance(step)
        score = run.evaluation_tracker.evaluate(run.trainer.model, step)
        assert state.step == step
        assert state.mean_metric == pytest.approx(run.history.mean_metric, rel=1e-12)
        assert state.accuracy_step == step
        assert state.accuracy == score.n_correct / score.n_sequences
        assert state.first_exact_step == run.evaluation_tracker.first_exact_step
        assert replace(update.settings, seed=state.seed) == run.settings


def test_siblings_equal_runs_alone_with_the_same_changes() -> None:
    trainer = trained(SiblingsTrainer(PlanMessage(plan_with(*CHANGES), 100)))
    assert_equals_runs(trainer, CHANGES, 100)


def test_later_change_continues_the_siblings() -> None:
    trainer = trained(SiblingsTrainer(PlanMessage(plan_with(CHANGES[0]), 70)))
    trainer.set_plan(PlanMessage(plan_with(*CHANGES), 70))
    assert trainer.update().n_applied == 2
    trainer.set_plan(PlanMessage(plan_with(*CHANGES), 90))
    assert_equals_runs(trained(trainer), CHANGES, 90)


def test_plan_with_another_past_starts_the_siblings_anew() -> None:
    trainer = trained(SiblingsTrainer(PlanMessage(plan_with(CHANGES[0]), 60)))
    trainer.set_plan(PlanMessage(plan_with(CHANGES[1]), 80))
    assert trainer.update().step == 0
    assert_equals_runs(trained(trainer), CHANGES[1:], 80)


def test_lower_target_does_not_take_steps_back() -> None:
    trainer = trained(SiblingsTrainer(PlanMessage(plan_with(), 50)))
    trainer.set_plan(PlanMessage(plan_with(), 20))
    assert not trainer.is_behind
    assert trainer.update().step == 50
