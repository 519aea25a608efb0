"""A run's whole state as a file: numpy's npz, without pickle, put in its place in one piece."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite, prod
from pathlib import Path
from typing import Any, BinaryIO, final
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from rnn_tui.engine.batch import Batch
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.engine.stream import Position
from rnn_tui.session.changes import Applied, parse_change
from rnn_tui.session.course import Course
from rnn_tui.session.journal import written
from rnn_tui.session.recording import MOST_STEPS
from rnn_tui.session.run import Run
from rnn_tui.session.state import Refuge, State, digest_of
from rnn_tui.settings import Settings

FORMAT = 1
ENDING = ".npz"
LONGEST_REASON = 200  # letters
MOST_BYTES = 1 << 30
EXAMPLES = ("inputs", "targets", "weights")
KINDS = ("<f8", "<u4", "|u1")  # of arrays

Arrays = Mapping[str, npt.NDArray[Any]]


def beside(journal: Path) -> Path:
    """Return where the checkpoint of the run of `journal` is, as run.npz is that of run.jsonl."""
    usual = journal.suffix == ".jsonl"
    return journal.with_suffix(ENDING) if usual else journal.with_name(journal.name + ENDING)


def is_one(path: Path) -> bool:
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
    """A run with the seconds that its training had taken by then."""

    run: Run
    seconds: float


def save(path: Path, run: Run, seconds: float) -> None:
    """Put the state of `run` into `path`, or leave what is there; raises OSError."""
    state = run.state
    meta = {
        "format": FORMAT,
        "start": written(run.start),
        "step": state.step,
        "halted": state.halted,
        "unmoved": state.unmoved,
        "learnt": state.learnt,
        "skipped": state.skipped,
        "first_exact": state.first_exact,
        "refuge": [state.refuge.step, state.refuge.error],
        "position": [*map(int, state.position[1:3]), *map(float, state.position[3:])],
        "together": None if state.examples is None else state.examples.learnt,
        "log": [[it.step, it.change.spec, it.text, it.short] for it in run.log],
        "seconds": seconds,
        "digest": digest_of(state.weights, state.memory, state.position),
    }
    text = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, allow_pickle=False, meta=text, **dict(_arrays(state)))
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _arrays(state: State) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    yield "weights", state.weights
    yield "refuge", state.refuge.weights
    yield "random", state.position.key
    for name, values in state.memory.items():
        yield f"memory/{name}", values
    for name, values in state.refuge.memory.items():
        yield f"refuge_memory/{name}", values
    for name, values in state.history.items():
        yield f"history/{name}", values
    if state.path is not None:
        yield "path", state.path
    if state.shown is not None:
        yield "shown", state.shown
    if state.examples is not None:
        for name, values in zip(EXAMPLES, state.examples[:3], strict=True):
            yield f"examples/{name}", values


def load(path: Path, start: Settings) -> Checkpoint:
    """Return the run from `start` as `path` has it.

    Raises CheckpointError where it cannot be used, OSError where it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            with np.errstate(all="ignore"):
                return _load(file, start)
        except CheckpointError as reason:
            raise CheckpointError(f"{path}: {reason}") from None
        except Exception as reason:  # zipfile, numpy and the run have many for what makes no sense
            what = " ".join(str(reason).split())[:LONGEST_REASON] or type(reason).__name__
            raise CheckpointError(f"{path}: the checkpoint is damaged: {what}") from None


def _load(file: BinaryIO, start: Settings) -> Checkpoint:
    arrays = dict(_read(file))
    meta = json.loads(arrays["meta"].tobytes())
    if _is(int, meta["format"]) != FORMAT:
        raise ValueError(f"it has format {meta['format']}, and this rnn-tui reads {FORMAT}")
    if meta["start"] != written(start):
        raise CheckpointError("the checkpoint is that of another run")
    log = [
        Applied(_whole(step), parse_change(spec), _is(str, text), _is(str, short))
        for step, spec, text, short in _is(list, meta["log"])
    ]
    state = _state(meta, arrays, _course(start, log), len(log))
    if digest_of(state.weights, state.memory, state.position) != meta["digest"]:
        raise ValueError("its digest is that of another state")
    run = Run.at(state, start, log)
    _check(state, run)
    Run.at(state, start, log).advance(1)
    return Checkpoint(run, _number(meta["seconds"]))


def _check(state: State, run: Run) -> None:
    """Raise ValueError where a part of `state` is not of the size that `run` has for it."""
    again, now = run.state, run.settings
    pairs: list[tuple[Arrays, Arrays]] = [
        ({"": state.weights}, {"": again.weights}),
        ({"": state.refuge.weights}, {"": again.weights}),
        (state.memory, again.memory),
        (state.refuge.memory, again.memory),
        (state.history, again.history),
        ({"": state.position.key}, {"": again.position.key}),
        (_named(state.path), _named(again.path)),
        (_named(state.shown), _named(again.shown)),
    ]
    if any(_sizes(there) != _sizes(here) for there, here in pairs):
        raise ValueError("an array has another size than in this run")
    examples = [it.shape for it in state.examples[:3]] if state.examples else []
    outside = (run.task.time, now.examples)
    features = [run.task.inputs, run.task.outputs, run.task.outputs] if now.examples else []
    if examples != [(*outside, it) for it in features]:
        raise ValueError("it has other examples than this run")
    if any(it.step > state.step for it in run.log) or not _is_history(state.history, state.step):
        raise ValueError("its steps are not those of one run")


def _is_history(history: Arrays, step: int) -> bool:
    """Return whether that is the history of a run after `step`."""
    start, steps, _, _, stride = history["numbers"].tolist()
    waiting, stretches = len(history["waiting"]), history["stretches"].shape[1]
    ranks = {name: values.ndim for name, values in history.items()}
    return (
        ranks == {"numbers": 1, "recent": 1, "smooth": 1, "waiting": 1, "stretches": 2}
        and steps == step == start + stretches * stride + waiting
        and waiting < stride
    )


def _named(values: FloatArray | None) -> Arrays:
    return {} if values is None else {"": values}


def _sizes(arrays: Arrays) -> dict[str, object]:
    return {name: (values.shape, values.dtype) for name, values in arrays.items()}


def _read(file: BinaryIO) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays of an npz by name; no more is taken into memory than the file has bytes."""
    if os.fstat(file.fileno()).st_size > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
    with ZipFile(file) as archive:
        for member in archive.infolist():
            if member.compress_type != ZIP_STORED or member.file_size != member.compress_size:
                raise ValueError("it is compressed, as no checkpoint is")
            yield member.filename.removesuffix(".npy"), _array(archive.read(member))


def _array(data: bytes) -> npt.NDArray[Any]:
    file = BytesIO(data)
    np.lib.format.read_magic(file)
    shape, by_columns, kind = np.lib.format.read_array_header_1_0(file)
    if kind.str not in KINDS or prod(shape) * kind.itemsize != len(data) - file.tell():
        raise ValueError("an array is not as long as it says")
    order: Any = "F" if by_columns else "C"
    return np.frombuffer(data, kind, offset=file.tell()).reshape(shape, order=order).copy()


def _course(start: Settings, log: Sequence[Applied]) -> Course:
    course = Course.of(start)
    for applied in log:
        course = course.take_up(applied.change)
    return course


def _state(meta: dict[str, Any], arrays: Arrays, course: Course, changes: int) -> State:
    at, spare, spare_value, batch = _is(list, meta["position"])
    step, error = meta["refuge"]
    examples = None
    if meta["together"] is not None:
        inputs, targets, weights = (arrays[f"examples/{name}"] for name in EXAMPLES)
        examples = Batch(inputs, targets, weights, _whole(meta["together"]))
    refuge = Refuge(
        _whole(step), arrays["refuge"], _within("refuge_memory", arrays), _is(float, error)
    )
    return State(
        step=_whole(meta["step"]),
        changes=changes,
        course=course,
        weights=arrays["weights"],
        memory=_within("memory", arrays),
        position=Position(
            arrays["random"], _whole(at), _whole(spare), _number(spare_value), int(_number(batch))
        ),
        refuge=refuge,
        unmoved=_whole(meta["unmoved"]),
        halted=None if meta["halted"] is None else _is(str, meta["halted"]),
        learnt=_is(bool, meta["learnt"]),
        skipped=_whole(meta["skipped"]),
        examples=examples,
        shown=arrays.get("shown"),
        history=_within("history", arrays),
        path=arrays.get("path"),
        first_exact=None if meta["first_exact"] is None else _whole(meta["first_exact"]),
    )


def _is(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _whole(value: Any) -> int:
    number: int = _is(int, value)
    if not 0 <= number <= MOST_STEPS:
        raise ValueError("a number is out of bounds")
    return number


def _number(value: Any) -> float:
    number: float = _is(float, value)
    if not isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _within(folder: str, arrays: Arrays) -> dict[str, npt.NDArray[Any]]:
    start = f"{folder}/"
    return {name.removeprefix(start): it for name, it in arrays.items() if name.startswith(start)}
