"""The journal format: a header, then one JSON object a line, as the classes of `Record`.

Every line ends with a hash of itself and all before it, by which altered, lost and moved lines are
detected. Nothing in a journal is executed: changes and settings are parsed as on the command line.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from itertools import chain
from math import isfinite, nan
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.config.fields import FIELDS
from rnn_tui.config.parsing import check_choice, parse_int
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_STEPS, Settings
from rnn_tui.engine.evaluation import Score
from rnn_tui.engine.models.activations import FORMER_NUMERICS
from rnn_tui.recording.environment import Environment
from rnn_tui.recording.format_1 import is_former_record, upgrade_record, with_adamw_decay
from rnn_tui.run.breakpoints import ACTIONS, BreakpointAction
from rnn_tui.run.changes import Change, Schedule, parse_change
from rnn_tui.run.conditions import Condition, parse_condition
from rnn_tui.run.evaluation_history import Evaluation
from rnn_tui.run.events import Event

JOURNAL_FORMAT_VERSION = 2
FORMAT_KEY = "rnn-tui journal"  # the first key of the first line; its value is the format
SWEEP_FORMAT_KEY = "rnn-tui sweep"  # the same of a sweep
RECORD_PATTERN = re.compile(rb'(\{.*), "check": "([0-9a-f]{16})"\}\n')
MAX_LINE_BYTES = 1 << 20
INITIAL_CHAIN_HASH = "0" * 16  # before the first line
MAX_JOURNAL_STEPS = 1000 * MAX_STEPS
MAX_JOURNAL_LINES = 1_000_000
MAX_ERROR_CHARS = 200


class JournalError(ValueError):
    """A journal that cannot be read or appended to; the text says where and why."""


@final
@dataclass(frozen=True, slots=True)
class Header:
    """The start of a run.

    parent      the name and step of the run that it was forked from
    headless    whether it was trained without a screen, at full speed
    """

    settings: Settings
    environment: Environment
    started_at: str  # date and time, ISO 8601
    schedule: Schedule = ()
    parent: tuple[str, int] | None = None
    headless: bool = False


@final
class ChangeRecord(NamedTuple):
    """A change that took effect after `step` steps."""

    step: int
    change: Change


@final
class DigestRecord(NamedTuple):
    """A summary of the run after `step` steps and the changes recorded before.

    metric                                of the step (L1 error or loss), NaN without one
    weight_norm, optimizer_state_norm     Euclidean norms
    score                                 the latest: correct sequences, of how many, at which step
    bit_score                             its correct bits, of how many, and whether exhaustive
    event                                 the latest, in the first digest after it
    first_exact                           the first step checked with every prediction correct
    """

    step: int
    digest: str
    metric: float
    weight_norm: float
    optimizer_state_norm: float
    score: tuple[int, int, int] | None = None
    first_exact: int | None = None
    bit_score: tuple[int, int, bool] | None = None
    event: Event | None = None

    @property
    def evaluation(self) -> Evaluation | None:
        """The latest evaluation; None without one, and in journals without bit scores."""
        if not (self.score and self.bit_score and self.score[1] and self.bit_score[1]):
            return None
        n_correct, n_sequences, step = self.score
        return Evaluation(step, Score(n_correct, n_sequences, *self.bit_score))


@final
class ResumeRecord(NamedTuple):
    """The run was resumed by another process after `step` steps."""

    step: int
    environment: Environment


@final
class BreakpointRecord(NamedTuple):
    """A breakpoint was set, switched off, deleted or hit after `step` steps, of ACTIONS."""

    step: int
    action: str
    condition: Condition
    text: str = ""


@final
class PlanRecord(NamedTuple):
    """After `step` steps the end of the run was moved to `planned_steps`."""

    step: int
    planned_steps: int


Record = ChangeRecord | DigestRecord | ResumeRecord | BreakpointRecord | PlanRecord


@final
@dataclass(frozen=True, slots=True)
class JournalContents:
    """The records of a journal, up to its end or to the first invalid line.

    valid_bytes    bytes of the valid lines
    chain_hash     of the last valid line
    error          of the first invalid line, or ""
    truncated      the error is an incomplete last line, as after an interrupted write
    """

    header: Header
    records: tuple[Record, ...]
    valid_bytes: int
    chain_hash: str
    error: str = ""
    truncated: bool = False

    @property
    def last_step(self) -> int:
        """The last step with a record."""
        return self.records[-1].step if self.records else 0

    @property
    def planned_steps(self) -> int:
        """The last planned step."""
        plans = [each.planned_steps for each in self.records if isinstance(each, PlanRecord)]
        return plans[-1] if plans else self.header.settings.steps

    @property
    def breakpoint_log(self) -> list[BreakpointAction]:
        """The actions on breakpoints."""
        log, n_changes = [], 0
        for record in self.records:
            n_changes += isinstance(record, ChangeRecord)
            if isinstance(record, BreakpointRecord):
                log.append(BreakpointAction(record.step, n_changes, *record[1:]))
        return log


def read_journal(path: Path) -> JournalContents:
    """Return the contents of the journal `path`.

    Raises JournalError where the first line is invalid, OSError where the file cannot be read.
    """
    with open(path, "rb") as file:
        header, version, valid_bytes, last_hash = _read_header(path, file)
        records: list[Record] = []
        n_former = 0  # records by versions that wrote format 1
        error, truncated = "", False
        for line_number in range(2, MAX_JOURNAL_LINES):
            raw_line = file.readline(MAX_LINE_BYTES)
            if not raw_line:
                break
            try:
                body, record_hash = _verify_record(raw_line, last_hash)
                values = _parse_json_object(body)
                if version == 1 and n_former == len(records) and is_former_record(values):
                    n_former += 1
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
            error = f"{path}: line {MAX_JOURNAL_LINES}: too many lines"
    records[:n_former] = _with_adamw_decay(header.settings, records[:n_former])
    return JournalContents(header, tuple(records), valid_bytes, last_hash, error, truncated)


def _with_adamw_decay(settings: Settings, records: Sequence[Record]) -> Iterator[Record]:
    """Yield `records` of format 1, with the decay of AdamW after a switch to it."""
    changes = [record for record in records if isinstance(record, ChangeRecord)]
    upgraded = with_adamw_decay(settings, changes)
    for record in records:
        if isinstance(record, ChangeRecord):
            yield from map(ChangeRecord._make, next(upgraded))
        else:
            yield record


def _read_header(path: Path, file: BinaryIO) -> tuple[Header, int, int, str]:
    """Return the header, the journal's format, the bytes of the line, and its hash."""
    raw_line = file.readline(MAX_LINE_BYTES)
    values: dict[str, Any] = {}
    try:
        values = _parse_json_object(raw_line)
    except ValueError:
        if raw_line.startswith(f'{{"{FORMAT_KEY}"'.encode()) and not raw_line.endswith(b"\n"):
            raise JournalError(f"{path}: line 1: the file ends in the middle of it") from None
    if SWEEP_FORMAT_KEY in values:
        raise JournalError(
            f"{path}: this is the journal of a sweep; resume it by 'rnn-tui sweep' with its axes "
            "and options, and --journal FILE"
        )
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
        if version == 1:
            upgraded = with_adamw_decay(header.settings, header.schedule)
            header = replace(header, schedule=tuple(chain.from_iterable(upgraded)))
        return header, version, len(raw_line), record_hash
    except ValueError as reason:
        raise JournalError(f"{path}: line 1: {_shorten(reason)}") from None


def _shorten(reason: ValueError) -> str:
    text = str(reason)
    return text if len(text) <= MAX_ERROR_CHARS else f"{text[:MAX_ERROR_CHARS]}…"


def _verify_record(text: bytes, previous_hash: str) -> tuple[bytes, str]:
    """Return the line without its hash, and the hash; raises JournalError."""
    match = RECORD_PATTERN.fullmatch(text)
    if match is None:
        raise JournalError("not a line of a journal")
    body, record_hash = match[1], match[2].decode()
    if compute_chain_hash(previous_hash, body) != record_hash:
        raise JournalError("this line, or one before it, was altered")
    return body + b"}", record_hash


def _parse_json_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object `text`; raises ValueError where it is none."""
    try:
        values = json.loads(text, parse_constant=_reject_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values


def _reject_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is not a JSON number")


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
        headless=_expect(bool, values.get("headless", False)),
    )


def settings_from_json(values: dict[str, Any]) -> Settings:
    """Return the settings of `settings_to_json`; those that it lacks have their defaults.

    Without "arithmetic", the version of the numerics, they are of an earlier rnn-tui.
    """
    numerics = parse_int(_expect(str, values.pop("arithmetic", str(FORMER_NUMERICS))))
    recipe = check_choice("recipe", _expect(str, values.pop("recipe", None)), RECIPES)
    overrides = {
        FIELDS[check_choice("setting", name, FIELDS)].attribute: FIELDS[name].parse(
            _expect(str, value)
        )
        for name, value in values.items()
    }
    return Settings(recipe=recipe, numerics=numerics).updated(**overrides)


def _parse_environment(values: Any) -> Environment:
    entries = {"blas_threads": ""} | _expect(dict, values)
    return Environment(*(_expect(str, entries.get(field.name)) for field in fields(Environment)))


def _parse_scheduled_change(text: Any) -> tuple[int, Change]:
    step, _, spec = _expect(str, text).partition(":")
    return _parse_step(int(step)), parse_change(spec)


def _parse_record(values: dict[str, Any]) -> Record:
    step = _parse_step(values.get("step"))
    if "change" in values:
        return ChangeRecord(step, parse_change(_expect(str, values["change"])))
    if "breakpoint" in values:
        return BreakpointRecord(
            step,
            check_choice("action", _expect(str, values.get("action")), ACTIONS),
            parse_condition(_expect(str, values["breakpoint"])),
            _expect(str, values.get("text", "")),
        )
    if "planned_steps" in values:
        return PlanRecord(step, _parse_step(values["planned_steps"]))
    if "resumed" in values:
        return ResumeRecord(step, _parse_environment(values["resumed"]))
    score, first_exact = values.get("score"), values.get("first_exact")
    if score is not None:
        n_correct, total, score_step = map(_parse_step, _expect(list, score))
        score = (n_correct, total, score_step)
    bit_score = values.get("bit_score")
    if bit_score is not None:
        n_correct_bits, n_bits, exhaustive = _expect(list, bit_score)
        bit_score = (*map(_parse_step, (n_correct_bits, n_bits)), _expect(bool, exhaustive))
    return DigestRecord(
        step=step,
        digest=_expect(str, values.get("digest")),
        metric=_parse_float(values.get("metric")),
        weight_norm=_parse_float(values.get("weight_norm")),
        optimizer_state_norm=_parse_float(values.get("optimizer_state_norm")),
        score=score,
        first_exact=None if first_exact is None else _parse_step(first_exact),
        bit_score=bit_score,
        event=_parse_event(values.get("event")),
    )


def _parse_event(values: Any) -> Event | None:
    if values is None:
        return None
    step, kind, text = _expect(list, values)
    return Event(_parse_step(step), _expect(str, kind), _expect(str, text))


def compute_chain_hash(previous_hash: str, body: bytes) -> str:
    """Return the hash of a line `body` that follows a line with `previous_hash`."""
    return sha256(previous_hash.encode() + body).hexdigest()[:16]


def _expect(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise UserError(f"{str(value)[:40]!r} is not of type {kind.__name__}")
    return value


def _parse_step(value: Any) -> int:
    step: int = _expect(int, value)
    if not 0 <= step <= MAX_JOURNAL_STEPS:
        raise UserError("step out of range")
    return step


def _parse_float(value: Any) -> float:
    number: float = nan if value is None else _expect(float, value)
    if not (value is None or isfinite(number)):
        raise UserError("a number is too large")
    return number
