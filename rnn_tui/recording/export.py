"""Exports a run for other programs: losses and evaluations as CSV, the full state as npz."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.losses import LOSSES
from rnn_tui.recording.journal import settings_to_json
from rnn_tui.run.run import Run

EVALUATIONS_SUFFIX = "-evaluations.csv"
EXPORT_FORMAT = 2  # of the npz files; those of format 1 have no number


def export(
    run: Run, stem: Path, suffixes: Sequence[str] = (".csv", ".npz"), screenshot: str = ""
) -> list[Path]:
    """Write files `stem` + suffix, and the `screenshot` as .svg; return their paths.

    With .csv, the evaluations of the run are written too, if there are any.
    The folder is created. No file is overwritten: the stem gets a number where one exists. Raises
    OSError; a file that could not be written to its end is removed.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    suffixes = [*suffixes, *([".svg"] if screenshot else [])]
    if ".csv" in suffixes and run.evaluation_history.evaluations:
        suffixes.insert(suffixes.index(".csv") + 1, EVALUATIONS_SUFFIX)
    free_stem = next(
        numbered
        for numbered in _numbered_stems(stem)
        if not any(Path(f"{numbered}{suffix}").exists() for suffix in suffixes)
    )
    paths = {suffix: Path(f"{free_stem}{suffix}") for suffix in suffixes}
    writers: dict[str, Callable[[Path], object]] = {
        ".csv": partial(write_csv, run),
        EVALUATIONS_SUFFIX: partial(write_evaluations, run),
        ".npz": partial(write_npz, run),
        ".svg": lambda path: path.write_text(screenshot, "utf-8"),
    }
    for suffix, path in paths.items():
        try:
            writers[suffix](path)
        except OSError as reason:
            if reason.filename is None:  # it was opened, and the disk is full, for one
                path.unlink(missing_ok=True)
            raise OSError(reason.errno, reason.strerror, str(path)) from None
    return list(paths.values())


def file_stem(run: Run, name: str) -> str:
    """Return the stem of the files of `run`, which is listed as `name`."""
    settings = run.settings
    stem = name or f"{settings.task}-{settings.model}-seed{settings.seed}"
    return f"{stem}-step{run.step}"


def _numbered_stems(stem: Path) -> Iterator[Path]:
    yield stem
    number = 2
    while True:
        yield stem.with_name(f"{stem.name}-{number}")
        number += 1


def write_csv(run: Run, path: Path) -> None:
    """Write the L1 errors or losses of the full run, one row a bucket of steps, with the changes.

    The losses of a bucket without valid steps are empty. Raises OSError.
    """
    text = StringIO()
    rows = csv.writer(text)
    metric = LOSSES[run.settings.loss].metric_key
    statistics = (f"{statistic}_{metric}" for statistic in ("mean", "min", "max"))
    rows.writerow(("first_step", "last_step", *statistics, "changes"))
    steps = run.history.start
    for count, *losses in _buckets(run):
        first, steps = steps + 1, steps + count
        last = steps + (steps == run.step)  # a change after the last step is in its row
        change_specs = [
            applied.change.spec for applied in run.log if first - 1 <= applied.step < last
        ]
        loss_fields = [repr(loss) if loss == loss else "" for loss in losses]
        rows.writerow((first, steps, *loss_fields, " ".join(change_specs)))
    with open(path, "x", newline="", encoding="utf-8") as file:
        file.write(text.getvalue())


def write_evaluations(run: Run, path: Path) -> None:
    """Write the evaluations of the run as CSV, one row each. Raises OSError."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(("step", "sequence_accuracy", "bit_accuracy", "n_sequences", "exhaustive"))
    for step, score in run.evaluation_history.evaluations:
        accuracy, exhaustive = score.n_correct / score.n_sequences, str(score.exhaustive).lower()
        rows.writerow((step, accuracy, score.bit_accuracy, score.n_sequences, exhaustive))
    with open(path, "x", newline="", encoding="utf-8") as file:
        file.write(text.getvalue())


def _buckets(run: Run) -> Iterator[tuple[int, float, float, float]]:
    """Yield the steps of each bucket, the last perhaps shorter, and mean, minimum and maximum."""
    for curve in (run.history.full_run(), run.history.partial_bucket()):
        columns = (values.tolist() for values in (curve.mean, curve.minimum, curve.maximum))
        for mean, minimum, maximum in zip(*columns, strict=True):
            yield curve.stride, mean, minimum, maximum


def write_npz(run: Run, path: Path) -> None:
    """Write parameters, optimizer state, history, random state and settings, by name."""
    with open(path, "xb") as file:
        np.savez(file, allow_pickle=False, **dict(_run_arrays(run)))


def _run_arrays(run: Run) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    state, model = run.state, run.trainer.model
    metadata = {
        "format": EXPORT_FORMAT,
        "step": run.step,
        "initial_settings": settings_to_json(run.initial_settings),
        "settings": settings_to_json(run.settings),
        "changes": [[applied.step, applied.change.spec] for applied in run.log],
    }
    yield "about.json", np.array(json.dumps(metadata))
    for name in model.parameters:
        yield f"parameters/{name}", model.parameters[name]
    for name, values in state.optimizer_state.items():
        yield f"optimizer/{name}", values
    for name, values in state.history.items():
        yield f"history/{name}", values
    yield "random/key", state.stream_state.key
    yield "random/position", np.array(state.stream_state[1:], np.float64)
    if state.weight_path is not None:
        yield "weight_path", state.weight_path
    if state.dataset is not None:
        yield "dataset/inputs", state.dataset.inputs
        yield "dataset/targets", state.dataset.targets
