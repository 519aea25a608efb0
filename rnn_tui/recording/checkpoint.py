"""A run with its keyframes in an npz file beside its journal: a cache, which may be lost.

`meta` is JSON as bytes, with checksums of all arrays. The arrays of the latest state come by name,
those of keyframe i in keyframes/i/, and the fixed datasets, which several states share, in
datasets/i/.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, final
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import StreamState
from rnn_tui.engine.models import MODELS
from rnn_tui.engine.update_rules import UPDATE_RULES
from rnn_tui.error_text import error_text
from rnn_tui.recording.format_1 import CHECKPOINT_FORMAT, upgrade_array_name, upgrade_checkpoint
from rnn_tui.recording.journal import settings_to_json
from rnn_tui.recording.journal_format import settings_from_json
from rnn_tui.run.breakpoints import BreakpointAction
from rnn_tui.run.changes import AppliedChange, parse_change
from rnn_tui.run.events import Event
from rnn_tui.run.history import MetricHistory
from rnn_tui.run.keyframes import Keyframes, keyframes_within
from rnn_tui.run.rollback import RollbackPoint
from rnn_tui.run.run import Run
from rnn_tui.run.settings_state import SettingsState
from rnn_tui.run.state import RunState, compute_digest

FORMAT_VERSION = 3
SUFFIX = ".npz"
MAX_REASON_CHARS = 200
SCALARS = (
    "step",
    "n_changes",
    "halt_reason",
    "vanished_steps",
    "last_step_valid",
    "skipped_steps",
    "first_exact",
)
DATASET_ARRAYS = ("inputs", "targets", "loss_weights")
STREAM_KEY_WORDS = 624  # of MT19937
MAX_SAVED_KEYFRAMES, MIN_SAVED_KEYFRAMES = 32, 4

Arrays = Mapping[str, npt.NDArray[Any]]


def checkpoint_path(journal: Path) -> Path:
    """Return the path of the checkpoint beside `journal`: run.npz for run.jsonl."""
    has_default_suffix = journal.suffix == ".jsonl"
    return (
        journal.with_suffix(SUFFIX)
        if has_default_suffix
        else journal.with_name(journal.name + SUFFIX)
    )


def is_checkpoint(path: Path) -> bool:
    """Return whether the file `path` is a checkpoint, usable or not."""
    try:
        with open(path, "rb", opener=_open_nonblocking) as file, ZipFile(file) as archive:
            return "meta.npy" in archive.namelist()
    except (OSError, BadZipFile):
        return False


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file that may be a FIFO, without waiting for its writer."""
    return os.open(path, flags | os.O_NONBLOCK)


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the text gives the reason."""


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A run with its keyframes, the run's own state last."""

    run: Run
    keyframes: Keyframes


def save(path: Path, run: Run, keyframes: Keyframes) -> None:
    """Replace the file `path` by a checkpoint of `run` with some of its `keyframes`.

    Raises OSError, with the file left as it was.
    """
    state = run.state
    thinned = keyframes.until(run.step, len(run.log), keyframes.training_seconds)
    thinned.thin_to(keyframes_within(MIN_SAVED_KEYFRAMES, MAX_SAVED_KEYFRAMES, state.nbytes))
    first, *later = thinned.entries
    earlier = [first, *((seconds, other) for seconds, other in later if other.step < run.step)]
    states = [state, *(other for _, other in earlier)]
    # Compared by identity: a dataset is shared by all states until a change draws another.
    datasets = list(
        {id(other.dataset): other.dataset for other in states if other.dataset}.values()
    )
    meta = {
        "format": FORMAT_VERSION,
        "initial_settings": settings_to_json(run.initial_settings),
        "log": [
            [applied.step, applied.change.spec, applied.text, applied.short_text]
            for applied in run.log
        ],
        "datasets": [dataset.n_valid for dataset in datasets],
        "training_seconds": keyframes.training_seconds,
        "is_pinned": run.inspector.is_pinned,
        **_state_to_json(state, datasets),
        "keyframes": [
            {"training_seconds": seconds, **_state_to_json(other, datasets)}
            for seconds, other in earlier
        ],
    }
    arrays = _state_arrays(state)
    for index, dataset in enumerate(datasets):
        named_arrays = dict(zip(DATASET_ARRAYS, dataset[:3], strict=True))
        arrays |= _prefixed(f"datasets/{index}", named_arrays)
    for index, (_, other) in enumerate(earlier):
        arrays |= _prefixed(f"keyframes/{index}", _state_arrays(other))
    meta["checksums"] = checksums(arrays)
    arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(
    path: Path,
    initial_settings: Settings,
    breakpoint_log: Sequence[BreakpointAction] = (),
    *,
    with_keyframes: bool = True,
) -> Checkpoint:
    """Return the run that began with `initial_settings`, without its keyframes if not wanted.

    `breakpoint_log` has the actions of its journal.

    Raises CheckpointError where the checkpoint cannot be used, OSError where it cannot be read.
    """
    with open(path, "rb", opener=_open_nonblocking) as file:
        try:
            meta, arrays = _read(file, initial_settings, with_keyframes=with_keyframes)
            return _restore(meta, arrays, initial_settings, breakpoint_log)
        except CheckpointError as reason:
            raise CheckpointError(f"{path}: {reason}") from None
        except Exception as reason:  # zipfile, numpy and json have many for a damaged file
            message = (
                " ".join(error_text(reason).split())[:MAX_REASON_CHARS] or type(reason).__name__
            )
            raise CheckpointError(f"{path}: the checkpoint is damaged: {message}") from None


def _read(
    file: BinaryIO, initial_settings: Settings, *, with_keyframes: bool
) -> tuple[dict[str, Any], Arrays]:
    """Return the metadata and the arrays of a checkpoint, with the names of this format."""
    _check_sizes(file)
    with np.load(file, allow_pickle=False) as archive:
        meta: dict[str, Any] = json.loads(archive["meta"].tobytes())
        stored_names = {name: name for name in archive.files if name != "meta"}
        if meta["format"] == CHECKPOINT_FORMAT:
            meta = upgrade_checkpoint(meta, initial_settings)
            stored_names = {upgrade_array_name(name): name for name in stored_names}
        elif meta["format"] != FORMAT_VERSION:
            raise CheckpointError(
                f"it has format {meta['format']}, and this rnn-tui reads {FORMAT_VERSION}"
            )
        if not with_keyframes:
            meta["keyframes"] = []
        arrays = {
            name: archive[stored_name]
            for name, stored_name in stored_names.items()
            if with_keyframes or not name.startswith("keyframes/")
        }
    for name, values in arrays.items():
        if values.dtype != (np.uint32 if name.endswith("stream_key") else np.float64):
            raise CheckpointError(f"the array {name} is of type {values.dtype}")
    if meta["format"] == FORMAT_VERSION:
        expected = meta["checksums"][: 2 if with_keyframes else 1]
        if checksums(arrays)[: len(expected)] != expected:
            raise CheckpointError("the arrays are not those that were saved")
    return meta, arrays


def checksums(arrays: Arrays) -> list[str]:
    """Return the hash of all arrays outside keyframes/, and that of those inside."""
    hashes = [sha256(), sha256()]
    for name, values in sorted(arrays.items()):
        part = hashes[name.startswith("keyframes/")]
        part.update(f"{name} {values.dtype.str} {values.shape} ".encode())
        part.update(values.tobytes())
    return [part.hexdigest() for part in hashes]


def _check_sizes(file: BinaryIO) -> None:
    """Raise CheckpointError where arrays claim more bytes than the file has.

    NumPy allocates the bytes that a header claims before it reads them.
    """
    claimed_bytes = 0
    with ZipFile(file) as archive:
        for member in archive.infolist():
            with archive.open(member) as array_file:
                if np.lib.format.read_magic(array_file) != (1, 0):
                    raise CheckpointError("an array has an unknown format")
                shape, _, dtype = np.lib.format.read_array_header_1_0(array_file)
            claimed_bytes += abs(prod(shape)) * dtype.itemsize
    if claimed_bytes > os.fstat(file.fileno()).st_size:
        raise CheckpointError("the arrays are larger than the file")
    file.seek(0)


def _restore(
    meta: dict[str, Any],
    arrays: Arrays,
    initial_settings: Settings,
    breakpoint_log: Sequence[BreakpointAction],
) -> Checkpoint:
    if settings_from_json(meta["initial_settings"]) != initial_settings:
        raise CheckpointError("the checkpoint is that of another run")
    changes = [parse_change(spec) for _, spec, *_ in meta["log"]]
    settings_states = list(
        accumulate(
            changes, SettingsState.apply, initial=SettingsState.from_settings(initial_settings)
        )
    )
    log = [
        AppliedChange(int(step), change, str(text), str(short_text), settings_state.settings)
        for (step, _, text, short_text), change, settings_state in zip(
            meta["log"], changes, settings_states[1:], strict=True
        )
    ]
    datasets = [
        _parse_dataset(subfolder(f"datasets/{index}", arrays), n_valid)
        for index, n_valid in enumerate(meta["datasets"])
    ]

    def restore_state(entry: dict[str, Any], state_arrays: Arrays) -> RunState:
        state = _parse_state(entry, state_arrays, settings_states, datasets)
        _check_state(state, log)
        return state

    entries = [
        (
            float(entry["training_seconds"]),
            restore_state(entry, subfolder(f"keyframes/{i}", arrays)),
        )
        for i, entry in enumerate(meta["keyframes"])
    ]
    if meta["format"] == CHECKPOINT_FORMAT:  # which has no keyframe of the first step
        entries.insert(0, (0.0, Run(initial_settings).state))
    state = restore_state(meta, arrays)
    if state.n_changes != len(log):
        raise CheckpointError("the changes are not those of one run")
    run = Run.from_state(state, initial_settings, log, breakpoint_log=breakpoint_log)
    if meta.get("is_pinned"):
        run.inspector.pin()
    keyframes = Keyframes(entries[0][1] if entries else state)
    for seconds, keyframe in [*entries[1:], (float(meta["training_seconds"]), state)]:
        keyframes.add(keyframe, seconds)
    return Checkpoint(run, keyframes)


def _parse_dataset(arrays: Arrays, n_valid: Any) -> Batch:
    inputs, targets, loss_weights = (arrays[name] for name in DATASET_ARRAYS)
    return Batch(inputs, targets, loss_weights, int(n_valid))


def _state_to_json(state: RunState, datasets: Sequence[Batch]) -> dict[str, Any]:
    """Return what is no array of `state`, its dataset as an index into `datasets`."""
    indices = (i for i, dataset in enumerate(datasets) if dataset is state.dataset)
    return {name: getattr(state, name) for name in SCALARS} | {
        "known_exact_step": state.known_exact_step,
        "events": state.events,
        "breakpoints": [state.n_breakpoint_actions, sorted(state.satisfied_conditions)],
        "rollback": [state.rollback_point.step, state.rollback_point.mean_metric],
        "stream": state.stream_state[1:],
        "dataset": next(indices, None),
        "digest": compute_digest(state.weights, state.optimizer_state, state.stream_state),
    }


def _state_arrays(state: RunState) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {
        "weights": state.weights,
        "rollback_weights": state.rollback_point.weights,
        "stream_key": state.stream_state.key,
        **_prefixed("optimizer", state.optimizer_state),
        **_prefixed("rollback_optimizer", state.rollback_point.optimizer_state),
        **_prefixed("history", state.history),
    }
    if state.weight_path is not None:
        arrays["weight_path"] = state.weight_path
    if state.shown_inputs is not None:
        arrays["shown_inputs"] = state.shown_inputs
    return arrays


def _parse_state(
    meta: dict[str, Any],
    arrays: Arrays,
    settings_states: Sequence[SettingsState],
    datasets: Sequence[Batch],
) -> RunState:
    pos, has_gauss, cached_gaussian, next_batch = meta["stream"]
    if not 0 <= pos <= STREAM_KEY_WORDS:  # NumPy would read beyond the key
        raise CheckpointError("the position in the random stream is out of bounds")
    step, mean_loss = meta["rollback"]
    n_actions, satisfied = meta.get("breakpoints", (0, ()))  # not in earlier versions
    state = RunState(
        settings_state=settings_states[meta["n_changes"]],
        weights=arrays["weights"],
        optimizer_state=subfolder("optimizer", arrays),
        stream_state=StreamState(
            arrays["stream_key"], pos, has_gauss, cached_gaussian, int(next_batch)
        ),
        rollback_point=RollbackPoint(
            step, arrays["rollback_weights"], subfolder("rollback_optimizer", arrays), mean_loss
        ),
        dataset=None if meta["dataset"] is None else datasets[meta["dataset"]],
        shown_inputs=arrays.get("shown_inputs"),
        history=subfolder("history", arrays),
        weight_path=arrays.get("weight_path"),
        known_exact_step=meta.get("known_exact_step"),  # not in checkpoints of earlier versions
        events=tuple(
            Event(int(at), str(kind), str(text)) for at, kind, text in meta.get("events", ())
        ),
        n_breakpoint_actions=int(n_actions),
        satisfied_conditions=frozenset(map(str, satisfied)),
        **{name: meta[name] for name in SCALARS},
    )
    if compute_digest(state.weights, state.optimizer_state, state.stream_state) != meta["digest"]:
        raise CheckpointError("the digest is that of another state")
    return state


def _check_state(state: RunState, log: Sequence[AppliedChange]) -> None:
    """Raise CheckpointError where `state` cannot be one of a run with these settings and `log`."""
    settings = state.settings_state.settings
    task, model = settings.make_task(), MODELS[settings.model](settings.model_spec)
    update_rule = UPDATE_RULES[settings.update_rule](model, settings.make_optimizer(), ())
    parameters = {"weights": model.parameters.vector, "rollback_weights": model.parameters.vector}
    parameters |= _prefixed("optimizer", update_rule.state)
    parameters |= _prefixed("rollback_optimizer", update_rule.state)
    expected = {name: values.shape for name, values in parameters.items()}
    expected["stream_key"] = (STREAM_KEY_WORDS,)
    if state.weight_path is not None:
        expected["weight_path"] = (len(state.weight_path), 2)
    if state.shown_inputs is not None:
        expected["shown_inputs"] = (task.sequence_length, 1, task.inputs)
    actual = {name: values.shape for name, values in _state_arrays(state).items()}
    if {name: actual[name] for name in actual if not name.startswith("history/")} != expected:
        raise CheckpointError("an array has another shape than in this run")
    features = [task.inputs, task.outputs, task.outputs] if settings.dataset_size else []
    dataset_shapes = [values.shape for values in state.dataset[:3]] if state.dataset else []
    if dataset_shapes != [(task.sequence_length, settings.dataset_size, size) for size in features]:
        raise CheckpointError("the dataset has another shape than in this run")
    changed_later = any(applied.step > state.step for applied in log[: state.n_changes])
    changed_earlier = any(applied.step < state.step for applied in log[state.n_changes :])
    if changed_later or changed_earlier or not MetricHistory.is_valid(state.history, state.step):
        raise CheckpointError("the steps are not those of one run")


def _prefixed(folder: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    return {f"{folder}/{name}": values for name, values in arrays.items()}


def subfolder(folder: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays in `folder`, by their names in there."""
    prefix = f"{folder}/"
    return {
        name.removeprefix(prefix): values
        for name, values in arrays.items()
        if name.startswith(prefix)
    }
