"""A run with its way so far as a file: numpy's npz, without pickle, put in place in one piece."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, final
from zipfile import BadZipFile, ZipFile

import numpy as np
import numpy.typing as npt

from rnn_tui.config.settings import Settings
from rnn_tui.engine.batch import Batch
from rnn_tui.engine.data import Position
from rnn_tui.engine.parameters import FloatArray
from rnn_tui.recording.journal import written
from rnn_tui.recording.journal_format import MOST_STEPS
from rnn_tui.recording.npz import Arrays, arrays_of, within
from rnn_tui.run.changes import Applied, parse_change
from rnn_tui.run.history import History
from rnn_tui.run.keyframes import Timeline
from rnn_tui.run.run import Run
from rnn_tui.run.settings_track import Course
from rnn_tui.run.state import Refuge, State, digest_of

FORMAT = 2
ENDING = ".npz"
LONGEST_REASON = 200  # letters
EXAMPLES = ("inputs", "targets", "weights")
PAST = "past"
MOST, FEWEST = 32, 4  # states of the way, its first counted
MOST_BYTES = 16 << 20


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
    """A run with the way that it has come."""

    run: Run
    timeline: Timeline


def save(path: Path, run: Run, timeline: Timeline) -> None:
    """Put `run` and some of its `timeline` into `path`, or leave what is there; raises OSError."""
    state = run.state
    way = timeline.branch(run.step, len(run.log), timeline.seconds)
    way.thin_to(max(FEWEST, min(MOST, MOST_BYTES // state.size)))
    past = [(seconds, it) for seconds, it in way.later if it.step < run.step]
    states = [state, *(it for _, it in past)]
    sets = list({id(it.examples): it.examples for it in states if it.examples is not None}.values())
    meta = {
        "format": FORMAT,
        "start": written(run.start),
        "log": [[it.step, it.change.spec, it.text, it.short] for it in run.log],
        "sets": [it.learnt for it in sets],
        "seconds": timeline.seconds,
        **_said(state, sets),
        PAST: [{"seconds": seconds, **_said(it, sets)} for seconds, it in past],
    }
    arrays = {"meta": np.frombuffer(json.dumps(meta).encode(), np.uint8), **dict(_arrays(state))}
    for number, (_, earlier) in enumerate(past):
        arrays |= {f"{PAST}/{number}/{name}": values for name, values in _arrays(earlier)}
    for number, batch in enumerate(sets):
        named = zip(EXAMPLES, batch[:3], strict=True)
        arrays |= {f"examples/{number}/{name}": values for name, values in named}
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _said(state: State, sets: Sequence[Batch]) -> dict[str, Any]:
    """Return all of `state` that is no array, its examples as the number of one of `sets`."""
    return {
        "step": state.step,
        "changes": state.changes,
        "halted": state.halted,
        "unmoved": state.unmoved,
        "learnt": state.learnt,
        "skipped": state.skipped,
        "first_exact": state.first_exact,
        "refuge": [state.refuge.step, state.refuge.error],
        "position": [*map(int, state.position[1:3]), *map(float, state.position[3:])],
        "examples": next((i for i, it in enumerate(sets) if it is state.examples), None),
        "digest": digest_of(state.weights, state.memory, state.position),
    }


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


def load(path: Path, start: Settings, *, past: bool = True) -> Checkpoint:
    """Return the run from `start` as `path` has it, without its `past` if that is not wanted.

    Raises CheckpointError where it cannot be used, OSError where it cannot be read.
    """
    with open(path, "rb") as file:
        try:
            with np.errstate(all="ignore"):
                return _load(file, start, past=past)
        except CheckpointError as reason:
            raise CheckpointError(f"{path}: {reason}") from None
        except Exception as reason:  # zipfile, numpy and the run have many for what makes no sense
            what = " ".join(str(reason).split())[:LONGEST_REASON] or type(reason).__name__
            raise CheckpointError(f"{path}: the checkpoint is damaged: {what}") from None


def _load(file: BinaryIO, start: Settings, *, past: bool) -> Checkpoint:
    arrays = dict(arrays_of(file, without="" if past else PAST))
    meta = json.loads(arrays["meta"].tobytes())
    if _is(int, meta["format"]) != FORMAT:
        raise ValueError(f"it has format {meta['format']}, and this rnn-tui reads {FORMAT}")
    if meta["start"] != written(start):
        raise CheckpointError("the checkpoint is that of another run")
    log = [
        Applied(_whole(step), parse_change(spec), _is(str, text), _is(str, short))
        for step, spec, text, short in _is(list, meta["log"])
    ]
    sets = [
        Batch(**within(f"examples/{number}", arrays), learnt=_whole(learnt))
        for number, learnt in enumerate(_is(list, meta["sets"]))
    ]
    courses = list(_courses(start, log))
    timeline = Timeline(Run(start).state)
    for number, said in enumerate(_is(list, meta[PAST])[:MOST] if past else ()):
        state = _state(said, within(f"{PAST}/{number}", arrays), courses, sets)
        _run_at(state, start, log)
        timeline.add(state, _number(said["seconds"]))
    state = _state(meta, arrays, courses, sets)
    run = _run_at(state, start, log)
    if state.changes != len(log):
        raise ValueError("its changes are not those of one run")
    Run.at(state, start, log).advance(1)
    timeline.add(state, _number(meta["seconds"]))
    return Checkpoint(run, timeline)


def _run_at(state: State, start: Settings, log: Sequence[Applied]) -> Run:
    """Return the run at `state`; raises ValueError where the state makes none.

    So it does where a part of it is not of the size that the run has for it.
    """
    Run.at(state, start, log).trainer.stream.next()
    run = Run.at(state, start, log)
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
    late = any(it.step > state.step for it in log[: state.changes])
    early = any(it.step < state.step for it in log[state.changes :])
    if late or early or not History.is_one(state.history, state.step):
        raise ValueError("its steps are not those of one run")
    return run


def _named(values: FloatArray | None) -> Arrays:
    return {} if values is None else {"": values}


def _sizes(arrays: Arrays) -> dict[str, object]:
    return {name: (values.shape, values.dtype) for name, values in arrays.items()}


def _courses(start: Settings, log: Sequence[Applied]) -> Iterator[Course]:
    """Yield the course of a run from `start` before the first of `log`, and after each."""
    course = Course.of(start)
    yield course
    for applied in log:
        course = course.take_up(applied.change)
        yield course


def _state(
    meta: dict[str, Any], arrays: Arrays, courses: Sequence[Course], sets: Sequence[Batch]
) -> State:
    at, spare, spare_value, batch = _is(list, meta["position"])
    step, error = meta["refuge"]
    refuge = Refuge(
        _whole(step), arrays["refuge"], within("refuge_memory", arrays), _is(float, error)
    )
    state = State(
        step=_whole(meta["step"]),
        changes=_whole(meta["changes"]),
        course=courses[_whole(meta["changes"])],
        weights=arrays["weights"],
        memory=within("memory", arrays),
        position=Position(
            arrays["random"], _whole(at), _whole(spare), _number(spare_value), int(_number(batch))
        ),
        refuge=refuge,
        unmoved=_whole(meta["unmoved"]),
        halted=None if meta["halted"] is None else _is(str, meta["halted"]),
        learnt=_is(bool, meta["learnt"]),
        skipped=_whole(meta["skipped"]),
        examples=None if meta["examples"] is None else sets[_whole(meta["examples"])],
        shown=arrays.get("shown"),
        history=within("history", arrays),
        path=arrays.get("path"),
        first_exact=None if meta["first_exact"] is None else _whole(meta["first_exact"]),
    )
    if digest_of(state.weights, state.memory, state.position) != meta["digest"]:
        raise ValueError("its digest is that of another state")
    return state


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
