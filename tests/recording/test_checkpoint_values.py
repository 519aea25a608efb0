"""A checkpoint whose arrays or values are none of its run is refused, though its sums fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED

import numpy as np
import pytest

from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError
from tests.support.archives import (
    START,
    array,
    assert_refused,
    checkpoint_in,
    members_of,
    put,
    said_of,
    with_array,
    with_said,
)

pytestmark = pytest.mark.long


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return checkpoint_in(tmp_path)


OTHERS: dict[str, Callable[[Any], Any]] = {
    "scalar": lambda it: it.ravel()[0],
    "empty": lambda it: it[:0],
    "one": lambda it: it.ravel()[:1],
    "longer": lambda it: np.concatenate([it, it]),
    "deeper": lambda it: it[None],
    "single": lambda it: it.astype(np.float32),
    "big-endian": lambda it: it.astype(it.dtype.newbyteorder(">")),
    "complex": lambda it: it.astype(complex),
    "whole": lambda it: it.astype(np.int64),
    "objects": lambda it: it.astype(object),
    "texts": lambda it: it.astype(str),
}
ARRAYS = [
    "weights", "refuge", "random", "memory/velocity", "refuge_memory/velocity", "history/numbers",
    "history/stretches", "examples/0/inputs", "examples/0/targets", "examples/0/weights", "shown",
]  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_of_another_make_is_refused_though_the_digest_fits(name: str, path: Path) -> None:
    members = members_of(path)
    values = array(members[f"{name}.npy"])
    put(path, with_array(members, name, values))
    checkpoint.load(path, START)
    for other in OTHERS.values():
        put(path, with_array(members, name, other(values)))
        assert_refused(path)


@pytest.mark.parametrize("name", ["history/recent", "history/smooth", "history/waiting"])
def test_a_history_of_another_make_is_refused(name: str, path: Path) -> None:
    members = members_of(path)
    values = array(members[f"{name}.npy"])
    for way in ("scalar", "deeper", "single", "objects"):
        put(
            path,
            with_array(
                members, name, OTHERS[way](values.repeat(1) if len(values) else np.zeros(1))
            ),
        )
        assert_refused(path)
    put(path, with_array(members, name, np.zeros(5000)))
    assert_refused(path)


SHAPES = ["(1000000000000,)", "(99999, 99999, 99999)", "(-1,)", "(1,)", "(True,)", "()", "7", "x"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["<f8", "|O", "|V0", "<f8,<f8", "x", "<M8[s]"])
def test_a_header_that_lies_is_refused(shape: str, kind: str, path: Path) -> None:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    head = text.ljust(117).encode() + b"\n"
    data = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + b"\0" * 64
    members = members_of(path)
    for name in ("weights.npy", "history/recent.npy", "unknown.npy"):
        put(path, members | {name: data})
        assert_refused(path)


BROKEN = [b"", b"x", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"\x93NUMPY\x09\x00", b"\x80\x04."]
DEEP = b"\x93NUMPY\x01\x00\x20\x4e" + b"(" * 20_000


@pytest.mark.parametrize("data", [*BROKEN, DEEP])
def test_what_is_no_array_is_refused(data: bytes, path: Path) -> None:
    members = members_of(path)
    for name in ("meta.npy", "weights.npy", "unknown.npy"):
        put(path, members | {name: data})
        assert_refused(path)


def test_a_compressed_one_is_refused_before_it_grows(path: Path) -> None:
    put(path, members_of(path) | {"bomb.npy": bytes(50_000_000)}, ZIP_DEFLATED)
    assert path.stat().st_size < 200_000
    with pytest.raises(CheckpointError, match="it is compressed, as no checkpoint is"):
        checkpoint.load(path, START)


NONSENSE: list[Any] = [None, "x", [], {}, [[]], -1, True, 1.5, 10**400, float("nan"), 1e999, "9"]
FITTING: dict[str, list[Any]] = {
    "halted": [None, "x", "9"],
    "first_exact": [None],
    "learnt": [True],
    "log": [[]],  # the changes may be later
    "past": [[]],
    "seconds": [1.5],
}


@pytest.mark.parametrize("name", [
    "format", "start", "step", "halted", "unmoved", "learnt", "skipped", "first_exact", "refuge",
    "position", "examples", "sets", "changes", "past", "log", "seconds", "digest",
])  # fmt: skip
def test_a_value_of_another_kind_is_refused(name: str, path: Path) -> None:
    members = members_of(path)
    said = said_of(members)
    put(path, with_said(members, said))
    assert checkpoint.load(path, START).run.step == 1200
    put(path, with_said(members, {it: value for it, value in said.items() if it != name}))
    assert_refused(path)
    for value in NONSENSE:
        if not any(value == it and type(value) is type(it) for it in FITTING.get(name, ())):
            put(path, with_said(members, said | {name: value}))
            assert_refused(path)
    for place in range(len(said[name]) if isinstance(said[name], list) else 0):
        for value in (None, "x", [], {}, -(10**9), 10**400, float("nan")):
            inner = list(said[name])
            inner[place] = value
            if not (name == "refuge" and place == 1 and value != value):
                put(path, with_said(members, said | {name: inner}))
                assert_refused(path)


@pytest.mark.parametrize("said", [None, [], 3, "x", {}, {"format": 1}, {"format": 2}])
def test_what_says_nothing_is_refused(said: Any, path: Path) -> None:
    put(path, with_said(members_of(path), said))
    assert_refused(path)


def test_changes_that_make_no_run_are_refused(path: Path) -> None:
    members = members_of(path)
    said = said_of(members)
    ((step, _, text, short),) = said["log"]
    for spec in ("lr=x", "x=1", "momentum=7", "weights=1,2", "seed=3", "hidden-size=4", "task=x"):
        put(path, with_said(members, said | {"log": [[step, spec, text, short]]}))
        assert_refused(path)
    for line in ([], [step], [step, "lr=0.2", 3, short], [5000, "lr=0.2", text, short]):
        put(path, with_said(members, said | {"log": [line]}))
        assert_refused(path)
