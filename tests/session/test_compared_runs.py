"""Runs are described by the settings over their steps, however they are changed afterwards."""

from dataclasses import replace

import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import Settings
from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.run.settings_history import format_setting
from rnn_tui.session.requests import Fork, NextBranch, Restart, SeekTo, Step, Undo
from rnn_tui.session.snapshot import Snapshot
from rnn_tui.tui.drawing.loss_overlay import SAME_SETTINGS, legend
from tests.support.driver import Start
from tests.support.makers import settings_with

SMALL = settings_with(length=4, hidden_size=5, steps=60)
CHANGES = (
    ("lr", replace(SMALL, learning_rate=10.0), "10", "0.1"),
    ("task", SMALL, "addition", "subtraction"),
    ("optimizer", SMALL, "sgd", "adam"),
    ("hidden-size", SMALL, "5", "6"),
    ("batch-size", SMALL, "1", "3"),
)


def described(snapshot: Snapshot, name: str) -> tuple[list[str], list[str]]:
    """Return the cells of a setting in the compare screen, and the settings in the legend."""
    runs = sorted(snapshot.summaries, key=lambda summary: summary.number)
    lines = legend(runs, 300, len(runs)).plain.split("\n")
    cells = [format_setting(name, summary.settings_history) for summary in runs]
    return cells, [line.strip().split("  ")[1] for line in lines]


@pytest.mark.parametrize(("name", "first", "before", "after"), CHANGES)
def test_runs_are_described_by_the_settings_of_their_steps(
    start: Start, name: str, first: Settings, before: str, after: str
) -> None:
    driver = start(first)
    driver.settled()
    back, change = parse_change(f"{name}={before}"), parse_change(f"{name}={after}")
    second = driver.settled(change, Restart())
    assert [summary.step for summary in second.summaries] == [60, 60]
    cells, lines = described(second, name)
    assert cells == [before, after]
    assert f"{name} {before}" in lines[0]
    assert f"{name} {after}" in lines[1]
    assert described(driver.ask(back), name) == (cells, lines)
    driver.ask(change)

    driver.settled(Restart(paused=True), Step(20))
    third = driver.settled(back, Step(20))
    cells, lines = described(third, name)
    assert cells == [before, after, f"{after}→{before}"]
    assert f"{name} {after}→{before} at 20" in lines[2]


def test_step_of_full_accuracy_is_the_same_in_every_view_of_a_run(start: Start) -> None:
    driver = start(replace(RECIPES["counting-ones"].settings, steps=10**9), paused=True)
    driver.settled(Step(150))
    exact_step = driver.until(
        lambda snapshot: snapshot.known_exact_step is not None
    ).known_exact_step
    assert exact_step
    assert exact_step <= 150
    driver.settled(Step(50))
    driver.settled(SetField("lr", 0.0001), Step(100))
    for request in (SeekTo(250), SeekTo(180), Fork(), Undo(), NextBranch()):
        driver.ask(request)
        snapshot = driver.until(lambda seen: seen.score_step == seen.step)
        assert snapshot.score is not None
        assert (snapshot.score.is_exact, snapshot.known_exact_step) == (True, exact_step)
        assert {summary.known_exact_step for summary in snapshot.summaries} == {exact_step}
    before = driver.ask(SeekTo(0))
    assert before.known_exact_step is None


def test_restarted_runs_with_equal_settings_are_described_as_such(start: Start) -> None:
    driver = start(SMALL)
    driver.settled()
    cells, lines = described(driver.settled(Restart()), "lr")
    assert cells == ["0.1", "0.1"]
    assert lines == [SAME_SETTINGS] * 2
