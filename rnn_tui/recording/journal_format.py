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

from rnn_tui.config.fields import OPTIONS
from rnn_tui.config.recipes import RECIPES
from rnn_tui.config.settings import MAX_STEPS, Settings, SettingsError, known
from rnn_tui.recording.environment import Machine
from rnn_tui.run.changes import Change, Schedule, parse_change

FORMAT = 1
KIND = "rnn-tui journal"  # the first line's first name; its value is the format
CHECKED = re.compile(rb'(\{.*), "check": "([0-9a-f]{16})"\}\n')
LONGEST_LINE = 1 << 20  # bytes
OLDEST_CHECK = "0" * 16  # what comes before the first line
MOST_STEPS = 1000 * MAX_STEPS
MOST_LINES = 1_000_000
LONGEST_REASON = 200  # letters


class JournalError(ValueError):
    """A journal that cannot be read, or cannot be written; the text says where and why."""


@final
@dataclass(frozen=True, slots=True)
class Header:
    """How a run began: `at` is its schedule, `parent` the run and step that it was forked from."""

    settings: Settings
    machine: Machine
    began: str  # date and time
    at: Schedule = ()
    parent: tuple[str, int] | None = None


@final
class Changed(NamedTuple):
    """`change` took effect after `step` steps."""

    step: int
    change: Change


@final
class Digest(NamedTuple):
    """What a run was like after `step` steps, and after the changes that stand before this line.

    loss, weights, memory    the step's error (NaN without one), the norms of both
    exact                    the latest score: right results, of how many, after which step
    first_exact              the step after which every result first was right
    """

    step: int
    digest: str
    loss: float
    weights: float
    memory: float
    exact: tuple[int, int, int] | None = None
    first_exact: int | None = None


@final
class Resumed(NamedTuple):
    """From `step` on the run went on in another process."""

    step: int
    machine: Machine


Line = Changed | Digest | Resumed


@final
@dataclass(frozen=True, slots=True)
class Recording:
    """What a journal says, up to its end or to the line where it is damaged.

    damage    what is wrong with the first line that cannot be used; "" where all can
    cut_off   the damage is that the last line is not whole, as when writing it was interrupted
    size      bytes up to there
    check     of the last good line
    """

    header: Header
    lines: tuple[Line, ...]
    size: int
    check: str
    damage: str = ""
    cut_off: bool = False

    @property
    def steps(self) -> int:
        """The last step of which something is known."""
        return self.lines[-1].step if self.lines else 0


def read(path: Path) -> Recording:
    """Return what the journal `path` says.

    Raises JournalError where not even its first line can be used, OSError where there is no file.
    """
    with open(path, "rb") as file:
        header, size, check = _read_header(path, file)
        lines: list[Line] = []
        damage, cut_off = "", False
        for number in range(2, MOST_LINES):
            text = file.readline(LONGEST_LINE)
            if not text:
                break
            try:
                body, checked = _checked(text, check)
                line = _line(_values(body))
                if lines and line.step < lines[-1].step:
                    raise JournalError(f"step {line.step:,} comes after {lines[-1].step:,}")
            except ValueError as reason:
                cut_off = not text.endswith(b"\n") and len(text) < LONGEST_LINE
                what = "the file ends in the middle of the line" if cut_off else _short(reason)
                damage = f"{path}: line {number}: {what}"
                break
            lines.append(line)
            size += len(text)
            check = checked
        else:
            damage = f"{path}: line {MOST_LINES}: it has more lines than any journal"
    return Recording(header, tuple(lines), size, check, damage, cut_off)


def _read_header(path: Path, file: BinaryIO) -> tuple[Header, int, str]:
    text = file.readline(LONGEST_LINE)
    values: dict[str, Any] = {}
    try:
        values = _values(text)
    except ValueError:
        if text.startswith(f'{{"{KIND}"'.encode()) and not text.endswith(b"\n"):
            raise JournalError(f"{path}: line 1: the file ends in the middle of it") from None
    kind = values.get(KIND)
    if type(kind) is not int or kind < 1:
        raise JournalError(f"{path}: line 1: this is no rnn-tui journal")
    if kind > FORMAT:
        raise JournalError(
            f"{path}: line 1: it has format {str(kind)[:9]}, from a newer rnn-tui; "
            f"this one reads {FORMAT}"
        )
    try:
        body, check = _checked(text, OLDEST_CHECK)
        return _header(_values(body)), len(text), check
    except ValueError as reason:
        raise JournalError(f"{path}: line 1: {_short(reason)}") from None


def _short(reason: ValueError) -> str:
    text = str(reason)
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"


def _checked(text: bytes, before: str) -> tuple[bytes, str]:
    """Return the line without its check, and that check."""
    found = CHECKED.fullmatch(text)
    if found is None:
        raise JournalError("it is no line of a journal")
    body, check = found[1], found[2].decode()
    if check_of(before, body) != check:
        raise JournalError("it was altered, or lines before it were")
    return body + b"}", check


def _values(text: bytes) -> dict[str, Any]:
    """Return the JSON object that `text` is; raises ValueError where it is none."""
    try:
        values = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(values, dict):
        raise ValueError("it is no object")
    return values


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _header(values: dict[str, Any]) -> Header:
    parent = values.get("parent")
    if parent is not None:
        name, step = _typed(list, parent)
        parent = (_typed(str, name), _step(step))
    return Header(
        settings=_settings(_typed(dict, values.get("settings"))),
        machine=_machine(values.get("machine")),
        began=_typed(str, values.get("began")),
        at=tuple(map(_scheduled, _typed(list, values.get("at", [])))),
        parent=parent,
    )


def _settings(values: dict[str, Any]) -> Settings:
    """Return the settings that `written` wrote; what it did not know of is as it was then."""
    recipe = known("recipe", _typed(str, values.pop("recipe", None)), RECIPES)
    given = {
        OPTIONS[known("setting", name, OPTIONS)].field: OPTIONS[name].read(_typed(str, value))
        for name, value in values.items()
    }
    return replace(Settings(recipe=recipe), **given)


def _machine(values: Any) -> Machine:
    given = _typed(dict, values)
    return Machine(*(_typed(str, given.get(it.name)) for it in fields(Machine)))


def _scheduled(text: Any) -> tuple[int, Change]:
    step, _, spec = _typed(str, text).partition(":")
    return _step(int(step)), parse_change(spec)


def _line(values: dict[str, Any]) -> Line:
    step = _step(values.get("step"))
    if "change" in values:
        return Changed(step, parse_change(_typed(str, values["change"])))
    if "resumed" in values:
        return Resumed(step, _machine(values["resumed"]))
    exact, first = values.get("exact"), values.get("first_exact")
    if exact is not None:
        right, total, at = map(_step, _typed(list, exact))
        exact = (right, total, at)
    return Digest(
        step=step,
        digest=_typed(str, values.get("digest")),
        loss=_number(values.get("loss")),
        weights=_number(values.get("weights")),
        memory=_number(values.get("memory")),
        exact=exact,
        first_exact=None if first is None else _step(first),
    )


def check_of(before: str, body: bytes) -> str:
    """Return the check of a line whose text is `body`, with `before` that of the line before it."""
    return sha256(before.encode() + body).hexdigest()[:16]


def _typed(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise SettingsError(f"{str(value)[:40]!r} is no {kind.__name__}")
    return value


def _step(value: Any) -> int:
    step: int = _typed(int, value)
    if not 0 <= step <= MOST_STEPS:
        raise SettingsError("there is no such step")
    return step


def _number(value: Any) -> float:
    number: float = nan if value is None else _typed(float, value)
    if not (value is None or isfinite(number)):
        raise SettingsError("a number is too large")
    return number
