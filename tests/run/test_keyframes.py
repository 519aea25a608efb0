"""Any step of a run is restored bit for bit from a bounded number of keyframes."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from rnn_tui.recording.resume import resume
from rnn_tui.run import keyframes as timeline
from rnn_tui.run.branch import Branch
from rnn_tui.run.changes import SetField, parse_change
from rnn_tui.run.keyframes import (
    MAX_KEYFRAME_BYTES,
    MAX_KEYFRAMES,
    MIN_KEYFRAME_INTERVAL_SECONDS,
    MIN_KEYFRAMES,
    Keyframes,
)
from rnn_tui.run.observer import RunObserver
from rnn_tui.run.run import Run
from rnn_tui.run.state import RunState
from rnn_tui.session.navigation import Rewind
from tests.support.makers import COUNTING, SMALL, settings_with
from tests.support.plans import PLANS, Plan
from tests.support.recorded import (
    PAIRS,
    apply_plan,
    change_at,
    changes_of,
    end_recording,
    exact_state,
    small,
    start_recording,
    uninterrupted_run,
)

pytestmark = pytest.mark.long

OFTEN = 1e-4  # seconds between two states, so that there are many in a short run


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MIN_KEYFRAME_INTERVAL_SECONDS", OFTEN)


def kept(line: Keyframes) -> list[RunState]:
    return [state for _, state in line._keyframes]


def seen_at(branch: Branch, step: int, pace: int = 100) -> Run:
    past = Rewind(branch, step)
    while not past.done:
        past.advance(pace)
    return past.run


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
@pytest.mark.usefixtures("often")
def test_rewind_restores_any_step_identically(task: str, optimizer: str) -> None:
    @seed(PAIRS.index((task, optimizer)))
    @settings(max_examples=2, deadline=None)
    @given(PLANS, st.integers(0, 9), st.lists(st.floats(0, 1), min_size=2, max_size=2))
    def check(plan: Plan, seed: int, places: list[float]) -> None:
        start = small(task, optimizer, seed)
        branch = Branch(Run(start), RunObserver())
        for planned in plan:
            for _ in range(4):  # a state is kept between two advances
                branch.advance(planned.steps // 4)
            apply_plan(branch, [planned._replace(steps=0)])
        branch.advance(300)
        run, made = branch.run, changes_of(branch.run)
        before = exact_state(run)
        steps = {0, run.step, *(int(place * run.step) for place in places)}
        steps |= {step for step, _ in made[:3]}
        for step in steps:
            seen = seen_at(branch, step)
            until = [entry for entry in made if entry[0] <= step]
            assert exact_state(seen) == exact_state(uninterrupted_run(start, until, step)), step
        assert exact_state(run) == before

    check()


@pytest.mark.usefixtures("often")
def test_changes_before_first_step_belong_to_step_zero() -> None:
    branch = Branch(Run(SMALL), RunObserver())
    for spec in ("lr=0.2", "optimizer=adam", "hidden-size=4"):
        change_at(branch, 0, spec)
    branch.advance(500)
    change_at(branch, 500, "lr=0.05")
    branch.advance(200)
    assert exact_state(seen_at(branch, 0)) == exact_state(
        uninterrupted_run(SMALL, changes_of(branch.run)[:3], 0)
    )
    two = Rewind(branch, 0, 2)
    assert two.done
    assert exact_state(two.run) == exact_state(
        uninterrupted_run(SMALL, changes_of(branch.run)[:2], 0)
    )
    three = Rewind(branch, 500, 3)
    three.advance(10_000)
    assert exact_state(three.run) == exact_state(
        uninterrupted_run(SMALL, changes_of(branch.run)[:3], 500)
    )


@pytest.mark.usefixtures("often")
def test_seek_starts_from_the_nearest_state() -> None:
    branch = Branch(Run(COUNTING), RunObserver())
    for _ in range(40):
        branch.advance(50)
    assert len(kept(branch.keyframes)) > 10
    past = Rewind(branch, 700)
    for target in (710, 1999, 3, 0, 1500, 1501, 1500):
        before = past.run.step
        past = past.seek(target)
        assert target - past.run.step <= 60 or past.run.step == before
        while not past.done:
            past.advance(7)
        assert exact_state(past.run) == exact_state(uninterrupted_run(COUNTING, (), target)), target


def test_keyframes_are_thinned_evenly_and_the_first_is_kept() -> None:
    run = Run(COUNTING)
    keyframes = Keyframes(run.state)
    first = kept(keyframes)[0]
    for _ in range(2 * MAX_KEYFRAMES):
        run.advance(40)
        keyframes.record(run, MIN_KEYFRAME_INTERVAL_SECONDS)
        assert len(kept(keyframes)) <= MAX_KEYFRAMES
    states = kept(keyframes)
    assert states[0] is first
    assert states[0].step == 0
    assert [state.step for state in states] == sorted({state.step for state in states})
    assert len(states) > MAX_KEYFRAMES // 2
    times = [seconds for seconds, _ in keyframes.entries]
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) < keyframes.training_seconds / 16
    keyframes.thin_to(32)
    assert len(kept(keyframes)) == 32
    assert kept(keyframes)[0] is first


def arrays_of(state: RunState) -> Iterator[Any]:
    yield from (
        state.weights,
        *state.optimizer_state.values(),
        *state.history.values(),
        state.stream_state.key,
    )
    yield from (state.rollback_point.weights, *state.rollback_point.optimizer_state.values())


def memory_of(line: Keyframes) -> int:
    """Return the bytes of all states, those that they share counted once."""
    arrays = {id(array): array for state in kept(line) for array in arrays_of(state)}
    return sum(int(array.nbytes) for array in arrays.values())


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize(("hidden", "slices"), [(4, 300), (64, 100), (200, 30)])
def test_memory_of_large_models_is_bounded(hidden: int, slices: int) -> None:
    start = settings_with(length=2, hidden_size=hidden, optimizer="adam", learning_rate=0.001)
    branch = Branch(Run(start), RunObserver())
    while len(kept(branch.keyframes)) < MIN_KEYFRAMES:
        branch.advance(5)
    size = kept(branch.keyframes)[-1].nbytes
    for _ in range(slices):
        branch.advance(2)
    assert len(kept(branch.keyframes)) <= max(MIN_KEYFRAMES, MAX_KEYFRAME_BYTES // size)
    assert memory_of(branch.keyframes) <= 2 * MAX_KEYFRAME_BYTES
    assert kept(branch.keyframes)[0].step == 0


@pytest.mark.usefixtures("often")
def test_memory_is_bounded_after_model_grows() -> None:
    branch = Branch(Run(settings_with(length=2, hidden_size=1, optimizer="adam")), RunObserver())
    for _ in range(MAX_KEYFRAMES):
        branch.advance(20)
    assert len(kept(branch.keyframes)) > MAX_KEYFRAMES // 2
    assert branch.apply(SetField("hidden-size", 256))
    for _ in range(40):
        branch.advance(1)
    size = kept(branch.keyframes)[-1].nbytes
    assert size > 1 << 20
    assert len(kept(branch.keyframes)) <= max(MIN_KEYFRAMES, MAX_KEYFRAME_BYTES // size)
    assert memory_of(branch.keyframes) <= 2 * MIN_KEYFRAMES * size
    assert kept(branch.keyframes)[0].step == 0


@pytest.mark.usefixtures("often")
def test_resumed_run_can_be_rewound(tmp_path: Path) -> None:
    branch = start_recording(tmp_path / "run.jsonl", SMALL)
    change_at(branch, 400, "lr=0.2")
    change_at(branch, 1300, "clip-norm=1")
    for _ in range(20):
        branch.advance(10)
    end_recording(branch)
    steps = [state.step for state in kept(branch.keyframes)]
    resumed, _ = resume(tmp_path / "run.jsonl")
    assert [state.step for state in kept(resumed.keyframes)] == steps
    assert len(steps) > 20
    assert resumed.keyframes.training_seconds == branch.keyframes.training_seconds
    resumed.advance(500)
    changes = changes_of(resumed.run)
    assert changes == [(400, parse_change("lr=0.2")), (1300, parse_change("clip-norm=1"))]
    for step in (0, 400, 401, 1300, 1500, 1700, 2000):
        until = [entry for entry in changes if entry[0] <= step]
        assert exact_state(seen_at(resumed, step)) == exact_state(
            uninterrupted_run(SMALL, until, step)
        )
    end_recording(resumed)


def test_rewind_inserts_keyframes_for_later_seeks(tmp_path: Path) -> None:
    line = Keyframes(Run(SMALL).state)
    run = Run(SMALL)
    run.advance(9000)
    line.add(run.state, 3.0)
    branch = Branch(run, RunObserver(), keyframes=line)
    past = Rewind(branch, 8000)
    past._saved_at -= 1.0
    past.advance(4000)
    past.advance(4000)
    assert [state.step for state in kept(line)] == [0, 4000, 9000]
    assert line.latest_before(5000).step == 4000
    assert exact_state(seen_at(branch, 5000)) == exact_state(uninterrupted_run(SMALL, [], 5000))
