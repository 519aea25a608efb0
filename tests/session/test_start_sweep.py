"""Runs of a sweep are trained again, each on a branch of one session."""

import pytest

from rnn_tui.recording.resume import Cancelled
from rnn_tui.session.start_sweep import CompareSweepRuns, SweepRun
from rnn_tui.sweep.groups import train_jobs
from rnn_tui.sweep.job import weights_digest
from tests.support.sweeps import make_grid

JOBS = make_grid("lr=0.5", "100:lr=0.1", n_seeds=3).jobs


def test_branches_are_the_runs_of_the_sweep() -> None:
    start = CompareSweepRuns([SweepRun(job, 300) for job in JOBS], None)
    reported: list[tuple[int, int]] = []

    def should_continue(step: int, last_step: int) -> bool:
        reported.append((step, last_step))
        return True

    started = start.start(should_continue)
    branches = started.session.branches
    assert [branch.number for branch in branches] == [1, 2, 3]
    assert started.session.current is branches[-1]
    assert started.pause_step == 300
    assert reported[-1] == (900, 900)
    expected = [result.weights for result in train_jobs(JOBS, lambda *_: True, record=False)]
    vectors = [branch.run.trainer.model.parameters.vector for branch in branches]
    assert [weights_digest(vector) for vector in vectors] == expected
    assert [branch.run.settings.seed for branch in branches] == [0, 1, 2]
    started.session.fork()
    assert started.session.current.number == 4


def test_start_ends_where_the_screen_is_closed() -> None:
    with pytest.raises(Cancelled):
        CompareSweepRuns([SweepRun(job, 300) for job in JOBS], None).start(lambda *_: False)
