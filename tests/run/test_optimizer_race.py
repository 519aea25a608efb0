"""The race ends as published where it was published, and a path is bounded but never lags."""

import numpy as np
import pytest

from rnn_tui.engine.cost_surface import CostSurface
from rnn_tui.run.optimizer_race import PUBLISHED_START, RaceResult, run_race
from rnn_tui.run.weight_path import MAX_PATH_POINTS, WeightPath
from tests.support.reference import load

REFERENCE = load("counting")
ROWS = np.array(REFERENCE["rows"], dtype=float)
SURFACE = CostSurface(ROWS.T, ROWS.sum(1))


@pytest.fixture(scope="module")
def racers() -> dict[str, RaceResult]:
    return {racer.title: racer for racer in run_race(SURFACE, PUBLISHED_START)}


def test_rprop_follows_the_published_path(racers: dict[str, RaceResult]) -> None:
    racer = racers["Rprop .001"]
    assert racer.path[::50].ravel().tolist() == pytest.approx(
        np.ravel(REFERENCE["rprop"]["path_every_50"]).tolist(), rel=1e-9
    )
    assert racer.path[-1].tolist() == pytest.approx(
        [1.001355547207059, 0.9996744737846419], rel=1e-9
    )
    assert racer.costs[-1] == pytest.approx(1.8008530879581043e-06, rel=1e-9)
    assert racer.end_reason == "took 500 steps"


def test_unclipped_gradient_descent_overflows(racers: dict[str, RaceResult]) -> None:
    racer = racers["SGD .01"]
    assert racer.end_reason == "overflowed at step 2"
    assert len(racer.path) == len(racer.costs) == 2
    assert np.isfinite(racer.path).all()
    assert np.isfinite(racer.costs).all()


@pytest.mark.parametrize(
    ("title", "cost"),
    [("SGD .01 clip 1", 0.074), ("momentum .01 clip 1", 0.030), ("Adam .05", 176.0)],
)
def test_other_contenders_end_at_reference_points(
    racers: dict[str, RaceResult], title: str, cost: float
) -> None:
    assert racers[title].costs[-1] == pytest.approx(cost, rel=0.02)
    assert len(racers[title].costs) == 501


def test_two_contenders_are_stuck_at_known_points(racers: dict[str, RaceResult]) -> None:
    assert racers["SGD .01 clip 1"].path[-1].tolist() == pytest.approx([1.294, 0.940], abs=1e-3)
    assert racers["Adam .05"].path[-1].tolist() == pytest.approx([-0.586, 1.208], abs=1e-3)


def test_every_contender_starts_at_the_given_point(racers: dict[str, RaceResult]) -> None:
    for racer in (*racers.values(), *run_race(SURFACE, (0.5, -0.5), steps=3)):
        assert racer.costs.tolist() == pytest.approx(SURFACE.cost(*racer.path.T).tolist())
    for racer in racers.values():
        assert racer.path[0].tolist() == list(PUBLISHED_START)


@pytest.mark.parametrize("steps", [0, 1, 2, MAX_PATH_POINTS - 1, MAX_PATH_POINTS, 5000, 100_000])
def test_a_path_is_bounded_evenly_thinned_and_ends_with_the_newest(steps: int) -> None:
    path = WeightPath()
    for step in range(steps):
        path.append(float(step), -float(step))
    points = path.points()
    assert points.shape == (len(points), 2)
    assert len(points) <= MAX_PATH_POINTS
    if steps < MAX_PATH_POINTS:
        assert points[:, 0].tolist() == list(range(steps))
    else:
        assert points[0, 0] == 0
        assert points[-1].tolist() == [steps - 1, 1 - steps]
        assert len(set(np.diff(points[:-1, 0]).tolist())) == 1
        assert len(points) >= MAX_PATH_POINTS // 2
