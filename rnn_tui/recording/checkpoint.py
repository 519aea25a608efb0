"""A run with its way so far as a file: numpy's npz, without pickle, put in place in one piece."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, final
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import StreamState
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.recording.format_1 import CHECKPOINT_FORMAT, upgrade_checkpoint
from rnn_tui.recording.journal import settings_to_json
from rnn_tui.recording.journal_format import MAX_JOURNAL_STEPS
from rnn_tui.recording.npz import Arrays, read_arrays, subfolder
from rnn_tui.run.changes import AppliedChange, parse_change
from rnn_tui.run.history import LossHistory
from rnn_tui.run.keyframes import Keyframes
from rnn_tui.run.run import Run
from rnn_tui.run.settings_track import SettingsTrack
from rnn_tui.run.state import RollbackPoint, RunState, compute_digest

FORMAT_VERSION = 3
SUFFIX = ".npz"
MAX_REASON_LENGTH = 200  # letters
DATASET_ARRAYS = ("inputs", "targets", "weights")
KEYFRAMES_FOLDER = "past"
MAX_KEYFRAMES, MIN_KEYFRAMES = 32, 4  # states of the way, its first counted
MAX_KEYFRAME_BYTES = 16 << 20


def checkpoint_path(journal: Path) -> Path:
    """Return where the checkpoint of the run of `journal` is, as run.npz is that of run.jsonl."""
    has_default_suffix = journal.suffix == ".jsonl"
    return (
        journal.with_suffix(SUFFIX)
        if has_default_suffix
        else journal.with_name(journal.name + SUFFIX)
    )


def is_checkpoint(path: Path) -> bool:
    """Return whether `path` is the file of a checkpoint, sound or not."""
    try:
        with ZipFile(path) as archive:
            return "meta.npy" in archive.namelist()
    except (OSError, BadZipFile):
        return False


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the text says why."""


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run with the way that it has come."""

    run: Run
    keyframes: Keyframes


def save(path: Path, run: Run, keyframes: Keyframes) -> None:
    """Put `run` and some of its `timeline` into `path`, or leave what is there; raises OSError."""
    state = run.state
    thinned = keyframes.until(run.step, len(run.log), keyframes.training_seconds)
    thinned.thin_to(max(MIN_KEYFRAMES, min(MAX_KEYFRAMES, MAX_KEYFRAME_BYTES // state.nbytes)))
    earlier_states = [(seconds, it) for seconds, it in thinned.after_first if it.step < run.step]
    states = [state, *(it for _, it in earlier_states)]
    datasets = list(
        {id(it.dataset): it.dataset for it in states if it.dataset is not None}.values()
    )
    meta = {
        "format": FORMAT_VERSION,
        "start": settings_to_json(run.initial_settings),
        "log": [[it.step, it.change.spec, it.text, it.short_text] for it in run.log],
        "sets": [it.n_valid for it in datasets],
        "seconds": keyframes.training_seconds,
        **_state_to_json(state, datasets),
        KEYFRAMES_FOLDER: [
            {"seconds": seconds, **_state_to_json(it, datasets)} for seconds, it in earlier_states
        ],
    }
    arrays = {
        "meta": np.frombuffer(json.dumps(meta).encode(), np.uint8),
        **dict(_state_arrays(state)),
    }
    for index, (_, earlier) in enumerate(earlier_states):
        arrays |= {
            f"{KEYFRAMES_FOLDER}/{index}/{name}": values for name, values in _state_arrays(earlier)
        }
    for index, batch in enumerate(datasets):
        named_arrays = zip(DATASET_ARRAYS, batch[:3], strict=True)
        arrays |= {f"examples/{index}/{name}": values for name, values in named_arrays}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _state_to_json(state: RunState, datasets: Sequence[Batch]) -> dict[str, Any]:
    """Return all of `state` that is no array, its examples as the number of one of `sets`."""
    return {
        "step": state.step,
        "changes": state.n_changes,
        "halted": state.halt_reason,
        "unmoved": state.vanished_steps,
        "learnt": state.last_step_valid,
        "skipped": state.skipped_steps,
        "first_exact": state.first_exact,
        "refuge": [state.rollback_point.step, state.rollback_point.mean_loss],
        "position": [*map(int, state.stream_state[1:3]), *map(float, state.stream_state[3:])],
        "examples": next((i for i, it in enumerate(datasets) if it is state.dataset), None),
        "digest": compute_digest(state.weights, state.optimizer_state, state.stream_state),
    }


def _state_arrays(state: RunState) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    yield "weights", state.weights
    yield "refuge", state.rollback_point.weights
    yield "random", state.stream_state.key
    for name, values in state.optimizer_state.items():
        yield f"memory/{name}", values
    for name, values in state.rollback_point.optimizer_state.items():
        yield f"refuge_memory/{name}", values
    for name, values in state.history.items():
        yield f"history/{name}", values
    if state.weight_path is not None:
        yield "path", state.weight_path
    if state.shown_inputs is not None:
        yield "shown", state.shown_inputs


def load(path: Path, start: Settings, *, with_keyframes: bool = True) -> Checkpoint:
    """Return the run from `start` as `path` has it, without its `past` if that is not wanted.

    Raises CheckpointError where it cannot be used, OSError where it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            with np.errstate(all="ignore"):
                return _load(file, start, with_keyframes=with_keyframes)
        except CheckpointError as reason:
            raise CheckpointError(f"{path}: {reason}") from None
        except Exception as reason:  # zipfile, numpy and the run have many for what makes no sense
            message = " ".join(str(reason).split())[:MAX_REASON_LENGTH] or type(reason).__name__
            raise CheckpointError(f"{path}: the checkpoint is damaged: {message}") from None


def _load(file: BinaryIO, start: Settings, *, with_keyframes: bool) -> Checkpoint:
    arrays = dict(read_arrays(file, skip_folder="" if with_keyframes else KEYFRAMES_FOLDER))
    meta = json.loads(arrays["meta"].tobytes())
    if meta["format"] == CHECKPOINT_FORMAT:
        meta = upgrade_checkpoint(meta)
    elif _expect(int, meta["format"]) != FORMAT_VERSION:
        raise ValueError(f"it has format {meta['format']}, and this rnn-tui reads {FORMAT_VERSION}")
    if meta["start"] != settings_to_json(start):
        raise CheckpointError("the checkpoint is that of another run")
    log = [
        AppliedChange(_int(step), parse_change(spec), _expect(str, text), _expect(str, short))
        for step, spec, text, short in _expect(list, meta["log"])
    ]
    datasets = [
        _dataset(subfolder(f"examples/{index}", arrays), _int(learnt))
        for index, learnt in enumerate(_expect(list, meta["sets"]))
    ]
    settings_tracks = list(_settings_tracks(start, log))
    keyframes = Keyframes(Run(start).state)
    for number, entry in enumerate(
        _expect(list, meta[KEYFRAMES_FOLDER])[:MAX_KEYFRAMES] if with_keyframes else ()
    ):
        state = _state_from_json(
            entry, subfolder(f"{KEYFRAMES_FOLDER}/{number}", arrays), settings_tracks, datasets
        )
        _restore_run(state, start, log)
        keyframes.add(state, _float(entry["seconds"]))
    state = _state_from_json(meta, arrays, settings_tracks, datasets)
    run = _restore_run(state, start, log)
    if state.n_changes != len(log):
        raise ValueError("its changes are not those of one run")
    Run.from_state(state, start, log).advance(1)
    keyframes.add(state, _float(meta["seconds"]))
    return Checkpoint(run, keyframes)


def _dataset(arrays: Mapping[str, npt.NDArray[Any]], n_valid: int) -> Batch:
    inputs, targets, loss_weights = (arrays[name] for name in DATASET_ARRAYS)
    return Batch(inputs, targets, loss_weights, n_valid)


def _restore_run(state: RunState, start: Settings, log: Sequence[AppliedChange]) -> Run:
    """Return the run at `state`; raises ValueError where the state makes none.

    So it does where a part of it is not of the size that the run has for it.
    """
    Run.from_state(state, start, log).trainer.stream.next()
    run = Run.from_state(state, start, log)
    restored, now = run.state, run.settings
    pairs: list[tuple[Arrays, Arrays]] = [
        ({"": state.weights}, {"": restored.weights}),
        ({"": state.rollback_point.weights}, {"": restored.weights}),
        (state.optimizer_state, restored.optimizer_state),
        (state.rollback_point.optimizer_state, restored.optimizer_state),
        (state.history, restored.history),
        ({"": state.stream_state.key}, {"": restored.stream_state.key}),
        (_as_arrays(state.weight_path), _as_arrays(restored.weight_path)),
        (_as_arrays(state.shown_inputs), _as_arrays(restored.shown_inputs)),
    ]
    if any(_shapes_and_dtypes(there) != _shapes_and_dtypes(here) for there, here in pairs):
        raise ValueError("an array has another size than in this run")
    examples = [it.shape for it in state.dataset[:3]] if state.dataset else []
    leading_shape = (run.task.time, now.dataset_size)
    features = [run.task.inputs, run.task.outputs, run.task.outputs] if now.dataset_size else []
    if examples != [(*leading_shape, it) for it in features]:
        raise ValueError("it has other examples than this run")
    late = any(it.step > state.step for it in log[: state.n_changes])
    early = any(it.step < state.step for it in log[state.n_changes :])
    if late or early or not LossHistory.is_valid(state.history, state.step):
        raise ValueError("its steps are not those of one run")
    return run


def _as_arrays(values: FloatArray | None) -> Arrays:
    return {} if values is None else {"": values}


def _shapes_and_dtypes(arrays: Arrays) -> dict[str, object]:
    return {name: (values.shape, values.dtype) for name, values in arrays.items()}


def _settings_tracks(start: Settings, log: Sequence[AppliedChange]) -> Iterator[SettingsTrack]:
    """Yield the course of a run from `start` before the first of `log`, and after each."""
    track = SettingsTrack.from_settings(start)
    yield track
    for applied in log:
        track = track.apply(applied.change)
        yield track


def _state_from_json(
    meta: dict[str, Any],
    arrays: Arrays,
    settings_tracks: Sequence[SettingsTrack],
    datasets: Sequence[Batch],
) -> RunState:
    key_index, has_gauss, gauss_value, batch_index = _expect(list, meta["position"])
    step, error = meta["refuge"]
    refuge = RollbackPoint(
        _int(step), arrays["refuge"], subfolder("refuge_memory", arrays), _expect(float, error)
    )
    state = RunState(
        step=_int(meta["step"]),
        n_changes=_int(meta["changes"]),
        settings_track=settings_tracks[_int(meta["changes"])],
        weights=arrays["weights"],
        optimizer_state=subfolder("memory", arrays),
        stream_state=StreamState(
            arrays["random"],
            _int(key_index),
            _int(has_gauss),
            _float(gauss_value),
            int(_float(batch_index)),
        ),
        rollback_point=refuge,
        vanished_steps=_int(meta["unmoved"]),
        halt_reason=None if meta["halted"] is None else _expect(str, meta["halted"]),
        last_step_valid=_expect(bool, meta["learnt"]),
        skipped_steps=_int(meta["skipped"]),
        dataset=None if meta["examples"] is None else datasets[_int(meta["examples"])],
        shown_inputs=arrays.get("shown"),
        history=subfolder("history", arrays),
        weight_path=arrays.get("path"),
        first_exact=None if meta["first_exact"] is None else _int(meta["first_exact"]),
    )
    if compute_digest(state.weights, state.optimizer_state, state.stream_state) != meta["digest"]:
        raise ValueError("its digest is that of another state")
    return state


def _expect(expected_type: type[Any], value: Any) -> Any:
    if type(value) is not expected_type:
        raise ValueError(f"{str(value)[:40]!r} is no {expected_type.__name__}")
    return value


def _int(value: Any) -> int:
    number: int = _expect(int, value)
    if not 0 <= number <= MAX_JOURNAL_STEPS:
        raise ValueError("a number is out of bounds")
    return number


def _float(value: Any) -> float:
    number: float = _expect(float, value)
    if not isfinite(number):
        raise ValueError("a number is not finite")
    return number
