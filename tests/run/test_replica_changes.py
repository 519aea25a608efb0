"""Replicas that train together have the numbers of runs alone."""

from dataclasses import replace

import numpy as np
import pytest

from rnn_tui.engine.trainer import UNITS_SATURATED
from rnn_tui.run.changes import SetField
from rnn_tui.run.replica_group import ReplicaGroup
from rnn_tui.run.run import Run
from tests.support.makers import SMALL

CHANGES = [(30, SetField("lr", 0.3)), (70, SetField("optimizer", "adam"))]


def test_replica_equals_its_run_alone() -> None:
    settings = [replace(SMALL, seed=seed) for seed in (3, 5)]
    group = ReplicaGroup(settings, CHANGES[:1])
    for count in (1, 50, 19):
        group.advance(count)
    group.apply(CHANGES[1][1], 70)
    group.advance(40)
    group.evaluate()
    for each, summary in zip(settings, group.summaries(), strict=True):
        run = Run(each, CHANGES)
        run.advance(110)
        assert (summary.step, summary.settings) == (110, run.settings)
        run.evaluation_tracker.evaluate(run.trainer.model, 110)
        tracker = run.evaluation_tracker
        assert (summary.score, summary.score_step) == (tracker.score, 110)
        assert summary.first_exact_step == tracker.first_exact_step
        assert summary.mean_metric == pytest.approx(run.history.mean_metric, rel=1e-12)
        losses, expected = summary.curve.mean, run.history.full_run().mean
        np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_change_does_not_continue_a_replica_that_has_halted_before() -> None:
    group = ReplicaGroup([replace(SMALL, learning_rate=rate) for rate in (0.1, 1000.0)])
    group.advance(500)
    kept, halted = group.summaries()
    assert (kept.halt_reason, halted.halt_reason) == (None, UNITS_SATURATED)
    group.apply(SetField("lr", 0.2), 500)
    group.advance(10)
    assert [each.step for each in group.summaries()] == [510, halted.step]
