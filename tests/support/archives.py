"""Checkpoints taken apart and put together again, with digests that fit."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import pytest

from rnn_tui.config.settings import Settings
from rnn_tui.recording import checkpoint
from rnn_tui.recording.checkpoint import CheckpointError, checkpoint_path
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from rnn_tui.run.state import compute_digest
from tests.support.makers import settings_with
from tests.support.plans import Asked
from tests.support.recorded import journal_of

START = settings_with(length=5, hidden_size=3, optimizer="momentum", dataset_size=6, batch_size=2)
Members = dict[str, bytes]


def checkpoint_in(folder: Path) -> Path:
    """Write a run with a change, a memory and a fixed set; its journal is beside it."""
    journal = folder / "run.jsonl"
    journal_of(journal, START, [Asked(120, SetField("lr", 0.2))], tail=1080)
    return checkpoint_path(journal)


def members_of(path: Path) -> Members:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def put(path: Path, members: Members, how: int = ZIP_STORED) -> None:
    with ZipFile(path, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def npy(values: Any) -> bytes:
    file = BytesIO()
    np.lib.format.write_array(file, np.asarray(values), allow_pickle=True)
    return file.getvalue()


def array(data: bytes) -> Any:
    return np.lib.format.read_array(BytesIO(data), allow_pickle=True)


def said_of(members: Members) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(array(members["meta.npy"]).tobytes())
    return said


def with_said(members: Members, said: Any) -> Members:
    return members | {"meta.npy": npy(np.frombuffer(json.dumps(said).encode(), np.uint8))}


def with_array(members: Members, name: str, values: Any) -> Members:
    """Put `values` under `name`, with a digest that fits all the same."""
    changed = members | {f"{name}.npy": npy(values)}
    said = said_of(members)
    start = "memory/"
    memory = {
        it.removeprefix(start).removesuffix(".npy"): array(data)
        for it, data in changed.items()
        if it.startswith(start)
    }
    at, spare, value, batch = said["position"]
    run = Run(START)
    position = run.trainer.stream.state._replace(
        key=array(changed["random.npy"]),
        pos=at,
        has_gauss=spare,
        cached_gaussian=value,
        next_batch=int(batch),
    )
    said["digest"] = compute_digest(array(changed["weights.npy"]), memory, position)
    return with_said(changed, said)


def assert_refused(path: Path, start: Settings = START) -> None:
    with pytest.raises(CheckpointError) as caught:
        checkpoint.load(path, start)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert len(said) < len(str(path)) + 250
