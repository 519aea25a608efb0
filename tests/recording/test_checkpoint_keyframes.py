"""The states of a run's way are checked one by one: what is none of this run is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import MAX_KEYFRAME_BYTES, MAX_KEYFRAMES, MIN_KEYFRAMES
from rnn_tui.run.changes import parse_change
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from tests.support.archives import (
    START,
    array,
    assert_refused,
    members_of,
    npy,
    put,
    said_of,
    with_said,
)
from tests.support.makers import settings_with
from tests.support.recorded import bits

pytestmark = pytest.mark.long

CHANGES = [
    (120, parse_change("lr=0.2")),
    (500, parse_change("hidden-size=4")),
    (800, parse_change("length=6")),
]
STEPS = (100, 300, 600, 1000)


def way_of(start: Settings = START) -> tuple[Run, Keyframes]:
    """Return a run through changes of its rate, net and examples, with a state in each stretch."""
    run = Run(start, CHANGES)
    timeline = Keyframes(run.state)
    for step in STEPS:
        run.advance(step - run.step)
        timeline.add(run.state, step / 1000)
    run.advance(200)
    return run, timeline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "run.npz"
    checkpoint.save(path, *way_of())
    return path


@pytest.mark.parametrize("examples", [0, 6])
def test_states_of_other_nets_and_examples_come_back(examples: int, tmp_path: Path) -> None:
    start = settings_with(length=5, hidden_size=3, dataset_size=examples)
    run, timeline = way_of(start)
    checkpoint.save(tmp_path / "run.npz", run, timeline)
    kept = checkpoint.load(tmp_path / "run.npz", start)
    assert [state.step for _, state in kept.keyframes.after_first] == [*STEPS, run.step]
    for (_, one), (_, other) in zip(kept.keyframes.after_first, timeline.after_first, strict=False):
        again = Run.from_state(one, start, run.log)
        assert bits(again) == bits(Run.from_state(other, start, run.log))
        missing = [(it.step, it.change) for it in run.log[one.n_changes :]]
        again = Run.from_state(one, start, run.log, missing)
        again.advance(run.step - again.step)
        assert bits(again) == bits(run)


def test_a_fixed_set_is_put_there_once_for_all_states_that_have_it(path: Path) -> None:
    names = [name for name in members_of(path) if name.endswith("/inputs.npy")]
    assert names == ["examples/0/inputs.npy", "examples/1/inputs.npy"]
    states = [state for _, state in checkpoint.load(path, START).keyframes.after_first]
    assert states[0].dataset is states[1].dataset is states[2].dataset
    assert states[3].dataset is states[4].dataset is not states[2].dataset


def test_there_are_no_more_states_than_have_room(tmp_path: Path) -> None:
    for hidden, wide in ((3, False), (300, True)):
        start = settings_with(length=2, hidden_size=hidden, optimizer="adam")
        run = Run(start)
        timeline = Keyframes(run.state)
        for step in range(1, 2 * MAX_KEYFRAMES):
            run.advance(1)
            timeline.add(run.state, step / 1000)
        checkpoint.save(tmp_path / "run.npz", run, timeline)
        kept = checkpoint.load(tmp_path / "run.npz", start).keyframes.after_first
        assert wide == (len(kept) < MAX_KEYFRAMES // 2)
        assert MIN_KEYFRAMES - 1 <= len(kept) <= MAX_KEYFRAMES
        most = max(MAX_KEYFRAME_BYTES, (MIN_KEYFRAMES + 1) * run.state.nbytes)
        assert (tmp_path / "run.npz").stat().st_size < 2 * most


def test_an_array_of_the_past_that_is_missing_or_other_is_refused(path: Path) -> None:
    members = members_of(path)
    names = [name for name in members if name.startswith("past/1/")]
    assert len(names) == 11
    for name in names:
        if not name.endswith("shown.npy"):
            put(path, {it: data for it, data in members.items() if it != name})
            assert_refused(path)
        values = array(members[name])
        others = [values.ravel()[:1].reshape(())] if values.size else []
        for other in [*others, values[None], values.astype(np.float32), values.astype(object)]:
            put(path, members | {name: npy(other)})
            assert_refused(path)


NONSENSE: list[Any] = [None, "x", [], {}, [[]], -1, True, 1.5, 7, 10**400, float("nan")]
FITTING: dict[str, list[Any]] = {
    "halted": [None, "x"],
    "first_exact": [None, 7],
    "learnt": [True],
    "unmoved": [7],
    "skipped": [7],
    "seconds": [1.5],
}


def test_a_value_of_the_past_of_another_kind_is_refused(path: Path) -> None:
    members = members_of(path)
    said = said_of(members)
    earlier = said["past"][1]
    for name in earlier:
        for value in NONSENSE:
            fits = any(value == it and type(value) is type(it) for it in FITTING.get(name, ()))
            said["past"][1] = earlier | {name: value}
            put(path, with_said(members, said))
            if fits:
                checkpoint.load(path, START)
            else:
                assert_refused(path)
        said["past"][1] = {it: value for it, value in earlier.items() if it != name}
        put(path, with_said(members, said))
        assert_refused(path)


def test_what_is_wrong_with_the_past_is_of_no_concern_to_one_who_does_not_ask(path: Path) -> None:
    whole = bits(checkpoint.load(path, START).run)
    members = members_of(path)
    put(path, {name: b"" if name.startswith("past/") else it for name, it in members.items()})
    assert_refused(path)
    assert bits(checkpoint.load(path, START, with_keyframes=False).run) == whole


def test_states_in_another_order_do_no_harm(path: Path) -> None:
    members = members_of(path)
    said = said_of(members)
    said["past"] = [said["past"][place] for place in (0, 0, 0)]
    for name in [it for it in members if it.startswith("past/0/")]:
        for place in (1, 2):
            members[name.replace("past/0", f"past/{place}")] = members[name]
    put(path, with_said(members, said))
    kept = checkpoint.load(path, START)
    assert [state.step for _, state in kept.keyframes.after_first] == [100, kept.run.step]
