"""Puts a run into files that other programs read: the errors as CSV, the whole state as npz."""

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rnn_tui.recording.journal import written
from rnn_tui.run.run import Run

COLUMNS = ("first_step", "last_step", "mean_error", "least_error", "most_error", "changes")


def export(
    run: Run, stem: Path, endings: Sequence[str] = (".csv", ".npz"), picture: str = ""
) -> list[Path]:
    """Write `stem` with these `endings`, and the `picture` of a screen as .svg; return the paths.

    No file is written over: where one is there the stem gets a number. Raises OSError.
    """
    endings = [*endings, *([".svg"] if picture else [])]
    free = next(
        it for it in _numbered(stem) if not any(Path(f"{it}{end}").exists() for end in endings)
    )
    paths = {ending: Path(f"{free}{ending}") for ending in endings}
    if ".csv" in paths:
        write_csv(run, paths[".csv"])
    if ".npz" in paths:
        write_npz(run, paths[".npz"])
    if picture:
        paths[".svg"].write_text(picture, "utf-8")
    return list(paths.values())


def stem_of(run: Run, name: str) -> str:
    """Return what the files of `run`, which is listed as `name`, are called."""
    named = name or f"{run.start.recipe}-seed{run.start.seed}"
    return f"{named}-step{run.step}"


def _numbered(stem: Path) -> Iterator[Path]:
    yield stem
    number = 2
    while True:
        yield stem.with_name(f"{stem.name}-{number}")
        number += 1


def write_csv(run: Run, path: Path) -> None:
    """Write the error of the whole run, a row for each stretch of so many steps, and its changes.

    A stretch in which nothing was learnt has no errors.
    """
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    steps = run.history.start
    for count, *errors in _stretches(run):
        first, steps = steps + 1, steps + count
        last = steps + (steps == run.step)  # a change after the last step stands with it
        made = [it.change.spec for it in run.log if first - 1 <= it.step < last]
        known = [repr(error) if error == error else "" for error in errors]
        rows.writerow((first, steps, *known, " ".join(made)))
    with open(path, "x", newline="", encoding="utf-8") as file:
        file.write(text.getvalue())


def _stretches(run: Run) -> Iterator[tuple[int, float, float, float]]:
    """Yield how many steps each has, the last perhaps fewer, and mean, least and most error."""
    for curve in (run.history.whole(), run.history.rest()):
        errors = (it.tolist() for it in (curve.mean, curve.least, curve.most))
        for mean, least, most in zip(*errors, strict=True):
            yield curve.stride, mean, least, most


def write_npz(run: Run, path: Path) -> None:
    """Write parameters, optimizer state, history, random stream and settings, all by name."""
    with open(path, "xb") as file:
        np.savez(file, allow_pickle=False, **dict(_arrays(run)))


def _arrays(run: Run) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    state, model = run.state, run.trainer.model
    about = {
        "step": run.step,
        "start": written(run.start),
        "settings": written(run.settings),
        "changes": [[it.step, it.change.spec] for it in run.log],
    }
    yield "about.json", np.array(json.dumps(about))
    for name in model.parameters:
        yield f"parameters/{name}", model.parameters[name]
    for name, values in state.memory.items():
        yield f"optimizer/{name}", values
    for name, values in state.history.items():
        yield f"history/{name}", values
    yield "random/key", state.position.key
    yield "random/position", np.array(state.position[1:], np.float64)
    if state.path is not None:
        yield "path", state.path
    if state.examples is not None:
        yield "examples/inputs", state.examples.inputs
        yield "examples/targets", state.examples.targets
