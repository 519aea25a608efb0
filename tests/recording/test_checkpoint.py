"""A checkpoint gives the run back to the last bit, or is refused, whatever is wrong with it."""

from pathlib import Path
from random import Random

import pytest

from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import MAX_KEYFRAMES, Checkpoint, CheckpointError
from rnn_tui.recording.resume import resume
from rnn_tui.run import keyframes as timeline
from rnn_tui.run.changes import SetField
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from tests.support.archives import START, assert_refused, checkpoint_in, members_of, put
from tests.support.makers import COUNTING, settings_with
from tests.support.recorded import PAIRS, bits, end, small


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return checkpoint_in(tmp_path)


def check_way(kept: Checkpoint) -> None:
    """Check that each state of the way is that of the run at its step."""
    run, states = kept.run, kept.keyframes.after_first
    assert run.step == 0 or min(run.step, MAX_KEYFRAMES) // 2 <= len(states) <= MAX_KEYFRAMES
    schedule = [(it.step, it.change) for it in run.log]
    again = Run(run.initial_settings, schedule)
    for seconds, state in states:
        again.advance(state.step - again.step)
        assert seconds == 0.5 * state.step
        assert bits(Run.from_state(state, run.initial_settings, run.log)) == bits(again)


@pytest.mark.parametrize(("task", "optimizer"), PAIRS)
@pytest.mark.parametrize("steps", [0, 37, 1234])
def test_a_run_and_its_way_come_back_to_the_last_bit(
    task: str, optimizer: str, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, path = small(task, optimizer), tmp_path / "run.npz"
    monkeypatch.setattr(timeline, "MIN_KEYFRAME_INTERVAL_SECONDS", 0.0)
    run = Run(start, [(20, SetField("lr", 0.05)), (30, SetField("clip-norm", 1.5))])
    way = Keyframes(run.state)
    for _ in range(steps):
        run.advance(1)
        way.record(run, 0.5)
    checkpoint.save(path, run, way)
    before = path.read_bytes()
    kept = checkpoint.load(path, start)
    assert kept.keyframes.training_seconds == 0.5 * steps
    assert bits(kept.run) == bits(run)
    check_way(kept)
    bare = checkpoint.load(path, start, with_keyframes=False)
    assert bits(bare.run) == bits(run)
    assert [state.step for _, state in bare.keyframes.after_first] == [steps][: min(steps, 1)]
    checkpoint.save(path, run, way)
    assert path.read_bytes() == before
    for it in (run, kept.run):
        it.advance(1100 - steps % 1000)
        assert it.apply(SetField("hidden-size" if task != "counting-ones" else "length", 4))
        it.advance(300)
    if steps >= 30:
        assert bits(kept.run) == bits(run)
    assert [it.name for it in tmp_path.iterdir()] == ["run.npz"]


def test_it_is_that_of_one_run(path: Path) -> None:
    for other in (settings_with(seed=1), settings_with(length=5, hidden_size=3), COUNTING):
        with pytest.raises(CheckpointError, match="the checkpoint is that of another run"):
            checkpoint.load(path, other)


def test_cut_off_anywhere_it_is_refused(path: Path) -> None:
    data = path.read_bytes()
    for size in [*range(0, len(data), 61), len(data) - 1]:
        path.write_bytes(data[:size])
        assert_refused(path)


def test_any_other_byte_is_found_or_makes_no_difference(path: Path) -> None:
    data, random = path.read_bytes(), Random(3)
    whole, refused = bits(checkpoint.load(path, START).run), 0
    directory = data.rindex(b"PK\1\2", 0, data.index(b"PK\1\2") + 4)
    places = [*range(0, len(data), 41), *range(directory, len(data), 3)]
    for place in places:
        changed = bytearray(data)
        changed[place] ^= random.choice([1, 2, 4, 8, 16, 32, 64, 128])
        path.write_bytes(changed)
        try:
            kept = checkpoint.load(path, START)
        except CheckpointError:
            refused += 1
        else:  # of what an archive says of its members much is never used
            assert bits(kept.run) == whole
    assert refused > len(places) / 2


@pytest.mark.parametrize("data", [b"", b"PK\5\6" + b"\0" * 18, b"x" * 9999, b"\0" * 9999])
def test_what_is_no_archive_is_refused(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    assert_refused(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        checkpoint.load(path, START)


def test_an_array_that_is_not_there_is_missed(path: Path) -> None:
    members = members_of(path)
    assert {"memory/velocity.npy", "examples/0/inputs.npy", "shown.npy"} <= set(members)
    for name in members:
        put(path, {it: data for it, data in members.items() if it != name})
        assert_refused(path) if name != "shown.npy" else checkpoint.load(path, START)
    put(path, members)
    checkpoint.load(path, START)


def test_with_one_that_is_refused_the_run_is_repeated_and_that_is_said(path: Path) -> None:
    journal = path.with_suffix(".jsonl")
    whole = bits(checkpoint.load(path, START).run)
    lines = journal.read_bytes()
    for data in (b"", path.read_bytes()[:-99], b"x" * 5000):
        path.write_bytes(data)
        journal.write_bytes(lines)
        branch, said = resume(journal)
        assert said.startswith(f"goes on at step 1,200, repeated from the start: {path}: ")
        assert "\n" not in said
        assert bits(branch.run) == whole
        branch.observer.close()
        assert path.read_bytes() == data
    path.unlink()
    path.mkdir()
    branch, said = resume(journal)
    assert said.startswith("goes on at step 1,200, repeated from the start: [Errno ")
    end(branch)
    assert branch.observer.warning.startswith("no checkpoint any more: ")
