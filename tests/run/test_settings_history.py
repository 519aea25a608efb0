"""The settings of a run over its steps, and how runs differ in them."""

from dataclasses import replace

from rnn_tui.config.recipes import RECIPES
from rnn_tui.run.changes import parse_change
from rnn_tui.run.run import Run
from rnn_tui.run.settings_history import (
    SettingsSpan,
    differing_settings,
    format_settings,
    settings_history,
)

SETTINGS = RECIPES["binary-addition"].settings


def run_with(*changes: tuple[int, str], steps: int) -> Run:
    run = Run(SETTINGS, [(step, parse_change(spec)) for step, spec in changes])
    run.advance(steps)
    return run


def test_change_after_the_last_step_does_not_count() -> None:
    run = run_with((10, "lr=10"), steps=10)
    assert run.settings.learning_rate == 10
    assert run.settings_history == (SettingsSpan(0, SETTINGS),)
    run.advance(1)
    assert [span.start for span in run.settings_history] == [0, 10]


def test_settings_without_a_step_are_left_out() -> None:
    run = run_with((5, "lr=10"), (5, "lr=3"), (5, "optimizer=adam"), steps=20)
    assert [span.start for span in run.settings_history] == [0, 5]
    assert run.settings_history[-1].settings == run.settings
    undone = run_with((5, "lr=10"), (5, "lr=0.1"), steps=20)
    assert undone.settings_history == (SettingsSpan(0, SETTINGS),)


def test_results_are_those_of_the_settings_that_were_trained() -> None:
    run = run_with(steps=200)
    run.evaluation_tracker.evaluate(run.trainer.model, run.step)
    before = run.results
    assert before.score is not None
    run.apply(parse_change("task=parity"))
    run.apply(parse_change("lr=5"))
    assert run.settings_history == (SettingsSpan(0, SETTINGS),)
    assert run.results == before
    run.advance(1)
    assert [span.settings.task for span in run.settings_history] == ["addition", "parity"]
    assert run.results.score is None


def test_differences_name_values_and_the_steps_of_their_changes() -> None:
    kept = run_with(steps=30).settings_history
    raised = run_with((10, "lr=10"), steps=30).settings_history
    raised_later = run_with((20, "lr=10"), steps=30).settings_history
    assert differing_settings([kept, raised]) == ["lr"]
    assert differing_settings([raised, raised_later]) == ["lr"]
    assert differing_settings([raised, raised]) == []
    assert format_settings(["lr"], raised) == "lr 0.1→10 at 10"
    assert format_settings(["lr"], raised, brief=True) == "lr 0.1→10"
    many = run_with(*((step, f"lr={step}") for step in range(1, 6)), steps=30).settings_history
    assert format_settings(["lr"], many) == "lr 0.1→…→5 (5 changes)"


def test_differences_leave_out_unset_settings() -> None:
    tuned = SETTINGS.updated(optimizer="momentum", momentum=0.5)
    own = tuned.updated(momentum=None)
    explicit = tuned.updated(momentum=own.hyperparameters["momentum"])
    history, tuned_history, own_history, explicit_history, longer = (
        settings_history(settings, (), 1)
        for settings in (SETTINGS, tuned, own, explicit, replace(SETTINGS, steps=3))
    )
    names = differing_settings([history, tuned_history])
    assert names == ["optimizer", "momentum"]
    assert format_settings(names, tuned_history) == "optimizer momentum · momentum 0.5"
    assert format_settings(names, tuned_history, brief=True) == "momentum · momentum 0.5"
    assert format_settings(names, history) == "optimizer sgd"
    assert differing_settings([own_history, explicit_history]) == []
    assert differing_settings([history, longer]) == []
