"""A TOML file with the lines of its keys, for errors that name the file and the line."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, final

from rnn_tui.config.errors import UserError
from rnn_tui.error_text import error_text

MAX_FILE_BYTES = 1 << 20
LONG_NUMBER = re.compile(r"\d[\d_]{4000}")  # int refuses some 4,300 digits
HEADER_PATTERN = re.compile(r"\s*(\[\[?)\s*([\w.-]+)\s*\]")
KEY_PATTERN = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*=""")
TOML_PLACE_PATTERN = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@final
class TablePlace(NamedTuple):
    """A table of a file, such as "pages.question", and the number of the table array's item from 0.

    A lesson has the array "pages".
    """

    table: str = ""
    page: int = -1


@final
@dataclass(frozen=True, slots=True)
class TomlFile:
    """The `values` in the file `path`; `lines` has the line of each key, and under "" of tables."""

    path: Path
    values: Mapping[str, Any]
    lines: Mapping[tuple[TablePlace, str], int]

    def error(self, place: TablePlace, key: str, reason: str) -> UserError:
        """Return the error of `key`, with the file and the line."""
        return UserError(f"{self.path}:{self.line(place, key)}: {reason}")

    def line(self, place: TablePlace, key: str) -> int:
        """Return the line of `key`, or else that of its table or page."""
        page = TablePlace("pages", place.page) if place.table else place
        candidates = ((place, key), (place, ""), (page, key), (page, ""))
        return next((self.lines[each] for each in candidates if each in self.lines), 1)


def read_toml(path: Path) -> TomlFile:
    """Return the contents of the file `path`.

    Raises UserError with the file, the line and the reason.
    """
    text = _read_text(path)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as reason:
        raise UserError(_toml_error(path, text, str(reason))) from None
    except RecursionError:
        raise UserError(f"{path}:1: its lists are nested too deeply") from None
    except ValueError:  # by int
        line = next(n for n, row in enumerate(text.splitlines(), 1) if LONG_NUMBER.search(row))
        raise UserError(f"{path}:{line}: a number has too many digits") from None
    return TomlFile(path, values, _line_numbers(text))


def _read_text(path: Path) -> str:
    """Return the text of the file `path`; raises UserError."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as reason:
        raise UserError(error_text(reason)) from None
    if len(content) > MAX_FILE_BYTES:
        raise UserError(f"{path}:1: it has more than {MAX_FILE_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as reason:
        line = content.count(b"\n", 0, reason.start) + 1
        raise UserError(f"{path}:{line}: this is no text in UTF-8") from None


def _toml_error(path: Path, text: str, reason: str) -> str:
    place = TOML_PLACE_PATTERN.search(reason)
    line = place[1] if place and place[1] else text.count("\n") + 1
    reason = TOML_PLACE_PATTERN.sub("", reason)
    return f"{path}:{line}: this is no TOML: {reason[:1].lower()}{reason[1:]}"


def _line_numbers(text: str) -> dict[tuple[TablePlace, str], int]:
    """Return the line of each key, and under "" of each table."""
    found: dict[tuple[TablePlace, str], int] = {}
    place, string_end = TablePlace(), ""
    for number, line in enumerate(text.splitlines(), 1):
        if string_end:
            string_end = "" if string_end in line else string_end
            continue
        if header := HEADER_PATTERN.match(line):
            place = TablePlace(header[2], place.page + (header[1] == "[["))
            found[place, ""] = number
        elif key := KEY_PATTERN.match(line):
            found.setdefault((place, key[1] or key[2] or key[3]), number)
        string_end = next((q for q in ('"""', "'''") if line.count(q) % 2), "")
    return found
