"""Checkpoints for tests, taken apart into the members of their archive and put together again."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.engine.data import StreamState
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError
from rnn_tui.run.changes import parse_change
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest
from tests.support.makers import settings_with

START = settings_with(length=5, hidden_size=3, optimizer="momentum", dataset_size=6, batch_size=2)
CHANGES = [
    (120, parse_change("lr=0.2")),
    (500, parse_change("hidden-size=4")),
    (800, parse_change("length=6")),
]
KEYFRAME_STEPS = (100, 300, 600, 1000)  # one between each of the changes
LAST_STEP = 1200

Members = dict[str, bytes]


def run_with_keyframes(
    settings: Settings = START, steps: Sequence[int] = KEYFRAME_STEPS
) -> tuple[Run, Keyframes]:
    """Return a run with changes of learning rate, model and data, and keyframes at `steps`."""
    run = Run(settings, CHANGES)
    keyframes = Keyframes(run.state)
    for step in steps:
        run.advance(step - run.step)
        keyframes.add(run.state, step / 1000)
    run.advance(LAST_STEP - run.step)
    return run, keyframes


def read_members(path: Path) -> Members:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path: Path, members: Mapping[str, bytes], compression: int = ZIP_STORED) -> None:
    with ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def to_npy(values: Any) -> bytes:
    file = BytesIO()
    np.lib.format.write_array(file, np.asarray(values), allow_pickle=True)
    return file.getvalue()


def from_npy(data: bytes) -> Any:
    return np.lib.format.read_array(BytesIO(data), allow_pickle=True)


def read_meta(members: Members) -> dict[str, Any]:
    meta: dict[str, Any] = json.loads(from_npy(members["meta.npy"]).tobytes())
    return meta


def with_meta(members: Members, meta: Any) -> Members:
    return members | {"meta.npy": to_npy(np.frombuffer(json.dumps(meta).encode(), np.uint8))}


def with_array(members: Members, name: str, values: Any) -> Members:
    """Replace the array `name`, and the digest of the latest state and checksums by new ones."""
    changed = members | {f"{name}.npy": to_npy(values)}
    meta = read_meta(members)
    prefix = "optimizer/"
    optimizer_state = {
        member.removeprefix(prefix).removesuffix(".npy"): from_npy(data)
        for member, data in changed.items()
        if member.startswith(prefix)
    }
    stream_state = StreamState(from_npy(changed["stream_key.npy"]), *meta["stream"])
    weights = from_npy(changed["weights.npy"])
    meta["digest"] = compute_digest(weights, optimizer_state, stream_state)
    meta["checksums"] = checkpoint.checksums(
        {
            member.removesuffix(".npy"): from_npy(data)
            for member, data in changed.items()
            if member != "meta.npy"
        }
    )
    return with_meta(changed, meta)


def assert_rejected(path: Path, settings: Settings = START) -> None:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path, settings)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert len(message) < len(str(path)) + 250
