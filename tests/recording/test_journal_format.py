"""A damaged journal is rejected, or read up to the first invalid line, which is named."""

import os
import tracemalloc
from dataclasses import replace
from math import isnan
from pathlib import Path
from random import Random
from shutil import copy
from typing import Any

import pytest

from rnn_tui.engine.models.activations import FORMER_NUMERICS, NUMERICS
from rnn_tui.recording.environment import current_environment
from rnn_tui.recording.journal_format import (
    MAX_ERROR_CHARS,
    MAX_LINE_BYTES,
    ChangeRecord,
    DigestRecord,
    JournalContents,
    JournalError,
    ResumeRecord,
    read_journal,
)
from rnn_tui.recording.resume import resume
from rnn_tui.run.changes import SetField, parse_change
from tests.support.makers import SMALL
from tests.support.recorded import (
    Line,
    alter_journal,
    change_at,
    end_recording,
    journal_lines,
    start_recording,
    write_journal,
)

pytestmark = pytest.mark.long

NO_JOURNAL = "line 1: this is no rnn-tui journal"
MEMORY = 64 << 20  # bytes that reading the worst line may take


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with a schedule, two changes, three digests and a resume."""
    path = tmp_path_factory.mktemp("journal") / "run.jsonl"
    branch = start_recording(path, SMALL, [(1500, parse_change("clip-norm=2"))])
    change_at(branch, 700, "lr=0.2")
    branch.advance(600)
    end_recording(branch)
    branch, _ = resume(path)
    branch.advance(300)
    end_recording(branch)
    return path


@pytest.fixture
def path(original: Path, tmp_path: Path) -> Path:
    """A copy of `original` with its checkpoint."""
    copy(original.with_suffix(".npz"), tmp_path)
    return Path(copy(original, tmp_path))


def read_up_to_damage(path: Path, whole: JournalContents) -> JournalContents | None:
    """Return what can be read, which has to be how `whole` begins; None where nothing can."""
    try:
        recording = read_journal(path)
    except JournalError as reason:
        message = str(reason)
        assert message.startswith(f"{path}: line 1: ")
        assert message.isprintable()
        return None
    count = len(recording.records)
    assert recording.header == whole.header
    assert recording.records == whole.records[:count]
    if recording.error:
        assert recording.error.startswith(f"{path}: line {count + 2}: ")
        assert recording.error.isprintable()
    return recording


def test_read_returns_all_records(path: Path) -> None:
    recording = read_journal(path)
    assert recording.header.settings == SMALL
    assert recording.header.environment == current_environment()
    assert recording.header.schedule == ((1500, SetField("clip-norm", 2.0)),)
    assert recording.header.parent is None
    kinds = [(type(line), line.step) for line in recording.records]
    assert kinds == [
        (ChangeRecord, 700),
        (DigestRecord, 1000),
        (DigestRecord, 1300),
        (ResumeRecord, 1300),
        (ChangeRecord, 1500),
        (DigestRecord, 1600),
    ]
    assert recording.records[0] == ChangeRecord(700, SetField("lr", 0.2))
    assert (recording.valid_bytes, recording.error) == (path.stat().st_size, "")


def test_journal_names_its_numerics(path: Path) -> None:
    assert journal_lines(path)[0]["settings"]["arithmetic"] == str(NUMERICS)
    alter_journal(path, lambda lines: lines[0]["settings"].pop("arithmetic"))
    former = replace(SMALL, numerics=FORMER_NUMERICS)
    assert read_journal(path).header.settings == former != SMALL


def test_read_stops_at_truncated_line(path: Path) -> None:
    whole, data = read_journal(path), path.read_bytes()
    line_ends = [place + 1 for place, byte in enumerate(data) if byte == ord("\n")]
    for size in {*range(0, len(data), 13), *line_ends[:-1], *(place - 1 for place in line_ends)}:
        path.write_bytes(data[:size])
        recording = read_up_to_damage(path, whole)
        lines = data[:size].count(b"\n")
        assert (recording is None) == (lines == 0)
        if recording:
            ended = data[:size].endswith(b"\n")
            assert len(recording.records) == lines - 1
            assert recording.valid_bytes == data[:size].rindex(b"\n") + 1
            assert (not recording.error, recording.truncated) == (ended, not ended)


def test_read_detects_flipped_bit(path: Path) -> None:
    whole, data, random = read_journal(path), path.read_bytes(), Random(1)
    for place in {*range(0, len(data), 17), len(data) - 1}:
        changed = bytearray(data)
        changed[place] ^= random.choice([1, 2, 4, 8, 16, 32, 64, 128])
        path.write_bytes(changed)
        recording = read_up_to_damage(path, whole)
        line = data[:place].count(b"\n")
        assert (recording is None) == (line == 0), place
        if recording:
            assert recording.error
            assert len(recording.records) == line - 1
            assert recording.truncated == (place == len(data) - 1)


def test_read_detects_swapped_dropped_and_doubled_lines(path: Path) -> None:
    whole, lines = read_journal(path), path.read_bytes().splitlines(keepends=True)
    count = len(lines)
    for place in range(1, count):
        others = [
            [*lines[:place], lines[place], *lines[place:]],
            [*lines[:place], b"\n", *lines[place:]],
            [*lines[:place], *lines[place + 1 :], b""],
        ]
        others += [
            [*lines[:place], lines[other], *lines[place + 1 : other], lines[place]]
            for other in range(place + 1, count)
        ]
        for changed in others:
            path.write_bytes(b"".join(changed))
            recording = read_up_to_damage(path, whole)
            assert recording is not None
            if place < count - 1 or len(changed) > count:
                assert recording.error.startswith(f"{path}: line ")
                assert not recording.truncated
                with pytest.raises(JournalError, match=": line "):
                    resume(path)


NO_NUMBERS: list[Any] = [None, True, "7", 7.5, [], {}, [[[]]], -1, 10**16, 10**400, float("-inf")]
BAD_VALUES: list[tuple[int, str, list[Any]]] = [
    (1, "step", NO_NUMBERS),
    (1, "change", [None, 7, [], {}, "", "lr", "lr=", "seed=3", "lr=x", "x=1", "=", "a" * 9999]),
    (2, "step", NO_NUMBERS),
    (2, "digest", [None, 7, [], {}]),
    (2, "metric", [True, "7", 7, [], {}, 10**400, float("inf"), float("nan")]),
    (2, "weight_norm", [True, "7", 7, [], {}, 10**400, float("inf"), float("-inf")]),
    (2, "optimizer_state_norm", [True, "7", 7, [], {}, 10**400]),
    (3, "score", [True, "7", 7, [], {}, [1], [1, 2, 3, 4], [1, 2, -3], [1, 2, "3"], [1.0, 2, 3]]),
    (3, "first_exact", [True, "7", 7.5, [], {}, -1]),
    (4, "resumed", [None, 7, [], {}, "x", {"numpy": 3}]),
]
BAD_HEADERS: list[tuple[str, list[Any]]] = [
    ("rnn-tui journal", [None, True, "1", 0, -1, 3, 10**400, 1.0, [], {}]),
    ("settings", [None, [], "x", {}, {"recipe": 3}, {"recipe": "none"}]),
    ("environment", [None, [], "x", {}, {"numpy": 3}]),
    ("started_at", [None, 3, []]),
    (
        "schedule",
        [None, 3, "x", [3], ["x"], ["1:x"], ["x:lr=1"], ["-1:lr=1"], ["9" * 5000 + ":lr=1"]],
    ),
    ("parent", [3, "x", [], ["x"], ["x", -1], ["x", 1, 2], [1, "x"], ["x", True]]),
]
BAD_SETTINGS: list[tuple[str, Any]] = [
    ("recipe", "x"), ("seed", 3), ("seed", "-1"), ("seed", "1e999999999"), ("lr", "nan"),
    ("lr", "inf"), ("length", "1e6"), ("hidden-size", "9" * 5000), ("task", "x"), ("x", "1"),
    ("clip-norm", "nan"), ("clip-norm", "0"), ("weight-decay", "inf"), ("momentum", "0.5"),
    ("dataset-size", "1e9"), ("batch-size", "5000"), ("optimizer", None), ("steps", "0"),
    ("model", "linear"), ("arithmetic", "0"), ("arithmetic", "3"), ("arithmetic", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "name", "values"), BAD_VALUES)
def test_read_rejects_invalid_value_with_valid_hash(
    number: int, name: str, values: list[Any], path: Path
) -> None:
    whole, lines = read_journal(path), journal_lines(path)
    for value in values:
        write_journal(path, [*lines[:number], lines[number] | {name: value}, *lines[number + 1 :]])
        recording = read_up_to_damage(path, whole)
        assert recording is not None
        assert len(recording.records) == number - 1, value
        assert len(recording.error) < len(str(path)) + MAX_ERROR_CHARS + 30
        before = path.read_bytes()
        with pytest.raises(JournalError, match=f": line {number + 1}: "):
            resume(path)
        assert path.read_bytes() == before


@pytest.mark.parametrize(("name", "values"), BAD_HEADERS)
def test_read_rejects_invalid_header(name: str, values: list[Any], path: Path) -> None:
    lines = journal_lines(path)
    for value in values:
        write_journal(path, [lines[0] | {name: value}, *lines[1:]])
        with pytest.raises(JournalError, match=": line 1: ") as caught:
            read_journal(path)
        assert len(str(caught.value)) < len(str(path)) + MAX_ERROR_CHARS + 30
        with pytest.raises(JournalError, match=": line 1: "):
            resume(path)


@pytest.mark.parametrize(("name", "value"), BAD_SETTINGS)
def test_read_rejects_invalid_settings(name: str, value: Any, path: Path) -> None:
    alter_journal(path, lambda lines: lines[0]["settings"].update({name: value}))
    with pytest.raises(JournalError, match=": line 1: "):
        read_journal(path)


def test_read_rejects_newer_format(path: Path) -> None:
    alter_journal(path, lambda lines: lines[0].update({"rnn-tui journal": 3, "settings": "new"}))
    with pytest.raises(JournalError, match="line 1: it has format 3, from a newer rnn-tui; this"):
        read_journal(path)


def test_read_rejects_decreasing_steps(path: Path) -> None:
    alter_journal(path, lambda lines: lines[3].update(step=999))
    assert read_journal(path).error == f"{path}: line 4: step 999 comes after 1,000"


def test_read_accepts_digest_without_loss(path: Path) -> None:
    def forget(lines: list[Line]) -> None:
        del lines[2]["metric"]

    alter_journal(path, forget)
    line = read_journal(path).records[1]
    assert isinstance(line, DigestRecord)
    assert isnan(line.metric)


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"{}\n", b"[]\n", b"\0" * 5000, bytes(range(256)) * 40, b"\xff\xfe{", b"null\n"],
)
def test_read_rejects_other_files(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    with pytest.raises(JournalError, match=NO_JOURNAL):
        read_journal(path)
    with pytest.raises(JournalError, match=NO_JOURNAL):
        resume(path)
    assert path.read_bytes() == data


def test_read_raises_os_error_without_file(path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_journal(path.parent)
    with pytest.raises(IsADirectoryError):
        resume(path.parent)
    with pytest.raises(FileNotFoundError):
        read_journal(path.with_name("none"))


def test_zeros_after_last_line_are_truncated(path: Path) -> None:
    whole = read_journal(path)
    os.truncate(
        path, whole.valid_bytes + 4096
    )  # as a file system may leave it when the power fails
    recording = read_journal(path)
    assert (recording.records, recording.truncated) == (whole.records, True)
    branch, _ = resume(path)
    end_recording(branch)
    again = read_journal(path)
    assert (again.records[: len(whole.records)], again.error) == (whole.records, "")


def test_read_rejects_deeply_nested_values(path: Path) -> None:
    lines = journal_lines(path)
    for depth in (100, *range(930, 1000, 7), 5000, 100_000):
        for deep in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
            for body in (b'{"step": 800, "change": ' + deep, b'{"step": ' + deep):
                write_journal(path, [*lines[:2], body])
                assert read_journal(path).error.startswith(f"{path}: line 3: ")
    write_journal(path, [b'{"rnn-tui journal": ' + b"[" * 5000 + b"]" * 5000])
    with pytest.raises(JournalError, match=NO_JOURNAL):
        read_journal(path)


@pytest.mark.parametrize(
    "body",
    [
        b'{"step": 800, "change": "' + b"a" * MAX_LINE_BYTES * 40,
        b'{"step": 800, "change": "' + b"a" * (MAX_LINE_BYTES - 100) + b'"',
        b'{"step": 800, "change": "lr=' + b"1" * (MAX_LINE_BYTES - 100) + b'x"',
        b'{"step": 800, "change": "length=' + b"1" * (MAX_LINE_BYTES - 100) + b'"',
        b'{"step": 800, "change": "weights=' + b"1," * (MAX_LINE_BYTES // 2 - 100) + b'x"',
        b'{"step": ' + b"1" * (MAX_LINE_BYTES - 100),
        b'{"step": 800, "change": "' + b"\\ud800" * (MAX_LINE_BYTES // 6 - 20) + b'"',
        b'{"step": 800, "change": "lr=0.1", "x": [' + b"1," * (MAX_LINE_BYTES // 2 - 100) + b"]",
    ],
    ids=["endless", "name", "number", "whole", "weights", "step", "surrogates", "more"],
)
def test_long_line_takes_bounded_memory(body: bytes, path: Path) -> None:
    write_journal(path, [*journal_lines(path)[:2], body])
    del body
    tracemalloc.start()
    try:
        recording = read_journal(path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert recording.error.startswith(f"{path}: line 3: ")
    assert len(recording.error) < len(str(path)) + MAX_ERROR_CHARS + 30
    assert not recording.truncated
    assert most < MEMORY
