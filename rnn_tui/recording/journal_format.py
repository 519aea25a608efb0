"""What a journal says: a header, then each change and now and then a digest, an object a line.

Every line ends with a check over itself and all before it, so that a line that was altered, lost or
put elsewhere is found. Nothing in a journal is executed: changes are in the words of the command
line, and settings are read as the command line's are.
"""

import json
import re
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from math import isfinite, nan
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, final

from rnn_tui.config.fields import FIELDS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_STEPS, Settings, UserError, check_choice
from rnn_tui.recording.environment import Environment
from rnn_tui.recording.format_1 import upgrade_record
from rnn_tui.run.changes import Change, Schedule, parse_change

JOURNAL_FORMAT_VERSION = 2
FORMAT_KEY = "rnn-tui journal"  # the first line's first name; its value is the format
RECORD_PATTERN = re.compile(rb'(\{.*), "check": "([0-9a-f]{16})"\}\n')
MAX_LINE_BYTES = 1 << 20  # bytes
INITIAL_CHAIN_HASH = "0" * 16  # what comes before the first line
MAX_JOURNAL_STEPS = 1000 * MAX_STEPS
MAX_JOURNAL_LINES = 1_000_000
MAX_ERROR_CHARS = 200  # letters


class JournalError(ValueError):
    """A journal that cannot be read, or cannot be written; the text says where and why."""


@final
@dataclass(frozen=True, slots=True)
class Header:
    """How a run began: `at` is its schedule, `parent` the run and step that it was forked from."""

    settings: Settings
    environment: Environment
    started_at: str  # date and time
    schedule: Schedule = ()
    parent: tuple[str, int] | None = None


@final
class ChangeRecord(NamedTuple):
    """`change` took effect after `step` steps."""

    step: int
    change: Change


@final
class DigestRecord(NamedTuple):
    """What a run was like after `step` steps, and after the changes that stand before this line.

    loss, weights, memory    the step's error (NaN without one), the norms of both
    exact                    the latest score: right results, of how many, after which step
    first_exact              the step after which every result first was right
    """

    step: int
    digest: str
    loss: float
    weight_norm: float
    optimizer_state_norm: float
    score: tuple[int, int, int] | None = None
    first_exact: int | None = None


@final
class ResumeRecord(NamedTuple):
    """From `step` on the run went on in another process."""

    step: int
    environment: Environment


Record = ChangeRecord | DigestRecord | ResumeRecord


@final
@dataclass(frozen=True, slots=True)
class JournalContents:
    """What a journal says, up to its end or to the line where it is damaged.

    damage    what is wrong with the first line that cannot be used; "" where all can
    cut_off   the damage is that the last line is not whole, as when writing it was interrupted
    size      bytes up to there
    check     of the last good line
    """

    header: Header
    records: tuple[Record, ...]
    valid_bytes: int
    chain_hash: str
    error: str = ""
    truncated: bool = False

    @property
    def last_step(self) -> int:
        """The last step of which something is known."""
        return self.records[-1].step if self.records else 0


def read_journal(path: Path) -> JournalContents:
    """Return what the journal `path` says.

    Raises JournalError where not even its first line can be used, OSError where there is no file.
    """
    with open(path, "rb") as file:
        header, version, valid_bytes, last_hash = _read_header(path, file)
        records: list[Record] = []
        error, truncated = "", False
        for line_number in range(2, MAX_JOURNAL_LINES):
            raw_line = file.readline(MAX_LINE_BYTES)
            if not raw_line:
                break
            try:
                body, record_hash = _verify_record(raw_line, last_hash)
                values = _parse_json_object(body)
                record = _parse_record(upgrade_record(values) if version == 1 else values)
                if records and record.step < records[-1].step:
                    raise JournalError(f"step {record.step:,} comes after {records[-1].step:,}")
            except ValueError as reason:
                truncated = not raw_line.endswith(b"\n") and len(raw_line) < MAX_LINE_BYTES
                message = (
                    "the file ends in the middle of the line" if truncated else _shorten(reason)
                )
                error = f"{path}: line {line_number}: {message}"
                break
            records.append(record)
            valid_bytes += len(raw_line)
            last_hash = record_hash
        else:
            error = f"{path}: line {MAX_JOURNAL_LINES}: it has more lines than any journal"
    return JournalContents(header, tuple(records), valid_bytes, last_hash, error, truncated)


def _read_header(path: Path, file: BinaryIO) -> tuple[Header, int, int, str]:
    """Return the header, its format, how many bytes it has, and its chain hash."""
    raw_line = file.readline(MAX_LINE_BYTES)
    values: dict[str, Any] = {}
    try:
        values = _parse_json_object(raw_line)
    except ValueError:
        if raw_line.startswith(f'{{"{FORMAT_KEY}"'.encode()) and not raw_line.endswith(b"\n"):
            raise JournalError(f"{path}: line 1: the file ends in the middle of it") from None
    version = values.get(FORMAT_KEY)
    if type(version) is not int or version < 1:
        raise JournalError(f"{path}: line 1: this is no rnn-tui journal")
    if version > JOURNAL_FORMAT_VERSION:
        raise JournalError(
            f"{path}: line 1: it has format {str(version)[:9]}, from a newer rnn-tui; "
            f"this one reads {JOURNAL_FORMAT_VERSION}"
        )
    try:
        body, record_hash = _verify_record(raw_line, INITIAL_CHAIN_HASH)
        values = _parse_json_object(body)
        header = _parse_header(upgrade_record(values) if version == 1 else values)
        return header, version, len(raw_line), record_hash
    except ValueError as reason:
        raise JournalError(f"{path}: line 1: {_shorten(reason)}") from None


def _shorten(reason: ValueError) -> str:
    text = str(reason)
    return text if len(text) <= MAX_ERROR_CHARS else f"{text[:MAX_ERROR_CHARS]}…"


def _verify_record(text: bytes, previous_hash: str) -> tuple[bytes, str]:
    """Return the line without its check, and that check."""
    match = RECORD_PATTERN.fullmatch(text)
    if match is None:
        raise JournalError("it is no line of a journal")
    body, record_hash = match[1], match[2].decode()
    if compute_chain_hash(previous_hash, body) != record_hash:
        raise JournalError("it was altered, or lines before it were")
    return body + b"}", record_hash


def _parse_json_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that `text` is; raises ValueError where it is none."""
    try:
        values = json.loads(text, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(values, dict):
        raise ValueError("it is no object")
    return values


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _parse_header(values: dict[str, Any]) -> Header:
    parent = values.get("parent")
    if parent is not None:
        name, step = _expect(list, parent)
        parent = (_expect(str, name), _parse_step(step))
    return Header(
        settings=settings_from_json(_expect(dict, values.get("settings"))),
        environment=_parse_environment(values.get("environment")),
        started_at=_expect(str, values.get("started_at")),
        schedule=tuple(map(_parse_scheduled_change, _expect(list, values.get("schedule", [])))),
        parent=parent,
    )


def settings_from_json(values: dict[str, Any]) -> Settings:
    """Return the settings of `settings_to_json`; a missing one has its default."""
    recipe = check_choice("recipe", _expect(str, values.pop("recipe", None)), RECIPES)
    overrides = {
        FIELDS[check_choice("setting", name, FIELDS)].attribute: FIELDS[name].parse(
            _expect(str, value)
        )
        for name, value in values.items()
    }
    return replace(Settings(recipe=recipe), **overrides)


def _parse_environment(values: Any) -> Environment:
    entries = _expect(dict, values)
    return Environment(*(_expect(str, entries.get(it.name)) for it in fields(Environment)))


def _parse_scheduled_change(text: Any) -> tuple[int, Change]:
    step, _, spec = _expect(str, text).partition(":")
    return _parse_step(int(step)), parse_change(spec)


def _parse_record(values: dict[str, Any]) -> Record:
    step = _parse_step(values.get("step"))
    if "change" in values:
        return ChangeRecord(step, parse_change(_expect(str, values["change"])))
    if "resumed" in values:
        return ResumeRecord(step, _parse_environment(values["resumed"]))
    score, first_exact = values.get("score"), values.get("first_exact")
    if score is not None:
        n_correct, total, score_step = map(_parse_step, _expect(list, score))
        score = (n_correct, total, score_step)
    return DigestRecord(
        step=step,
        digest=_expect(str, values.get("digest")),
        loss=_parse_float(values.get("loss")),
        weight_norm=_parse_float(values.get("weight_norm")),
        optimizer_state_norm=_parse_float(values.get("optimizer_state_norm")),
        score=score,
        first_exact=None if first_exact is None else _parse_step(first_exact),
    )


def compute_chain_hash(previous_hash: str, body: bytes) -> str:
    """Return the check of a line whose text is `body`, with `before` that of the line before it."""
    return sha256(previous_hash.encode() + body).hexdigest()[:16]


def _expect(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise UserError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _parse_step(value: Any) -> int:
    step: int = _expect(int, value)
    if not 0 <= step <= MAX_JOURNAL_STEPS:
        raise UserError("there is no such step")
    return step


def _parse_float(value: Any) -> float:
    number: float = nan if value is None else _expect(float, value)
    if not (value is None or isfinite(number)):
        raise UserError("a number is too large")
    return number
