"""A checkpoint that is damaged, or that of another run, is rejected before its arrays are used."""

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np
import pytest

from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import STREAM_KEY_WORDS, CheckpointError
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
from tests.support.recorded import exact_state


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


def test_fifo_is_no_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    os.mkfifo(path)
    assert not checkpoint.is_checkpoint(path)
    with pytest.raises(CheckpointError, match="the checkpoint is damaged"):
        checkpoint.load(path, COUNTING)
