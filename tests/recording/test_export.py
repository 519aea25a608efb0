"""A run is written into files that other programs read, whole and over nothing."""

import csv
import errno
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from rnn_tui.recording.export import export
from rnn_tui.recording.journal_format import read_journal
from rnn_tui.recording.resume import restore_final_state
from rnn_tui.run.changes import SetField
from rnn_tui.run.run import Run
from tests.support.makers import SMALL
from tests.support.recorded import record_in_state_directory
from tests.support.shell import run


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal in the state directory."""
    return record_in_state_directory(tmp_path, monkeypatch)


def test_export_writes_final_state(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = read_journal(path).last_step
    for options in ((), ("--csv",), ("--npz",)):
        status, output, errors = run(capsys, "export", path.stem, "--to", str(tmp_path), *options)
        assert (status, errors) == (0, "")
        written = [Path(line.removeprefix("wrote ")) for line in output.splitlines()]
        assert [path.suffix for path in written] == [
            f".{option[2:]}" for option in options or ("--csv", "--npz")
        ]
    with np.load(tmp_path / f"{path.stem}-step{steps}.npz") as arrays:
        about = json.loads(str(arrays["about.json"]))
        assert about["step"] == steps
        weights = np.concatenate(
            [arrays[name].ravel() for name in arrays if name.startswith("parameters/")]
        )
    run_of, _ = restore_final_state(path, read_journal(path))
    assert weights.tolist() == run_of.trainer.model.parameters.vector.tolist()
    rows = (tmp_path / f"{path.stem}-step{steps}.csv").read_text("utf-8").splitlines()
    assert int(rows[-1].split(",")[1]) <= steps


def test_export_creates_the_folder_or_names_the_obstacle(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new" / "folder"
    assert run(capsys, "export", path.stem, "--csv", "--to", str(folder))[0] == 0
    assert [file.suffix for file in folder.iterdir()] == [".csv"]
    (tmp_path / "file").touch()
    status, output, errors = run(capsys, "export", path.stem, "--to", str(tmp_path / "file"))
    assert (status, output) == (1, "")
    assert errors == f"rnn-tui: {tmp_path}/file: File exists\n"


def test_csv_has_every_step_and_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Run(SMALL)
    made.advance(2500)
    made.apply(SetField("lr", 0.2))
    made.advance(1)
    made.apply(SetField("lr", 0.3))
    (errors,) = export(made, tmp_path / "run", [".csv"])
    rows = list(csv.DictReader(errors.read_text("utf-8").splitlines()))
    spans = [(int(row["first_step"]), int(row["last_step"])) for row in rows]
    assert (spans[0][0], spans[-1][1]) == (1, 2501)
    assert all(before[1] + 1 == after[0] for before, after in pairwise(spans))
    assert " ".join(row["changes"] for row in rows).split() == ["lr=0.2", "lr=0.3"]


def test_csv_has_the_evaluations_of_a_recorded_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    planted = ("--initializer", "planted", "--at", "2000:lesion=2", "--steps", "3000")
    run(capsys, "train", *planted, "--every", "1000")
    status, output, _ = run(capsys, "export", "--csv", "--to", str(tmp_path))
    losses, evaluations = (Path(line.removeprefix("wrote ")) for line in output.splitlines())
    assert status == 0
    assert evaluations.name == f"{losses.stem}-evaluations.csv"
    rows = list(csv.DictReader(evaluations.read_text("utf-8").splitlines()))
    assert {row["n_sequences"] for row in rows} == {"16384"}
    assert {row["exhaustive"] for row in rows} == {"true"}
    steps = [int(row["step"]) for row in rows]
    assert steps == sorted(steps)
    assert steps[-1] == 3000
    assert rows[0]["sequence_accuracy"] == rows[0]["bit_accuracy"] == "1.0"
    assert float(rows[-1]["sequence_accuracy"]) < float(rows[-1]["bit_accuracy"]) < 1


def test_export_to_a_full_disk_names_the_file_and_leaves_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: BinaryIO, **_: object) -> None:
        file.write(b"part")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match=f"No space left on device: '{tmp_path}/run.npz'"):
        export(Run(SMALL), tmp_path / "run")
    assert [file.name for file in tmp_path.iterdir()] == ["run.csv"]
