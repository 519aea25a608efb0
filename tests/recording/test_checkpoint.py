"""A checkpoint restores its run to the last bit, or is rejected and the journal replayed."""

import os
import tracemalloc
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np
import pytest

from rnn_tui.config.recipes import RECIPES
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import (
    MAX_SAVED_KEYFRAMES,
    MIN_SAVED_KEYFRAMES,
    STREAM_KEY_WORDS,
    Checkpoint,
    CheckpointError,
)
from rnn_tui.recording.resume import resume
from rnn_tui.run import keyframes as keyframes_module
from rnn_tui.run.changes import SetField
from rnn_tui.run.keyframes import MAX_KEYFRAME_BYTES, Keyframes
from rnn_tui.run.rollback import ROLLBACK_INTERVAL_STEPS
from rnn_tui.run.run import Run
from tests.support.checkpoints import (
    KEYFRAME_STEPS,
    START,
    assert_rejected,
    from_npy,
    read_members,
    read_meta,
    run_with_keyframes,
    to_npy,
    with_array,
    with_meta,
    write_members,
)
from tests.support.makers import COUNTING, settings_with
from tests.support.plans import PlannedChange
from tests.support.recorded import (
    PAIRS,
    end_recording,
    exact_state,
    record_plan,
    small,
    start_recording,
)

SLICE_STEPS = 17  # not a divisor of anything


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A checkpoint with few keyframes, since hundreds of tests read all of them."""
    path = tmp_path_factory.mktemp("checkpoint") / "run.npz"
    checkpoint.save(path, *run_with_keyframes(steps=KEYFRAME_STEPS[2:3]))
    return path.read_bytes()


@pytest.fixture
def path(data: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "run.npz"
    path.write_bytes(data)
    return path


def assert_keyframes_match_run(loaded: Checkpoint) -> None:
    run, (first, *others) = loaded.run, loaded.keyframes.entries
    replayed = Run(run.initial_settings, [(applied.step, applied.change) for applied in run.log])
    assert first[1].step == 0
    for seconds, state in others:
        replayed.advance(state.step - replayed.step)
        assert seconds == 0.5 * state.step
        assert exact_state(Run.from_state(state, run.initial_settings, run.log)) == exact_state(
            replayed
        )


@pytest.mark.parametrize(
    ("task", "optimizer", "slices"),
    [(*pair, slices) for pair, slices in zip(PAIRS, cycle((2, 73, 2)), strict=False)],
)
def test_checkpoint_restores_run_and_keyframes(
    task: str, optimizer: str, slices: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, path = small(task, optimizer), tmp_path / "run.npz"
    monkeypatch.setattr(keyframes_module, "MIN_KEYFRAME_INTERVAL_SECONDS", 0.0)
    run = Run(start, [(20, SetField("lr", 0.05)), (30, SetField("clip-norm", 1.5))])
    keyframes = Keyframes(run.state)
    for _ in range(slices):
        run.advance(SLICE_STEPS)
        keyframes.record(run, 0.5 * SLICE_STEPS)
    checkpoint.save(path, run, keyframes)
    saved = path.read_bytes()
    loaded = checkpoint.load(path, start)
    assert loaded.keyframes.training_seconds == 0.5 * run.step
    assert exact_state(loaded.run) == exact_state(run)
    assert (
        min(slices + 1, MAX_SAVED_KEYFRAMES)
        <= len(loaded.keyframes.entries)
        <= MAX_SAVED_KEYFRAMES + 1
    )
    assert_keyframes_match_run(loaded)
    assert exact_state(checkpoint.load(path, start, with_keyframes=False).run) == exact_state(run)
    checkpoint.save(path, run, keyframes)
    assert path.read_bytes() == saved
    loaded.run.set_schedule(run.pending_changes)
    steps, other_size = (
        ROLLBACK_INTERVAL_STEPS + 20 - run.step,
        "hidden-size" if task != "counting-ones" else "length",
    )
    for continued in (run, loaded.run):
        continued.advance(max(50, steps))
        assert continued.apply(SetField(other_size, 4))
        continued.advance(50)
    assert exact_state(loaded.run) == exact_state(run)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]


@pytest.mark.parametrize("dataset_size", [0, 6])
def test_checkpoint_restores_keyframes_of_other_models_and_datasets(
    dataset_size: int, tmp_path: Path
) -> None:
    start = settings_with(length=5, hidden_size=3, dataset_size=dataset_size)
    run, keyframes = run_with_keyframes(start)
    checkpoint.save(tmp_path / "run.npz", run, keyframes)
    loaded = checkpoint.load(tmp_path / "run.npz", start).keyframes.entries
    assert [state.step for _, state in loaded] == [0, *KEYFRAME_STEPS, run.step]
    for (_, restored), (_, original) in zip(loaded, keyframes.entries, strict=False):
        again = Run.from_state(restored, start, run.log)
        assert exact_state(again) == exact_state(Run.from_state(original, start, run.log))
        remaining = run.log[restored.n_changes :]
        again.set_schedule([(applied.step, applied.change) for applied in remaining])
        again.advance(run.step - again.step)
        assert exact_state(again) == exact_state(run)


def test_dataset_is_saved_once_for_all_states_that_share_it(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    checkpoint.save(path, *run_with_keyframes())
    names = [name for name in read_members(path) if name.endswith("/inputs.npy")]
    assert names == ["datasets/0/inputs.npy", "datasets/1/inputs.npy"]
    states = [state for _, state in checkpoint.load(path, START).keyframes.entries]
    assert all(state.dataset is states[0].dataset for state in states[:4])
    assert states[4].dataset is states[5].dataset is not states[0].dataset


@pytest.mark.parametrize(("hidden_size", "is_large"), [(3, False), (300, True)])
def test_number_and_bytes_of_keyframes_are_bounded(
    hidden_size: int, is_large: bool, tmp_path: Path
) -> None:
    start = settings_with(length=2, hidden_size=hidden_size, optimizer="adam")
    run = Run(start)
    keyframes = Keyframes(run.state)
    for step in range(1, 2 * MAX_SAVED_KEYFRAMES):
        run.advance(1)
        keyframes.add(run.state, step / 1000)
    checkpoint.save(tmp_path / "run.npz", run, keyframes)
    loaded = checkpoint.load(tmp_path / "run.npz", start).keyframes.entries
    assert is_large == (len(loaded) < MAX_SAVED_KEYFRAMES // 2)
    assert MIN_SAVED_KEYFRAMES <= len(loaded) <= MAX_SAVED_KEYFRAMES + 1
    max_bytes = max(MAX_KEYFRAME_BYTES, (MIN_SAVED_KEYFRAMES + 1) * run.state.nbytes)
    assert (tmp_path / "run.npz").stat().st_size < 2 * max_bytes


def test_load_rejects_checkpoint_of_another_run(path: Path) -> None:
    for other in (settings_with(seed=1), settings_with(length=5, hidden_size=3), COUNTING):
        with pytest.raises(CheckpointError, match="the checkpoint is that of another run"):
            checkpoint.load(path, other)


def test_load_rejects_truncated_file(path: Path, data: bytes) -> None:
    for size in [*range(0, len(data), len(data) // 40), len(data) - 1]:
        path.write_bytes(data[:size])
        assert_rejected(path)


def test_load_rejects_or_ignores_flipped_bit(path: Path, data: bytes) -> None:
    random, original, n_rejected = Random(3), exact_state(checkpoint.load(path, START).run), 0
    directory = data.index(b"PK\1\2")
    places = random.sample(range(directory), 30) + random.sample(range(directory, len(data)), 20)
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << random.randrange(8)
        path.write_bytes(changed)
        try:
            loaded = checkpoint.load(path, START)
        except CheckpointError:
            n_rejected += 1
        else:  # some fields of the archive's directory are never used
            assert exact_state(loaded.run) == original
    assert n_rejected > len(places) / 2


@pytest.mark.parametrize("content", [b"", b"PK\5\6" + b"\0" * 18, b"x" * 9999, b"\0" * 9999])
def test_load_rejects_file_that_is_no_archive(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    assert_rejected(path)


def test_load_raises_os_error_for_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        checkpoint.load(tmp_path, START)


def arrays_of(members: dict[str, bytes]) -> list[str]:
    """Return the names of the latest state's arrays, one keyframe's and one dataset's."""
    return [
        name.removesuffix(".npy")
        for name in members
        if name.startswith(("keyframes/1/", "datasets/0/"))
        or not name.startswith(("keyframes/", "datasets/", "meta"))
    ]


def test_load_rejects_missing_array(path: Path) -> None:
    members = read_members(path)
    names = arrays_of(members)
    assert {"optimizer/velocity", "datasets/0/inputs", "keyframes/1/weights"} <= set(names)
    for missing in [*names, "meta"]:
        write_members(path, {name: members[name] for name in members if name != f"{missing}.npy"})
        assert_rejected(path)


@pytest.mark.parametrize("name", ["unknown", "history/unknown", "keyframes/1/unknown"])
def test_load_rejects_unknown_array(name: str, path: Path) -> None:
    write_members(path, read_members(path) | {f"{name}.npy": to_npy(np.zeros(3))})
    assert_rejected(path)


@pytest.mark.parametrize(
    "name", ["history/recent", "rollback_weights", "keyframes/1/history/scalars"]
)
def test_load_rejects_altered_array(name: str, path: Path) -> None:
    members = read_members(path)
    altered = from_npy(members[f"{name}.npy"]) * 2 + 1
    write_members(path, members | {f"{name}.npy": to_npy(altered)})
    assert_rejected(path)


ALTERATIONS: dict[str, Callable[[Any], Any]] = {
    "scalar": lambda values: np.zeros((), values.dtype),
    "more dimensions": lambda values: values[None],
    "other rank and size": lambda values: np.zeros((2, 5, 1, 3), values.dtype),
    "single precision": lambda values: values.astype(np.float32),
    "big-endian": lambda values: values.astype(values.dtype.newbyteorder(">")),
    "objects": lambda values: np.full(values.shape or 1, {}, object),
}


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_load_rejects_array_of_other_shape_or_type(alteration: str, path: Path) -> None:
    members = read_members(path)
    half = list(ALTERATIONS).index(alteration) % 2  # each array has half of the alterations
    for name in arrays_of(members)[half::2]:
        values = from_npy(members[f"{name}.npy"])
        write_members(path, with_array(members, name, ALTERATIONS[alteration](values)))
        assert_rejected(path)


@pytest.mark.parametrize("name", ["weights", "rollback_optimizer/velocity", "datasets/0/targets"])
def test_load_rejects_array_of_other_length(name: str, path: Path) -> None:
    members = read_members(path)
    values = from_npy(members[f"{name}.npy"])
    for other in (values[:0], values[:-1], np.concatenate([values, values])):
        write_members(path, with_array(members, name, other))
        assert_rejected(path)


def npy_with_header(shape: str, dtype: str) -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"
    header = text.ljust(117).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + b"\0" * 64


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ("(100000000,)", "<f8"),
        ("(100000000,)", "|O"),
        ("(99999, 99999, 99999)", "<f8"),
        ("(99999, 99999, 99999)", "<f8,<f8"),
        ("(-1,)", "<f8"),
        ("(-1,)", "|O"),
        ("(True,)", "<f8,<f8"),
        ("x", "<f8"),
        ("(3,)", "x"),
    ],
)
def test_load_rejects_false_header_without_allocating_it(
    shape: str, dtype: str, path: Path
) -> None:
    members = read_members(path)
    for name in ("weights.npy", "history/recent.npy", "unknown.npy"):
        write_members(path, members | {name: npy_with_header(shape, dtype)})
        tracemalloc.start()
        assert_rejected(path)
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak_bytes < 10_000_000


BROKEN = [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"\x93NUMPY\x09\x00", b"\x80\x04."]
DEEPLY_NESTED = b"\x93NUMPY\x01\x00\x20\x4e" + b"(" * 20_000


@pytest.mark.parametrize("content", [*BROKEN, DEEPLY_NESTED])
def test_load_rejects_member_that_is_no_array(content: bytes, path: Path) -> None:
    members = read_members(path)
    for name in ("meta.npy", "weights.npy", "unknown.npy"):
        write_members(path, members | {name: content})
        assert_rejected(path)


def test_load_rejects_compressed_array_before_it_grows(path: Path) -> None:
    write_members(path, {"bomb.npy": to_npy(np.zeros(6_000_000))}, ZIP_DEFLATED)
    assert path.stat().st_size < 200_000
    with pytest.raises(CheckpointError, match="the arrays are larger than the file"):
        checkpoint.load(path, START)


def test_load_rejects_metadata_without_a_field(path: Path) -> None:
    members = read_members(path)
    meta = read_meta(members)
    later = {"known_exact_step", "events", "breakpoints", "is_pinned"}
    for missing in meta.keys() - later:
        write_members(path, with_meta(members, {k: meta[k] for k in meta if k != missing}))
        assert_rejected(path)
    for missing in meta["keyframes"][1].keys() - later:
        keyframe = {k: meta["keyframes"][1][k] for k in meta["keyframes"][1] if k != missing}
        keyframes = [meta["keyframes"][0], keyframe, *meta["keyframes"][2:]]
        write_members(path, with_meta(members, meta | {"keyframes": keyframes}))
        assert_rejected(path)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": 1},
        {"format": 4},
        {"format": None},
        {"step": 1199},
        {"step": 10**400},
        {"step": "1200"},
        {"n_changes": 2},
        {"n_changes": 4},
        {"dataset": None},
        {"dataset": 1},
        {"dataset": 7},
        {"digest": "0" * 32},
        {"stream": [STREAM_KEY_WORDS + 1, 0, 0.0, 0]},
        {"stream": [0, 0, 0.0, 1]},
        {"log": []},
        {"log": [[120, "lr=x", "", ""]]},
        {"log": [[120, "hidden-size=4", "", ""]]},
        {"training_seconds": None},
    ],
    ids=str,
)
def test_load_rejects_metadata_of_another_state(fields: dict[str, Any], path: Path) -> None:
    members = read_members(path)
    write_members(path, with_meta(members, read_meta(members) | fields))
    assert_rejected(path)


@pytest.mark.parametrize("meta", [None, [], 3, "x", {}, {"format": 2}, {"format": 3}])
def test_load_rejects_metadata_of_other_structure(meta: Any, path: Path) -> None:
    write_members(path, with_meta(read_members(path), meta))
    assert_rejected(path)


def test_load_without_keyframes_does_not_read_them(path: Path) -> None:
    original = exact_state(checkpoint.load(path, START).run)
    members = read_members(path)
    damaged = {name: to_npy([{}]) for name in members if name.startswith("keyframes/")}
    write_members(path, members | damaged)
    assert_rejected(path)
    loaded = checkpoint.load(path, START, with_keyframes=False)
    assert exact_state(loaded.run) == original
    assert [state.step for _, state in loaded.keyframes.entries] == [loaded.run.step]


def test_resume_without_usable_checkpoint_replays_journal(tmp_path: Path) -> None:
    journal, path = tmp_path / "run.jsonl", tmp_path / "run.npz"
    run = record_plan(journal, START, [PlannedChange(120, SetField("lr", 0.2))], tail=1080)
    recorded, saved = journal.read_bytes(), path.read_bytes()
    for content in (b"", saved[:-99], b"x" * 5000):
        path.write_bytes(content)
        journal.write_bytes(recorded)
        branch, message = resume(journal)
        warning = f"no usable checkpoint, journal replayed: {path}: "
        assert message.startswith(f"resumed at step 1,200; {warning}")
        assert "\n" not in message
        assert exact_state(branch.run) == exact_state(run)
        branch.observer.close()
        assert path.read_bytes() == content
    path.unlink()
    path.mkdir()
    branch, message = resume(journal)
    assert message.startswith(
        f"resumed at step 1,200; no usable checkpoint, journal replayed: {path}: Is a directory"
    )
    end_recording(branch)
    assert branch.observer.warning.startswith("checkpoints stopped: ")


def test_fifo_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    os.mkfifo(path)
    assert not checkpoint.is_checkpoint(path)
    with pytest.raises(CheckpointError, match="the checkpoint is damaged"):
        checkpoint.load(path, COUNTING)


def test_resume_keeps_exact_step_of_an_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    branch = start_recording(path, RECIPES["counting-ones"].settings)
    branch.advance(200)
    branch.run.evaluation_tracker.evaluate(branch.run.trainer.model, 200)
    assert branch.run.evaluation_tracker.known_exact_step == 200
    branch.advance(900)
    end_recording(branch)
    resumed, _ = resume(path)
    resumed.observer.close()
    tracker = resumed.run.evaluation_tracker
    assert (tracker.known_exact_step, tracker.first_exact_step) == (200, 250)
